"""What a check of a database finds, and the walks through its rows. See ``checking``."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from dynemu.engine.jobs import FILLING
from dynemu.storage.base import View

PAGE_ROWS = 1000
PAGE_BYTES = 1 << 20

Row = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it follows from the items."""

    table: str
    """Its name, empty for what belongs to no table."""
    what: str
    """Such as ``row of index by-name``, ``items counted`` or ``expiry``."""
    key: Any
    """The key of the item or row: key attributes on the wire, or hexadecimal digits; None: no single one."""
    expected: Any
    """None: nothing should be there."""
    found: Any

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object with a member for each field."""
        return asdict(self)

    def __str__(self) -> str:
        place = "" if self.key is None else f" at {self.key}"
        subject = f"table {self.table}: {self.what}" if self.table else self.what
        return f"{subject}{place}: expected {_shown(self.expected)}, found {_shown(self.found)}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)


def pages(view: View, start: bytes, end: bytes) -> Iterator[list[Row]]:
    """Give the rows from *start* to *end* in pages."""
    while page := view.read_rows(start, end, False, PAGE_ROWS, PAGE_BYTES):
        yield page
        start = page[-1][0] + b"\x00"


def rows_between(view: View, start: bytes, end: bytes) -> Iterator[Row]:
    """Give the rows from *start* to *end*, of which a page is held at a time."""
    for page in pages(view, start, end):
        yield from page


def filled_to(view: View, index_id: int) -> bytes | None:
    """Return the first base row that filling an index or queue has not come to; None: it has come to all."""
    state = view.get(FILLING + index_id.to_bytes(4, "big"))
    return None if state is None else state.partition(b"\x00")[2]
