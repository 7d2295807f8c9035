"""Items and bytes per table and index: absolute numbers in memory, rows under COUNTS in the store."""

from collections.abc import Iterable
from struct import Struct

from dynemu.storage.base import COUNTS, WriteSet

COUNTS_END = (int.from_bytes(COUNTS, "big") + 1).to_bytes(4, "big")
Totals = tuple[int, int]
_ROW = Struct(">qq")
_ZERO = (0, 0)


class Counts:
    """The counts of one store."""

    __slots__ = ("_totals",)

    def __init__(self) -> None:
        self._totals: dict[int, Totals] = {}

    def load(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Add the counts that *rows* hold."""
        for key, row in rows:
            items, size = _ROW.unpack(row)
            self._totals[int.from_bytes(key[4:], "big")] = (items, size)

    def get(self, index_id: int) -> Totals:
        """Return (items, bytes); zeros for an unknown id."""
        return self._totals.get(index_id, _ZERO)

    def size(self) -> int:
        """Return the bytes of all items and index entries."""
        return sum(size for _, size in self._totals.values())

    def items(self) -> int:
        """Return the number of rows in all tables and indexes."""
        return sum(items for items, _ in self._totals.values())

    def change(self, writes: WriteSet) -> dict[int, Totals | None]:
        """Return what *writes* makes of the counts that it changes; None for an id whose rows all go."""
        totals = self._totals
        changed: dict[int, Totals | None] = {}
        for start, end in writes.ranges:
            for index_id in self._covered(start, end):
                changed[index_id] = None
        for index_id, (items, size) in writes.counts.items():
            if items or size:
                old = (changed if index_id in changed else totals).get(index_id) or _ZERO
                changed[index_id] = (old[0] + items, old[1] + size)
        return changed

    def apply(self, changed: dict[int, Totals | None]) -> None:
        """Take over what ``change`` returned, after it has been written."""
        for index_id, total in changed.items():
            if total is None:
                self._totals.pop(index_id, None)
            else:
                self._totals[index_id] = total

    def add(self, changes: dict[int, list[int]]) -> None:
        """Add [items, bytes] by id, at once: what ``change`` and ``apply`` do when no range is deleted."""
        totals = self._totals
        for index_id, (items, size) in changes.items():
            if items or size:
                old = totals.get(index_id, _ZERO)
                totals[index_id] = (old[0] + items, old[1] + size)

    def copy(self) -> "Counts":
        """Return the same counts, which may change without these."""
        copy = Counts()
        copy._totals = self._totals.copy()
        return copy

    def take_over(self, other: "Counts") -> None:
        """Hold what *other* holds."""
        self._totals = other._totals.copy()

    def rows(self) -> list[tuple[bytes, bytes]]:
        """Return the rows of all counts."""
        return [(counts_key(index_id), encode_total(total)) for index_id, total in self._totals.items()]

    def _covered(self, start: bytes, end: bytes) -> list[int]:
        first = int.from_bytes(start[:4].ljust(4, b"\0"), "big") + (len(start) > 4)
        last = int.from_bytes(end[:4].ljust(4, b"\0"), "big")
        return [index_id for index_id in self._totals if first <= index_id < last]


def counts_key(index_id: int) -> bytes:
    """Return the row key of an id's counts."""
    return COUNTS + index_id.to_bytes(4, "big")


def encode_total(total: Totals) -> bytes:
    """Return (items, bytes) as a row."""
    return _ROW.pack(*total)
