"""The data of this package as ``dynemu capabilities`` prints it."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from dynemu.capabilities.differences import DIFFERENCES
from dynemu.capabilities.disagreements import DISAGREEMENTS
from dynemu.capabilities.errors import ERRORS
from dynemu.capabilities.operations import CAPABILITIES


def as_json(version: str) -> dict[str, Any]:
    """Return all of it: ``{"operations": [{"operation": …, "state": …, "note": …}], …}``."""
    return {
        "version": version,
        "operations": [entry._asdict() for entry in CAPABILITIES],
        "differences": [entry._asdict() for entry in DIFFERENCES],
        "disagreements": [entry._asdict() for entry in DISAGREEMENTS],
        "errors": [{"error": name, "when": when} for name, when in ERRORS.items()],
    }


def as_text(width: int | None = None) -> str:
    """Return operations and differences as tables of plain text.

    *width* is that of the terminal; None leaves every entry in one line.
    """
    operations = [("OPERATION", "STATE", "NOTE"), *CAPABILITIES]
    known = [(entry.id, entry.kind, plain(entry.text)) for entry in DIFFERENCES]
    differences = [("DIFFERENCE", "KIND", "WHAT"), *known]
    return "\n".join((*table_lines(operations, width), "", *table_lines(differences, width)))


def plain(text: str) -> str:
    """Return *text* without its Markdown."""
    return re.sub(r"\*\*|`", "", text)


def table_lines(rows: Sequence[tuple[str, str, str]], width: int | None) -> Iterator[str]:
    """Yield *rows* under each other, the last column wrapped to *width*."""
    first, second = (max(len(row[column]) for row in rows) + 2 for column in (0, 1))
    room = None if width is None else max(width - first - second, 20)
    for name, kind, text in rows:
        parts = [text] if room is None else textwrap.wrap(text, room)
        yield f"{name:{first}}{kind:{second}}{parts[0] if parts else ''}".rstrip()
        yield from (" " * (first + second) + part for part in parts[1:])
