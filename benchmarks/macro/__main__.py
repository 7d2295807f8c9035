"""``python -m benchmarks.macro``: compare the installed servers, print the tables, store the JSON."""

import argparse
import json
import math
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.macro.compare import Plan, compare
from benchmarks.macro.latency import MIX, OPERATIONS, RATES, Offer
from benchmarks.macro.openloop import find_compiler
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
    if missing := _missing_tools(options):
        print(missing, file=sys.stderr)
        return 2
    wanted = options.servers or [server.name for server in SERVERS if server.name not in _OPTIONAL]
    plan = _plan(options, [(server, launch) for server, launch in found if server.name in wanted])
    if not plan.servers:
        print("none of these servers is installed", file=sys.stderr)
        return 2
    if help_ := _install_help(server for server in absent if server.name in wanted):
        print(help_)
    result = compare(plan)
    print(f"\n{render(result)}")
    _store(result | {"summary": summarise(result)}, options.json)
    return 0


def _missing_tools(options: argparse.Namespace) -> str:
    """Return a sentence about a tool that *options* need and that is not there, else an empty string."""
    if not shutil.which("wrk") and (options.rows or not options.offer):
        return "wrk is missing: install it with the system's package manager"
    if find_compiler() is None and (options.offer or not options.rows):
        return "a C compiler is missing: install one, or name --rows to leave out the load at fixed rates"
    return ""


def _plan(options: argparse.Namespace, servers: list[tuple[Server, Launch]]) -> Plan:
    """Return what to run; --rows without --offer is about rows only, and the other way round."""
    rows = options.rows or ([] if options.offer else [*(row.name for row in ROWS), "suite"])
    offered = options.offer or ([] if options.rows else [*OPERATIONS, MIX])
    calm = {"attempts": options.attempts, "patience": options.patience}
    offer = Offer(offered, options.rates, options.offer_seconds, options.offer_rounds, **calm)
    return Plan(
        servers=servers,
        rows=[row for row in ROWS if row.name in rows],
        seconds=options.seconds,
        rounds=options.rounds,
        connections=options.connections,
        suite="suite" in rows,
        offer=offer if offered else None,
        **calm,
    )


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro", description=__doc__)
    names = [server.name for server in SERVERS]
    rows = [row.name for row in ROWS] + ["suite"]
    parser.add_argument("--servers", type=_names(names), help=f"comma-separated, of: {', '.join(names)}")
    parser.add_argument("--rows", type=_names(rows), help=f"comma-separated, of: {', '.join(rows)}")
    parser.add_argument("--seconds", type=_count, default=2, help="a row's length on one server (default: 2)")
    parser.add_argument(
        "--rounds", type=_count, default=3, help="how often every server has its turn (default: 3)"
    )
    parser.add_argument("--connections", type=_count, default=16, help="keep-alive connections (default: 16)")
    offers = [*OPERATIONS, MIX]
    parser.add_argument("--offer", type=_names(offers), help=f"at fixed rates; of: {', '.join(offers)}")
    parser.add_argument(
        "--rates",
        type=_rates,
        default=RATES,
        help=f"requests per second to offer (default: {','.join(map(str, RATES))})",
    )
    parser.add_argument(
        "--offer-seconds", type=_positive, default=2, help="length of one run at one rate (default: 2)"
    )
    parser.add_argument("--offer-rounds", type=_count, default=3, help="runs at one rate (default: 3)")
    parser.add_argument(
        "--attempts", type=_count, default=3, help="runs at most until one is calm (default: 3)"
    )
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


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def _rates(text: str) -> list[int]:
    return sorted({_count(part) for part in text.split(",")})


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
