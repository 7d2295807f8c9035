"""A small store on a disk: rows in memory, and every write set in one file, from which it opens.

Opening and closing it cost as much as its rows, and no waiting for the disk, unlike RocksDB's files.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress

from dynemu.storage.base import CommitRefused, StoreError, WriteSet
from dynemu.storage.counts import Counts
from dynemu.storage.failures import explain, removed
from dynemu.storage.log_records import MAGIC, encode_rows, encode_writes, read_records
from dynemu.storage.memory import MemorySnapshot, MemoryStore, Row

try:
    import fcntl
except ImportError:  # there are no such locks on Windows
    fcntl = None  # type: ignore[assignment]

LOG = "rows.log"
"""Unlike a file of RocksDB, also where upper and lower case are the same."""
GROWTH_BYTES = 2 << 20
"""How far the file may grow before somebody has to look what of it is still needed."""
_STALE_BYTES = 64 << 10
"""What may be in it that was replaced when it is closed."""
_sync_data: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


class LogStore(MemoryStore):
    """Rows in memory and in the directory *path*, which is made when it is missing.

    *durability*: ``none`` keeps what was written when it is closed, ``wal`` also when the process is killed,
    ``fsync`` also through power loss, once ``sync`` has returned.

    Raises: StoreError when the directory cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str], durability: str = "wal") -> None:
        super().__init__()
        self.path = os.fspath(path)
        self.needs_sync = False
        self._name = f"The database {self.path}"
        self._keeps_log = durability != "none"
        self._syncs = durability == "fsync"
        self._process = os.getpid()
        self._ends: dict[MemorySnapshot, int] = {}
        """Where the file ended when each savepoint was set."""
        self._is_refused = False
        self._file = -1
        try:
            os.makedirs(self.path, exist_ok=True)
            # Where RocksDB has the rows, none is made: another process may just have moved them there.
            is_new = not os.path.exists(os.path.join(self.path, "CURRENT"))
            self._file = open_locked(os.path.join(self.path, LOG), os.O_CREAT if is_new else 0)
            self._read()
        except (OSError, ValueError) as error:
            self._close_file()
            known = error if isinstance(error, OSError) else OSError("Corruption: its log cannot be read")
            raise explain(self._name, known) from error

    def _read(self) -> None:
        with open(self._file, "rb", closefd=False) as file:
            data = file.read()
        self._size = len(MAGIC)
        if MAGIC.startswith(data.rstrip(b"\0")) and data != MAGIC:
            self._begin()
            data = MAGIC
        for rows, writes, end in read_records(data):
            self.load_rows(rows)
            super().commit(writes)
            self._size = end
        if self._size < len(data):
            os.ftruncate(self._file, self._size)
        self._began = self._size
        self._limit = self._size + GROWTH_BYTES

    def _begin(self) -> None:
        """Write the beginning of a new file."""
        os.ftruncate(self._file, 0)
        _write(self._file, MAGIC)
        if self._syncs:
            os.fsync(self._file)
            _sync_directory(self.path)
            _sync_directory(os.path.dirname(self.path))

    @property
    def is_full(self) -> bool:
        """Whether ``shrink`` is to be called."""
        return self._size > self._limit and not self._savepoints

    def commit(self, writes: WriteSet) -> None:
        if writes.expects and not self._rows.is_as_expected(writes.expects):
            raise CommitRefused
        self._append(encode_writes(writes))
        super().commit(writes)

    def load(self, rows: Iterable[Row]) -> None:
        """Add *rows*, those of counts too."""
        rows = list(rows)
        for record in encode_rows(rows):
            self._append(record)
        self.load_rows(rows)

    def load_rows(self, rows: list[Row]) -> None:
        """Add *rows* in memory only."""
        super().load(rows)

    def flush(self) -> None:
        """There is nothing to move: copies share nothing with this store."""

    def sync(self) -> None:
        if self.needs_sync:
            try:
                _sync_data(self._file)
            except OSError as error:
                raise explain(self._name, error) from error
            self.needs_sync = False

    def savepoint(self) -> MemorySnapshot:
        savepoint = super().savepoint()
        self._ends[savepoint] = self._size
        return savepoint

    def rollback(self, savepoint: MemorySnapshot) -> None:
        super().rollback(savepoint)
        self._forget_ends()
        self._size = self._ends[savepoint]
        if self._keeps_log:
            # What came after the savepoint never was: a process that starts anew sees it like that, too.
            os.ftruncate(self._file, self._size)
            self.needs_sync = self._syncs

    def release(self, savepoint: MemorySnapshot) -> None:
        super().release(savepoint)
        self._forget_ends()

    def _forget_ends(self) -> None:
        self._ends = {savepoint: self._ends[savepoint] for savepoint in self._savepoints}

    def shrink(self) -> None:
        """Write the file anew, without what was replaced. Raises: StoreError."""
        place = os.path.join(self.path, LOG)
        fresh = -1
        try:
            fresh = open_locked(place + ".new", os.O_CREAT)
            os.ftruncate(fresh, 0)
            size = self._write_all(fresh)
            if self._keeps_log:
                os.fsync(fresh)
            os.replace(place + ".new", place)
            if self._syncs:
                _sync_directory(self.path)
        except OSError as error:
            if fresh >= 0:
                close_locked(fresh)
            raise explain(self._name, error) from error
        close_locked(self._file)
        self._file, self._size = fresh, size
        self._began = size
        self._limit = size + GROWTH_BYTES

    @property
    def counts(self) -> Counts:
        """The counts of all tables and indexes."""
        return self._counts

    def row_bytes(self) -> int:
        """Return the bytes of all rows and their keys."""
        return sum(len(key) + len(row) for key, row in self.dump())

    def checkpoint(self, path: str) -> None:
        try:
            os.makedirs(path)
            file = os.open(os.path.join(path, LOG), os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o644)
            try:
                self._write_all(file)
                if self._syncs:
                    os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise explain(f"The copy {path}", error) from error

    def close(self) -> None:
        # A forked child has the object, but the file is its parent's.
        if self._file < 0 or os.getpid() != self._process:
            return
        try:
            if not self._keeps_log or self._is_refused:
                self.save()
            elif self._size - self._began > _STALE_BYTES:
                with suppress(StoreError):  # the file as it is has everything
                    self.shrink()
        finally:
            self._close_file()
            self._ends.clear()
            super().close()

    def defer(self) -> None:
        """Let it be full later."""
        self._limit = self._size + GROWTH_BYTES

    def remove(self) -> None:
        """Free the directory, whose rows are elsewhere now. Views go on showing what there was.

        Raises: StoreError.
        """
        try:
            os.unlink(os.path.join(self.path, LOG))
        except OSError as error:
            raise explain(self._name, error) from error
        # Should it come back with a power loss, it would hide what is written from now on.
        _sync_directory(self.path)
        self._close_file()

    def _close_file(self) -> None:
        if self._file >= 0:
            close_locked(self._file)
            self._file = -1

    def _write_all(self, file: int) -> int:
        """Write the whole store to the empty *file*; return the bytes that takes."""
        size = _write(file, MAGIC)
        for record in encode_rows(self.dump()):
            size += _write(file, record)
        return size

    def save(self) -> None:
        """Write what durability ``none`` has in memory only. Raises: StoreError."""
        if self._is_refused:
            raise removed(self._name)
        if self._size != self._began:
            self.shrink()

    def is_removed(self) -> bool:
        """Tell whether somebody has removed the file."""
        return self._file >= 0 and os.fstat(self._file).st_nlink == 0

    def refuse(self) -> None:
        """Write no more, because the directory is gone."""
        self._is_refused = True

    def _append(self, record: bytes) -> None:
        if self._is_refused:
            raise removed(self._name)
        if self._keeps_log:
            try:
                _write(self._file, record)
            except OSError as error:
                with suppress(OSError):
                    os.ftruncate(self._file, self._size)
                raise explain(self._name, error) from error
            self.needs_sync = self._syncs
        self._size += len(record)


_BINARY = getattr(os, "O_BINARY", 0)


def open_locked(place: str, flags: int) -> int:
    """Open the file *place* for this process alone."""
    file = os.open(place, os.O_RDWR | os.O_APPEND | _BINARY | flags, 0o644)
    if fcntl is None:
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file).st_ino == os.stat(place).st_ino:
            return file
    except BlockingIOError:
        pass
    except OSError:
        os.close(file)
        raise
    # Somebody else has it, or put another one in its place this moment.
    os.close(file)
    raise OSError("lock hold by current process")


def close_locked(file: int) -> None:
    """Close what ``open_locked`` has opened."""
    if fcntl is not None:
        # A forked child may have the file open as well, and would keep the lock.
        fcntl.flock(file, fcntl.LOCK_UN)
    os.close(file)


def _write(file: int, data: bytes) -> int:
    written = os.write(file, data)
    while written < len(data):
        written += os.write(file, memoryview(data)[written:])
    return len(data)


def _sync_directory(path: str) -> None:
    with suppress(OSError):  # Windows opens no directories
        directory = os.open(path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
