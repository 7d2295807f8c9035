"""``python -m benchmarks.macro.suite_200``: the suite of 200 boto3 tests on dynemu, on moto and on servers.

Each run is a pytest of its own, the backends in turn; figures are medians. Nothing in the tests changes with
the backend but the fixture that says who answers.
"""

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
_SUITE = ROOT / "tests" / "suites"


class Figure(NamedTuple):
    """One run of the suite."""

    seconds: float
    """What pytest says, without the start of Python."""
    cpu_seconds: float
    """Processor time of pytest, without that of a server."""
    outcome: str


def run_suite(backend: str) -> Figure:
    """Run the suite on *backend*: ``dynemu``, ``moto`` or an endpoint."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(_SUITE)],
        cwd=ROOT,
        env=os.environ | {"DYNEMU_SUITE_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    summary = ["", *done.stdout.strip().splitlines()][-1]
    found = re.match(r"(.*) in ([0-9.]+)s", summary)
    if found is None:
        raise SystemExit(f"the suite did not run on {backend}:\n{done.stdout}{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figure(float(found[2]), cpu, found[1])


@contextmanager
def dynemu_server() -> Iterator[str]:
    """Run ``dynemu serve`` in memory and yield its URL."""
    command = [sys.executable, "-m", "dynemu", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        try:
            address = re.search(r"http://\S+", server.stdout.readline())
            assert address
            yield address.group()
        finally:
            server.terminate()


def main() -> None:
    """Run the suite everywhere and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.suite_200", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each backend has its turn")
    parser.add_argument(
        "--endpoint",
        action="append",
        default=[],
        metavar="NAME=URL",
        help="another server that runs, such as dynamodb-local=http://localhost:8000",
    )
    options = parser.parse_args()
    with dynemu_server() as url:
        backends = {"dynemu in process": "dynemu", "dynemu over HTTP": url, "moto": "moto"}
        backends |= dict(text.split("=", 1) for text in options.endpoint)
        rounds = [
            {name: run_suite(backend) for name, backend in backends.items()} for _ in range(options.rounds)
        ]
    print(f"{'':24}{'seconds':>9}{'spread':>8}{'CPU s':>8}{'ratio':>8}  outcome")
    base = statistics.median(figures["dynemu in process"].seconds for figures in rounds)
    for name in backends:
        figures = [each[name] for each in rounds]
        seconds = [figure.seconds for figure in figures]
        middle = statistics.median(seconds)
        spread = (max(seconds) - min(seconds)) / 2 / middle
        cpu = statistics.median(figure.cpu_seconds for figure in figures)
        print(f"{name:24}{middle:9.2f}{spread:8.0%}{cpu:8.2f}{middle / base:8.2f}  {figures[-1].outcome}")


if __name__ == "__main__":
    main()
