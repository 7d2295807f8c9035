"""Print, for each module, what its calls take compiled, uncompiled and done in straightforward Python."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.micro.timing import nanoseconds
from dynemu import __version__
from dynemu._core import COMPILED

FOLDER = Path(__file__).parent
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


def show(module: str) -> None:
    """Print the table of one module."""
    compiled = measure_apart(module, pure=False)
    pure = measure_apart(module, pure=True)
    heads = ("compiled", "pure", "plain", "pure/c", "plain/c")
    print(f"\n{module:28}" + "".join([f"{head:>10}" for head in heads]))
    for case, (fast, plain) in compiled.items():
        slow = pure[case][0]
        plain = min(plain, pure[case][1])
        print(f"  {case:26}{fast:10.0f}{slow:10.0f}{plain:10.0f}{slow / fast:10.1f}{plain / fast:10.1f}")


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--measure"]:
        print(json.dumps(measure(arguments[1])))
        return
    unknown = set(arguments) - set(MODULES)
    if unknown:
        sys.exit(f"no cases for {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    if not COMPILED:
        sys.exit("nothing is compiled here: python setup.py build_ext --inplace")
    python = sys.version.split()[0]
    print(f"dynemu {__version__}, Python {python}: nanoseconds a call, fastest of 7 rounds")
    print("compiled: as built; pure: the same sources uncompiled; plain: straightforward Python; c: compiled")
    for module in arguments or MODULES:
        show(module)


if __name__ == "__main__":
    main(sys.argv[1:])
