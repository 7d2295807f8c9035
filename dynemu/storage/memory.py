"""A store in memory, and its copies: snapshots there, checkpoints in a file."""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from struct import Struct
from typing import BinaryIO

from dynemu._core.blocks import SortedRows
from dynemu._core.rows import take_rows
from dynemu.storage.base import COUNTS, CommitRefused, StoreError, WriteSet
from dynemu.storage.counts import COUNTS_END, Counts, Totals
from dynemu.storage.failures import explain

Row = tuple[bytes, bytes]

_MAGIC = b"dynemu rows 1\n"
_LENGTHS = Struct(">II")
_END = _LENGTHS.pack(0, 0)
"""Ends a checkpoint: no key is empty."""
_MOST = b"\xff" * 8
"""More than any row key, and so than any row."""
_BUFFER_BYTES = 1 << 20
FREED_AT_ONCE = 64
"""What ``free`` does, in writes: 2,000 rows of a deleted table."""


class MemoryView:
    """The live state of the store: every commit shows at once."""

    __slots__ = ("catalogue_version", "get", "get_many", "scan", "totals", "values")

    def __init__(self, rows: SortedRows, counts: Counts) -> None:
        # PERF: a request calls these without a Python frame between.
        self.get: Callable[[bytes], bytes | None] = rows.get
        self.get_many: Callable[[list[bytes]], list[bytes | None]] = rows.get_many
        self.scan = rows.scan
        self.values = rows.values
        self.catalogue_version = 0
        self.totals = counts

    def read_rows(self, start: bytes, end: bytes, reverse: bool, limit: int, max_bytes: int) -> list[Row]:
        return take_rows(self.scan(start, end, reverse), limit, max_bytes)

    def counts(self, index_id: int) -> Totals:
        return self.totals.get(index_id)


class MemorySnapshot:
    """What a store held at one moment; taking one and going back to it take microseconds at any size."""

    __slots__ = ("counts", "rows")

    def __init__(self, rows: SortedRows, counts: Counts) -> None:
        self.rows = SortedRows()
        self.rows.take_over(rows)
        self.counts = counts
        """These are no more changed, by the store neither."""


