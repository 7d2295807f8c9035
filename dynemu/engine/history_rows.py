"""How history is kept in rows; what it means is told in ``history``.

    HISTORY | table id (4 bytes) | the base row's key without its id | number of the change (8 bytes)
        -> time (8 bytes, float, seconds since the epoch) | the row before the change, nothing for no item
    HISTORY | 0 (4 bytes) | table id (4 bytes) | millisecond (8 bytes)
        -> number of the last change of the table in it (8 bytes)

``changes`` writes them. No row key begins another one: the changes of an item lie together, in their order,
and items in theirs.
"""

from struct import Struct
from typing import NamedTuple

from dynemu._core.keys import successor
from dynemu.storage.base import HISTORY, View, WriteSet

MOMENTS = HISTORY + bytes(4)
_TIME = Struct(">d")
_pack_moment = Struct(">8sIQ").pack
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
    return _pack_moment(MOMENTS, table_id, millisecond if millisecond > 0 else 0)


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
    for prefix in (HISTORY + number, MOMENTS + number, counted):
        writes.ranges.append((prefix, successor(prefix)))


class Cursor:
    """Walks the history of one table, item by item in the order of row keys, for the state as of a number.

    ``row_key`` is that of the item that the cursor is at, None at the end; ``entry`` its first change with
    that number or a later one, None when it has none. It looks no further than the item and one row.
    """

    __slots__ = ("_end", "_head", "_number", "_rows", "_view", "entry", "row_key")

    def __init__(self, view: View, table_id: int, start: bytes, number: int) -> None:
        self._view = view
        self._number = number
        self._end = entry_end(table_id)
        self._head = self._jump(HISTORY + start)
        self.row_key: bytes | None = None
        self.entry: Entry | None = None
        self.advance()

    def advance(self) -> None:
        """Go on to the next item."""
        self.row_key = self.entry = None
        steps = 0
        while self._head is not None:
            key, row = self._head
            row_key = key[4:-_NUMBER_BYTES]
            if self.row_key is None:
                self.row_key = row_key
            elif row_key != self.row_key:
                return
            if self.entry is None and int.from_bytes(key[-_NUMBER_BYTES:], "big") >= self._number:
                self.entry = decode_entry(key, row)
            steps += 1
            if steps % _PATIENCE:
                self._head = next(self._rows, None)
            elif self.entry is None:
                self._head = self._jump(entry_key(row_key, self._number))
            else:
                self._head = self._jump(successor(HISTORY + row_key))

    def _jump(self, start: bytes) -> tuple[bytes, bytes] | None:
        self._rows = self._view.scan(start, self._end)
        return next(self._rows, None)
