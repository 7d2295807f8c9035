"""``python -m benchmarks.macro.suite_rounds``: the fifty boto3 tests, again and again, server after server.

One run of ``suite`` hangs on what else the machine does meanwhile. Here the servers take turns, each with a
new client every time, the first one of a round another one each time; beside the milliseconds is where they
go: processor time of the client and of the server. The rest is waiting, for each other and for a processor.
"""

import argparse
import time
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from benchmarks.macro.servers import Running, start_installed
from benchmarks.macro.suite import connect, run_tests


@dataclass(frozen=True, slots=True)
class Run:
    """One run of all tests, in milliseconds."""

    wall: float
    client: float
    server: float


def run_once(running: Running, name: str) -> Run:
    """Run the tests on tables called after *name*."""
    client = connect(running.port)
    server, own = running.cpu_seconds(), time.process_time()
    wall = run_tests(client, name)
    run = Run(wall, 1000 * (time.process_time() - own), 1000 * (running.cpu_seconds() - server))
    client.close()
    return run


def show(name: str, runs: list[Run]) -> None:
    """Print one row."""
    walls = sorted(run.wall for run in runs)
    client, server = median(run.client for run in runs), sum(run.server for run in runs) / len(runs)
    print(f"{name:20}{median(walls):>9.0f}{walls[0]:>8.0f}{walls[-1]:>8.0f}{client:>9.0f}{server:>9.0f}")


def main() -> None:
    """Measure all and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.suite_rounds", description=__doc__)
    parser.add_argument("--servers", default="dynemu,dynoxide", help="comma-separated")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with ExitStack() as stack:
        servers = list(start_installed(stack, options.servers.split(",")).items())
        for name, running in servers:  # what boto3 loads once is loaded, and servers are warm
            run_once(running, f"{name}-first")
        runs: dict[str, list[Run]] = {name: [] for name, _ in servers}
        for round_ in range(options.rounds):
            servers.append(servers.pop(0))
            for name, running in servers:
                runs[name].append(run_once(running, str(round_)))
    print(f"{'50 tests, ms':20}{'median':>9}{'least':>8}{'most':>8}{'client':>9}{'server':>9}")
    for name, found in runs.items():
        show(name, found)


if __name__ == "__main__":
    main()
