"""Several workers as processes: start, signals, a worker that dies, data that outlives them."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from dynemu.config import Settings
from dynemu.http.listening import ServerError
from dynemu.http.server import STOP_SECONDS, run
from dynemu.http.workers.owners import home_of
from tests.wire.admin_client import AdminClient
from tests.wire.peer import Peer, head, post
from tests.wire.test_process import finished, running
from tests.wire.test_workers import TABLE, contents_of, fill, keys, put, scan

POSIX = os.name == "posix"
pytestmark = pytest.mark.skipif(not POSIX, reason="workers are forked")
NAMES = [f"some-{number}" for number in range(6)]


def workers_of(process: Any) -> list[int]:
    """Return the processes of the workers, in no order."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    return [number for number, parent in pairs if parent == process.pid]


def test_one_line_says_that_all_workers_are_ready() -> None:
    with running("--port", "0", "--workers", "3") as (process, url):
        assert url.startswith("http://127.0.0.1:")
        assert len(workers_of(process)) == 3
        process.terminate()
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 0


def test_the_line_tells_their_number() -> None:
    lines: list[str] = []

    def stop(line: str) -> None:
        lines.append(line)
        os.kill(os.getpid(), signal.SIGTERM)

    run(Settings(port=0, workers=2), stop)
    assert [line.partition(" (")[2] for line in lines] == ["data in memory, 2 workers)"]


@pytest.mark.parametrize("text", ["0", "33", "two", "-1"])
def test_a_number_of_workers_that_is_none(text: str) -> None:
    expected = f"dynemu: --workers wants a number from 1 to 32, not {text!r}.\n"
    assert finished("--workers", text) == (2, "", expected)


def test_where_sockets_cannot_be_handed_over_workers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "send_fds")
    with pytest.raises(ServerError, match=r"does not allow: start dynemu with --workers 1\.$"):
        run(Settings(port=0, workers=2), print)


def test_what_no_worker_can_start_with_is_one_sentence(tmp_path: Path) -> None:
    fault = ["--faults", '{"kind": "latency"}']
    expected = "dynemu: The faults cannot be used: A fault of the kind latency needs seconds.\n"
    assert finished("--port", "0", "--workers", "3", *fault) == (1, "", expected)
    missing = str(tmp_path / "missing")
    code, output, errors = finished("--port", "0", "--workers", "3", "--snapshot", missing)
    assert (code, output) == (1, "")
    assert errors == f"dynemu: The snapshot {missing} cannot be read: no such file or directory.\n"


def test_a_directory_has_one_server(tmp_path: Path) -> None:
    place = ["--port", "0", "--db-path", str(tmp_path)]
    with running(*place, "--workers", "2"):
        for workers in "1", "3":
            code, output, errors = finished(*place, "--workers", workers)
            assert (code, output) == (1, "")
            assert errors.startswith("dynemu: ")
            assert errors.count("\n") == 1


def test_a_snapshot_and_hooks_reach_the_workers(tmp_path: Path) -> None:
    exported, hooks = tmp_path / "start.dynemu", tmp_path / "hooks.py"
    with running("--port", "0") as (_, url), Peer(url) as peer:
        assert peer.ask(post(TABLE, "CreateTable")).status == 200
        exported.write_bytes(AdminClient(url).send("GET", "/_dynemu/export")[2])
    hooks.write_text(
        "import dynemu\n"
        "from dynemu.errors import ValidationException\n\n"
        "@dynemu.hookimpl\n"
        "def before_operation(context):\n"
        "    if context.operation == 'DescribeLimits':\n"
        "        raise ValidationException('not here')\n"
    )
    more = ["--snapshot", str(exported), "--hooks", str(hooks)]
    with running("--port", "0", "--workers", "3", *more) as (_, url), Peer(url) as peer:
        assert peer.ask(post()).json() == {"TableNames": ["things"]}
        for name in NAMES:
            refused = peer.ask(post(operation="DescribeLimits", path=f"/ns/{name}"))
            assert (refused.status, refused.json()["message"]) == (400, "not here")


