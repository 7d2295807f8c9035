"""Write the tables of ``docs/compatibility.md`` from the data in ``dynemu/capabilities``.

    python -m tools.write_compatibility [--check]

What is between ``<!-- begin NAME -->`` and ``<!-- end NAME -->`` is replaced; the rest is written by hand.
With ``--check`` nothing is written, and the exit code is 1 when the page is not up to date.
"""

import re
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

from dynemu.capabilities.differences import DIFFERENCES, KINDS
from dynemu.capabilities.disagreements import DISAGREEMENTS
from dynemu.capabilities.errors import ERRORS
from dynemu.capabilities.operations import CAPABILITIES

PAGE = Path(__file__).parents[1] / "docs" / "compatibility.md"
WIDTH = 120
BLOCK = re.compile(r"(<!-- begin ([a-z ]+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def bullet(text: str) -> str:
    """Return *text* as an item of a list."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent="- ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def blocks() -> dict[str, str]:
    """Return the text of every block by its name."""
    found = {
        "operations": table(("operation", "state", "note"), CAPABILITIES),
        "disagreements": table(("about", "sources", "dynemu"), (entry[1:] for entry in DISAGREEMENTS)),
        "errors": table(("error", "when"), ((f"`{name}`", when) for name, when in ERRORS.items())),
    }
    for kind in KINDS:
        texts = [bullet(entry.text) for entry in DIFFERENCES if entry.kind == kind]
        found[f"differences {kind}"] = "\n".join((*texts, ""))
    return found


def renewed(page: str) -> str:
    """Return *page* with its blocks as they should be. Raises KeyError for one that is not known."""
    texts = blocks()
    return BLOCK.sub(lambda match: f"{match[1]}{texts[match[2]]}{match[3]}", page)


def main() -> int:
    page = PAGE.read_text()
    text = renewed(page)
    if "--check" in sys.argv[1:]:
        if text != page:
            print(f"{PAGE.name} is not up to date: make docs", file=sys.stderr)
        return int(text != page)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
