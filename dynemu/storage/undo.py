"""Going back to a savepoint of a RocksDB store: which rows have changed since, and what they were before."""

from typing import Any

from dynemu.storage.base import View, WriteSet
from dynemu.storage.counts import Counts


class Savepoint:
    """A moment of the store, and the keys of the rows that have changed since."""

    __slots__ = ("_keys", "_snapshot", "counts")

    def __init__(self, snapshot: Any, counts: Counts) -> None:
        self._snapshot = snapshot
        """RocksDB's own: it costs 10 microseconds, and keeps the older versions of rows alive."""
        self._keys: set[bytes] = set()
        self.counts = counts

    def note(self, view: View, writes: WriteSet) -> None:
        """Note what is about to be committed; *view* shows the store before it."""
        self._keys.update([key for key, _ in writes.puts])
        self._keys.update(writes.deletes)
        # NOTE: rocksdict 0.3.29 iterates over the live rows, not over those of the snapshot, so that a range
        # has to be read before it goes.
        for start, end in writes.ranges:
            self._keys.update([key for key, _ in view.scan(start, end)])

    def join(self, later: "Savepoint") -> None:
        """Take over what has changed since a savepoint that was set after this one."""
        self._keys |= later._keys

    def undo(self, batch: Any) -> None:
        """Add to the WriteBatch *batch* what puts everything back; call ``clear`` when it is written."""
        for key in self._keys:
            row = self._find(key)
            if row is None:
                del batch[key]
            else:
                batch[key] = row

    def clear(self) -> None:
        """Note that nothing has changed since the savepoint."""
        self._keys.clear()

    def _find(self, key: bytes) -> bytes | None:
        try:
            row: bytes = self._snapshot[key]
        except Exception as error:  # rocksdict knows no KeyError here
            if str(error) != "key not found":
                raise
            return None
        return row
