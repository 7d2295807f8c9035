"""A store in a RocksDB directory."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice, takewhile
from operator import itemgetter
from typing import Any, cast

from rocksdict import (
    Checkpoint,
    Rdict,
    ReadOptions,
    WriteBatch,
    WriteOptions,
)

from dynemu._core.rows import take_rows
from dynemu.storage.base import COUNTS, StoreError, WriteSet
from dynemu.storage.counts import COUNTS_END, Counts, Totals, counts_key, encode_total
from dynemu.storage.failures import explain, removed
from dynemu.storage.flushing import FlushPolicy
from dynemu.storage.rocks_options import PREFIX_BYTES, store_options
from dynemu.storage.undo import Savepoint
from dynemu.storage.write_buffers import write_buffers

Row = tuple[bytes, bytes]

_UNFLUSHED = "rocksdb.num-immutable-mem-table"
_UNFLUSHED_BYTES = "rocksdb.cur-size-active-mem-table"
_FAILURES = "rocksdb.background-errors"
_MOST = b"\xff" * 8
"""More than any row key."""

_LOADED_ROWS = 2_000
"""Rows in one batch of those that are taken over."""
_NOTHING: dict[int, Totals | None] = {}
_value = itemgetter(1)


class RocksView:
    """The live state of the store: every commit shows at once, and reading needs no object of its own."""

    __slots__ = ("_counts", "_items", "_values", "catalogue_version", "get", "get_many")

    def __init__(self, database: Rdict, counts: Counts) -> None:
        # PERF: rocksdict's own methods (docs/adr/0004-storage.md); for a list of keys its get returns a list.
        self.get: Callable[[bytes], bytes | None] = database.get
        self.get_many: Callable[[list[bytes]], list[bytes | None]] = cast(Any, database).get
        self.catalogue_version = 0
        self._items: Callable[..., Iterator[Row]] = cast(Any, database).items
        self._values: Callable[..., Iterator[bytes]] = cast(Any, database).values
        self._counts = counts

    def scan(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[Row]:
        # NOTE: rocksdict 0.3.29 keeps a pointer to the bytes of a bound, but not the bytes: the empty slice
        # of *end* does that. It also takes a lower bound for an upper one, so that keys are compared here.
        rows = chain(self._bounded(start, end, reverse), cast(Any, islice(end, 0)))
        return takewhile((start,).__le__, rows) if reverse else rows

    def values(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[bytes]:
        if reverse:
            return map(_value, self.scan(start, end, True))
        return chain(self._values(False, start, _bound(start, end)), cast(Any, islice(end, 0)))

    def read_rows(self, start: bytes, end: bytes, reverse: bool, limit: int, max_bytes: int) -> list[Row]:
        rows = self._bounded(start, end, reverse)
        return take_rows(takewhile((start,).__le__, rows) if reverse else rows, limit, max_bytes)

    def counts(self, index_id: int) -> Totals:
        return self._counts.get(index_id)

    def _bounded(self, start: bytes, end: bytes, reverse: bool) -> Iterator[Row]:
        bound = _bound(start, end)
        return self._items(True, None, bound) if reverse else self._items(False, start, bound)


class RocksStore:
    """Rows in the RocksDB directory *path*, which is made when it is missing.

    *durability*: ``none`` keeps what was written when it is closed, ``wal`` also when the process is killed,
    ``fsync`` also through power loss, once ``sync`` has returned.

    Raises: StoreError when the directory cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str], durability: str = "wal") -> None:
        self.path = os.fspath(path)
        self._name = f"The database {self.path}"
        self.needs_sync = False
        self._keeps_log = durability != "none"
        self._syncs = durability == "fsync"
        self._process = os.getpid()
        self._savepoints: list[Savepoint] = []
        try:
            os.makedirs(self.path, exist_ok=True)
            database = Rdict(self.path, store_options())
            writing = WriteOptions()
            # NOTE: an attribute, whatever rocksdict's stubs say.
            writing.disable_wal = not self._keeps_log  # type: ignore[method-assign, assignment]
            database.set_write_options(writing)
            self._counts = Counts()
            self._view = RocksView(database, self._counts)
            self._counts.load(self._view.scan(COUNTS, COUNTS_END))
        except Exception as error:
            raise explain(self._name, error) from error
        self._database: Rdict | None = database
        self._put: Callable[..., None] = database.put
        self._write: Callable[..., None] = database.write
        self._is_refused = False
        self._flushing = FlushPolicy(self._counts)
        self._buffers = write_buffers()
        self._buffers.add(self)
        self._buffered = self._buffers.size

    def view(self) -> RocksView:
        return self._view

    def commit(self, writes: WriteSet) -> None:
        puts = writes.puts
        if self._savepoints:
            self._savepoints[-1].note(self._view, writes)
        changed = self._counts.change(writes) if writes.counts or writes.ranges else _NOTHING
        try:
            if len(puts) == 1 and not (writes.deletes or writes.ranges or (changed and self._keeps_log)):
                # PERF: a batch of one row costs 0.9 us more (docs/adr/0004-storage.md).
                self._put(*puts[0])
            else:
                self._write(self._batch(writes, changed if self._keeps_log else _NOTHING))
        except Exception as error:
            raise explain(self._name, error) from error
        self.needs_sync = self._syncs
        if changed:
            self._counts.apply(changed)
        if writes.catalogue_changed:
            self._view.catalogue_version += 1
        if self._flushing.add(writes):
            self._flushing.restart()
            self._open().flush(False)
        if self._buffered() > self._buffers.limit:
            self._buffers.shrink()

    def was_committed(self, writes: WriteSet) -> bool:
        raise StoreError(f"{self._name} leaves the outcome of no write open.")

    def sync(self) -> None:
        if self.needs_sync:
            try:
                self._open().flush_wal(True)
            except Exception as error:
                raise explain(self._name, error) from error
            self.needs_sync = False

    def savepoint(self) -> Savepoint:
        self._savepoints.append(Savepoint(self._open().snapshot(), self._counts.copy()))
        return self._savepoints[-1]

    def rollback(self, savepoint: Savepoint) -> None:
        self._join_later(savepoint)
        batch = WriteBatch(True)
        savepoint.undo(batch)
        batch.delete_range(COUNTS, COUNTS_END)
        for key, row in savepoint.counts.rows():
            batch[key] = row
        try:
            self._write(batch)
        except Exception as error:
            raise explain(self._name, error) from error
        savepoint.clear()
        self._counts.take_over(savepoint.counts)
        self.needs_sync = self._syncs
        self._view.catalogue_version += 1

    def release(self, savepoint: Savepoint) -> None:
        self._join_later(savepoint)
        self._savepoints.pop()
        if self._savepoints:
            self._savepoints[-1].join(savepoint)

    def _join_later(self, savepoint: Savepoint) -> None:
        """Release all savepoints that were set after this one."""
        place = self._savepoints.index(savepoint)
        for later in self._savepoints[place + 1 :]:
            savepoint.join(later)
        del self._savepoints[place + 1 :]

    def load(self, rows: Iterable[Row]) -> None:
        """Add *rows* in one batch, those of counts too, which show when the store is opened again."""
        batch = WriteBatch(True)
        for key, row in rows:
            batch[key] = row
        self._write(batch)

    def take_over(self, rows: Iterable[Row], counts: Counts) -> None:
        """Hold *rows* and *counts*, in files of rows, instead of nothing. Raises: StoreError."""
        remaining = iter(rows)
        try:
            while batch := list(islice(remaining, _LOADED_ROWS)):
                self.load(batch)
            self.flush()
        except Exception as error:
            raise explain(self._name, error) from error
        self._counts.take_over(counts)
        self._flushing.restart()

    def dump(self) -> Iterator[Row]:
        """Give all rows, those of the counts too; nothing is committed meanwhile."""
        self._write_counts(self._open())
        return self._view.scan(b"", _MOST)

    def flush(self) -> None:
        """Move all rows into files of rows, which copies share."""
        self._open().flush()

    def buffered(self) -> int:
        """Return the bytes of rows that are not on their way to a file yet."""
        return self._open().property_int_value(_UNFLUSHED_BYTES) or 0

    def flush_later(self) -> None:
        """Have all rows that there are now moved to a file in the background."""
        self._flushing.restart()
        # What fails is told by the next commit of this store; it is another one's now.
        with suppress(Exception):
            self._open().flush(False)

    def save(self) -> None:
        """Write to files what durability ``none`` has in memory only. Raises: StoreError."""
        try:
            self._write_counts(self._open())
            self.flush()
        except Exception as error:
            raise explain(self._name, error) from error

    def is_removed(self) -> bool:
        """Tell whether somebody has removed the files."""
        return not os.path.exists(os.path.join(self.path, "CURRENT"))

    def refuse(self) -> None:
        """Write no more, because the directory is gone."""

        def refuse(*_: object) -> None:
            raise removed(self._name)

        self._put = self._write = refuse
        self._is_refused = True

    def flushing(self) -> Iterator[None]:
        """Move all rows that there are now into files, in the background; each slice looks if it is done."""
        database = self._open()
        with suppress(Exception):  # a full disk, for one: ``checkpoint`` meets it as well, and says so
            database.flush(False)
        while self._database is database and database.property_int_value(_UNFLUSHED):
            if database.property_int_value(_FAILURES):
                return  # it may never be done
            yield

    def free(self) -> bool:
        return False

    def checkpoint(self, path: str) -> None:
        database = self._open()
        try:
            self._write_counts(database)
            database.flush()
            Checkpoint(database).create_checkpoint(path)
        except Exception as error:
            raise explain(f"The copy {path}", error) from error

    def close(self) -> None:
        self._close()

    def leave(self) -> None:
        """Close as ``close`` does, but leave rows in the log if there is one."""
        self._close(self._keeps_log)

    def _close(self, at_once: bool = False) -> None:
        database = self._database
        # A forked child has the object but not RocksDB's threads, and the directory is its parent's.
        if database is None or os.getpid() != self._process:
            return
        self._database = None
        self._buffers.remove(self)
        self._savepoints.clear()
        try:
            self._write_counts(database)
            if at_once:
                # NOTE: rocksdict flushes when it closes. Where nothing works any more it says so, and closes.
                database.cancel_all_background(True)
            database.close()
        except Exception as error:
            if not (at_once and "Shutdown in progress" in str(error)):
                raise self._explain(error) from error
        if self._is_refused:
            raise removed(self._name)

    def _explain(self, error: Exception) -> StoreError:
        return removed(self._name) if self._is_refused else explain(self._name, error)

    def _open(self) -> Rdict:
        if self._database is None:
            raise StoreError(f"{self._name} is closed.")
        return self._database

    def _batch(self, writes: WriteSet, changed: dict[int, Totals | None]) -> WriteBatch:
        batch = WriteBatch(True)
        for start, end in writes.ranges:
            batch.delete_range(start, end)
        for key, row in writes.puts:
            batch[key] = row
        for key in writes.deletes:
            del batch[key]
        for index_id, total in changed.items():
            if total is None:
                del batch[counts_key(index_id)]
            else:
                batch[counts_key(index_id)] = encode_total(total)
        return batch

    def _write_counts(self, database: Rdict) -> None:
        if not self._keeps_log:
            batch = WriteBatch(True)
            batch.delete_range(COUNTS, COUNTS_END)
            for key, row in self._counts.rows():
                batch[key] = row
            database.write(batch)


def _bound(start: bytes, end: bytes) -> ReadOptions:
    """Return how ``start <= key < end`` is read."""
    bound = ReadOptions()
    bound.set_iterate_upper_bound(end)
    if start[:PREFIX_BYTES] != end[:PREFIX_BYTES]:
        # Files without the partition of the start, as their filters tell, may have rows of the others.
        bound.set_total_order_seek(True)
    return bound


def beside(path: str, state: str) -> str:
    """Return the path of a directory on its way to *path*, or away from there: ``.NAME.state``."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.{state}")