class MemoryStore:
    """Rows in memory; *path* is a checkpoint to start from. Raises StoreError when that cannot be read."""

    needs_sync = False

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._rows = SortedRows()
        self._counts = Counts()
        self._shares_counts = False
        self._savepoints: list[MemorySnapshot] = []
        if path is not None:
            self._load(os.fspath(path))
        self._view = MemoryView(self._rows, self._counts)

    def view(self) -> MemoryView:
        return self._view

    def commit(self, writes: WriteSet) -> None:
        rows = self._rows
        if writes.expects and not rows.is_as_expected(writes.expects):
            raise CommitRefused
        if writes.counts or writes.ranges:
            if self._shares_counts:
                self._use_counts(self._counts.copy())
            if writes.ranges:
                self._counts.apply(self._counts.change(writes))
                for start, end in writes.ranges:
                    rows.delete_range(start, end)
            else:
                # PERF: half a microsecond less for each put.
                self._counts.add(writes.counts)
        rows.put_many(writes.puts)
        if writes.deletes:
            rows.delete_many(writes.deletes)
        if writes.catalogue_changed:
            self._view.catalogue_version += 1

    def was_committed(self, writes: WriteSet) -> bool:
        raise StoreError("A database in memory leaves the outcome of no write open.")

    def sync(self) -> None:
        pass

    def snapshot(self) -> MemorySnapshot:
        """Return what the store holds now; later commits do not change that."""
        self._shares_counts = True
        return MemorySnapshot(self._rows, self._counts)

    def restore(self, snapshot: MemorySnapshot) -> None:
        """Hold what *snapshot*, of this store or another one, holds; it can be restored any number of times.

        The view shows that from now on, as after a commit.
        """
        self._rows.take_over(snapshot.rows)
        self._use_counts(snapshot.counts)
        self._shares_counts = True
        self._view.catalogue_version += 1

    def savepoint(self) -> MemorySnapshot:
        self._savepoints.append(self.snapshot())
        return self._savepoints[-1]

    def rollback(self, savepoint: MemorySnapshot) -> None:
        del self._savepoints[self._savepoints.index(savepoint) + 1 :]
        self.restore(savepoint)

    def release(self, savepoint: MemorySnapshot) -> None:
        del self._savepoints[self._savepoints.index(savepoint) :]

    def load(self, rows: Iterable[Row]) -> None:
        """Add *rows*, which are in the order of their keys; this store is empty."""
        for key, row in rows:
            if COUNTS <= key < COUNTS_END:
                self._counts.load([(key, row)])
            else:
                self._rows.put(key, row)

    def dump(self) -> Iterator[Row]:
        """Give all rows, those of the counts too; nothing is committed meanwhile."""
        return chain(self._counts.rows(), self._rows.scan(b"", _MOST))

    def shared_blocks(self, snapshot: MemorySnapshot) -> tuple[int, int]:
        """Return how many of its blocks *snapshot* shares with this store, and how many it has."""
        return snapshot.rows.shared_blocks(self._rows)

    def unlike_ranges(self, other: "MemoryStore", start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Give the parts of ``start <= key < end`` in which *other* may differ: all but the shared blocks."""
        for first, last in self._rows.shared_spans(other._rows):
            if first >= end:
                break
            if start < first:
                yield start, first
            start = max(start, last + b"\0")
        if start < end:
            yield start, end

    def free(self) -> bool:
        return self._rows.free(FREED_AT_ONCE)

    def write(self, file: BinaryIO) -> None:
        """Write all rows to *file*, as ``read`` takes them."""
        file.write(_MAGIC)
        for key, row in self.dump():
            file.write(_LENGTHS.pack(len(key), len(row)) + key + row)
        file.write(_END)

    def read(self, file: BinaryIO) -> None:
        """Add the rows that another store wrote to *file*; this one is empty. Raises ValueError."""
        self.load(_read(file))

    def size(self) -> int:
        """Return how many bytes the items and index rows have together."""
        return self._counts.size()

    def checkpoint(self, path: str) -> None:
        try:
            os.makedirs(path)
            with open(_file(path), "xb", _BUFFER_BYTES) as file:
                self.write(file)
        except OSError as error:
            raise explain(f"The copy {path}", error) from error

    def leave_to(self, heir: SortedRows) -> None:
        """Forget everything, as ``close`` does, but let *heir* free it in parts."""
        for savepoint in self._savepoints:
            heir.inherit(savepoint.rows)
        self._savepoints.clear()
        heir.inherit(self._rows)

    def close(self) -> None:
        """Forget everything."""
        self._savepoints.clear()
        self._rows.clear()

    def _use_counts(self, counts: Counts) -> None:
        self._counts = self._view.totals = counts
        self._shares_counts = False

    def _load(self, path: str) -> None:
        try:
            with open(_file(path), "rb", _BUFFER_BYTES) as file:
                self.read(file)
        except OSError as error:
            raise StoreError(f"The copy {path} cannot be read: {error}.") from error
        except ValueError as error:
            raise StoreError(f"The copy {path} is damaged or was not written by dynemu.") from error


def _file(path: str) -> str:
    return os.path.join(path, "rows")


def _read(file: BinaryIO) -> Iterator[Row]:
    """Give the rows of a checkpoint. Raises ValueError when something else is in the file."""
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError
    while (lengths := file.read(_LENGTHS.size)) != _END:
        if len(lengths) < _LENGTHS.size:
            raise ValueError
        key_size, row_size = _LENGTHS.unpack(lengths)
        data = file.read(key_size + row_size)
        if len(data) < key_size + row_size:
            raise ValueError
        yield data[:key_size], data[key_size:]
    if file.read(1):
        raise ValueError
