"""Namespaces and snapshots in memory: nothing outlives the process, and copies share what they have alike."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO

from dynemu._core.blocks import SortedRows
from dynemu.storage.base import Store, StoreError
from dynemu.storage.memory import FREED_AT_ONCE, MemorySnapshot, MemoryStore
from dynemu.storage.places import Batches, SnapshotExists, SnapshotInfo, UnknownSnapshot
from dynemu.storage.spilling import SpillFile

MOST_SPILLED = 4 << 20
"""Bytes of items in a store and its snapshots that are written to a file when it is idle: about 10 ms."""


class MemorySnapshots:
    """Snapshots of one namespace: taking, restoring and opening one costs microseconds at any size."""

    def __init__(self, gone: SortedRows) -> None:
        self._kept: dict[str, tuple[SnapshotInfo, MemorySnapshot]] = {}
        self._gone = gone
        self.filled = 0
        """How many are being filled."""

    def sizes(self) -> int:
        """Return the bytes of items in all of them, with those that they share."""
        return sum(info.size for info, _ in self._kept.values())

    def write(self) -> list[tuple[SnapshotInfo, bytes]]:
        """Return all of them as ``read`` takes them."""
        return [(info, _dump(self.open(name))) for name, (info, _) in self._kept.items()]

    def read(self, info: SnapshotInfo, data: bytes) -> None:
        """Add one that was written. Raises: ValueError."""
        store = MemoryStore()
        store.read(BytesIO(data))
        self._kept[info.name] = (info, store.snapshot())

    def list(self, store: Store | None) -> list[SnapshotInfo]:
        return [_with_shared(info, snapshot, store) for info, snapshot in self._kept.values()]

    def find(self, name: str, store: Store | None = None) -> SnapshotInfo:
        snapshot = self._get(name)
        return _with_shared(self._kept[name][0], snapshot, store)

    def create(self, store: Store, info: SnapshotInfo) -> None:
        assert isinstance(store, MemoryStore)
        self._keep(info, store.snapshot())

    def preparing(self, store: Store) -> Iterator[None]:
        return iter(())

    def restore(self, store: MemoryStore, name: str) -> None:
        store.restore(self._get(name))

    def exchange(self, store: MemoryStore, kept: SnapshotInfo, source: "MemorySnapshots", name: str) -> None:
        snapshot = source._get(name)
        self.create(store, kept)
        store.restore(snapshot)

    def open(self, name: str) -> MemoryStore:
        store = MemoryStore()
        store.restore(self._get(name))
        return store

    def fill(self, info: SnapshotInfo, rows: Iterable[tuple[bytes, bytes]]) -> None:
        for _ in self.filling(info, ([row] for row in rows)):
            pass

    def filling(self, info: SnapshotInfo, batches: Batches) -> Iterator[None]:
        self._check_new(info.name)
        store = MemoryStore()
        self.filled += 1
        try:
            for rows in batches:
                store.load(rows)
                yield
        finally:
            self.filled -= 1
        self._keep(info, store.snapshot())

    def delete(self, name: str) -> None:
        self._get(name)
        self._gone.inherit(self._kept.pop(name)[1].rows)

    def forget(self) -> None:
        """Forget all of them."""
        for name in list(self._kept):
            self.delete(name)

    def _keep(self, info: SnapshotInfo, snapshot: MemorySnapshot) -> None:
        self._check_new(info.name)
        self._kept[info.name] = (replace(info, size=snapshot.counts.size()), snapshot)

    def _check_new(self, name: str) -> None:
        if name in self._kept:
            raise SnapshotExists(f"There is a snapshot called {name} already.")

    def _get(self, name: str) -> MemorySnapshot:
        if name not in self._kept:
            raise UnknownSnapshot(f"There is no snapshot called {name}.")
        return self._kept[name][1]


def _with_shared(info: SnapshotInfo, snapshot: MemorySnapshot, store: Store | None) -> SnapshotInfo:
    if not isinstance(store, MemoryStore):
        return info
    shared, blocks = store.shared_blocks(snapshot)
    return replace(info, shared=info.size * shared // max(blocks, 1))


def _dump(store: MemoryStore) -> bytes:
    data = BytesIO()
    store.write(data)
    return data.getvalue()


class MemoryPlace:
    """Stores that are kept while the process runs, those that are not used for long in a temporary file."""

    frees_closed = False

    def __init__(self) -> None:
        self._stores: dict[str, MemoryStore] = {}
        self._snapshots: dict[str, MemorySnapshots] = {}
        self._spilled = SpillFile()
        self._pieces: dict[str, list[tuple[SnapshotInfo | None, int]]] = {}
        """What is in the file of each namespace, in this order, and the bytes of it; None is the store."""
        self._gone = SortedRows()
        """Rows that are still to be freed: 200,000 at once take 70 ms."""

    def namespaces(self) -> list[str]:
        return sorted([*self._stores, *self._spilled.names()])

    def exists(self, namespace: str) -> bool:
        return namespace in self._stores or namespace in self._spilled

    def open(self, namespace: str) -> MemoryStore:
        store = self._stores.get(namespace)
        if store is None:
            store = MemoryStore()
            if namespace in self._spilled:
                try:
                    self._read(namespace, store, BytesIO(self._spilled.take(namespace)))
                except (OSError, ValueError) as error:
                    raise StoreError(f"The namespace {namespace} cannot be read again: {error}.") from error
            self._stores[namespace] = store
        return store

    def close(self, namespace: str, store: Store) -> None:
        """Keep *store*: it is all that there is."""

    def save(self, store: Store) -> None:
        """Nothing gets lost."""

    def put_away(self, namespace: str, store: Store) -> None:
        """Write *store* with its snapshots to the temporary file and forget them; what is large is kept.

        It would make requests wait, when it is read too.
        """
        assert isinstance(store, MemoryStore)
        kept = self.snapshots(namespace)
        if kept.filled or store.size() + kept.sizes() > MOST_SPILLED:
            return
        pieces: list[tuple[SnapshotInfo | None, bytes]] = [(None, _dump(store)), *kept.write()]
        try:
            self._spilled.put(namespace, b"".join(data for _, data in pieces))
        except OSError:
            return
        self._pieces[namespace] = [(info, len(data)) for info, data in pieces]
        store.leave_to(self._gone)
        del self._stores[namespace]
        self._snapshots.pop(namespace).forget()

    def _read(self, namespace: str, store: MemoryStore, file: BytesIO) -> None:
        """Read what ``put_away`` has written, into *store*. What was shared is so no more."""
        for info, size in self._pieces.pop(namespace):
            data = file.read(size)
            if info is None:
                store.read(BytesIO(data))
            else:
                self._snapshots.setdefault(namespace, MemorySnapshots(self._gone)).read(info, data)

    def drop(self, namespace: str) -> None:
        store = self._stores.pop(namespace, None)
        if store is not None:
            store.leave_to(self._gone)
        self._spilled.drop(namespace)
        self._pieces.pop(namespace, None)
        snapshots = self._snapshots.pop(namespace, None)
        if snapshots is not None:
            snapshots.forget()

    def watch(self, stores: Iterable[Store]) -> None:
        """There are no directories."""

    def free(self) -> bool:
        return self._gone.free(FREED_AT_ONCE)

    def snapshots(self, namespace: str) -> MemorySnapshots:
        if namespace in self._spilled:
            self.open(namespace)
        return self._snapshots.setdefault(namespace, MemorySnapshots(self._gone))

    def end(self) -> None:
        for namespace in self.namespaces():
            self.drop(namespace)
        self._gone.clear()
        self._spilled.close()
