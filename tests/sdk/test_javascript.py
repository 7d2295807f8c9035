"""AWS's SDK for JavaScript v3: js/*.test.mjs, run by Node's own test runner."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent / "js"
SCRIPTS = sorted(path.name for path in SOURCES.glob("*.test.mjs"))
MANIFESTS = ("package.json", "package-lock.json")


@pytest.fixture(scope="module")
def project(pytestconfig: pytest.Config) -> Path:
    """A directory with the SDK installed, kept between runs while the lock file stays the same."""
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("dynemu-javascript-sdk")
    lock = (SOURCES / "package-lock.json").read_text()
    installed = folder / "installed-lock.json"
    if not installed.exists() or installed.read_text() != lock:
        for name in MANIFESTS:
            shutil.copy(SOURCES / name, folder)
        run(["npm", "ci", "--no-audit", "--no-fund"], folder)
        installed.write_text(lock)
    for name in SCRIPTS:
        shutil.copy(SOURCES / name, folder)
    return folder


def run(command: list[str], folder: Path, **variables: str) -> str:
    """Return what *command* prints; it has to succeed."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_sdk_gets_what_it_expects(
    project: Path, start_server: Callable[..., str], tmp_path: Path, script: str
) -> None:
    (tmp_path / "bucket").mkdir()
    url = start_server("--s3-dir", str(tmp_path))
    report = run(["node", "--test", "--test-reporter=tap", script], project, DYNEMU_URL=url)
    passed = re.search(r"^# pass (\d+)$", report, re.MULTILINE)
    written = len(re.findall(r'^test\("', (SOURCES / script).read_text(), re.MULTILINE))
    assert passed and int(passed[1]) == written > 0, report
