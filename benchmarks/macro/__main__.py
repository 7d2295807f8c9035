"""``python -m benchmarks.macro``: compare the installed servers, print the tables, store the JSON."""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.macro.compare import Plan, compare
from benchmarks.macro.report import render, summarise
from benchmarks.macro.rows import ROWS
from benchmarks.macro.servers import ROOT, SERVERS, Launch, Server

_OPTIONAL = ("dynamodb-local-2",)
_RESULTS = ROOT / "benchmarks" / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parse(arguments)
    found = [(server, launch) for server in SERVERS if (launch := server.find())]
    absent = [server for server in SERVERS if server.name not in {one.name for one, _ in found}]
    if options.list:
        print(_listing(found))
    if options.install_help or options.list:
        print(_install_help(absent))
        return 0
    if not shutil.which("wrk"):
        print("wrk is missing: install it with the system's package manager", file=sys.stderr)
        return 2
    wanted = options.servers or [server.name for server in SERVERS if server.name not in _OPTIONAL]
    plan = Plan(
        servers=[(server, launch) for server, launch in found if server.name in wanted],
        rows=[row for row in ROWS if row.name in (options.rows or [row.name for row in ROWS])],
        seconds=options.seconds,
        rounds=options.rounds,
        connections=options.connections,
        attempts=options.attempts,
        patience=options.patience,
        suite=not options.rows or "suite" in options.rows,
    )
    if missing := _install_help(server for server in absent if server.name in wanted):
        print(missing)
    result = compare(plan)
    print(f"\n{render(result)}")
    _store(result | {"summary": summarise(result)}, options.json)
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro", description=__doc__)
    names = [server.name for server in SERVERS]
    rows = [row.name for row in ROWS] + ["suite"]
    parser.add_argument("--servers", type=_names(names), help=f"comma-separated, of: {', '.join(names)}")
    parser.add_argument("--rows", type=_names(rows), help=f"comma-separated, of: {', '.join(rows)}")
    parser.add_argument("--seconds", type=float, default=3, help="a row's length on one server (default: 3)")
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often every server has its turn (default: 3)"
    )
    parser.add_argument("--connections", type=int, default=16, help="keep-alive connections (default: 16)")
    parser.add_argument("--attempts", type=int, default=3, help="runs at most until one is calm (default: 3)")
    parser.add_argument("--patience", type=float, default=10, help="seconds to wait for calm (default: 10)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="default: a new file in benchmarks/results")
    parser.add_argument("--list", action="store_true", help="print the servers found and the rows, and end")
    parser.add_argument(
        "--install-help", action="store_true", help="say how to install what is missing, and end"
    )
    return parser.parse_args(arguments)


def _names(known: Sequence[str]) -> Callable[[str], list[str]]:
    def split(text: str) -> list[str]:
        names = text.split(",")
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
        return names

    return split


def _listing(found: Iterable[tuple[Server, Launch]]) -> str:
    lines = [f"{server.name}: {launch.version}" for server, launch in found]
    return "\n".join([*lines, "", *(f"{row.name}: {row.title}" for row in ROWS), "suite: 50 boto3 tests", ""])


def _install_help(absent: Iterable[Server]) -> str:
    return "\n".join(f"{server.name} is not installed: {server.install}" for server in absent)


def _store(result: dict[str, object], path: Path | None) -> None:
    target = path or _RESULTS / f"macro-{datetime.now(timezone.utc):%Y%m%d-%H%M}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=1) + "\n")
    print(f"stored in {target}")


if __name__ == "__main__":
    sys.exit(main())
