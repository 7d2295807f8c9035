"""Print, for each module, what its calls take compiled, uncompiled and done in straightforward Python."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.macro.machine import describe_machine, describe_versions
from benchmarks.micro.timing import nanoseconds
from dynemu import __version__
from dynemu._core import COMPILED

FOLDER = Path(__file__).parent
RESULTS = FOLDER.parent / "results"
MODULES = sorted(path.name.removesuffix("_cases.py") for path in FOLDER.glob("*_cases.py"))
Times = dict[str, list[float]]
"""By case: nanoseconds of the module's call and of straightforward Python."""


def measure(module: str) -> Times:
    """Time the cases of *module* in this process."""
    cases = import_module(f"benchmarks.micro.{module}_cases").cases()
    return {name: [nanoseconds(call) for call in calls] for name, calls in cases.items()}


def measure_apart(module: str, pure: bool) -> Times:
    """Time the cases of *module* in an interpreter of their own, with the build or the sources."""
    environment = {name: value for name, value in os.environ.items() if name != "DYNEMU_PURE"}
    if pure:
        environment["DYNEMU_PURE"] = "1"
    command = [sys.executable, "-m", "benchmarks.micro", "--measure", module]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    times: Times = json.loads(done.stdout)
    return times


def compare(module: str) -> dict[str, list[float]]:
    """Return, by case of *module*, what it takes compiled, uncompiled and in straightforward Python."""
    compiled = measure_apart(module, pure=False)
    pure = measure_apart(module, pure=True)
    return {
        case: [fast, pure[case][0], min(plain, pure[case][1])] for case, (fast, plain) in compiled.items()
    }


def show(module: str, cases: dict[str, list[float]]) -> None:
    """Print the table of one module."""
    heads = ("compiled", "pure", "plain", "pure/c", "plain/c")
    print(f"\n{module:28}" + "".join([f"{head:>10}" for head in heads]))
    for case, (fast, slow, plain) in cases.items():
        print(f"  {case:26}{fast:10.0f}{slow:10.0f}{plain:10.0f}{slow / fast:10.1f}{plain / fast:10.1f}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parse(arguments)
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return 0
    if not COMPILED:
        print("nothing is compiled here: python setup.py build_ext --inplace", file=sys.stderr)
        return 2
    result: dict[str, Any] = {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": describe_machine(),
        "versions": describe_versions() | {"dynemu": __version__},
        "modules": {},
    }
    print(f"dynemu {__version__}, Python {sys.version.split()[0]}: nanoseconds a call, fastest of 7 rounds")
    print("compiled: as built; pure: the same sources uncompiled; plain: straightforward Python; c: compiled")
    for module in options.modules or MODULES:
        result["modules"][module] = compare(module)
        show(module, result["modules"][module])
    target = options.json or RESULTS / f"micro-{datetime.now(timezone.utc):%Y%m%d-%H%M}.json"
    target.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\nstored in {target}")
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micro", description=__doc__)
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help=f"of: {', '.join(MODULES)} (default: all)"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="default: a new file in benchmarks/results")
    parser.add_argument("--measure", choices=MODULES, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.modules) - set(MODULES)):
        parser.error(f"no cases for {', '.join(unknown)}; there are {', '.join(MODULES)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
