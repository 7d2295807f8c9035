"""The example project passes as its README runs it."""

import shutil
from pathlib import Path

import pytest

from tests.plugin.projects import ROOT, run_pytest

TESTS = 9


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [((), TESTS), (("-n", "2"), TESTS), (("-k", "not conflict", "--dynemu-mode=server"), TESTS - 1)],
    ids=["plain", "two workers", "server"],
)
def test_the_shop_passes(tmp_path: Path, arguments: tuple[str, ...], passed: int) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(ROOT / "examples" / "shop", folder)
    run = run_pytest(folder, *arguments)
    assert run.counts.get("passed") == passed, run.output
    assert not {"failed", "error", "errors", "warnings"} & set(run.counts), run.output
