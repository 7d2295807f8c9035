"""Takes the literals out of the text of a statement, so that statements that differ in them share one plan.

PERF: parsing costs two hundred times what a look-up does, and applications that write values into their
statements hardly ever send the same one twice.
"""

import re
from typing import Any

Slots = tuple[dict[str, Any] | None, ...]
"""For each parameter of the lifted text the value that stood there, None for a parameter of the request."""

_TOKEN = re.compile(
    r"(?P<space>\s+|--[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)"
    r"|(?P<string>'[^']*(?:''[^']*)*'(?!'))"
    r'|(?P<name>"[^"]*(?:""[^"]*)*"(?!")|[A-Za-z_$][A-Za-z0-9_$]*)'
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<parameter>\?)"
    r"|(?P<bag><<|>>)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_COLON = re.compile(r"\s*:")
_KEEP_NUMBER = frozenset("[-")
"""Before a number: it may be the index of a path, or a part of a negative number or of a difference."""


def lift(text: str) -> tuple[str, Slots] | None:
    """Return *text* with parameters for its strings and numbers, and what they were; None for no change.

    Keys of maps, list indexes, signed numbers and what is in a bag stay. A text that is no statement may
    come back as another one that is none.
    """
    parts: list[str] = []
    slots: list[dict[str, Any] | None] = []
    taken = 0
    before = ""
    bags = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "space":
            continue
        if kind == "parameter":
            slots.append(None)
        elif kind == "bag":
            bags += 1 if match[0] == "<<" else -1
        elif bags > 0:
            continue
        elif kind == "string" and not _COLON.match(text, match.end()):
            slots.append({"S": match[0][1:-1].replace("''", "'")})
            parts += (text[taken : match.start()], "?")
            taken = match.end()
        elif kind == "number" and before not in _KEEP_NUMBER:
            slots.append({"N": match[0]})
            parts += (text[taken : match.start()], "?")
            taken = match.end()
        before = match[0]
    return ("".join((*parts, text[taken:])), tuple(slots)) if parts else None
