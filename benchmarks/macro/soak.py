"""``python -m benchmarks.macro.soak --minutes 60 [--disk]``: does a server that runs for long grow?

A server gets some hundred requests a second of every kind (``soak_load``). Every ten seconds its memory, open
files and threads are written to a CSV file; at the end a line is laid through the memory after the warm-up.
"""

import argparse
import csv
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.macro.servers import ROOT
from benchmarks.macro.soak_load import Load

_EVERY = 10.0
_WARM_UP = 0.5
"""The part of the run that does not count."""
_NOTHING = 5.0
"""MB an hour that count as none."""
_BLOCK = 12
"""Samples in a mean: neighbours are too alike to be counted each."""
_COLUMNS = ("seconds", "requests", "rss_mb", "pss_mb", "files", "threads", "blocks", "objects", "cpu_s")


class Slope(NamedTuple):
    """How something grows in an hour, with the standard error of that."""

    per_hour: float
    error: float


def slope_of(hours: Sequence[float], values: Sequence[float]) -> Slope:
    """Return the slope of the line through the points, by least squares over means of ``_BLOCK`` points."""
    ends = range(_BLOCK, len(hours) + 1, _BLOCK)
    x = [statistics.fmean(hours[end - _BLOCK : end]) for end in ends]
    y = [statistics.fmean(values[end - _BLOCK : end]) for end in ends]
    if len(x) < 3:
        return Slope(math.nan, math.nan)
    line = statistics.linear_regression(x, y)
    spread = sum((at - statistics.fmean(x)) ** 2 for at in x)
    left = sum((value - line.slope * at - line.intercept) ** 2 for at, value in zip(x, y, strict=True))
    return Slope(line.slope, math.sqrt(left / (len(x) - 2) / spread))


class Watched:
    """A running server and what the system says of it."""

    def __init__(self, db_path: str | None, counts: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.macro.soak_server", str(counts), "serve", "--port", "0"]
        command += ["--history-bytes", "4000000"] + (["--db-path", db_path] if db_path else [])
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout is not None
        found = re.search(r":(\d+) ", self.process.stdout.readline())
        assert found
        self.port = int(found[1])
        self._counts = counts
        self._proc = Path("/proc") / str(self.process.pid)

    def sample(self) -> dict[str, float]:
        """Return the memory in MB, the open files and threads, and what the server counts itself."""
        lines = (self._proc / "smaps_rollup").read_text().splitlines()[1:]
        sizes = {line.split(":")[0]: int(line.split()[1]) / 1000 * 1.024 for line in lines}
        ticks = (self._proc / "stat").read_text().rpartition(")")[2].split()
        counted = self._counts.read_text().splitlines() if self._counts.exists() else []
        found = json.loads(counted[-1]) if counted else {}
        return {
            "rss_mb": round(sizes["Rss"], 3),
            "pss_mb": round(sizes["Pss"], 3),
            "files": len(os.listdir(self._proc / "fd")),
            "threads": len(os.listdir(self._proc / "task")),
            "blocks": found.get("blocks", 0),
            "objects": found.get("objects", 0),
            "cpu_s": (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK"),
        }

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait(30)


def run(server: Watched, seconds: float, rate: float, table: Path) -> tuple[Load, list[dict[str, float]]]:
    """Drive *server* with *rate* requests a second; write the samples to *table* and return them."""
    load = Load(server.port)
    load.start()
    samples: list[dict[str, float]] = []
    started = time.monotonic()
    with open(table, "w", newline="", buffering=1) as file:
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        while (now := time.monotonic() - started) < seconds:
            if now >= len(samples) * _EVERY:
                samples.append({"seconds": round(now, 1), "requests": load.requests, **server.sample()})
                writer.writerow(samples[-1])
            ahead = load.requests / rate - now
            if ahead > 0:
                time.sleep(ahead)
            load.step()
    return load, samples


def show(load: Load, samples: list[dict[str, float]]) -> bool:
    """Print the verdict; return whether the server neither failed nor grew."""
    kept = samples[int(len(samples) * _WARM_UP) :]
    hours = [sample["seconds"] / 3600 for sample in kept]
    first, last = samples[0], samples[-1]
    print(f"{load.requests:,} requests in {last['seconds'] / 60:.0f} minutes, {load.refused} with status 5xx")
    print(f"{'':10}{'start':>10}{'warm':>10}{'end':>10}{'most':>10}{'an hour':>12}{'error':>10}")
    for name in ("pss_mb", "rss_mb", "blocks", "objects", "files", "threads"):
        values = [sample[name] for sample in kept]
        line = slope_of(hours, values)
        places = 1 if name.endswith("mb") else 0
        cells = (first[name], values[0], last[name], max(values))
        shown = "".join(f"{value:>10,.{places}f}" for value in cells)
        print(f"{name:10}{shown}{line.per_hour:>+12,.{places}f}{line.error:>10,.{places}f}")
    line = slope_of(hours, [sample["pss_mb"] for sample in kept])
    grows = line.per_hour > max(2 * line.error, _NOTHING)
    print("it grows" if grows else "no growth")
    return not grows and not load.refused


def main() -> int:
    """Run, print the verdict, and return 1 when the server failed or grew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=500, help="requests a second (default: 500)")
    parser.add_argument("--disk", action="store_true", help="a database in a directory, not in memory")
    parser.add_argument("--csv", type=Path, default=Path("soak.csv"), help="where the samples go")
    options = parser.parse_args()
    counts = options.csv.with_suffix(".jsonl")
    counts.unlink(missing_ok=True)
    directory = tempfile.mkdtemp(prefix="dynemu-soak-") if options.disk else None
    server = Watched(directory, counts)
    try:
        load, samples = run(server, 60 * options.minutes, options.rate, options.csv)
    finally:
        server.stop()
        if directory is not None:
            shutil.rmtree(directory, ignore_errors=True)
    return 0 if show(load, samples) else 1


if __name__ == "__main__":
    sys.exit(main())