FORGETFUL = """
import sys
from dynemu.cli import main
from dynemu.engine import namespaces
from dynemu.storage.spilling import SpillFile

def noting(file, name, data, put=SpillFile.put):
    put(file, name, data)
    with open(sys.argv[1], "a") as names:
        names.write(name + "\\n")

SpillFile.put = noting
namespaces.MOST_IN_MEMORY = 8
sys.exit(main(["--port", "0", "--workers", "2"]))
"""
"""A server in memory whose workers put away all but a few namespaces, and write down their names."""


def test_each_worker_puts_away_what_is_idle(tmp_path: Path) -> None:
    noted = tmp_path / "names"
    command = [sys.executable, "-c", FORGETFUL, str(noted)]
    names = [f"idle-{number}" for number in range(30)]
    kept, source, target = (f"namespaces/{name}" for name in names[:3])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split(" on ")[1].split()[0]
            with Peer(url) as peer:
                for name in names:
                    fill(peer, name, name)
            assert {home_of(name, 2) for name in noted.read_text().split()} == {0, 1}
            admin = AdminClient(url)
            assert admin.ask("GET", f"{source}/diff?namespace={names[2]}")[1]["same"] is False
            assert admin.ask("POST", f"{kept}/snapshots", {"name": "one"})[0] == 201
            assert admin.ask("POST", f"{target}/snapshots/one/load", {"source": names[0]})[0] == 200
            contents = [contents_of(url, name) for name in names]
            assert contents == [[name] for name in (*names[:2], names[0], *names[3:])]
            listed = admin.ask("GET", "namespaces")[1]["namespaces"]
            assert [each["name"] for each in listed] == sorted([*names, "default"])
        finally:
            process.terminate()
        assert process.wait(20) == 0


# Signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_for_everyone_ends_the_server_in_order(number: int) -> None:
    with running("--port", "0", "--workers", "3") as (process, url), Peer(url) as peer:
        assert peer.ask(post()).status == 200
        for worker in workers_of(process):
            os.kill(worker, number)  # as a terminal or a service manager does
        process.send_signal(number)
        assert peer.read_end() == b""
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_requests_in_flight_are_answered_by_their_workers_before_the_end() -> None:
    with running("--port", "0", "--workers", "3") as (process, url):
        halves = []
        for name in NAMES:
            peer = Peer(url)
            request = post(path=f"/ns/{name}")
            peer.send(request[:-1])
            halves.append((peer, request[-1:]))
        with Peer(url) as idle:
            for name in NAMES:
                assert idle.ask(post(path=f"/ns/{name}")).status == 200
            process.terminate()
            assert idle.read_end() == b""
        for peer, rest in halves:
            response = peer.ask(rest)
            assert (response.status, response.headers["connection"]) == (200, "close")
            assert peer.read_end() == b""
            peer.close()
        assert process.wait(20) == 0


def test_what_had_arrived_is_answered_before_the_end() -> None:
    for _ in range(5):
        with running("--port", "0", "--workers", "3") as (process, url), Peer(url) as peer:
            for name in NAMES:
                fill(peer, name, name)
            peer.send(b"".join(scan(NAMES[number % 6]) for number in range(60)))
            assert keys(peer.read()) == [NAMES[0]]  # so that the others are read, too
            process.terminate()
            assert [keys(peer.read()) for _ in range(59)] == [[NAMES[number % 6]] for number in range(1, 60)]
            assert peer.read_end() == b""
            assert process.wait(20) == 0


def test_a_second_signal_ends_all_at_once() -> None:
    with running("--port", "0", "--workers", "3") as (process, url), Peer(url) as peer, Peer(url) as other:
        peer.send(post()[:-1])
        assert other.ask(post()).status == 200
        begun = time.monotonic()
        process.terminate()
        assert other.read_end() == b""
        assert process.poll() is None
        process.terminate()
        assert process.wait(20) == 0
        assert time.monotonic() - begun < STOP_SECONDS


