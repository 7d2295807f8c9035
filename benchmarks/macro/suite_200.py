"""``python -m benchmarks.macro.suite_200``: the suite of 200 boto3 tests on dynemu, on moto and on servers.

Each run is a pytest of its own, the backends in turn; figures are medians. Nothing in the tests changes with
the backend but the fixture that says who answers. Servers that are installed are started, with their data in
memory, and stopped at the end.
"""

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
from contextlib import ExitStack
from typing import NamedTuple

from benchmarks.macro.servers import ROOT, start_installed

_SUITE = ROOT / "tests" / "suites"
_IN_PROCESS = "dynemu in process"
_PLUGINS = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
"""Without a plugin that tests of dynemu need and this suite does not: it takes a while to load."""
_SERVERS = {
    "dynemu": "dynemu over HTTP",
    "dynamodb-local": "DynamoDB Local",
    "dynoxide": "Dynoxide",
}


class Figure(NamedTuple):
    """One run of the suite."""

    seconds: float
    """What pytest says, without the start of Python."""
    cpu_seconds: float
    """Processor time of pytest, without that of a server."""
    outcome: str


class Backend(NamedTuple):
    """What answers the suite: ``dynemu``, ``moto`` or an endpoint; and options of pytest."""

    answers: str
    options: tuple[str, ...] = ()


def run_suite(backend: Backend) -> Figure:
    """Run the suite once."""
    environment = os.environ | {"DYNEMU_SUITE_BACKEND": backend.answers}
    # As in a project where the tests have run before: their bytecode is there.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *_PLUGINS, *backend.options, str(_SUITE)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    summary = ["", *done.stdout.strip().splitlines()][-1]
    found = re.match(r"(.*) in ([0-9.]+)s", summary)
    if found is None:
        raise SystemExit(f"the suite did not run on {backend.answers}:\n{done.stdout}{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figure(float(found[2]), cpu, found[1])


def start_servers(stack: ExitStack) -> dict[str, Backend]:
    """Start the servers that are installed; they end with *stack*."""
    running = start_installed(stack, _SERVERS)
    return {_SERVERS[name]: Backend(f"http://127.0.0.1:{server.port}") for name, server in running.items()}


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
    with ExitStack() as stack:
        backends = {_IN_PROCESS: Backend("dynemu"), f"{_IN_PROCESS}, -n 2": Backend("dynemu", ("-n", "2"))}
        backends |= start_servers(stack) | {"moto": Backend("moto")}
        backends |= {name: Backend(url) for name, url in (text.split("=", 1) for text in options.endpoint)}
        run_suite(backends[_IN_PROCESS])
        rounds = [
            {name: run_suite(backend) for name, backend in backends.items()} for _ in range(options.rounds)
        ]
    print(render(rounds))


def render(rounds: list[dict[str, Figure]]) -> str:
    """Return the table of all *rounds*."""
    lines = [f"{'':24}{'seconds':>9}{'spread':>8}{'CPU s':>8}{'ratio':>8}  outcome"]
    base = statistics.median(figures[_IN_PROCESS].seconds for figures in rounds)
    for name in rounds[0]:
        figures = [each[name] for each in rounds]
        seconds = [figure.seconds for figure in figures]
        middle = statistics.median(seconds)
        spread = (max(seconds) - min(seconds)) / 2 / middle
        cpu = statistics.median(figure.cpu_seconds for figure in figures)
        outcome = figures[-1].outcome
        lines.append(f"{name:24}{middle:9.2f}{spread:8.0%}{cpu:8.2f}{middle / base:8.2f}  {outcome}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
