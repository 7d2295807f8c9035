"""A server whose disk is full, or whose directory is taken away: what is answered, said and kept."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from tests.wire.peer import Peer, post
from tests.wire.test_process import running
from tests.wire.test_workers import TABLE, contents_of, keys, put, scan

POSIX = os.name == "posix"
pytestmark = pytest.mark.skipif(not POSIX, reason="limits of POSIX")

LIMITED = """
import resource, sys
from dynemu.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.exit(main(sys.argv[2:]))
"""
"""A server that can write no file larger than its first argument, as if the disk were full."""
FAULT = {
    "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
    "message": "Internal server error",
}


@contextmanager
def limited(most: int, directory: Path, durability: str) -> Iterator[tuple[Any, str]]:
    """Start such a server; gives (process, URL) and kills what is left of it."""
    command = [sys.executable, "-c", LIMITED, str(most), "--port", "0", "--db-path", str(directory)]
    command += ["--durability", durability]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address
        yield process, address.group()
    finally:
        process.kill()
        process.communicate()


def put_large(namespace: str, key: str) -> bytes:
    item = {"pk": {"S": key}, "text": {"S": "x" * 5000}}
    return post({"TableName": "things", "Item": item}, "PutItem", path=f"/ns/{namespace}")


def fill_up(peer: Peer, namespace: str) -> list[str]:
    """Put items until one is refused; return the keys of the others."""
    answered: list[str] = []
    while (answer := peer.ask(put_large(namespace, f"{len(answered)}"))).status == 200:
        answered.append(f"{len(answered)}")
        assert len(answered) < 10_000
    assert (answer.status, answer.json()) == (500, FAULT)
    return answered


@pytest.mark.parametrize("durability", ["wal", "fsync"])
@pytest.mark.parametrize("end", ["SIGTERM", "SIGKILL"])
def test_a_full_disk_refuses_writes_and_keeps_what_was_answered(
    tmp_path: Path, durability: str, end: str
) -> None:
    with limited(300_000, tmp_path / "data", durability) as (process, url), Peer(url) as peer:
        for name in "ab":
            assert peer.ask(post(TABLE, "CreateTable", path=f"/ns/{name}")).status == 200
        answered = {name: fill_up(peer, name) for name in "ab"}
        assert keys(peer.ask(scan("a"))) == sorted(answered["a"])
        process.kill() if end == "SIGKILL" else process.terminate()
        _, errors = process.communicate(timeout=30)
    assert process.returncode == (-9 if end == "SIGKILL" else 0)
    sentence = r"failed: The database \S+/data/namespaces/[ab] cannot be used \(.*File too large.*\)\.\n"
    assert re.fullmatch(f"(.* ERROR dynemu.http: request .* {sentence}){{2}}", errors)
    with running("--port", "0", "--db-path", str(tmp_path / "data")) as (_, url):
        for name in "ab":
            assert sorted(contents_of(url, name)) == sorted(answered[name])


def test_what_cannot_be_written_at_the_end_is_told(tmp_path: Path) -> None:
    with limited(100_000, tmp_path / "data", "none") as (process, url), Peer(url) as peer:
        for name in "abc":
            assert peer.ask(post(TABLE, "CreateTable", path=f"/ns/{name}")).status == 200
            for number in range(30 if name == "b" else 5):
                assert peer.ask(put_large(name, f"{number}")).status == 200
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    path = re.escape(str(tmp_path / "data/namespaces/b"))
    assert re.fullmatch(rf"dynemu: The database {path} cannot be used \(.*File too large.*\)\.\n", errors)
    with running("--port", "0", "--db-path", str(tmp_path / "data")) as (_, url):
        assert [len(contents_of(url, name)) for name in "ac"] == [5, 5]


@pytest.mark.parametrize("removed", ["directory", "files", "namespace"])
@pytest.mark.parametrize("size", ["small", "large"])
def test_writes_to_a_directory_that_was_removed_are_refused(tmp_path: Path, removed: str, size: str) -> None:
    data = tmp_path / "data"
    with running("--port", "0", "--db-path", str(data)) as (process, url), Peer(url) as peer:
        assert peer.ask(post(TABLE, "CreateTable")).status == 200
        number = 0
        while number < 3 or (size == "large" and not list(data.rglob("CURRENT"))):
            number += 1
            assert peer.ask(put_large("default", f"{number}")).status == 200
        if removed == "directory":
            rmtree(data)
        elif removed == "namespace":
            rmtree(data / "namespaces/default")
        else:
            for path in (data / "namespaces/default").iterdir():
                path.unlink()
        while (answer := peer.ask(put("default", "lost"))).status == 200:
            pass
        assert (answer.status, answer.json()) == (500, FAULT)
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Traceback" not in errors
    path = re.escape(str(data / "namespaces/default"))
    assert re.search(rf"\ndynemu: The database {path} was removed while it was open\.\n$", errors)
