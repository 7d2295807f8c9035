"""Namespaces: isolated databases by name in one process, each with its own tables, clock and snapshots.

One is opened when it is first used. Those in a directory are closed again when they have long been idle.
"""

import gc
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from typing import TYPE_CHECKING

from dynemu.config import Settings
from dynemu.engine.clock import Clock, MovableClock
from dynemu.engine.database import Engine
from dynemu.storage.base import Store, StoreError
from dynemu.storage.opening import open_place
from dynemu.storage.places import DEFAULT_NAMESPACE, Place, SnapshotInfo, check_name

if TYPE_CHECKING:
    from dynemu.storage.portable import Export

START = "start"
"""Name of the snapshot that the default namespace was started with."""
KEPT_AUTOMATIC = 10
"""Snapshots kept of those that were not asked for, in each namespace."""
IDLE_SECONDS = 60.0
"""How long an open namespace is kept open unused."""
MOST_IN_MEMORY = 1000
"""Namespaces in memory that a server has open at once, unless more are busy."""
COLLECTED_AFTER = 500
"""Namespaces that are put away before the garbage collector looks for what is left of them."""
CLOSING_SECONDS = 0.02
"""How long idle namespaces are closed in one second: requests wait meanwhile."""
MOST_OPEN = 250
"""Namespaces in a directory that are open at once, unless more are busy: a large one has ten files open."""


class NamespaceExists(ValueError):
    """There is a namespace of that name."""


