"""The server as a process: start, signals, and what it says when it cannot start."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from dynemu.http.server import STOP_SECONDS
from dynemu.operations import OPERATIONS, STREAM_OPERATIONS
from tests.wire.peer import Peer, head, post

POSIX = os.name == "posix"


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DYNEMU_")}
    return {**kept, **more}


def dynemu(*arguments, **variables):
    """Start the command line; returns the process."""
    return subprocess.Popen(
        [sys.executable, "-m", "dynemu", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**variables),
    )


def finished(*arguments, **variables):
    """Return (exit code, output, errors) of a command that ends by itself."""
    process = dynemu(*arguments, **variables)
    output, errors = process.communicate(timeout=30)
    return process.returncode, output, errors


@contextlib.contextmanager
def running(*arguments, **variables):
    """Start a server; gives (process, URL) and kills what is left of it."""
    process = dynemu(*arguments, **variables)
    try:
        yield process, re.search(r"http://\S+", process.stdout.readline()).group()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    "arguments", [["serve", "--port", "0"], ["--port=0"], ["serve", "--port", "0", "--in-memory"]]
)
def test_one_line_says_that_it_is_ready(arguments):
    with running(*arguments) as (process, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d*", url)
        with Peer(url) as peer:
            assert peer.ask(post()).status == 200
        process.terminate()
        assert process.communicate(timeout=10) == ("", "")


def test_settings_may_come_from_the_environment():
    with (
        running("serve", DYNEMU_PORT="0", DYNEMU_HOST="localhost", DYNEMU_REGION="eu-west-1") as (_, url),
        Peer(url) as peer,
    ):
        assert b"eu-west-1" in peer.ask(head(method="GET")).body


@pytest.mark.skipif(not POSIX, reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_in_order(number):
    with running("--port", "0") as (process, url), Peer(url) as peer:
        assert peer.ask(post()).status == 200
        process.send_signal(number)
        assert peer.read_end() == b""
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


def send_half(peer, idle):
    """Send a request but for its last byte with *peer*; an answer to *idle* tells that it has been read."""
    assert peer.ask(post()).status == 200
    peer.send(post()[:-1])
    assert idle.ask(post()).status == 200


@pytest.mark.skipif(not POSIX, reason="signals of POSIX")
def test_a_request_in_flight_is_answered_before_the_end():
    with running("--port", "0") as (process, url), Peer(url) as peer, Peer(url) as idle:
        send_half(peer, idle)
        process.terminate()
        assert idle.read_end() == b""
        response = peer.ask(post()[-1:])
        assert (response.status, response.headers["connection"]) == (200, "close")
        assert peer.read_end() == b""
        assert process.wait(10) == 0


@pytest.mark.skipif(not POSIX, reason="signals of POSIX")
def test_a_stopping_server_takes_no_new_connections():
    with running("--port", "0") as (process, url), Peer(url) as peer:
        peer.send(post()[:-1])
        process.terminate()  # also when the server has not even seen that somebody has connected
        deadline = time.monotonic() + 5
        with pytest.raises(OSError):
            while time.monotonic() < deadline:
                Peer(url).close()
        assert peer.ask(post()[-1:]).status == 200


@pytest.mark.skipif(not POSIX, reason="signals of POSIX")
def test_a_second_signal_ends_it_at_once():
    with running("--port", "0") as (process, url), Peer(url) as peer, Peer(url) as idle:
        send_half(peer, idle)
        begun = time.monotonic()
        process.terminate()
        assert idle.read_end() == b""
        assert process.poll() is None
        process.terminate()
        assert process.wait(20) == 0
        assert time.monotonic() - begun < STOP_SECONDS


def test_a_port_in_use_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, output, errors = finished("--port", str(port))
    assert (code, output) == (1, "")
    assert errors == f"dynemu: Cannot listen on 127.0.0.1:{port}: another program uses this port.\n"


def test_an_unknown_host_is_one_sentence():
    code, output, errors = finished("--host", "no.such.host.invalid", "--port", "0")
    assert (code, output) == (1, "")
    assert re.fullmatch(r"dynemu: Cannot listen on no\.such\.host\.invalid:0: .*\.\n", errors)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "x"], "--port wants a port from 0 to 65535, not 'x'."),
        (["serve", "--durability=some"], "--durability wants one of none, wal, fsync, not 'some'."),
        (
            ["--durability", "fsync"],
            "Durability fsync needs a database directory: what is kept in memory ends with the process.",
        ),
        (["--in-memory", "--db-path", "x"], "--db-path and --in-memory exclude each other."),
        (["--colour"], "No such option '--colour'."),
        (["--port"], "Option '--port' requires an argument."),
        (["swim"], "No such command 'swim'."),
    ],
)
def test_a_bad_option_is_one_sentence(arguments, sentence):
    assert finished(*arguments) == (2, "", f"dynemu: {sentence}\n")


def test_an_unusable_fault_is_one_sentence():
    expected = "dynemu: The faults cannot be used: A fault of the kind latency needs seconds.\n"
    assert finished("--port", "0", "--faults", '{"kind": "latency"}') == (2, "", expected)


def test_a_directory_for_s3_that_is_not_there_is_one_sentence(tmp_path):
    expected = f"dynemu: There is no directory {tmp_path / 's3'} to stand for S3.\n"
    assert finished("--port", "0", "--s3-dir", str(tmp_path / "s3")) == (2, "", expected)


def test_an_unusable_directory_is_one_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    code, output, errors = finished("--port", "0", "--db-path", str(blocked))
    assert (code, output) == (1, "")
    assert re.fullmatch(r"dynemu: .*\n", errors)
    assert str(blocked) in errors


def test_help_names_every_option():
    from dynemu.config import OPTIONS  # noqa: PLC0415

    code, output, errors = finished("serve", "--help")
    assert (code, errors) == (0, "")
    assert [option.flag for option in OPTIONS if option.flag not in output] == []
    assert finished("--help")[0] == 0


def test_capabilities_are_a_table():
    code, output, errors = finished("capabilities")
    assert (code, errors) == (0, "")
    operations, differences = output.split("\n\n")
    assert [line.split()[0] for line in operations.splitlines()] == [
        "OPERATION",
        *sorted((*OPERATIONS, *STREAM_OPERATIONS)),
    ]
    assert re.search(r"^Scan +real +parallel too$", operations, re.MULTILINE)
    assert re.search(r"^time +intention +Time\. A table is usable as soon as ", differences, re.MULTILINE)


def test_capabilities_are_json():
    code, output, errors = finished("capabilities", "--json")
    assert (code, errors) == (0, "")
    found = json.loads(output)
    assert {"operation": "Scan", "state": "real", "note": "parallel too"} in found["operations"]
    assert {entry["kind"] for entry in found["differences"]} == {"intention", "not done", "unknown"}
    assert sorted(found) == ["differences", "disagreements", "errors", "operations", "version"]


@pytest.mark.skipif(not POSIX, reason="there are no such pipes")
@pytest.mark.parametrize("arguments", [("capabilities",), ("capabilities", "--json"), ("serve", "--help")])
def test_what_nobody_reads_is_no_error(arguments):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "dynemu", *arguments]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment(), timeout=30)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not POSIX, reason="there are no such pipes")
def test_a_server_serves_although_nobody_reads_what_it_prints():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "dynemu", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=writer, stderr=subprocess.PIPE, env=environment())
    os.close(writer)
    answered = wait_for_answer(port)
    process.send_signal(signal.SIGTERM)
    assert (answered, process.communicate(timeout=30)[1], process.returncode) == (200, b"", 0)


def wait_for_answer(port):
    """Return the status of the first answer of the server that starts on *port*."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(ConnectionRefusedError), Peer(f"http://127.0.0.1:{port}") as peer:
            return peer.ask(post()).status
    return None


def test_version():
    import dynemu  # noqa: PLC0415

    assert finished("--version") == (0, f"dynemu {dynemu.__version__}\n", "")


def test_requests_are_logged_when_debugging():
    with running("--port", "0", "--log-level", "debug") as (process, url):
        with Peer(url) as peer:
            response = peer.ask(post())
        process.terminate()
        _, errors = process.communicate(timeout=10)
    assert f"{response.headers['x-amzn-requestid']} ListTables 200" in errors


@pytest.mark.skipif(not POSIX, reason="signals of POSIX")
def test_a_server_that_is_stopped_as_soon_as_it_is_ready_stops():
    for _ in range(8):
        command = [sys.executable, "-m", "dynemu", "serve", "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline().startswith("dynemu is ready")
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 0
