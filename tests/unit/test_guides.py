"""The examples of the guides, run as they stand there: each guide is one session."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTS = re.compile(r"^ *print\(.*\)  # (.*)$", re.MULTILINE)


@pytest.mark.parametrize("guide", ["faults", "consistency"])
def test_a_guide_prints_what_it_says(guide: str) -> None:
    session = "\n".join(BLOCK.findall((DOCS / f"{guide}.md").read_text()))
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile(session, f"{guide}.md", "exec"), {"__name__": guide})
    assert printed.getvalue().splitlines() == PRINTS.findall(session) != []
