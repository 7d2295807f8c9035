"""``python -m benchmarks.macro.start``: how long dynemu takes to start, stage by stage, beside other servers.

Each program is started many times, in turn with all others; figures are medians in milliseconds, and in the
second column the processor time of the child, which moves less than the clock when other programs run.
"""

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.macro.load import Client, Refused
from benchmarks.macro.servers import ROOT, SERVERS, DidNotStart, Launch, Running

Timed = tuple[float, float]
"""Milliseconds by the clock, and of processor time."""

_PEERS = ("dynamodb-local", "dynoxide", "dynalite", "moto")
_TEST = "def test():\n    pass\n"
_FIXTURE_TEST = "def test(dynamodb_client):\n    dynamodb_client.list_tables()\n"
_CLIENT = "boto3.client('dynamodb', 'us-east-1', aws_access_key_id='a', aws_secret_access_key='b')"
_PLUGIN = "-pdynemu.pytest_plugin"
_PROGRAMS: dict[str, list[str]] = {
    "python -c pass": ["-c", "pass"],
    "uvloop, httptools, orjson": ["-c", "import uvloop, httptools, orjson"],
    "import dynemu": ["-c", "import dynemu"],
    "dynemu --help": ["-m", "dynemu", "--help"],
    "Database(), ListTables": ["-c", "import dynemu; dynemu.Database().call('ListTables')"],
    "boto3 and a client": ["-c", f"import boto3; {_CLIENT}"],
    "the same, mocked, ListTables": [
        "-c",
        f"import boto3, dynemu\nwith dynemu.mock():\n    {_CLIENT}.list_tables()",
    ],
    "pytest, one empty test": ["-m", "pytest", "-q", "-p", "no:dynemu", "test_empty.py"],
    "the same with the plugin": ["-m", "pytest", "-q", _PLUGIN, "test_empty.py"],
    "a test with its fixture": ["-m", "pytest", "-q", _PLUGIN, "test_fixture.py"],
}
_STAGES = """
import time; moments = [time.monotonic()]
def note(*_): moments.append(time.monotonic())
def noting(function):
    def noted(*args):
        result = function(*args); note(); return result
    return noted
import dynemu.cli; note()
import gc; gc.disable()
from dynemu.http.without_tls import import_loop; import_loop(); note()
from dynemu.http import server; note()
from dynemu.config import Settings
server.Namespaces = noting(server.Namespaces)
server.new_event_loop = noting(server.new_event_loop)
def ready(line):
    note(); print(*moments, line.split()[4].rpartition(":")[2], flush=True)
server.run(Settings(port=0), ready)
"""
_STAGE_NAMES = (
    "interpreter",
    "import dynemu.cli",
    "import asyncio and uvloop",
    "import the server",
    "open the store",
    "make the loop",
    "listen",
)
_FIRST: dict[str, dict[str, Any]] = {
    "ListTables": {},
    "CreateTable": {
        "TableName": "began", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    },
    "PutItem": {"TableName": "began", "Item": {"pk": {"S": "a"}, "n": {"N": "1"}}},
    "GetItem": {"TableName": "began", "Key": {"pk": {"S": "a"}}},
    "UpdateItem": {
        "TableName": "began", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET n = n + :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    },
    "Query": {
        "TableName": "began", "KeyConditionExpression": "pk = :a",
        "ExpressionAttributeValues": {":a": {"S": "a"}},
    },
    "Scan": {"TableName": "began"},
    "BatchWriteItem": {"RequestItems": {"began": [{"PutRequest": {"Item": {"pk": {"S": "b"}}}}]}},
    "TransactWriteItems": {"TransactItems": [{"Put": {"TableName": "began", "Item": {"pk": {"S": "c"}}}}]},
    "ExecuteStatement": {"Statement": "SELECT * FROM began WHERE pk = 'a'"},
    "DeleteTable": {"TableName": "began"},
}  # fmt: skip


def run_program(words: Sequence[str], folder: str) -> Timed:
    """Run Python with *words* to its end."""
    before, started = _children(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=_environment(), capture_output=True, text=True
    )
    milliseconds = 1000 * (time.perf_counter() - started)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    return milliseconds, 1000 * (_children() - before)


def run_stages() -> list[float]:
    """Start a server and return the milliseconds of each of its stages, and of the first answer."""
    started = time.monotonic()
    with _python("-c", _STAGES) as server:
        assert server.stdout is not None
        *moments, port = server.stdout.readline().split()
        client = Client(int(port))
        client.call("ListTables", {})
        answered = time.monotonic()
        client.close()
        server.terminate()
    times = [started, *map(float, moments), answered]
    return [1000 * (after - before) for before, after in pairwise(times)]


