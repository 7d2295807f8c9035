"""What is wrong with the text of a statement, and where."""


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
