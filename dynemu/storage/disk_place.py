"""Namespaces and snapshots in a data directory; a snapshot is a checkpoint, which shares files by hard links.

DIRECTORY/FORMAT                       FORMAT_VERSION as text
DIRECTORY/LOCK                         locked by the process that uses the directory
DIRECTORY/namespaces/NAME/             one store each
DIRECTORY/snapshots/NAMESPACE/NAME/    about.json, and a checkpoint in rows/

A directory whose name starts with a dot is half made or half gone: ``.NAME.new`` takes the place of ``NAME``
when that is missing, as after a crash in the middle of a restore, and is removed otherwise.
"""

import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from itertools import islice
from weakref import finalize

from dynemu.storage.base import FORMAT_VERSION, Store, StoreError
from dynemu.storage.disk_store import DiskStore
from dynemu.storage.failures import explain
from dynemu.storage.log_store import LOG, close_locked, open_locked
from dynemu.storage.places import Batches, SnapshotExists, SnapshotInfo, UnknownSnapshot
from dynemu.storage.rocks import beside

_LOADED_ROWS = 2_000
"""Rows in one batch while a snapshot is filled."""


class DiskSnapshots:
    """Snapshots of one namespace under the directory *path*."""

    def __init__(self, path: str) -> None:
        self._path = path

    def list(self, store: Store | None) -> list[SnapshotInfo]:
        live = _live_files(store)
        found = [self._describe(name, live) for name in _directories(self._path)]
        return sorted((info for info in found if info), key=lambda info: (info.created, info.name))

    def find(self, name: str, store: Store | None = None) -> SnapshotInfo:
        info = self._describe(name, _live_files(store))
        if info is None:
            raise UnknownSnapshot(f"There is no snapshot called {name}.")
        return info

    def create(self, store: Store, info: SnapshotInfo) -> None:
        with self._making(info) as path:
            store.checkpoint(path)

    def preparing(self, store: DiskStore) -> Iterator[None]:
        return store.flushing()

    def restore(self, store: DiskStore, name: str) -> None:
        _replace(store, name, self._make_fresh(store, name), None)

    def exchange(self, store: DiskStore, kept: SnapshotInfo, source: "DiskSnapshots", name: str) -> None:
        # PERF: what the store holds becomes the snapshot by a renaming: nothing is flushed or copied.
        fresh = source._make_fresh(store, name)
        place = self._prepare_place(kept)
        try:
            _replace(store, name, fresh, place)
        except StoreError:
            shutil.rmtree(os.path.dirname(place), ignore_errors=True)
            raise

    def _make_fresh(self, store: DiskStore, name: str) -> str:
        """Return a new directory beside that of *store* with what the snapshot holds."""
        fresh = beside(store.path, "new")
        shutil.rmtree(fresh, ignore_errors=True)
        half = beside(store.path, "half")
        shutil.rmtree(half, ignore_errors=True)
        try:
            _link(self._rows(name), half)
            os.rename(half, fresh)
        except OSError as error:
            raise explain(f"The snapshot {name}", error) from error
        return fresh

    def _prepare_place(self, info: SnapshotInfo) -> str:
        """Return the path to which the rows of a new snapshot are moved: it is there once they are."""
        self._check_new(info.name)
        place = os.path.join(self._path, info.name)
        try:
            os.makedirs(place)
            _write_about(place, info)
        except OSError as error:
            raise explain(f"The snapshot {info.name}", error) from error
        return os.path.join(place, "rows")

    def open(self, name: str) -> DiskStore:
        # NOTE: an open store writes to its directory, and two cannot have the same one.
        path = beside(os.path.join(self._path, name), f"open-{time.time_ns()}")
        try:
            _link(self._rows(name), path)
        except OSError as error:
            raise explain(f"The snapshot {name}", error) from error
        return LinkedStore(path, "none")

    def fill(self, info: SnapshotInfo, rows: Iterable[tuple[bytes, bytes]]) -> None:
        remaining = iter(rows)
        for _ in self.filling(info, iter(lambda: list(islice(remaining, _LOADED_ROWS)), [])):
            pass

    def filling(self, info: SnapshotInfo, batches: Batches) -> Iterator[None]:
        with self._making(info) as path:
            store = DiskStore(path, "wal")
            try:
                for rows in batches:
                    store.load(rows)
                    yield
                store.flush()
            finally:
                store.close()

    def delete(self, name: str) -> None:
        gone = beside(os.path.join(self._path, name), "old")
        try:
            os.rename(os.path.dirname(self._rows(name)), gone)
        except OSError as error:
            raise explain(f"The snapshot {name}", error) from error
        shutil.rmtree(gone, ignore_errors=True)

    @contextmanager
    def _making(self, info: SnapshotInfo) -> Iterator[str]:
        """Give the path for the rows of a new snapshot, there as a whole once they are written."""
        self._check_new(info.name)
        place = os.path.join(self._path, info.name)
        half = beside(place, f"half-{time.time_ns()}")
        try:
            os.makedirs(half)
            yield os.path.join(half, "rows")
            _write_about(half, info)
            self._check_new(info.name)
            os.rename(half, place)
        except OSError as error:
            raise explain(f"The snapshot {info.name}", error) from error
        finally:
            shutil.rmtree(half, ignore_errors=True)

    def _check_new(self, name: str) -> None:
        if os.path.exists(os.path.join(self._path, name)):
            raise SnapshotExists(f"There is a snapshot called {name} already.")

    def _rows(self, name: str) -> str:
        path = os.path.join(self._path, name, "rows")
        if not os.path.isdir(path):
            raise UnknownSnapshot(f"There is no snapshot called {name}.")
        return path

    def _describe(self, name: str, live: dict[tuple[int, int], int]) -> SnapshotInfo | None:
        try:
            with open(os.path.join(self._path, name, "about.json"), encoding="utf-8") as file:
                info = SnapshotInfo(**json.load(file))
            files = _files(os.path.join(self._path, name, "rows"))
        except (OSError, ValueError, TypeError):  # it is being deleted, or was not made by dynemu
            return None
        shared = sum(size for identity, size in files.items() if identity in live)
        return replace(info, size=sum(files.values()), shared=shared)


