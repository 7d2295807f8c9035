"""``python -m benchmarks.macro.workers``: GetItem over one and more namespaces, with one and more workers.

One process of wrk has a thread for every namespace, so that a connection stays with one; the last row changes
the namespace with every request, which makes every connection move each time. Servers take turns; medians of
all rounds. Where wrk and the workers share processors, the processor time of a request tells more than
the requests per second: "cores" is how many processors the server kept busy.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.macro.data import TABLE, key_of
from benchmarks.macro.load import AUTHORIZATION, DATE, Sample, encode_bodies, parse_result
from benchmarks.macro.machine import busy_seconds
from dynemu.testing.remote import RemoteDatabase

_SCRIPT = Path(__file__).with_name("workers.lua")
_ITEMS = 500
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server and how many workers it has."""

    workers: int
    process: int
    port: int

    def cpu_seconds(self) -> float:
        """Return the processor time used so far, by the server and the workers that it started."""
        seconds = 0.0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                number, _, rest = path.read_text().partition(" ")
            except OSError:  # a process that has ended
                continue
            fields = rest.rpartition(")")[2].split()
            if self.process in (int(number), int(fields[1])):
                seconds += (int(fields[11]) + int(fields[12])) / _TICKS
        return seconds


@contextmanager
def serving(workers: int, namespaces: int) -> Iterator[Served]:
    """Run a server whose namespaces hold the same items."""
    command = [sys.executable, "-m", "dynemu", "serve", "--port", "0", "--workers", str(workers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            address = re.search(r"http://\S+", server.stdout.readline())
            assert address
            for number in range(namespaces):
                fill(f"{address.group()}/ns/bench-{number}")
            yield Served(workers, server.pid, urlsplit(address.group()).port or 0)
        finally:
            server.terminate()


def fill(url: str) -> None:
    """Make the table and its items in the namespace that *url* names."""
    database = RemoteDatabase(url)
    database.call(
        "CreateTable",
        {
            "TableName": TABLE,
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    for start in range(0, _ITEMS, 25):
        puts = [
            {"PutRequest": {"Item": {**key_of(number), "note": {"S": "x" * 300}}}}
            for number in range(start, start + 25)
        ]
        database.call("BatchWriteItem", {"RequestItems": {TABLE: puts}})
    database.close()


def drive(served: Served, way: str, namespaces: int, seconds: float, connections: int) -> Sample:
    """Send requests to so many *namespaces* of *served*; *way* is ``stay`` or ``alternate``."""
    bodies = encode_bodies({"TableName": TABLE, "Key": key_of(number)} for number in range(_ITEMS))
    threads = namespaces if way == "stay" else 1
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(bodies)
        file.flush()
        command = [
            "wrk",
            f"-t{threads}",
            f"-c{max(connections, threads)}",
            f"-d{seconds:g}s",
            "-s",
            str(_SCRIPT),
        ]
        command += [
            f"http://127.0.0.1:{served.port}",
            "--",
            file.name,
            DATE,
            AUTHORIZATION,
            way,
            str(namespaces),
        ]
        before, busy = served.cpu_seconds(), busy_seconds()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        server, machine = served.cpu_seconds() - before, busy_seconds() - busy
    return parse_result(done.stdout, server, 0.0, machine)


def main() -> None:
    """Measure all and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.workers", description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--namespaces", type=int, default=4)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rows = [("stay", 1), ("stay", options.namespaces), ("alternate", options.namespaces)]
    samples: dict[tuple[int, str, int], list[Sample]] = {}
    with ExitStack() as stack:
        servers = [
            stack.enter_context(serving(workers, options.namespaces)) for workers in (1, options.workers)
        ]
        for _ in range(options.rounds):
            for way, namespaces in rows:
                for served in servers:
                    sample = drive(served, way, namespaces, options.seconds, options.connections)
                    samples.setdefault((served.workers, way, namespaces), []).append(sample)
    print(f"{'':32}{'workers':>8}{'requests/s':>12}{'cpu us':>8}{'cores':>7}{'p99 us':>8}{'refused':>9}")
    for way, namespaces in rows:
        for workers in (1, options.workers):
            show(way, namespaces, workers, samples[workers, way, namespaces])


def show(way: str, namespaces: int, workers: int, found: list[Sample]) -> None:
    """Print one row."""
    name = f"{namespaces} namespace{'s' * (namespaces > 1)}{', changing each time' * (way == 'alternate')}"
    rate = statistics.median(sample.rps for sample in found)
    cpu = statistics.median(sample.cpu_us for sample in found)
    p99 = statistics.median(sample.p99_us for sample in found)
    wrong = sum(sample.refused + sample.broken for sample in found)
    print(f"{name:32}{workers:>8}{rate:>12,.0f}{cpu:>8.1f}{rate * cpu / 1e6:>7.2f}{p99:>8,.0f}{wrong:>9}")


if __name__ == "__main__":
    main()
