"""``python -m benchmarks.macro.memory``: resident memory of the servers, idle and with a million small items.

The items are the same for all and come over HTTP, 25 in a BatchWriteItem; those that need minutes get
fewer. Then where dynemu's bytes go, from a store of the same items in this process.
"""

import argparse
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.macro.load import Client, Refused
from benchmarks.macro.servers import ROOT, SERVERS, DidNotStart, Launch, Running
from benchmarks.macro.soak_load import Connection
from dynemu.engine.database import Engine
from dynemu.operations.dispatch import call
from dynemu.storage.memory import MemoryStore

_BATCH = 25
_TARGET = "DynamoDB_20120810.BatchWriteItem"
_SLOW = ("moto", "dynalite")
_TABLE: dict[str, Any] = {
    "TableName": "small",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
}
_COLUMNS = ("items", "idle MB", "after MB", "bytes an item", "load s")


class Figure(NamedTuple):
    """What was seen of one server."""

    items: int
    idle: float
    loaded: float
    seconds: float

    def cells(self) -> str:
        """Return the figures as a row of the table."""
        each = (self.loaded - self.idle) / max(self.items, 1)
        cells = f"{self.items:>12,}{self.idle / 1e6:>12.1f}{self.loaded / 1e6:>12.1f}"
        return f"{cells}{each:>15.0f}{self.seconds:>10.1f}"


def item_of(number: int) -> dict[str, dict[str, str]]:
    """Return item *number*: 75 bytes as AWS counts them."""
    return {
        "pk": {"S": f"customer#{number // 20:06d}"},
        "sk": {"S": f"order#{number % 20:04d}"},
        "status": {"S": "delivered"},
        "total": {"N": f"{number % 9000 + 10}.5"},
        "note": {"S": f"parcel {number:09d}"},
    }


def bodies(items: int) -> Iterator[bytes]:
    """Give the requests that write that many items, in the order of their numbers."""
    for start in range(0, items, _BATCH):
        puts = [{"PutRequest": {"Item": item_of(each)}} for each in range(start, min(start + _BATCH, items))]
        yield json.dumps({"RequestItems": {"small": puts}}).encode()


class Writer:
    """Writes to the server on *port*, over a new connection where that closes the old one, as moto does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = Connection(port)

    def write(self, body: bytes) -> None:
        """Send a BatchWriteItem until nothing of it is left. Raises: Refused, OSError."""
        while True:
            if self._connection.closes:
                self._connection.close()
                self._connection = Connection(self._port)
            status, answer = self._connection.request("POST", "/", body, _TARGET)
            if status != 200:
                raise Refused(f"BatchWriteItem: {status} {answer}")
            left = answer.get("UnprocessedItems")
            if not left:
                return
            body = json.dumps({"RequestItems": left}).encode()


def measure(launch: Launch, items: int) -> Figure:
    """Start a server, load it, and stop it. Raises: DidNotStart, Refused."""
    running = Running(launch)
    try:
        time.sleep(1)
        running.settle()
        idle = running.resident_bytes()
        client = Client(running.port)
        client.call("CreateTable", _TABLE)
        while client.call("DescribeTable", {"TableName": "small"})["Table"]["TableStatus"] != "ACTIVE":
            time.sleep(0.05)
        client.close()
        writer = Writer(running.port)
        started = time.perf_counter()
        for body in bodies(items):
            writer.write(body)
        seconds = time.perf_counter() - started
        running.settle()
        return Figure(items, idle, running.resident_bytes(), seconds)
    finally:
        running.stop()


def launches(wanted: list[str], folder: str) -> Iterator[tuple[str, str, Launch]]:
    """Give name, title and command of the servers that are installed; dynemu on disk comes second."""
    for server in SERVERS:
        launch = server.find() if server.name in wanted and not server.only else None
        if launch is None:
            continue
        yield server.name, f"{server.title} {launch.version}".partition(" crate")[0][:34], launch
        if server.name == "dynemu":
            command = (*launch.command, "--db-path", os.path.join(folder, "data"))
            yield server.name, "dynemu on disk", Launch(command, launch.version)


def break_down(items: int, shuffled: bool) -> None:
    """Print where the bytes of *items* in memory go, written in the order of their numbers or in none."""
    engine = Engine(MemoryStore())
    call(engine, "CreateTable", dict(_TABLE), "us-east-1", "123456789012")
    requests = list(bodies(items))
    if shuffled:
        random.Random(1).shuffle(requests)
    gc.collect()
    before = _resident()
    for body in requests:
        call(engine, "BatchWriteItem", json.loads(body), "us-east-1", "123456789012")
    gc.collect()
    grown = _resident() - before
    store = engine.store
    assert isinstance(store, MemoryStore)
    keys = values = key_bytes = value_bytes = rows = 0
    for key, value in store.dump():
        rows += 1
        key_bytes += len(key)
        value_bytes += len(value)
        keys += _allocated(sys.getsizeof(key))
        values += _allocated(sys.getsizeof(value))
    _, blocks = store.shared_blocks(store.snapshot())
    slots = 3 * 8 * rows
    print(f"\n{rows:,} rows in {blocks:,} blocks, {rows / blocks:.0f} in each; bytes a row:")
    _show("key itself", key_bytes / rows)
    _show("value itself", value_bytes / rows)
    _show("Python objects around the two", (keys + values - key_bytes - value_bytes) / rows)
    _show("place in the block: key, head, value", slots / rows)
    _show("free places, blocks, allocator", (grown - keys - values - slots) / rows)
    _show("together", grown / rows)


def _show(name: str, size: float) -> None:
    print(f"  {name:40}{size:>8.1f}")


def _allocated(size: int) -> int:
    """Return what Python's allocator takes for an object of *size* bytes."""
    return (size + 15) // 16 * 16


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _forked(function: Callable[..., None], *arguments: Any) -> None:
    """Call in a process of its own, which starts with as little memory as this one has."""
    sys.stdout.flush()
    if (child := os.fork()) == 0:
        function(*arguments)
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


def main() -> None:
    """Measure all and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.memory", description=__doc__)
    names = [server.name for server in SERVERS if not server.only and server.name != "dynamodb-local-2"]
    parser.add_argument("--servers", default=",".join(names), help=f"comma-separated, of: {', '.join(names)}")
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--slow-items", type=int, default=50_000, help=f"for {' and '.join(_SLOW)}")
    options = parser.parse_args()
    print(
        f"{'':34}"
        + "".join(f"{name:>{width}}" for name, width in zip(_COLUMNS, (12, 12, 12, 15, 10), strict=True))
    )
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        for name, title, launch in launches(options.servers.split(","), folder):
            try:
                figure = measure(launch, options.slow_items if name in _SLOW else options.items)
                print(f"{title:34}{figure.cells()}", flush=True)
            except (DidNotStart, Refused, OSError) as error:
                print(f"{title:34}  {error}", flush=True)
    for shuffled in (False, True):
        _forked(break_down, options.items, shuffled)


if __name__ == "__main__":
    main()
