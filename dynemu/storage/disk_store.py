"""A store in a directory: a small one keeps its rows in memory and one file, a larger one in RocksDB.

DIRECTORY/rows.log    the store, as long as it is there: what is beside it was begun and not ended
DIRECTORY/CURRENT     and all else: RocksDB
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from shutil import rmtree
from typing import Any

from dynemu.storage.base import StoreError, View, WriteSet
from dynemu.storage.failures import explain
from dynemu.storage.log_store import LOG, LogStore
from dynemu.storage.rocks import RocksStore, beside

Row = tuple[bytes, bytes]
SMALL_BYTES = 2 << 20
"""Rows and keys that a small store has at most when it is looked at. PERF: benchmarks.micro.namespaces."""


class DiskStore:
    """The store in the directory *path*, which is made when it is missing; *durability* as of ``RocksStore``.

    Raises: StoreError when the directory cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str], durability: str = "wal") -> None:
        self.path = os.fspath(path)
        self._durability = durability
        self._open(0)

    def _open(self, catalogue_version: int) -> None:
        self._small: LogStore | None = None
        self._store: LogStore | RocksStore
        if _has_log(self.path) or not os.path.exists(os.path.join(self.path, "CURRENT")):
            self._store = self._small = LogStore(self.path, self._durability)
            _remove_others(self.path)
        else:
            self._store = RocksStore(self.path, self._durability)
        self._directory = _identity(self.path)
        self._view: View = self._store.view()
        self._view.catalogue_version += catalogue_version

    @property
    def needs_sync(self) -> bool:
        return self._store.needs_sync

    @property
    def is_small(self) -> bool:
        """Whether RocksDB has no part in it."""
        return self._small is not None

    def view(self) -> View:
        return self._view

    def commit(self, writes: WriteSet) -> None:
        self._store.commit(writes)
        if self._small is not None and self._small.is_full:
            self._make_room(self._small)

    def was_committed(self, writes: WriteSet) -> bool:
        return self._store.was_committed(writes)

    def sync(self) -> None:
        self._store.sync()

    def savepoint(self) -> object:
        return self._store.savepoint()

    def rollback(self, savepoint: Any) -> None:
        self._store.rollback(savepoint)

    def release(self, savepoint: Any) -> None:
        self._store.release(savepoint)

    def load(self, rows: Iterable[Row]) -> None:
        """Add *rows*, those of counts too, which show when the store is opened again."""
        self._store.load(rows)
        if self._small is not None and self._small.is_full:
            self._make_room(self._small)

    def dump(self) -> Iterator[Row]:
        return self._store.dump()

    def free(self) -> bool:
        return self._store.free()

    def save(self) -> None:
        """Write what durability ``none`` has in memory only. Raises: StoreError, with the store as it was."""
        if self._durability == "none":
            self._store.save()

    def watch(self) -> None:
        """Refuse to write from now on if somebody has removed the directory: what is written goes nowhere."""
        if _identity(self.path) != self._directory or self._store.is_removed():
            self._store.refuse()

    def flush(self) -> None:
        """Move all rows into files of rows, which copies share."""
        self._store.flush()

    def flushing(self) -> Iterator[None]:
        """Prepare for ``checkpoint`` in slices, so that it takes less time."""
        if isinstance(self._store, RocksStore):
            yield from self._store.flushing()

    def checkpoint(self, path: str) -> None:
        self._store.checkpoint(path)

    def replace(self, fresh: str, kept: str | None = None) -> None:
        """Hold what the closed store in the directory *fresh* holds, which becomes this one's directory.

        What it held is in the new directory *kept*; None: nowhere. Savepoints are gone.
        Raises: StoreError, and then it holds what it held.
        """
        version = self._view.catalogue_version
        if isinstance(self._store, RocksStore) and kept is not None:
            self._store.leave()
        else:
            self._store.close()
        old = kept or beside(self.path, "old")
        moved = False
        try:
            if kept is None:
                rmtree(old, ignore_errors=True)
            os.rename(self.path, old)
            moved = True
            os.rename(fresh, self.path)
            self._open(version + 1)
        except (OSError, StoreError) as error:
            if moved:
                self._take_back(old)
            self._open(version + 1)
            if isinstance(error, StoreError):
                raise
            raise explain(f"The database {self.path}", error) from error
        if kept is None:
            rmtree(old, ignore_errors=True)

    def _take_back(self, old: str) -> None:
        """Undo a replacement: what there was, and is in *old*, is not lost to what cannot be opened."""
        rmtree(self.path, ignore_errors=True)
        try:
            os.rename(old, self.path)
        except OSError as error:
            raise explain(f"The database {self.path}", error) from error

    def close(self) -> None:
        self._store.close()

    def _make_room(self, small: LogStore) -> None:
        """Give the rows to RocksDB when they are many, else write them anew; later when the disk is full."""
        try:
            if small.row_bytes() > SMALL_BYTES:
                self._move(small)
            else:
                small.shrink()
        except StoreError:
            small.defer()

    def _move(self, small: LogStore) -> None:
        _remove_others(self.path)
        store = RocksStore(self.path, self._durability)
        try:
            store.take_over(small.dump(), small.counts)
            small.remove()  # from here on the rows are RocksDB's
        except BaseException:
            with suppress(StoreError):
                store.close()
            raise
        view = store.view()
        view.catalogue_version = self._view.catalogue_version + 1
        self._store, self._small, self._view = store, None, view


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells the directory *path* from another one of that name; None when there is none."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _has_log(path: str) -> bool:
    return os.path.exists(os.path.join(path, LOG))


def _remove_others(path: str) -> None:
    """Remove what a process left that died while it gave the rows to RocksDB, or wrote them anew."""
    for name in os.listdir(path):
        if name != LOG:
            os.unlink(os.path.join(path, name))