# Ends that nobody asked for


def test_a_worker_that_dies_ends_the_server() -> None:
    with running("--port", "0", "--workers", "3") as (process, url), Peer(url) as peer:
        assert peer.ask(post()).status == 200
        os.kill(workers_of(process)[1], signal.SIGKILL)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    sentence = " of 3 was killed by SIGKILL, and what it kept in memory is lost: the server has stopped.\n"
    assert errors.startswith("dynemu: Worker ")
    assert errors.endswith(sentence)
    assert errors.count("\n") == 1


def test_workers_end_with_their_parent() -> None:
    with running("--port", "0", "--workers", "3") as (process, url), Peer(url) as peer:
        assert peer.ask(post()).status == 200
        process.kill()
        assert peer.read_end() == b""
        # The last of them closes what it has inherited.
        assert process.communicate(timeout=20)[1] == ""


class Writer(threading.Thread):
    """Writes to one namespace after another until the server is gone, and keeps what was answered."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__(daemon=True)
        self.url = url
        self.number = number
        self.answered: list[tuple[str, str]] = []
        self.has_begun = threading.Event()
        self.problem: Any = None

    def run(self) -> None:
        count = 0
        with Peer(self.url) as peer:
            while self.problem is None:
                count += 1
                name, key = NAMES[(self.number + count // 3) % len(NAMES)], f"{self.number}-{count}"
                try:
                    answer = peer.ask(put(name, key))
                except (OSError, EOFError):
                    return
                if answer.status != 200:
                    self.problem = answer
                self.answered.append((name, key))
                if count > 60:
                    self.has_begun.set()


@pytest.mark.parametrize("end", ["SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("durability", ["wal", "fsync"])
def test_what_was_answered_is_on_the_disk_for_any_number_of_workers(
    tmp_path: Path, end: str, durability: str
) -> None:
    place = ["--port", "0", "--db-path", str(tmp_path / "data"), "--durability", durability]
    with running(*place, "--workers", "3") as (process, url):
        with Peer(url) as peer:
            for name in NAMES:
                fill(peer, name)
        writers = [Writer(url, number) for number in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            assert writer.has_begun.wait(60)
        if end == "SIGTERM":
            process.terminate()
        else:
            os.kill(workers_of(process)[0], signal.SIGKILL)
        for writer in writers:
            writer.join(timeout=20)
        _, errors = process.communicate(timeout=20)
    assert [writer.problem for writer in writers] == [None] * 4
    assert (process.returncode, errors.count("\n")) == ((0, 0) if end == "SIGTERM" else (1, 1))
    answered = {
        name: {key for writer in writers for at, key in writer.answered if at == name} for name in NAMES
    }
    for workers in ("1", "2"):
        with running(*place, "--workers", workers) as (process, url):
            for name in NAMES:
                found = contents_of(url, name)
                assert answered[name] <= set(found)
                assert len(found) <= len(answered[name]) + len(writers)
            process.terminate()
            assert process.wait(20) == 0
    assert finished("check", "--db-path", str(tmp_path / "data"))[0] == 0


def test_log_lines_tell_the_process() -> None:
    with running("--port", "0", "--workers", "2", "--log-level", "debug") as (process, url):
        with Peer(url) as peer:
            ids = {
                peer.ask(post(path=f"/ns/{name}")).headers["x-amzn-requestid"]: home_of(name, 2)
                for name in NAMES
            }
            assert peer.ask(head(method="GET")).status == 200
        process.terminate()
        _, errors = process.communicate(timeout=20)
    processes: dict[int, set[str]] = {0: set(), 1: set()}
    for line in errors.splitlines():
        if "ListTables" in line:
            _, _, rest = line.partition("[")
            number, _, rest = rest.partition("]: ")
            processes[ids[rest.split()[0]]].add(number)
    assert [len(found) for found in processes.values()] == [1, 1]
    assert processes[0] != processes[1]
