"""What is wrong with the text of a statement, and where."""

from collections.abc import Iterable

_FRIENDLY = {
    "$end": "the end of the statement",
    "CLOSE_BAG": "'>>'",
    "COMPARE": "a comparison",
    "NAME": "a name",
    "NUMBER": "a number",
    "OPEN_BAG": "'<<'",
    "PARAMETER": "'?'",
    "QUOTED": "a name",
    "STRING": "a string",
}
_SHOWN = 4
_VALUES = frozenset(("NAME", "NUMBER", "STRING", "PARAMETER"))
"""Where all of these may stand, so may an expression."""


class ParseError(ValueError):
    """A text that is no statement of the dialect.

    *position* is an offset in characters, *line* and *column* count from 1. *found* is the offending text,
    None at the end of the statement. *expected* says what would have been right there.
    """

    def __init__(self, text: str, position: int, found: str | None, expected: str) -> None:
        self.position = position
        self.line = text.count("\n", 0, position) + 1
        self.column = position - (text.rfind("\n", 0, position) + 1) + 1
        self.found = found
        self.expected = expected
        shown = "the end of the statement" if found is None else repr(found)
        super().__init__(f"{expected} expected at {self.line}:{self.column}, not {shown}")


def in_words(tokens: Iterable[str]) -> str:
    """Return in words that one of *tokens*, types of the lexer, could stand somewhere."""
    types = frozenset(tokens) - {"WORD"}
    if types >= _VALUES:
        return "a statement" if "SELECT" in types else "an expression"
    shown = sorted({_FRIENDLY.get(name, name if name.isalpha() else f"'{name}'") for name in types})
    return " or ".join(shown) if len(shown) <= _SHOWN else "something else"