class Namespaces:
    """All databases of *settings*, in *place* if that is open; raises StoreError when it cannot be used.

    To the server it is what an engine is to a caller in process: it syncs, works and expires for all of them.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None, place: Place | None = None) -> None:
        self.settings = settings
        self._clock = clock
        self._place = place or open_place(settings)
        self._open: dict[str, Engine] = {}
        self._used: OrderedDict[str, float] = OrderedDict()
        """When each of them was last used or, if it had to stay open, last found so; the latest last."""
        self._now = time.monotonic()
        """When it was last looked at all."""
        self._latest: tuple[str, Engine | None] = ("", None)
        """The one that was used last, since then."""
        self._busy: dict[Engine, None] = {}
        self._awake: dict[Engine, None] = {}
        """Those in which something may expire or be freed, as far as is known."""
        self.on_work: Callable[[], None] | None = None
        """Called when background work waits that did not before."""
        self._frees = self._place.frees_closed
        self._most_open = (MOST_IN_MEMORY if settings.in_memory else MOST_OPEN) // settings.workers
        self._put_away_since = 0
        self._clears = False
        """Whether memory of what is gone is to be given back."""
        self._prepare: list[Callable[[Engine], None]] = []
        self.closed = False
        self.default = self.open_default()

    def open_default(self) -> Engine:
        """Return the database of requests that name no namespace, which stays open."""
        return self.get(DEFAULT_NAMESPACE)

    def get(self, name: str) -> Engine:
        """Return the database called *name*, made when there is none.

        Raises: ValueError for a name that cannot be one, StoreError.
        """
        # PERF: a client stays with its namespace (benchmarks.micro.namespaces).
        latest, engine = self._latest
        if name == latest and engine is not None:
            return engine
        engine = self._open.get(name)
        if engine is None:
            check_name("namespace", name)
            if self._frees and len(self._open) >= self._most_open:
                self._shut_longest_unused()
            engine = self.start(name)
            self._open[name] = engine
            engine.on_change = self._wake
            self._wake(engine)
            for prepare in self._prepare:
                prepare(engine)
        self._note_use(name)
        self._latest = (name, engine)
        return engine

    def _note_use(self, name: str) -> None:
        self._used[name] = self._now
        self._used.move_to_end(name)

    def start(self, name: str) -> Engine:
        """Return the database called *name*, which is not open."""
        return Engine(self._place.open(name), self.settings, MovableClock(self._clock), self._note_work, name)

    def free_idle(self) -> None:
        """Close what has long been idle in memory too, which those who hold engines or clocks do not want."""
        self._frees = True

    def prepare(self, prepare: Callable[[Engine], None]) -> None:
        """Call *prepare* with every database: those that are open, and others when they are opened."""
        self._prepare.append(prepare)
        for engine in self._open.values():
            prepare(engine)

    def names(self) -> list[str]:
        """Return the names of all namespaces, in order."""
        return sorted({*self._place.namespaces(), *self._open})

    def exists(self, name: str) -> bool:
        """Tell whether there is a namespace called *name*."""
        return name in self._open or self._place.exists(name)

    def create(self, name: str) -> None:
        """Make the namespace *name*. Raises: NamespaceExists, ValueError for a name that cannot be one."""
        check_name("namespace", name)
        if self.exists(name):
            raise NamespaceExists(f"There is a namespace called {name} already.")
        self.get(name)

    def drop(self, name: str) -> None:
        """Forget a namespace with its snapshots; the default one is empty afterwards. Raises: StoreError."""
        self.shut(name)
        self._place.drop(name)
        self._clear()
        if name == DEFAULT_NAMESPACE:
            self.default = self.get(name)

    def reset(self, name: str) -> None:
        """Delete all data of a namespace but its snapshots; an automatic one is made before."""
        engine = self.get(name)
        self._save(name, "reset")
        engine.clear()

    # Snapshots

    def snapshots(self, name: str) -> list[SnapshotInfo]:
        """Return the snapshots of a namespace, oldest first."""
        return self._place.snapshots(name).list(self.get(name).store)

    def find_snapshot(self, name: str, snapshot: str) -> SnapshotInfo:
        """Return what is known of one snapshot of a namespace. Raises: UnknownSnapshot."""
        check_name("snapshot", snapshot)
        return self._place.snapshots(name).find(snapshot, self.get(name).store)

    def create_snapshot(self, name: str, snapshot: str, note: str = "") -> None:
        """Keep what namespace *name* holds now under the name *snapshot*.

        Raises: ValueError for a name that cannot be one, SnapshotExists, StoreError.
        """
        check_name("snapshot", snapshot)
        info = SnapshotInfo(snapshot, time.time(), note)
        self._place.snapshots(name).create(self.get(name).store, info)

    def preparing_snapshot(self, name: str) -> Iterator[None]:
        """Do most of what a snapshot of namespace *name* takes, in slices that only look if a disk is done.

        The snapshot is of the moment at which it is created after that, which takes a few milliseconds then.
        """
        return self._place.snapshots(name).preparing(self.get(name).store)

    def load_snapshot(self, name: str, snapshot: str, source: str | None = None) -> None:
        """Let namespace *name* hold what *snapshot*, of it or of namespace *source*, holds.

        Connections stay; savepoints are gone. An automatic snapshot is made before.
        Raises: UnknownSnapshot, StoreError.
        """
        engine = self.get(name)
        check_name("snapshot", snapshot)
        self._place.snapshots(source or name).find(snapshot)
        kept = self._automatic("load")
        # A savepoint that is left keeps the store's files open.
        engine.end()
        with engine.going_back():
            self._place.snapshots(name).exchange(
                engine.store, kept, self._place.snapshots(source or name), snapshot
            )
        self._forget_oldest(name)

    def delete_snapshot(self, name: str, snapshot: str) -> None:
        """Forget a snapshot. Raises: UnknownSnapshot."""
        check_name("snapshot", snapshot)
        self._place.snapshots(name).delete(snapshot)
        self._clear()

    def branch(self, name: str, target: str, snapshot: str | None = None) -> None:
        """Make the new namespace *target* from *snapshot* of namespace *name*, or from what *name* holds now.

        Raises: NamespaceExists, ValueError for a name that cannot be one, UnknownSnapshot, StoreError.
        """
        check_name("namespace", target)
        if self.exists(target):
            raise NamespaceExists(f"There is a namespace called {target} already.")
        with self._at_rest(name, snapshot) as kept:
            self._place.snapshots(name).find(kept)
            engine = self.get(target)
            try:
                self._place.snapshots(name).restore(engine.store, kept)
            except StoreError:
                # Half of a namespace is worse than none; what cannot be dropped now is so at the next start.
                with suppress(StoreError):
                    self.drop(target)
                raise
            engine.look_again()

    def copy(self, name: str, snapshot: str | None = None) -> Store:
        """Return a store of its own with what *snapshot* of namespace *name*, or that itself, holds now.

        Whoever asked for it closes it. Raises: UnknownSnapshot, StoreError.
        """
        with self._at_rest(name, snapshot) as kept:
            return self._place.snapshots(name).open(kept)

    @contextmanager
    def _at_rest(self, name: str, snapshot: str | None) -> Iterator[str]:
        """Give the name of *snapshot*, or of one that is made of namespace *name* for the moment."""
        if snapshot is not None:
            check_name("snapshot", snapshot)
            yield snapshot
            return
        passing = f"passing-{time.time_ns()}"
        self.create_snapshot(name, passing)
        try:
            yield passing
        finally:
            self._place.snapshots(name).delete(passing)

    def importing(self, name: str, snapshot: str, export: "Export", note: str = "") -> Iterator[None]:
        """Make a snapshot of namespace *name* from *export*, in slices of a few milliseconds.

        It is there when the slices are done. Raises: ValueError for a name that cannot be one,
        SnapshotExists, UnreadableExport, StoreError.
        """
        check_name("snapshot", snapshot)
        info = SnapshotInfo(snapshot, time.time(), note or str(export.about.get("note") or ""))
        return self._place.snapshots(name).filling(info, export.batches())

    def start_with(self, export: "Export") -> None:
        """Let the default namespace hold what *export* does, which is kept as the snapshot ``start``.

        Raises: UnreadableExport, StoreError.
        """
        snapshots = self._place.snapshots(DEFAULT_NAMESPACE)
        if any(info.name == START for info in snapshots.list(None)):
            snapshots.delete(START)
        for _ in self.importing(DEFAULT_NAMESPACE, START, export):
            pass
        snapshots.restore(self.default.store, START)
        self.default.look_again()

    def _save(self, name: str, occasion: str) -> None:
        """Make an automatic snapshot, and forget the oldest of too many."""
        self._place.snapshots(name).create(self.get(name).store, self._automatic(occasion))
        self._forget_oldest(name)

    def _automatic(self, occasion: str) -> SnapshotInfo:
        snapshot = f"before-{occasion}-{time.time_ns() // 1000}"
        return SnapshotInfo(snapshot, time.time(), f"made before {occasion}", True)

    def _forget_oldest(self, name: str) -> None:
        kept = self._place.snapshots(name)
        automatic = [info for info in kept.list(None) if info.automatic]
        for info in automatic[: max(len(automatic) - KEPT_AUTOMATIC, 0)]:
            kept.delete(info.name)
        self._clear()

    # What a server asks of it, for all that are open

    @property
    def needs_sync(self) -> bool:
        # PERF: every call in process asks, and there may be thousands of them.
        return self.settings.durability == "fsync" and any(
            engine.needs_sync for engine in self._open.values()
        )

    def sync(self) -> None:
        for engine in self._open.values():
            if engine.needs_sync:
                engine.sync()

    @property
    def has_work(self) -> bool:
        return bool(self._busy) or self._clears

    def work(self, seconds: float) -> None:
        """Do background work of those that have any for about *seconds* together."""
        share = seconds / max(len(self._busy) + self._clears, 1)
        end = time.perf_counter() + share
        while self._clears and time.perf_counter() < end:
            self._clears = self._place.free()
        for engine in list(self._busy):
            engine.work(share)
            if not engine.has_work:
                self._busy.pop(engine, None)

    def _wake(self, engine: Engine) -> None:
        self._awake[engine] = None

    def _note_work(self, engine: Engine) -> None:
        self._busy[engine] = None
        self._wake(engine)
        if self.on_work is not None:
            self.on_work()

    def _clear(self) -> None:
        """Give back memory of what is gone: what takes more than a moment, as background work."""
        self._clears = self._place.free()
        if self._clears and self.on_work is not None:
            self.on_work()

    def expire(self) -> None:
        """Queue the deletion of what has expired and is gone, and close what has long been idle."""
        self._place.watch(engine.store for engine in self._open.values())
        for engine in list(self._awake):
            if not engine.look_after():
                del self._awake[engine]
        self._now = time.monotonic()
        if self._latest[1] is not None:
            self._note_use(self._latest[0])
            self._latest = ("", None)
        if self._frees:
            self._close_idle()

    def _close_idle(self) -> None:
        before = self._now - IDLE_SECONDS
        for name in list(takewhile(lambda name: self._used[name] < before, self._used)):
            self._put_away_if_idle(name)
            if time.monotonic() > self._now + CLOSING_SECONDS:
                break

    def _shut_longest_unused(self) -> None:
        for name in list(self._used):
            if self._put_away_if_idle(name):
                return

    def _put_away_if_idle(self, name: str) -> bool:
        """Put a database away and return True; one that has to stay open comes last again."""
        if self._is_idle(name):
            with suppress(StoreError):  # nothing is lost while it stays open
                self._place.save(self._open[name].store)
                self._put_away(name)
                return True
        self._note_use(name)
        return False

    def _put_away(self, name: str) -> None:
        """Close an idle database until it is used again, and keep little or nothing of it in memory."""
        engine = self._leave(name)
        if engine is not None:
            self._place.put_away(name, engine.store)
            self._clear()
        self._put_away_since += 1
        if self._put_away_since >= COLLECTED_AFTER:
            # PERF: engines and tables refer to each other, and a server's collector hardly ever comes by.
            self._put_away_since = 0
            gc.collect()

    def _is_idle(self, name: str) -> bool:
        """Tell whether nothing is lost when the database is closed."""
        engine = self._open[name]
        if name == DEFAULT_NAMESPACE or engine.has_work or engine.savepoints or engine.needs_sync:
            return False
        if engine.hooks is not None:
            return False
        if engine.settings is not self.settings:
            return False
        if engine.consistency != (self.settings.consistency, self.settings.seed):
            return False
        return isinstance(engine.clock, MovableClock) and engine.clock.follows

    def close(self) -> None:
        """Close all databases. Raises: StoreError, when all are closed, for one that lost something by it."""
        self.closed = True
        failures: list[StoreError] = []
        for name in list(self._open):
            try:
                self.shut(name)
            except StoreError as error:
                failures.append(error)
        self._place.end()
        if failures:
            raise failures[0]

    def shut(self, name: str) -> None:
        """Close a database until it is used again; what it has in memory only is gone."""
        engine = self._leave(name)
        if engine is not None:
            self._place.close(name, engine.store)

    def _leave(self, name: str) -> Engine | None:
        """End and forget the open database called *name*, if there is one, and return it."""
        engine = self._open.pop(name, None)
        self._used.pop(name, None)
        self._latest = ("", None)
        if engine is not None:
            self._busy.pop(engine, None)
            engine.end()
            engine.on_change = None
            self._awake.pop(engine, None)
        return engine
