"""The sessions of the README, run as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
ENDPOINT = "http://localhost:8000"
PRINTS = re.compile(r"^ *print\(.*\)  # (.*)$", re.MULTILINE)


def blocks(language: str) -> list[str]:
    """Return the code blocks of the README in *language*."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def run(command: list[str], folder: Path) -> str:
    """Return what *command* prints; it sees no AWS settings of whoever runs the tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
    environment["HOME"] = str(folder)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("session", blocks("python"), ids=["boto3", "embedded", "mock", "savepoint"])
def test_a_python_session_prints_what_it_says(
    session: str, start_server: Callable[..., str], tmp_path: Path
) -> None:
    printed = run([sys.executable, "-c", session.replace(ENDPOINT, start_server())], tmp_path)
    assert printed.splitlines() == PRINTS.findall(session) != []


def test_the_cli_session_works(start_server: Callable[..., str], tmp_path: Path) -> None:
    (session,) = [block for block in blocks("sh") if "aws dynamodb" in block]
    assert shutil.which("bash")
    printed = run(["bash", "-ec", session.replace(ENDPOINT, start_server())], tmp_path)
    assert printed.splitlines()[-1] == "Göttingen"
