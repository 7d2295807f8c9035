"""``python -m benchmarks.macro.snapshots``: what named states of a large database cost, and who waits.

Snapshots, loading them and branches with a million items, in memory and on disk, in process and over HTTP.
Before each snapshot as much is written as fills RocksDB's write buffer. Over HTTP another connection goes on
reading: the last column is the longest that it waited for an answer.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.macro.reset import running_server
from dynemu import Database
from dynemu.testing.remote import RemoteDatabase

_TABLE: dict[str, Any] = {
    "TableName": "loaded",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
_BATCH = 25


def put(database: Any, first: int, count: int, text: str) -> None:
    """Write *count* items of 350 bytes."""
    for start in range(first, first + count, _BATCH):
        puts = [
            {"PutRequest": {"Item": {"pk": {"S": f"item-{number:08d}"}, "text": {"S": text * 300}}}}
            for number in range(start, start + _BATCH)
        ]
        database.call("BatchWriteItem", {"RequestItems": {"loaded": puts}})


class Reader(threading.Thread):
    """Reads one item again and again over a connection of its own, and notes the longest wait."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._database = RemoteDatabase(url)
        self._ending = False
        self.worst = 0.0

    def run(self) -> None:
        while not self._ending:
            started = time.perf_counter()
            self._database.call("GetItem", {"TableName": "loaded", "Key": {"pk": {"S": "item-00000001"}}})
            self.worst = max(self.worst, time.perf_counter() - started)
            time.sleep(0.0005)

    def stop(self) -> float:
        """End it and return the longest wait in milliseconds."""
        self._ending = True
        self.join()
        self._database.close()
        return 1000 * self.worst


@contextmanager
def reading(url: str | None, waits: list[float]) -> Iterator[None]:
    """Let a reader run meanwhile, where there is a server."""
    if url is None:
        yield
        return
    reader = Reader(url)
    reader.start()
    try:
        yield
    finally:
        waits.append(reader.stop())


def measure(title: str, database: Any, items: int, written: int, rounds: int, url: str | None) -> None:
    """Print one row for each kind of step."""
    database.call("CreateTable", _TABLE)
    put(database, 0, items, "x")
    times: dict[str, list[float]] = {}
    waits: dict[str, list[float]] = {}

    def step(name: str, do: Callable[[], Any]) -> None:
        with reading(url, waits.setdefault(name, [])):
            started = time.perf_counter()
            do()
            times.setdefault(name, []).append(1000 * (time.perf_counter() - started))

    for number in range(rounds):
        put(database, 0, written, str(number % 10))
        step("snapshot, full buffer", lambda n=number: database.snapshot(f"s{n}"))
        put(database, 0, 1_000, "y")
        step("snapshot, 1,000 written", lambda n=number: database.snapshot(f"t{n}"))
        put(database, 0, 1_000, "z")
        step("load", lambda n=number: database.restore(f"s{n}"))
        put(database, 0, 1_000, "z")
        step("branch", lambda n=number: branch(database, f"b{n}", f"s{n}"))
    for name, found in times.items():
        worst = f"{max(waits[name]):10.1f}" if url else ""
        print(f"{title:24}{name:26}{statistics.median(found):10.2f}{max(found):10.2f}{worst}", flush=True)


def branch(database: Any, name: str, snapshot: str) -> None:
    if isinstance(database, RemoteDatabase):
        database.ask("POST", f"snapshots/{snapshot}/branch", {"name": name})
    else:
        database.branch(name, snapshot)


def main() -> None:
    """Measure all and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.snapshots", description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--written", type=int, default=70_000, help="items written before each snapshot")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--directory", default=tempfile.gettempdir())
    options = parser.parse_args()
    sizes = (options.items, options.written, options.rounds)
    print(f"{options.items:,} items, milliseconds, {sys.version.split()[0]}")
    print(f"{'':24}{'':26}{'median':>10}{'worst':>10}{'a read':>10}")
    for place in ("memory", "disk"):
        with tempfile.TemporaryDirectory(dir=options.directory) as path:
            with Database(path if place == "disk" else None) as database:
                measure(f"{place}, in process", database, *sizes, None)
        with tempfile.TemporaryDirectory(dir=options.directory) as path:
            with running_server(path if place == "disk" else None) as remote:
                measure(f"{place}, over HTTP", remote, *sizes, remote.url)
                remote.close()


if __name__ == "__main__":
    main()
