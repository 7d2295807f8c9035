"""The last requests of a database, for the reports of tests that fail."""

from collections import deque
from typing import Any

import orjson

from dynemu.hooks import OperationContext, hookimpl

KEPT = 20
_LONGEST = 300


class Recorder:
    """A plugin that remembers the last *kept* requests and what became of them."""

    def __init__(self, kept: int = KEPT) -> None:
        self._last: deque[tuple[str, list[str], dict[str, Any], str]] = deque(maxlen=kept)
        self.seen = 0
        """Requests since the last ``clear``."""

    @hookimpl(trylast=True)
    def after_operation(self, context: OperationContext) -> None:
        error = context.error
        outcome = "OK" if error is None else f"{error.code}: {error.message}"
        self._last.append((context.operation, context.tables, context.request, outcome))
        self.seen += 1

    def clear(self) -> None:
        """Forget them."""
        self._last.clear()
        self.seen = 0

    def lines(self) -> list[str]:
        """Return one line for each request, the oldest first."""
        lines = [
            f"{operation} {', '.join(tables) or '-'} {shorten(request)} -> {outcome}"
            for operation, tables, request, outcome in self._last
        ]
        if self.seen > len(lines):
            lines.insert(0, f"({self.seen - len(lines)} requests before these)")
        return lines


def shorten(request: dict[str, Any]) -> str:
    """Return *request* as JSON without its table, cut where it gets long."""
    rest = {name: value for name, value in request.items() if name != "TableName"}
    text = orjson.dumps(rest, default=str).decode()
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
