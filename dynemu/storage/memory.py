"""A store in Python objects, without RocksDB: for tests, and for platforms where rocksdict is missing."""

import os
from bisect import bisect_left, insort
from collections.abc import Iterator
from struct import Struct

from dynemu._core.rows import take_rows
from dynemu.storage.base import COUNTS, CommitRefused, StoreError, WriteSet
from dynemu.storage.counts import COUNTS_END, Counts, Totals

Row = tuple[bytes, bytes]

_MAGIC = b"dynemu rows 1\n"
_LENGTHS = Struct(">II")
_BLOCK_KEYS = 512


class SortedKeys:
    """Distinct keys in order, in blocks of at most 1,024, so that adding or removing one moves few others."""

    def __init__(self, keys: list[bytes]) -> None:
        keys = sorted(keys)
        self._blocks = [keys[at : at + _BLOCK_KEYS] for at in range(0, len(keys), _BLOCK_KEYS)] or [[]]
        self._last = [block[-1] for block in self._blocks[:-1]]
        """The last key that belongs into each block but the last one, which takes all that follow."""

    def add(self, key: bytes) -> None:
        """Add *key*, which must be new."""
        at = bisect_left(self._last, key)
        block = self._blocks[at]
        insort(block, key)
        if len(block) > 2 * _BLOCK_KEYS:
            self._blocks[at : at + 1] = [block[:_BLOCK_KEYS], block[_BLOCK_KEYS:]]
            self._last.insert(at, block[_BLOCK_KEYS - 1])

    def remove(self, key: bytes) -> None:
        """Remove *key*, which must be there."""
        at = bisect_left(self._last, key)
        block = self._blocks[at]
        del block[bisect_left(block, key)]
        if not block and at < len(self._last):
            del self._blocks[at], self._last[at]

    def clear(self) -> None:
        """Remove all keys."""
        self._blocks[:] = [[]]
        self._last.clear()

    def between(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[bytes]:
        """Iterate over ``start <= key < end``, or backwards."""
        first, last = bisect_left(self._last, start), bisect_left(self._last, end)
        for at in range(last, first - 1, -1) if reverse else range(first, last + 1):
            block = self._blocks[at]
            low = bisect_left(block, start) if at == first else 0
            high = bisect_left(block, end) if at == last else len(block)
            keys = block[low:high]
            yield from reversed(keys) if reverse else keys


class MemoryView:
    """The live state of the store."""

    def __init__(self, rows: dict[bytes, bytes], keys: SortedKeys, counts: Counts) -> None:
        self.get = rows.get
        self.catalogue_version = 0
        self._rows = rows
        self._keys = keys
        self._counts = counts

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        return list(map(self.get, keys))

    def scan(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[Row]:
        rows = self._rows
        return ((key, rows[key]) for key in self._keys.between(start, end, reverse))

    def values(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[bytes]:
        return map(self._rows.__getitem__, self._keys.between(start, end, reverse))

    def read_rows(self, start: bytes, end: bytes, reverse: bool, limit: int, max_bytes: int) -> list[Row]:
        return take_rows(self.scan(start, end, reverse), limit, max_bytes)

    def counts(self, index_id: int) -> Totals:
        return self._counts.get(index_id)


class MemoryStore:
    """Rows in memory; *path* is a checkpoint to start from. Raises StoreError when that cannot be read."""

    needs_sync = False

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        rows = {} if path is None else _load(os.fspath(path))
        keys = [key for key in rows if not COUNTS <= key < COUNTS_END]
        self._counts = Counts()
        self._counts.load((key, rows.pop(key)) for key in list(rows) if COUNTS <= key < COUNTS_END)
        self._rows = rows
        self._keys = SortedKeys(keys)
        self._view = MemoryView(self._rows, self._keys, self._counts)

    def view(self) -> MemoryView:
        return self._view

    def commit(self, writes: WriteSet) -> None:
        get = self._rows.get
        if any(get(key) != row for key, row in writes.expects):
            raise CommitRefused
        changed = self._counts.change(writes)
        for start, end in writes.ranges:
            for key in list(self._keys.between(start, end)):
                self._delete(key)
        for key, row in writes.puts:
            if key not in self._rows:
                self._keys.add(key)
            self._rows[key] = row
        for key in writes.deletes:
            if key in self._rows:
                self._delete(key)
        self._counts.apply(changed)
        if writes.catalogue_changed:
            self._view.catalogue_version += 1

    def was_committed(self, writes: WriteSet) -> bool:
        raise StoreError("A database in memory leaves the outcome of no write open.")

    def sync(self) -> None:
        pass

    def checkpoint(self, path: str) -> None:
        try:
            os.makedirs(path)
            with open(_file(path), "xb") as file:
                file.write(_MAGIC)
                for key, row in [*self._counts.rows(), *self._rows.items()]:
                    file.write(_LENGTHS.pack(len(key), len(row)) + key + row)
        except OSError as error:
            raise StoreError(f"The copy {path} cannot be written: {error}.") from error

    def close(self) -> None:
        """Forget everything."""
        self._rows.clear()
        self._keys.clear()

    def _delete(self, key: bytes) -> None:
        del self._rows[key]
        self._keys.remove(key)


def _file(path: str) -> str:
    return os.path.join(path, "rows")


def _load(path: str) -> dict[bytes, bytes]:
    try:
        with open(_file(path), "rb") as file:
            data = file.read()
    except OSError as error:
        raise StoreError(f"The copy {path} cannot be read: {error}.") from error
    rows: dict[bytes, bytes] = {}
    at = len(_MAGIC)
    while at < len(data):
        head = data[at : at + _LENGTHS.size]
        if len(head) < _LENGTHS.size:
            break
        key_size, row_size = _LENGTHS.unpack(head)
        at += _LENGTHS.size + key_size + row_size
        rows[data[at - row_size - key_size : at - row_size]] = data[at - row_size : at]
    if not data.startswith(_MAGIC) or at != len(data):
        raise StoreError(f"The copy {path} is damaged or was not written by dynemu.")
    return rows
