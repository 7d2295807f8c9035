"""``python -m benchmarks.macro.reset``: back to a loaded database after a test that wrote ten items.

A test sets a savepoint, writes and rolls back; with moto it resets everything, and would have to load again
what it began with. Median and worst of many such tests, without the writes themselves.
"""

import argparse
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dynemu import Database
from dynemu.remote import RemoteDatabase

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


def reset_by_savepoint(database: Any, tests: int) -> Timed:
    """Return the milliseconds of each test's savepoint and rollback, and of the whole test."""
    resets, whole = [], []
    for test in range(tests):
        started = time.perf_counter()
        name = database.savepoint()
        set_ = time.perf_counter()
        for number in range(_WRITES):
            database.call("PutItem", {"TableName": "loaded", "Item": {"pk": {"S": f"new-{test}-{number}"}}})
        written = time.perf_counter()
        database.rollback(name)
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
        f"{name:24}{items:>10,}{seconds:>9.1f}{statistics.median(resets):>11.3f}{max(resets):>9.3f}"
        f"{statistics.median(whole):>12.2f}"
    )


def main() -> None:
    """Measure all and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.reset", description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--moto-items", type=int, default=10_000, help="moto is slow to load")
    parser.add_argument("--tests", type=int, default=200)
    options = parser.parse_args()
    print(f"{'':24}{'items':>10}{'load s':>9}{'reset ms':>11}{'worst':>9}{'test ms':>12}")
    with Database() as database:
        seconds = load(database.call, options.items)
        show("dynemu in process", options.items, seconds, reset_by_savepoint(database, options.tests))
    with running_server() as remote:
        seconds = load(remote.call, options.items)
        show("dynemu over HTTP", options.items, seconds, reset_by_savepoint(remote, options.tests))
        remote.close()
    seconds, timed = reset_moto(options.tests, options.moto_items)
    show("moto, then empty", options.moto_items, seconds, timed)


if __name__ == "__main__":
    main()
