"""Growth measured over HTTP: connections, and items whose bytes have to be carried."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.macro.growth_cases import MICROSECONDS, TABLE, definition, item_of, key_of, load
from benchmarks.macro.load import Client, Sample, drive, encode_bodies
from benchmarks.macro.servers import Running, find_dynemu

Section = dict[str, Any]
Request = dict[str, Any]

_ITEMS = 10_000
_BIG_ITEMS = 32
_OTHER_BYTES = 18
"""What a big item has beside its text: its key and the names of its attributes."""


@contextmanager
def running_dynemu() -> Iterator[Running]:
    """Run a server with the empty table. Raises: DidNotStart, Refused."""
    launch = find_dynemu()
    if launch is None:
        raise SystemExit("dynemu is not installed: pip install -e . in the root of the checkout")
    running = Running(launch)
    try:
        client = Client(running.port)
        client.call("CreateTable", definition())
        client.close()
        yield running
    finally:
        running.stop()


def grow_connections(counts: Sequence[int], seconds: int) -> Section:
    """Measure GetItem and PutItem on that many keep-alive connections, closed loop."""
    points = []
    with running_dynemu() as running:
        client = Client(running.port)
        load(client.call, range(_ITEMS))
        client.close()
        numbers = random.Random(1).sample(range(_ITEMS), _ITEMS)
        bodies = {
            "GetItem": encode_bodies({"TableName": TABLE, "Key": key_of(n)} for n in numbers),
            "PutItem": encode_bodies(
                {"TableName": TABLE, "Item": item_of(n, revision)} for revision in (1, 2) for n in numbers
            ),
        }
        for count in counts:
            point: dict[str, float] = {"x": count}
            for operation, text in bodies.items():
                sample = _drive(running, operation, text, seconds, count)
                point |= {operation: sample.cpu_us, f"{operation}, requests per second": sample.rps}
                point[f"{operation}, p99 ms"] = sample.p99_us / 1000
            points.append(point)
    return _section("Keep-alive connections, closed loop", "connections", points)


def grow_sizes(sizes: Sequence[int], seconds: int) -> Section:
    """Measure GetItem and PutItem of items of that many bytes, as AWS counts them."""
    points = []
    with running_dynemu() as running:
        for size in sizes:
            make = _maker(size)
            client = Client(running.port)
            for number in range(_BIG_ITEMS):
                client.call("PutItem", {"TableName": TABLE, "Item": make(number, 0)})
            client.close()
            gets = [{"TableName": TABLE, "Key": key_of(number)} for number in range(_BIG_ITEMS)]
            puts = [{"TableName": TABLE, "Item": make(n, r)} for r in (1, 2) for n in range(_BIG_ITEMS)]
            point: dict[str, float] = {"x": size}
            for operation, requests in {"GetItem": gets, "PutItem": puts}.items():
                sample = _drive(running, operation, encode_bodies(requests), seconds, 16)
                point |= {operation: sample.cpu_us, f"{operation}, requests per second": sample.rps}
            points.append(point)
    return _section("Bytes of an item", "bytes", points)


def _maker(size: int) -> Callable[[int, int], Request]:
    def make(number: int, revision: int) -> Request:
        text = f"{revision}" + "the quick brown fox jumps over the lazy dog " * (size // 44 + 1)
        return key_of(number) | {"text": {"S": text[: size - _OTHER_BYTES]}}

    return make


def _drive(running: Running, operation: str, bodies: str, seconds: int, connections: int) -> Sample:
    sample = drive(running.port, operation, bodies, seconds, connections, running.cpu_seconds)
    if sample.refused or sample.broken:
        raise SystemExit(f"{operation}: {sample.refused} refused and {sample.broken} broken requests")
    running.settle(5)
    return sample


def _section(title: str, x: str, points: list[dict[str, float]]) -> Section:
    return {"title": title, "x": x, "unit": MICROSECONDS, "plotted": ["GetItem", "PutItem"], "points": points}
