"""How history is kept in rows; what it means is told in ``history``.

    HISTORY | table id (4 bytes) | the base row's key without its id | number of the change (8 bytes)
        -> time (8 bytes, float, seconds since the epoch) | the row before the change, nothing for no item
    HISTORY | 0 (4 bytes) | table id (4 bytes) | millisecond (8 bytes)
        -> number of the last change of the table in it (8 bytes)

No row key begins another one: the changes of an item lie together, in their order, and items in theirs.
"""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from dynemu._core.keys import successor
from dynemu.storage.base import HISTORY, View, WriteSet

_MOMENTS = HISTORY + bytes(4)
_TIME = Struct(">d")
_TIME_BYTES = 8
_NUMBER_BYTES = 8
_BYTES_ID = 1 << 31
_PATIENCE = 16
"""Entries of one item that are walked over before the rest is jumped over: a jump costs as much as some."""


class Entry(NamedTuple):
    """One recorded change: what the row at *row_key* was before it (empty: there was none)."""

    row_key: bytes
    number: int
    time: float
    before: bytes


def entry_row(row_key: bytes, number: int, time: float, before: bytes | None) -> tuple[bytes, bytes]:
    """Return the row of a change numbered *number*."""
    return HISTORY + row_key + number.to_bytes(_NUMBER_BYTES, "big"), _TIME.pack(time) + (before or b"")


def entry_key(row_key: bytes, number: int) -> bytes:
    """Return the key of the row of a change numbered *number*."""
    return HISTORY + row_key + number.to_bytes(_NUMBER_BYTES, "big")


def decode_entry(key: bytes, row: bytes) -> Entry:
    """Return what a history row tells."""
    number = int.from_bytes(key[-_NUMBER_BYTES:], "big")
    return Entry(key[4:-_NUMBER_BYTES], number, _TIME.unpack_from(row)[0], row[_TIME_BYTES:])


def entry_end(table_id: int) -> bytes:
    """Return the first key after the history of a table."""
    return successor(HISTORY + table_id.to_bytes(4, "big"))


def moment_key(table_id: int, millisecond: int) -> bytes:
    """Return the key of the row that tells the last change in *millisecond*."""
    return _MOMENTS + table_id.to_bytes(4, "big") + max(millisecond, 0).to_bytes(8, "big")


def moment_row(table_id: int, time: float, number: int) -> tuple[bytes, bytes]:
    """Return the row that says that *number* is the last change in the millisecond of *time*."""
    return moment_key(table_id, millisecond(time)), number.to_bytes(_NUMBER_BYTES, "big")


def decode_moment(key: bytes, row: bytes) -> tuple[int, int]:
    """Return the millisecond and the number in a row of ``moment_row``."""
    return int.from_bytes(key[-8:], "big"), int.from_bytes(row, "big")


def millisecond(time: float) -> int:
    """Return the millisecond of *time*; a time that was rounded to one stays in it."""
    return int(time * 1000 + 1e-3)


def bytes_id(table_id: int) -> int:
    """Return the id under which the bytes of a table's history are counted."""
    return table_id | _BYTES_ID


def history_bytes(view: View, table_id: int) -> int:
    """Return the bytes of a table's history, keys and all."""
    return view.counts(bytes_id(table_id))[1]


def drop_history(writes: WriteSet, table_id: int) -> None:
    """Add to *writes* that all history of the table goes."""
    number = table_id.to_bytes(4, "big")
    counted = bytes_id(table_id).to_bytes(4, "big")
    for prefix in (HISTORY + number, _MOMENTS + number, counted):
        writes.ranges.append((prefix, successor(prefix)))


class Cursor:
    """Walks the history of one table in the order of row keys, for the state as of one number.

    ``entry`` is the first change with that number or a later one of the item that the cursor is at; None
    at the end.
    """

    __slots__ = ("_end", "_number", "_rows", "_view", "entry")

    def __init__(self, view: View, table_id: int, start: bytes, number: int) -> None:
        self._view = view
        self._number = number
        self._end = entry_end(table_id)
        self._rows = self._scan(HISTORY + start)
        self.entry: Entry | None = None
        self._find(None)

    def advance(self) -> None:
        """Go on to the next item."""
        self._find(None if self.entry is None else self.entry.row_key)

    def close(self) -> None:
        """Let the store's iterator go."""
        self._rows = iter(())

    def _scan(self, start: bytes) -> Iterator[tuple[bytes, bytes]]:
        return self._view.scan(start, self._end)

    def _find(self, done: bytes | None) -> None:
        """Find the next entry, of another item than *done*."""
        self.entry = None
        steps = 0
        current: bytes | None = done
        while (found := next(self._rows, None)) is not None:
            key, row = found
            row_key = key[4:-_NUMBER_BYTES]
            if row_key != current:
                current, steps = row_key, 0
            steps += 1
            if row_key != done and int.from_bytes(key[-_NUMBER_BYTES:], "big") >= self._number:
                self.entry = decode_entry(key, row)
                return
            if steps == _PATIENCE:
                past = row_key == done
                self._rows = self._scan(
                    successor(HISTORY + row_key) if past else entry_key(row_key, self._number)
                )
