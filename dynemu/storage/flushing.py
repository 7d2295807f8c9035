"""Decides when RocksDB's write buffer goes to a file before it is full."""

from dynemu.storage.base import WriteSet
from dynemu.storage.counts import Counts

STALE_ROWS = 16_384
RANGES = 64


class FlushPolicy:
    """Counts what makes reading from the write buffer slow; docs/adr/0004-storage.md has the numbers.

    The buffer keeps every version of a row, and a scan walks past those that were replaced. The first read
    after a range deletion sorts all range deletions in it.
    """

    __slots__ = ("_counts", "_items", "_limit", "_ranges", "_written")

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self.restart()

    def restart(self) -> None:
        """Start anew with an empty buffer."""
        self._items = self._counts.items()
        self._written = 0
        self._ranges = 0
        self._limit = STALE_ROWS + self._items

    def add(self, writes: WriteSet) -> bool:
        """Take note of *writes*, which were committed; return whether to flush now."""
        self._written += len(writes.puts) + len(writes.deletes)
        if writes.ranges:
            self._ranges += len(writes.ranges)
            if self._ranges >= RANGES:
                return True
        return self._written >= self._limit and self._is_stale()

    def _is_stale(self) -> bool:
        items = self._counts.items()
        # Rows that were written but did not add to the items have replaced or deleted others. As many of
        # them as there are items make two versions of each, which does no harm yet.
        missing = STALE_ROWS + items - (self._written - (items - self._items))
        self._limit = self._written + max(missing, 1)
        return missing <= 0
