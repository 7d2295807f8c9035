"""A database: a store with its catalogue, clock and settings, and the loop that runs an operation on it."""

from collections import deque
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from dynemu.config import Settings
from dynemu.engine.call import Call
from dynemu.engine.clock import Clock, SystemClock
from dynemu.engine.commit import commit, until_committed
from dynemu.engine.jobs import pending_work
from dynemu.engine.stream_life import Trimmer, rotate_shards
from dynemu.engine.table import Table
from dynemu.engine.thinning import Thinner
from dynemu.engine.ttl import Sweeper
from dynemu.storage.base import CommitRefused, Store, WriteSet
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
        self.sweeper = Sweeper(self)
        self.trimmer = Trimmer(self)
        self.thinner = Thinner(self)
        self.kept: dict[bytes, Any] = {}
        """What background work keeps open between its slices, by the key of its row; each has ``close()``."""
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
        """Queue what the store tells of: see ``jobs``."""
        self._work.extend(until_committed(lambda: pending_work(self, self._known_work)))

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
                    commit(self.store, writes, call.now)
            except CommitRefused:
                call.view = self.store.view()
                continue
            if writes is not None:
                if writes.due is not None:
                    self.sweeper.look_back(writes.due)
                if writes.catalogue_changed or writes.adds_work:
                    self._find_work()
            return response

    def expire(self) -> None:
        """Queue the deletion of what has expired as background work. Cheap when nothing has."""
        self.thinner.look()
        if not self.sweeper.running and self.sweeper.has_queues():
            self.sweeper.running = True
            self.add_work(self.sweeper.slices())
        if not self.trimmer.running and self.trimmer.is_due():
            self.trimmer.running = True
            self.add_work(self.trimmer.slices())

    def sweep(self) -> int:
        """Delete everything that has expired by now, at once, after other background work that waits.

        Returns: the number of items deleted.
        """
        before = self.sweeper.deleted
        self._finish_work()
        self.expire()
        self._finish_work()
        return self.sweeper.deleted - before

    def rotate_shards(self, stream_arn: str, *, split: bool = False) -> list[str]:
        """Close the open shards of a stream and open children, one for each or two; return their ids.

        Raises: ResourceNotFoundException. A disabled stream has no open shards and gets none.
        """
        request = {"StreamArn": stream_arn, "Split": split}
        answer = self.execute(rotate_shards, request, self.settings.region, self.settings.account_id)
        return list((answer or {})["ShardIds"])

    def _finish_work(self) -> None:
        while self._work:
            self.work(1.0)

    def close(self) -> None:
        """Close the store and free its directory."""
        self._work.clear()
        for kept in self.kept.values():
            kept.close()
        self.kept.clear()
        self.store.close()
