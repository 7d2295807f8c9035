"""A database: a store with its catalogue, clock and settings, and the loop that runs an operation on it."""

from collections import deque
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from dynemu.config import Settings
from dynemu.engine.backfill import pending_work
from dynemu.engine.call import Call
from dynemu.engine.clock import Clock, SystemClock
from dynemu.engine.commit import commit
from dynemu.engine.table import Table
from dynemu.storage.base import CommitRefused, OutcomeUnknown, Store, WriteSet
from dynemu.storage.catalogue import Catalogue
from dynemu.storage.opening import open_store

Answer = tuple[dict[str, Any] | None, WriteSet | None]
Run = Callable[[Call, dict[str, Any]], Answer]


def open_engine(settings: Settings, clock: Clock | None = None) -> "Engine":
    """Return an engine on the store that *settings* name. Raises StoreError."""
    return Engine(open_store(settings), settings, clock)


class Engine:
    """Runs operations one at a time on a store; every caller of one store shares one engine."""

    def __init__(self, store: Store, settings: Settings | None = None, clock: Clock | None = None) -> None:
        self.store = store
        self.settings = settings or Settings()
        self.clock = clock or SystemClock()
        self.catalogue: Catalogue[Table] = Catalogue(Table)
        self._work: deque[Iterator[None]] = deque()
        self._known_work: set[bytes] = set()
        self._find_work()

    @property
    def needs_sync(self) -> bool:
        """True when answers must wait for ``sync`` (durability fsync)."""
        return self.store.needs_sync

    def sync(self) -> None:
        """Make every answered write survive power loss."""
        self.store.sync()

    @property
    def has_work(self) -> bool:
        """True when slices of background work are waiting."""
        return bool(self._work)

    def add_work(self, slices: Iterator[None]) -> None:
        """Queue background work that yields between slices of a few milliseconds at most."""
        self._work.append(slices)

    def _find_work(self) -> None:
        """Queue what the store tells of: indexes to be filled, definitions to be removed."""
        self._work.extend(pending_work(self, self._known_work))

    def work(self, seconds: float) -> None:
        """Do background work for about *seconds*, less when there is none left."""
        end = perf_counter() + seconds
        while self._work and perf_counter() < end:
            slices = self._work[0]
            try:
                next(slices)
            except StopIteration:
                self._work.popleft()

    def execute(self, run: Run, request: dict[str, Any], region: str, account: str) -> dict[str, Any] | None:
        """Run an operation and commit what it writes, again while the store refuses it.

        Returns: the response; None for an empty body.
        """
        call = Call(self.store.view(), self.catalogue, self.clock.now(), region, account, self.settings)
        while True:
            try:
                response, writes = run(call, request)
                if writes is not None:
                    commit(self.store, writes)
            except CommitRefused:
                call.view = self.store.view()
                continue
            except OutcomeUnknown:
                if writes is None or not self.store.was_committed(writes):
                    call.view = self.store.view()
                    continue
            if writes is not None and writes.catalogue_changed:
                self._find_work()
            return response

    def close(self) -> None:
        """Close the store and free its directory."""
        self._work.clear()
        self.store.close()
