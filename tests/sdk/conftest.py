"""Which clients there are to test with: the Python ones always, the JavaScript SDK where Node.js is."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

NODE_MAJOR = 20
"""Oldest Node.js that the SDK in js/package.json runs on."""


def find_obstacle() -> str | None:
    """Return why the JavaScript SDK cannot be tested on this machine, or None."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    printed = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    major = re.match(r"v(\d+)\.", printed)
    if major is None or int(major[1]) < NODE_MAJOR:
        return f"the SDK needs Node.js {NODE_MAJOR}, and node is {printed}"
    return None


OBSTACLE = find_obstacle()


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if OBSTACLE and collection_path.name == "test_javascript.py" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if OBSTACLE:
        terminalreporter.write_line(f"JavaScript SDK: not tested, {OBSTACLE}")
