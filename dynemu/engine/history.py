"""Earlier states of a table: recorded while something asks for them, and read as of the number of a change.

While ``TableSchema.history`` is set, every change of an item records what its row was. The state as of number
N is that of the rows now, but for items with a recorded change numbered N or later: the first of those tells
their row. So a backup is a number, and nothing is copied until somebody restores it.

What is kept for how long is the business of ``retention``: ``pin`` keeps it, and the rows of a table that is
deleted meanwhile. See docs/adr/0008-history.md.
"""

from collections.abc import Generator
from typing import NamedTuple

from dynemu._core.keys import successor
from dynemu.engine.history_rows import (
    Cursor,
    decode_entry,
    decode_moment,
    entry_key,
    millisecond,
    moment_key,
)
from dynemu.engine.retention import find_retention
from dynemu.storage.base import View

Row = tuple[bytes, bytes]

PAGE_ROWS = 300
PAGE_BYTES = 256 * 1024
"""Rows and their bytes in one page: about 2 ms of work."""


class ItemChange(NamedTuple):
    """What became of one item between two numbers; a row is None where there was no item."""

    row_key: bytes
    time: float
    """Seconds since the epoch of the last change between them."""
    old_row: bytes | None
    new_row: bytes | None


def rows_at(view: View, table_id: int, number: int, start: bytes | None = None) -> Generator[Row, None, None]:
    """Iterate over (row key, row) as of *number* of all items that the table has or had, in key order.

    The row is empty for an item that did not exist then. *start* is the first row key to look at. The
    iterator is used up, or dropped, before the next commit.
    """
    first = table_id.to_bytes(4, "big") if start is None else start
    rows = view.scan(first, successor(table_id.to_bytes(4, "big")))
    cursor = Cursor(view, table_id, first, number)
    row = next(rows, None)
    while (row_key := cursor.row_key) is not None:
        while row is not None and row[0] < row_key:
            yield row
            row = next(rows, None)
        found = b""
        if row is not None and row[0] == row_key:
            found = row[1]
            row = next(rows, None)
        yield row_key, found if cursor.entry is None else cursor.entry.before
        cursor.advance()
    while row is not None:
        yield row
        row = next(rows, None)


def read_rows_at(
    view: View,
    table_id: int,
    number: int,
    start: bytes | None = None,
    limit: int = PAGE_ROWS,
    max_bytes: int = PAGE_BYTES,
) -> tuple[list[Row], bytes | None]:
    """Return (row key, row) of items as of *number* from row key *start* on, and where to go on.

    At most *limit* items are looked at, and none after the one with which their rows are longer than
    *max_bytes*; items that did not exist then count too, so that a page may be empty. None instead of a place
    to go on says that this was the last page.
    """
    page: list[Row] = []
    looked = size = 0
    rows = rows_at(view, table_id, number, start)
    try:
        for row_key, row in rows:
            looked += 1
            size += len(row)
            if row:
                page.append((row_key, row))
            if looked >= limit or size > max_bytes:
                # What is behind the row key may still be history of its item: see ``history_rows``.
                return page, successor(row_key)
    finally:
        rows.close()
    return page, None


def number_at(view: View, table_id: int, time: float) -> int:
    """Return the number from which on changes of the table are later than *time*.

    Only times since recovery was turned on, or since the oldest history that is kept for it, can be told:
    an earlier one counts as that. A time includes the changes in its millisecond.
    """
    retention = find_retention(view, table_id)
    oldest = 0 if retention is None or retention.recovery is None else retention.recovery.number
    start, end = moment_key(table_id, 0), moment_key(table_id, millisecond(time) + 1)
    for key, row in view.scan(start, end, True):
        return max(oldest, decode_moment(key, row)[1] + 1)
    return oldest


def changes_between(
    view: View, table_id: int, first: int, last: int, start: bytes | None = None, limit: int = PAGE_ROWS
) -> tuple[list[ItemChange], bytes | None]:
    """Return what became of items between the states as of *first* and *last*, and where to go on.

    Only items with a change numbered *first* or later, but before *last*, in the order of row keys from
    *start* on; both rows may be equal or None. At most *limit* items with history are looked at. None instead
    of a place to go on says that this was the last page.
    """
    page: list[ItemChange] = []
    cursor = Cursor(view, table_id, start or table_id.to_bytes(4, "big"), first)
    for _ in range(limit):
        row_key, entry = cursor.row_key, cursor.entry
        if row_key is None:
            return page, None
        if entry is not None and entry.number < last:
            time = _newest_between(view, row_key, first, last)
            page.append(ItemChange(row_key, time, entry.before or None, _row_at(view, row_key, last)))
        cursor.advance()
    return page, cursor.row_key


def _newest_between(view: View, row_key: bytes, first: int, last: int) -> float:
    """Return the time of the last change of an item, which has one between *first* and *last*."""
    rows = view.scan(entry_key(row_key, first), entry_key(row_key, last), True)
    return decode_entry(*next(rows)).time


def _row_at(view: View, row_key: bytes, number: int) -> bytes | None:
    """Return the row of one item as of *number*, or None."""
    for key, row in view.scan(entry_key(row_key, number), entry_key(row_key, (1 << 64) - 1)):
        return decode_entry(key, row).before or None
    return view.get(row_key)
