"""What a result depends on besides the servers: the machine and the versions around them."""

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

CALM = 0.25
"""How many processors other programs may use while a run counts as calm."""

_LOOK = 0.5
_PACKAGES = ("uvloop", "httptools", "orjson", "rocksdict", "boto3")


def describe_machine() -> dict[str, str | int | float]:
    """Return processor, cores, memory in GB, kernel, and the load that others put on the machine just now."""
    return {
        "processor": _find_line("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count() or 0,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 2),
    }


def describe_versions() -> dict[str, str]:
    """Return the versions of Python, of the packages that the results depend on, and of wrk."""
    return {"python": platform.python_version(), **dict(_package_versions(_PACKAGES)), "wrk": _wrk_version()}


def busy_seconds() -> float:
    """Return the processor seconds that the whole machine has used so far."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().partition("\n")[0].split()[1:]]
    user, nice, system, _idle, _iowait, *others = ticks[:8]
    return (user + nice + system + sum(others)) / os.sysconf("SC_CLK_TCK")


def wait_until_calm(limit: float) -> None:
    """Wait until less than ``CALM`` processors are busy, at most *limit* seconds."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        before = busy_seconds()
        time.sleep(_LOOK)
        if busy_seconds() - before < CALM * _LOOK:
            return


def _package_versions(names: Iterable[str]) -> Iterable[tuple[str, str]]:
    for name in names:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _wrk_version() -> str:
    if not shutil.which("wrk"):
        return "missing"
    banner = subprocess.run(("wrk", "-v"), capture_output=True, text=True, check=False).stdout
    return banner.partition(" [")[0].removeprefix("wrk ")


def _find_line(path: str, field: str) -> str | None:
    file = Path(path)
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), None)