def run_first_requests(wait: float) -> dict[str, float]:
    """Start a server; return the ms of each operation's first answer, *wait* seconds after it is ready."""
    with _python("-m", "dynemu", "serve", "--port", "0") as server:
        assert server.stdout is not None
        found = re.search(r":(\d+) ", server.stdout.readline())
        assert found
        time.sleep(wait)
        client = Client(int(found[1]))
        try:
            return {name: _time(partial(client.call, name, request)) for name, request in _FIRST.items()}
        finally:
            client.close()
            server.terminate()


def import_times() -> Counter[str]:
    """Return the milliseconds of imports of ``dynemu serve`` in memory by package."""
    with _python(
        "-X", "importtime", "-m", "dynemu", "serve", "--port", "0", stderr=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        server.stdout.readline()
        server.terminate()
        lines = server.stderr.read().splitlines()
    packages: Counter[str] = Counter()
    for line in lines:
        if found := re.match(r"import time: +(\d+) \| +\d+ \|( +)(\S+)", line):
            packages[_package(found[3])] += int(found[1])
    return Counter({name: microseconds / 1000 for name, microseconds in packages.items()})


def _package(module: str) -> str:
    names = module.split(".")
    if names[0] in ("dynemu", "partiql"):
        return ".".join(names[:2])
    if names[0] in ("uvloop", "httptools", "orjson", "rocksdict", "sly", "click", "pluggy", "asyncio"):
        return names[0]
    return "ssl" if names[0] in ("ssl", "_ssl") else "standard library"


def run_server(launch: Launch) -> Timed:
    """Start a server and return the time to its first answer."""
    running = Running(launch)
    try:
        return running.start_ms, 1000 * running.cpu_seconds()
    finally:
        running.stop()


def _python(*words: str, stderr: int | None = None) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=ROOT,
        env=_environment(),
    )


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DYNEMU_", "PYTEST_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"PYTHONPATH": str(ROOT)}


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _time(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


def measure_programs(rounds: int) -> dict[str, list[Timed]]:
    """Run all programs in turn."""
    times: dict[str, list[Timed]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_empty.py").write_text(_TEST)
        Path(folder, "test_fixture.py").write_text(_FIXTURE_TEST)
        for round_ in range(rounds + 1):
            for name, words in _PROGRAMS.items():
                timed = run_program(words, folder)
                if round_:  # the first one writes the .pyc files
                    times[name].append(timed)
    return times


def measure_servers(rounds: int, peers: Sequence[str]) -> dict[str, list[Timed]]:
    """Start dynemu and the *peers* that are installed, in turn."""
    times: dict[str, list[Timed]] = defaultdict(list)
    found = [(server, launch) for server in SERVERS if server.name in peers and (launch := server.find())]
    for _ in range(rounds):
        for server, launch in found:
            try:
                timed = run_server(launch)
            except (DidNotStart, Refused) as error:
                print(f"{server.title}: {error}")
            else:
                times[server.title].append(timed)
    return times


def show(title: str, times: dict[str, list[Timed]]) -> None:
    """Print a table of programs."""
    print(f"\n{title:34}{'ms':>8}{'CPU ms':>8}{'least':>8}")
    for name, timed in times.items():
        wall, cpu = zip(*timed, strict=True)
        print(f"{name:34}{statistics.median(wall):>8.1f}{statistics.median(cpu):>8.1f}{min(wall):>8.1f}")


def main() -> None:
    """Measure all and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--peers", default=",".join(_PEERS), help="comma-separated, of: " + ", ".join(_PEERS))
    options = parser.parse_args()
    rounds = range(options.rounds)
    run_stages()
    stages = [statistics.median(times) for times in zip(*(run_stages() for _ in rounds), strict=True)]
    print("a server in memory, by stages" + " " * 5 + "ms")
    for name, milliseconds in zip((*_STAGE_NAMES, "first answer"), stages, strict=True):
        print(f"{name:28}{milliseconds:>8.1f}")
    print(f"{'together':28}{sum(stages):>8.1f}")
    imports = [import_times() for _ in rounds]
    print("\nits imports by package      ms, measured one by one")
    medians = {name: statistics.median(each[name] for each in imports) for name in imports[0]}
    for name, milliseconds in sorted(medians.items(), key=lambda pair: -pair[1]):
        print(f"{name:28}{milliseconds:>8.1f}")
    print(f"\n{'first answer of each operation':32}{'at once':>8}{'2 s on':>8}")
    at_once, later = ([run_first_requests(wait) for _ in rounds] for wait in (0, 2))
    for name in _FIRST:
        cells = (statistics.median(each[name] for each in runs) for runs in (at_once, later))
        print(f"{name:32}" + "".join(f"{cell:>8.1f}" for cell in cells))
    show("programs, start to end", measure_programs(options.rounds))
    servers = ("dynemu", *options.peers.split(","))
    show("servers, start to first answer", measure_servers(options.rounds, servers))


if __name__ == "__main__":
    main()