class LinkedStore(DiskStore):
    """A store that shares the files of a snapshot, and goes when it is closed."""

    def close(self) -> None:
        # What fails here loses nothing: a namespace that is dropped takes the directory with it, for one.
        with suppress(StoreError):
            super().close()
        shutil.rmtree(self.path, ignore_errors=True)


class DiskPlace:
    """Stores in the data directory *path*, which is made when it is missing. Raises StoreError."""

    frees_closed = True

    def __init__(self, path: str, durability: str) -> None:
        _prepare(path)
        # What is half done may be another process's, which is just doing it.
        self._unlock = finalize(self, _unlock, _lock(path), os.getpid())
        self._path = path
        self._durability = durability
        self._recover()

    def namespaces(self) -> list[str]:
        return _directories(os.path.join(self._path, "namespaces"))

    def exists(self, namespace: str) -> bool:
        return os.path.isdir(self._store(namespace))

    def open(self, namespace: str) -> DiskStore:
        return DiskStore(self._store(namespace), self._durability)

    def close(self, namespace: str, store: Store) -> None:
        store.close()

    def save(self, store: Store) -> None:
        assert isinstance(store, DiskStore)
        store.save()

    def put_away(self, namespace: str, store: Store) -> None:
        store.close()

    def drop(self, namespace: str) -> None:
        for path in (self._store(namespace), os.path.join(self._path, "snapshots", namespace)):
            gone = beside(path, "old")
            shutil.rmtree(gone, ignore_errors=True)
            with suppress(FileNotFoundError):
                os.rename(path, gone)
            shutil.rmtree(gone, ignore_errors=True)

    def watch(self, stores: Iterable[Store]) -> None:
        for store in stores:
            assert isinstance(store, DiskStore)
            store.watch()

    def free(self) -> bool:
        return False

    def snapshots(self, namespace: str) -> DiskSnapshots:
        return DiskSnapshots(os.path.join(self._path, "snapshots", namespace))

    def end(self) -> None:
        self._unlock()

    def _store(self, namespace: str) -> str:
        return os.path.join(self._path, "namespaces", namespace)

    def _recover(self) -> None:
        """Finish or undo what a process left half done."""
        for folder in ("namespaces", *(f"snapshots/{name}" for name in self._with_snapshots())):
            path = os.path.join(self._path, folder)
            for half in _half_made(path):
                name, _, state = half[1:].rpartition(".")
                place = os.path.join(path, name)
                if folder == "namespaces" and state in ("new", "old") and not os.path.exists(place):
                    # A restore moves the old store away before it moves the new one, whole, to its place.
                    new = beside(place, "new")
                    os.rename(new if os.path.exists(new) else os.path.join(path, half), place)
                shutil.rmtree(os.path.join(path, half), ignore_errors=True)
            for name in _directories(path) if folder != "namespaces" else ():
                # A snapshot for which the rows of the namespace were about to be moved away.
                if not os.path.exists(os.path.join(path, name, "rows")):
                    shutil.rmtree(os.path.join(path, name), ignore_errors=True)

    def _with_snapshots(self) -> list[str]:
        return _directories(os.path.join(self._path, "snapshots"))


