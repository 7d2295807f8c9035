"""``python -m benchmarks.macro.growth``: what one operation costs as everything around it grows.

Ten thousand items to ten million, one connection to a thousand, no index to ten, items of 100 bytes to
400 KB, one namespace to ten thousand. Costs are processor time, so that other programs disturb them less.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from benchmarks.macro.growth_cases import grow_indexes, grow_items, grow_namespaces
from benchmarks.macro.growth_server import grow_connections, grow_sizes
from benchmarks.macro.machine import describe_machine, describe_versions
from benchmarks.macro.servers import ROOT, find_dynemu

Section = dict[str, Any]
"""``title``, ``x`` (what grows), ``unit`` of the plotted columns, ``plotted`` (their names), ``points`` (one
dict for each size: ``x`` and the columns)."""

_RESULTS = ROOT / "benchmarks" / "results"
_DISK_ITEMS = 1_000_000


def sections(most_items: int, seconds: int) -> dict[str, Callable[[], Section]]:
    """Return what can be measured, by name; *seconds*: length of one run that needs a server."""
    return {
        "items": lambda: grow_items(_sizes_up_to(most_items), on_disk=False),
        "items-on-disk": lambda: grow_items(_sizes_up_to(min(most_items, _DISK_ITEMS)), on_disk=True),
        "connections": lambda: grow_connections((1, 10, 100, 1000), seconds),
        "indexes": lambda: grow_indexes((0, 1, 2, 5, 10)),
        "sizes": lambda: grow_sizes((100, 1_000, 10_000, 100_000, 400_000), seconds),
        "namespaces": lambda: grow_namespaces((1, 10, 100, 1_000, 10_000)),
    }


def _sizes_up_to(most: int) -> list[int]:
    return sorted({*(size for size in (10_000, 100_000, 1_000_000, 10_000_000) if size < most), most})


def render(result: dict[str, Any]) -> str:
    """Return the sections of *result* as Markdown tables."""
    return "\n\n".join(f"{section['title']}\n\n{table(section)}" for section in result["sections"].values())


def table(section: Section) -> str:
    """Return the points of *section* as a Markdown table."""
    columns = [name for name in section["points"][0] if name != "x"]
    lines = [[section["x"], *columns]]
    for point in section["points"]:
        lines.append([f"{point['x']:,}", *(_figure(point[name]) for name in columns)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = ["| " + " | ".join(map(str.rjust, line, widths)) + " |" for line in lines]
    rule = "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|"
    return "\n".join([texts[0], rule, *texts[1:]])


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parse(arguments)
    known = sections(options.items, options.seconds)
    if options.measure:
        print(json.dumps(known[options.measure]()))
        return 0
    wanted = options.sections or list(known)
    if not shutil.which("wrk") and {"connections", "sizes"} & set(wanted):
        print("wrk is missing: install it with the system's package manager", file=sys.stderr)
        return 2
    launch = find_dynemu()
    result = {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": describe_machine(),
        "versions": describe_versions() | {"dynemu": launch.version if launch else "unknown"},
        "sections": {name: _measure_apart(name, options) for name in wanted},
    }
    print(f"\n{render(result)}\n")
    target = options.json or _RESULTS / f"growth-{datetime.now(timezone.utc):%Y%m%d-%H%M}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=1) + "\n")
    print(f"stored in {target}")
    return 0


def _measure_apart(name: str, options: argparse.Namespace) -> Section:
    """Measure one section in an interpreter of its own, which leaves nothing behind for the next."""
    print(f"{datetime.now():%H:%M:%S} {name}", flush=True)
    command = [sys.executable, "-m", "benchmarks.macro.growth", "--measure", name]
    command += ["--items", str(options.items), "--seconds", str(options.seconds)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    section: Section = json.loads(done.stdout)
    return section


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.growth", description=__doc__)
    names = list(sections(1, 1))
    parser.add_argument("--sections", type=_names(names), help=f"comma-separated, of: {', '.join(names)}")
    parser.add_argument("--items", type=int, default=10_000_000, help="most items (default: 10000000)")
    parser.add_argument("--seconds", type=int, default=2, help="a run of wrk (default: 2)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="default: a new file in benchmarks/results")
    parser.add_argument("--measure", choices=names, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.items < 1_000 or options.seconds < 1:
        parser.error("--items takes 1000 or more, --seconds 1 or more")
    return options


def _names(known: Iterable[str]) -> Callable[[str], list[str]]:
    def split(text: str) -> list[str]:
        if unknown := [name for name in text.split(",") if name not in known]:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
        return text.split(",")

    return split


if __name__ == "__main__":
    sys.exit(main())
