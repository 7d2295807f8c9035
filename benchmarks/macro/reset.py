"""``python -m benchmarks.macro.reset``: back to a loaded database after a test that wrote ten items.

A test sets a savepoint, writes, rolls back and releases it; or there is one savepoint for all tests, and each
only rolls back. Others have nothing like that: moto resets everything, DynamoDB Local and Dynoxide delete the
table and make it again, or start anew, and all would have to load again what they began with. Median and
worst of many such tests, without the writes themselves.
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from benchmarks.macro.load import Client
from benchmarks.macro.servers import SERVERS, Running, Server
from dynemu import Database
from dynemu.testing.remote import RemoteDatabase

_WRITES = 10
_TABLE: dict[str, Any] = {
    "TableName": "loaded",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
Timed = tuple[list[float], list[float]]


def load(call: Callable[[str, dict[str, Any]], Any], items: int) -> float:
    """Make the table with that many *items*; return the seconds that took."""
    started = time.perf_counter()
    call("CreateTable", _TABLE)
    for start in range(0, items, 25):
        puts = [_put(f"item-{number}") for number in range(start, min(start + 25, items))]
        call("BatchWriteItem", {"RequestItems": {"loaded": puts}})
    return time.perf_counter() - started


def _put(key: str) -> dict[str, Any]:
    return {"PutRequest": {"Item": {"pk": {"S": key}, "title": {"S": "Vagabond"}, "year": {"N": "1985"}}}}


def reset_by_savepoint(database: Any, tests: int, kept: str | None = None) -> Timed:
    """Return the milliseconds of each test's savepoint and rollback, and of the whole test.

    *kept* is the savepoint of all tests; None: each sets its own.
    """
    resets, whole = [], []
    for test in range(tests):
        started = time.perf_counter()
        name = kept or database.savepoint()
        set_ = time.perf_counter()
        for number in range(_WRITES):
            database.call("PutItem", {"TableName": "loaded", "Item": {"pk": {"S": f"new-{test}-{number}"}}})
        written = time.perf_counter()
        database.rollback(name)
        if kept is None:
            database.release(name)
        ended = time.perf_counter()
        resets.append(1000 * (ended - written + set_ - started))
        whole.append(1000 * (ended - started))
    return resets, whole


def reset_moto(tests: int, items: int) -> tuple[float, Timed]:
    """Do the same with moto: its reset forgets all, so that each test makes its table again, without *items*.

    Returns: the seconds it takes to load *items*, and the milliseconds as above.
    """
    import boto3  # noqa: PLC0415 - an optional dependency
    from moto import mock_aws  # noqa: PLC0415
    from moto.backends import get_backend  # noqa: PLC0415

    resets, whole = [], []
    with mock_aws():
        client = boto3.client("dynamodb", "us-east-1")
        names = {"CreateTable": client.create_table, "BatchWriteItem": client.batch_write_item}
        seconds = load(lambda operation, request: names[operation](**request), items)
        for test in range(tests):
            started = time.perf_counter()
            get_backend("dynamodb").reset()
            client.create_table(**_TABLE)
            made = time.perf_counter()
            for number in range(_WRITES):
                client.put_item(TableName="loaded", Item={"pk": {"S": f"new-{test}-{number}"}})
            resets.append(1000 * (made - started))
            whole.append(1000 * (time.perf_counter() - started))
    return seconds, (resets, whole)


def reset_peer(server: Server, items: int, tests: int) -> None:
    """Print what DynamoDB Local or Dynoxide take to be empty again, and to hold *items* again."""
    launch = server.find()
    if launch is None:
        print(f"{server.title}: not installed; {server.install}")
        return
    running = Running(launch)
    client = Client(running.port)

    def again() -> None:
        client.call("DeleteTable", {"TableName": "loaded"})
        client.call("CreateTable", _TABLE)

    try:
        seconds = load(client.call, items)
        times, loaded = [], []
        for _ in range(tests):
            started = time.perf_counter()
            again()
            made = time.perf_counter()
            for number in range(_WRITES):
                client.call("PutItem", {"TableName": "loaded", "Item": {"pk": {"S": f"new-{number}"}}})
            times.append(1000 * (made - started))
            loaded.append(1000 * (time.perf_counter() - started))
        show(f"{server.title}, table made again", 0, seconds, (times, loaded))
        client.call("DeleteTable", {"TableName": "loaded"})
        seconds = load(client.call, items)
        show(f"{server.title}, loaded again", items, seconds, ([1000 * seconds], [1000 * seconds]))
    finally:
        client.close()
        running.stop()
    starts = []
    for _ in range(3):
        running = Running(launch)
        starts.append(running.start_ms)
        running.stop()
    show(f"{server.title}, started again", 0, 0.0, (starts, starts))


@contextmanager
def running_server(path: str | None = None) -> Iterator[RemoteDatabase]:
    """Run ``dynemu serve`` in memory, or in the directory *path*, and yield its database."""
    place = ["--in-memory"] if path is None else ["--db-path", path]
    command = [sys.executable, "-m", "dynemu", "serve", *place, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            address = re.search(r"http://\S+", server.stdout.readline())
            assert address
            yield RemoteDatabase(address.group())
        finally:
            server.terminate()


def show(name: str, items: int, seconds: float, timed: Timed) -> None:
    """Print one row."""
    resets, whole = timed
    print(
        f"{name:44}{items:>10,}{seconds:>9.1f}{statistics.median(resets):>11.3f}{max(resets):>11.3f}"
        f"{statistics.median(whole):>12.2f}",
        flush=True,
    )


def measure(name: str, database: Any, items: int, tests: int) -> None:
    """Print the rows of a dynemu."""
    seconds = load(database.call, items)
    show(name, items, seconds, reset_by_savepoint(database, tests))
    kept = database.savepoint()
    show(f"{name}, rollback only", items, seconds, reset_by_savepoint(database, tests, kept))


def main() -> None:
    """Measure all and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.reset", description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--peer-items", type=int, default=10_000, help="others are slow to load")
    parser.add_argument("--tests", type=int, default=200)
    parser.add_argument("--directory", default=tempfile.gettempdir(), help="for the databases on disk")
    options = parser.parse_args()
    print(f"{'':44}{'items':>10}{'load s':>9}{'reset ms':>11}{'worst':>11}{'test ms':>12}")
    for place in ("memory", "disk"):
        with tempfile.TemporaryDirectory(dir=options.directory) as path:
            with Database(path if place == "disk" else None) as database:
                measure(f"dynemu in process, {place}", database, options.items, options.tests)
        with tempfile.TemporaryDirectory(dir=options.directory) as path:
            with running_server(path if place == "disk" else None) as remote:
                measure(f"dynemu over HTTP, {place}", remote, options.items, options.tests)
                remote.close()
    if find_spec("moto") is None:
        print("moto: not installed; pip install moto boto3")
    else:
        seconds, timed = reset_moto(options.tests, options.peer_items)
        show("moto in process, then empty", options.peer_items, seconds, timed)
    for server in SERVERS:
        if server.name in ("dynamodb-local", "dynoxide"):
            reset_peer(server, options.peer_items, min(options.tests, 50))


if __name__ == "__main__":
    main()