def _replace(store: DiskStore, name: str, fresh: str, kept: str | None) -> None:
    try:
        store.replace(fresh, kept)
    except StoreError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise StoreError(f"The snapshot {name} cannot be loaded, and nothing has changed. {error}") from error


def _write_about(path: str, info: SnapshotInfo) -> None:
    with open(os.path.join(path, "about.json"), "w", encoding="utf-8") as file:
        json.dump(asdict(info), file)


def _directories(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and entry.name[0] != ".")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise explain(f"The directory {path}", error) from error


def _half_made(path: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(path) if name[0] == ".")
    except OSError:
        return []


def _live_files(store: Store | None) -> dict[tuple[int, int], int]:
    return _files(store.path) if isinstance(store, DiskStore) else {}


def _files(path: str) -> dict[tuple[int, int], int]:
    """Return the sizes of the files in *path* by what identifies a file under all its names."""
    sizes: dict[tuple[int, int], int] = {}
    with os.scandir(path) as entries:
        for entry in entries:
            # RocksDB removes files that it has compacted while one looks.
            with suppress(FileNotFoundError):
                state = entry.stat()
                if entry.is_file():
                    sizes[state.st_dev, state.st_ino] = state.st_size
    return sizes


def _link(checkpoint: str, target: str) -> None:
    """Make a store in the new directory *target* that shares the files of rows with *checkpoint*.

    RocksDB never changes a file of rows; the others, a few kilobytes, are copied.
    """
    names = os.listdir(checkpoint)
    if LOG not in names and "CURRENT" not in names:
        raise OSError("Corruption: its rows are missing")
    os.makedirs(target)
    for name in names:
        source, place = os.path.join(checkpoint, name), os.path.join(target, name)
        if name.endswith(".sst"):
            os.link(source, place)
        elif name != "LOCK":
            shutil.copyfile(source, place)


def _lock(db_path: str) -> int:
    """Have the directory for this process and its workers. Returns the open file; raises StoreError."""
    try:
        return open_locked(os.path.join(db_path, "LOCK"), os.O_CREAT)
    except OSError as error:
        raise explain(f"The database {db_path}", error) from error


def _unlock(file: int, process: int) -> None:
    if os.getpid() == process:
        close_locked(file)
    else:  # a worker has the file, but the lock is its parent's
        os.close(file)


def _prepare(db_path: str) -> None:
    """Make the data directory *db_path*, or check that this release can read it. Raises StoreError."""
    place = os.path.join(db_path, "FORMAT")
    try:
        os.makedirs(db_path, exist_ok=True)
        with suppress(FileNotFoundError), open(place, encoding="ascii", errors="replace") as file:
            _check_format(db_path, file.read())
            return
        with open(place + ".new", "w", encoding="ascii") as file:
            file.write(f"{FORMAT_VERSION}\n")
        os.replace(place + ".new", place)
    except OSError as error:
        raise explain(f"The database {db_path}", error) from error


def _check_format(db_path: str, text: str) -> None:
    version = text.strip()
    if not version.isdecimal():
        raise StoreError(f"The directory {db_path} was not written by dynemu: FORMAT holds no version.")
    if int(version) != FORMAT_VERSION:
        age = "a newer" if int(version) > FORMAT_VERSION else "an older"
        raise StoreError(
            f"The database {db_path} was written by {age} dynemu, in format {version}; "
            f"this release reads format {FORMAT_VERSION}."
        )
