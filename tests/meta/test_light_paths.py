"""What starts often stays light: modules that a program does not need are not imported by it."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("aiobotocore", "aiohttp", "boto3", "botocore", "click", "moto", "numpy", "pytest", "sly", "unittest")
"""What nobody may load who did not ask for it."""
STORES = ("rocksdict", "dynemu.storage.rocks", "dynemu.storage.disk_place")
LOOPS = ("asyncio", "httptools", "ssl", "uvloop")
RARE = ("dynemu.capabilities", "dynemu.commands", "dynemu.engine.checking", "gzip", "partiql", "pluggy")
OPENSSL = ("_hashlib", "_ssl", "hashlib", "hmac", "ssl") if os.name == "posix" else ()
"""What maps OpenSSL, which is a seventh of the memory of an idle server. On Windows asyncio imports
these and ``tempfile`` too."""
SELDOM = (
    "encodings.idna",
    "httptools",
    "ipaddress",
    "pathlib",
    "unicodedata",
    *(("random", "shutil", "tempfile") if os.name == "posix" else ()),
)
"""What some requests need, and takes a server 0.1 to 0.7 MB."""

IN_PROCESS = """
import dynemu
with dynemu.Database() as database:
    database.call("ListTables")
"""
SERVER = """
import os, signal
from dynemu import cli
def ready(line, flush):
    os.kill(os.getpid(), signal.SIGTERM)
cli.print = ready
assert cli.main(["serve", "--port", "0"]) == 0
"""
IDLE = """
import os, signal
from dynemu import cli
def ready(line, flush):
    from dynemu.http import server
    from dynemu.operations import get_loaded
    kept = server._preparations
    def prepared(wire):
        yield from kept(wire)
        assert get_loaded("GetItem") is not None
        os.kill(os.getpid(), signal.SIGTERM)
    server._preparations = prepared
cli.print = ready
assert cli.main(["serve", "--port", "0"]) == 0
"""
"""A server that stops once it has done all that it does before it is asked for anything."""
MOCKED = """
import boto3, dynemu
with dynemu.mock():
    client = boto3.client("dynamodb", "us-east-1")
    assert client.list_tables()["TableNames"] == []
"""
LATE = """
import asyncio, sys
import dynemu
with dynemu.mock():
    assert "aiobotocore" not in sys.modules
    from aiobotocore.session import get_session
    async def names(session):
        async with session.create_client("dynamodb") as client:
            return (await client.list_tables())["TableNames"]
    session = get_session()
    assert asyncio.run(names(session)) == []
    assert asyncio.run(names(get_session())) == []
with dynemu.mock():
    assert asyncio.run(names(session)) == []
"""


def modules_after(code: str) -> set[str]:
    """Return the names of the modules that are loaded after *code*, in a process of its own.

    The files ``.pth`` of other installed packages, which import what they like, have no part in it.
    """
    done = subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", code + "\nimport sys; print(*sys.modules)"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(sysconfig.get_path, ("purelib", "platlib")))},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import dynemu", (*HEAVY, *STORES, *LOOPS, *RARE, "orjson", "dynemu.model", "dynemu.engine")),
        ("import dynemu.cli", (*HEAVY, *STORES, *LOOPS, *RARE, "orjson", "dynemu.engine")),
        (
            "import dynemu.commands.groups",
            (*STORES, *LOOPS[:2], "dynemu.engine", "partiql", "sly", "unittest"),
        ),
        ("import dynemu.http.admin", (*HEAVY, *STORES, "dynemu.engine.checking", "partiql")),
        (IN_PROCESS, (*HEAVY, *STORES, *LOOPS, *RARE, "dynemu.http")),
        ("import dynemu.http.workers.parent", (*HEAVY, *STORES, "hashlib", "hmac", "httptools", "tempfile")),
        (SERVER, (*HEAVY, *STORES, *RARE, *OPENSSL, *SELDOM, "dynemu.mocking", "http.client", "email")),
        (IDLE, (*HEAVY, *STORES, *RARE, *OPENSSL, *SELDOM, "dynemu.mocking", "urllib.parse")),
    ],
    ids=["package", "command-line", "commands", "admin", "database", "workers", "server", "idle-server"],
)
def test_light_path_imports_nothing_of_weight(code: str, absent: Sequence[str]) -> None:
    before = modules_after("")
    assert not (modules_after(code) - before).intersection(absent)


def test_mock_for_boto3_imports_neither_its_asynchronous_sisters_nor_asyncio() -> None:
    before = modules_after("import boto3, botocore.endpoint")
    new = modules_after(MOCKED) - before
    assert not new.intersection(("aiobotocore", "aiohttp", "asyncio", "unittest", *STORES))


def test_mock_answers_aiobotocore_that_is_imported_while_it_is_active() -> None:
    assert "aiobotocore" in modules_after(LATE)
