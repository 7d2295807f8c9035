"""The projects of docs/testing.md pass as they stand there, and the guide names what there is."""

import re
from pathlib import Path

import pytest

from dynemu import pytest_plugin
from tests.plugin.projects import ROOT, run_pytest

GUIDE = (ROOT / "docs" / "testing.md").read_text()
SECTIONS = {
    title: body
    for title, body in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    if "```python" in body
}


@pytest.mark.parametrize("title", SECTIONS)
def test_a_project_passes(tmp_path: Path, title: str) -> None:
    blocks = re.findall(r"^```python\n# (\w+)\.py\n(.*?)^```$", SECTIONS[title], re.MULTILINE | re.DOTALL)
    assert len(blocks) == SECTIONS[title].count("```python")
    run = run_pytest(tmp_path, **dict(blocks))
    written = sum(len(re.findall(r"^ *def test_", text, re.MULTILINE)) for _, text in blocks)
    assert run.counts == {"passed": written}, run.output


def test_fixtures_and_options_are_documented() -> None:
    plugin = Path(pytest_plugin.__file__).read_text()
    fixtures = re.findall(r"^@pytest\.fixture.*\ndef ([a-z]\w+)", plugin, re.MULTILINE)
    options = re.findall(r'"(--dynemu-\w+)"', plugin)
    assert len(fixtures) == 7
    assert len(options) >= 2
    for name in (*fixtures, "async_dynamodb_client", *options):
        assert name in GUIDE, name
