"""A database: a store with its catalogue, clock and settings, and the loop that runs an operation on it."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from dynemu.config import Settings, check_consistency
from dynemu.engine.call import Call
from dynemu.engine.changes import count_on, next_number
from dynemu.engine.clock import Clock, MovableClock
from dynemu.engine.commit import commit, until_committed
from dynemu.engine.jobs import pending_work
from dynemu.engine.stream_life import Trimmer, rotate_shards
from dynemu.engine.table import Table
from dynemu.engine.thinning import Thinner
from dynemu.engine.ttl import Sweeper
from dynemu.engine.writes import Target
from dynemu.storage.base import CommitRefused, Store, WriteSet
from dynemu.storage.catalogue import Catalogue

if TYPE_CHECKING:
    from dynemu.engine.stale import StaleReads
    from dynemu.hooks import CommittedChange, Hooks, OperationContext

Answer = tuple[dict[str, Any] | None, WriteSet | None]
Run = Callable[[Call, dict[str, Any]], Answer]


class Engine:
    """Runs operations one at a time on a store; every caller of one store shares one engine."""

    def __init__(
        self,
        store: Store,
        settings: Settings | None = None,
        clock: Clock | None = None,
        on_work: "Callable[[Engine], None] | None" = None,
        name: str = "default",
    ) -> None:
        """*on_work* is called when background work waits that did not before; *name* is the namespace's."""
        self.name = name
        self.hooks: Hooks | None = None
        """What is called around operations; None costs nothing."""
        self.context: OperationContext | None = None
        """The call that is being answered, while there are hooks."""
        self.delay = 0.0
        """Seconds by which the last answer is to be held back, when hooks asked for it."""
        self.drops = False
        """Whether the connection is to be closed in place of the last answer."""
        self.faults: Any = None
        """The ``faults.FaultPlan`` of this namespace, once someone asked for it."""
        self.store = store
        self.settings = settings or Settings()
        self.clock = clock or MovableClock()
        self.stale: StaleReads | None = None
        """Where eventually consistent reads find older states; None for the newest one."""
        self.consistency = ("strong", self.settings.seed)
        """What those reads see, and the seed of it."""
        if self.settings.consistency != "strong":
            self.simulate(self.settings.consistency)
        self.catalogue: Catalogue[Table] = Catalogue(Table)
        self.sweeper = Sweeper(self)
        self.trimmer = Trimmer(self)
        self.thinner = Thinner(self)
        self.kept: dict[bytes, Any] = {}
        """What background work keeps open between its slices, by the key of its row; each has ``close()``."""
        self._on_work = on_work
        self.on_change: Callable[[Engine], None] | None = None
        """Called when definitions have changed, or the store holds something else."""
        self._savepoints: dict[str, Any] = {}
        self._numbered = 0
        self._work: deque[Iterator[None]] = deque()
        self._known_work: set[bytes] = set()
        self._frees = False
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
        self._queue([slices])

    def _queue(self, work: list[Iterator[None]]) -> None:
        if work and not self._work and self._on_work is not None:
            self._on_work(self)
        self._work.extend(work)

    def _find_work(self) -> None:
        """Queue what the store tells of: see ``jobs``."""
        if self.on_change is not None:
            self.on_change(self)
        self._queue(until_committed(lambda: pending_work(self, self._known_work)))

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
        lag = None if self.stale is None else self.stale.draw()
        while True:
            if lag is not None and self.stale is not None:
                call.eventual = self.stale.view(call.view, call.now, lag)
            try:
                response, writes = run(call, request)
                if writes is not None:
                    commit(self.store, writes, call.now)
            except CommitRefused:
                call.view = call.eventual = self.store.view()
                continue
            if writes is not None:
                if writes.changes:
                    self.tell(writes.changes)
                if writes.due is not None:
                    self.sweeper.look_back(writes.due)
                if writes.catalogue_changed or writes.adds_work:
                    self._find_work()
            return response

    def look_after(self) -> bool:
        """Queue what is to be deleted or freed by now, as a server does every second.

        Returns: False when nothing of that is to come until something calls ``on_change``.
        """
        self.expire()
        self.free()
        watched = self.thinner.has_history() or self.sweeper.has_queues() or self.trimmer.has_streams()
        return self.has_work or watched

    def expire(self) -> None:
        """Queue the deletion of what has expired as background work. Cheap when nothing has."""
        self.thinner.look()
        if not self.sweeper.running and self.sweeper.has_queues():
            self.sweeper.running = True
            self.add_work(self.sweeper.slices())
        if not self.trimmer.running and self.trimmer.is_due():
            self.trimmer.running = True
            self.add_work(self.trimmer.slices())

    def free(self) -> None:
        """Queue the freeing of rows that are gone as background work. Cheap when there are none.

        Later writes free them too, but after the deletion of a large table there may be none.
        """
        if not self._frees and self.store.free():
            self._frees = True
            self.add_work(self._free_slices())

    def _free_slices(self) -> Iterator[None]:
        while self.store.free():
            yield
        self._frees = False

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

    @property
    def savepoints(self) -> list[str]:
        """Names of the savepoints there are, in the order in which they were set."""
        return list(self._savepoints)

    # Hooks

    def register(self, plugin: object) -> None:
        """Call the hooks of *plugin* (see ``hookspecs``) from now on. Raises: ValueError."""
        from dynemu.hooks import Hooks  # noqa: PLC0415 - pluggy costs 10 ms, and few databases have hooks

        hooks = self.hooks or Hooks()
        hooks.register(plugin)
        self.hooks = hooks
        self._watch(hooks.observes)

    def unregister(self, plugin: object) -> None:
        """Call the hooks of *plugin* no more. Raises: ValueError when it is not registered."""
        if self.hooks is None:
            raise ValueError("this plugin is not registered")
        self.hooks.unregister(plugin)
        if not self.hooks.plugins():
            self.hooks = None
        self._watch(self.hooks is not None and self.hooks.observes)

    def _watch(self, observed: bool) -> None:
        """Have the changes of all items collected, or only of those that are recorded anyway."""
        self.catalogue = Catalogue(partial(Table, observed=observed))

    def tell(self, changes: list[Target]) -> None:
        """Show what has been committed to the hooks that want to see it."""
        if self.hooks is not None and self.hooks.observes:
            self.hooks.tell(self.context, [_committed(target) for target in changes])

    def simulate(self, consistency: str, seed: int | None = None) -> None:
        """Let eventually consistent reads see *consistency*: ``strong``, ``lagged`` or ``adversarial``.

        *seed* None is the one of the settings. Raises: ValueError.
        """
        check_consistency(consistency)
        self.consistency = (consistency, self.settings.seed if seed is None else seed)
        if self.stale is not None:
            self.stale.detach()
            self.stale = None
        if consistency != "strong":
            from dynemu.engine.stale import StaleReads  # noqa: PLC0415 - few databases simulate

            is_worst = consistency == "adversarial"
            self.stale = StaleReads(self.store, self.clock, is_worst, self.consistency[1])

    # Savepoints

    def savepoint(self, name: str | None = None) -> str:
        """Set a point to go back to, which takes microseconds, and return its name.

        Savepoints nest, and end with the process. One of the same name moves: the old one is released with
        all that were set after it.
        """
        if name in self._savepoints:
            self.release(name)
        if name is None:
            self._numbered += 1
            name = f"savepoint-{self._numbered}"
        self._savepoints[name] = self.store.savepoint()
        return name

    def rollback(self, name: str | None = None) -> None:
        """Make everything as it was at the savepoint called *name*, None: the latest one; it stays.

        Tables, items, indexes, streams, time to live, tokens and all that control operations remember. The
        savepoints that were set after it are gone. Raises: KeyError when there is no such savepoint.
        """
        name, savepoint = self._find_savepoint(name)
        self._forget_savepoints(self.savepoints.index(name) + 1)
        with self.going_back():
            self.store.rollback(savepoint)

    @contextmanager
    def going_back(self) -> Iterator[None]:
        """Notice that the store holds an earlier state, or another one, after the block."""
        number = until_committed(lambda: next_number(self.store.view()))
        try:
            yield
            until_committed(lambda: count_on(self.store, number))
        finally:
            self.look_again()

    def release(self, name: str | None = None) -> None:
        """Forget a savepoint and those set after it, and keep everything as it is. Raises: KeyError."""
        name, savepoint = self._find_savepoint(name)
        self._forget_savepoints(self.savepoints.index(name))
        self.store.release(savepoint)

    def _forget_savepoints(self, place: int) -> None:
        """Forget the names of the savepoints from *place* on."""
        for name in self.savepoints[place:]:
            del self._savepoints[name]

    def _find_savepoint(self, name: str | None) -> tuple[str, Any]:
        if name is None and self._savepoints:
            name = next(reversed(self._savepoints))
        if name is None or name not in self._savepoints:
            raise KeyError(f"There is no savepoint{'' if name is None else ' called ' + name}.")
        return name, self._savepoints[name]

    def clear(self) -> None:
        """Delete everything."""
        writes = WriteSet()
        writes.ranges.append((b"", b"\xff" * 8))
        writes.catalogue_changed = True
        self.store.commit(writes)
        self.look_again()

    def look_again(self) -> None:
        """Forget what was known of the store, which holds something else now."""
        if self.stale is not None:
            self.stale.forget()
        self._drop_work()
        self._known_work.clear()
        deleted, self.sweeper = self.sweeper.deleted, Sweeper(self)
        self.sweeper.deleted = deleted
        self.trimmer, self.thinner = Trimmer(self), Thinner(self)
        self._find_work()

    def end(self) -> None:
        """Stop working and release all savepoints; the store stays open."""
        self.simulate("strong")
        self._drop_work()
        for name in self.savepoints[:1]:
            self.release(name)

    def _drop_work(self) -> None:
        self._work.clear()
        self._frees = False
        for kept in self.kept.values():
            kept.close()
        self.kept.clear()

    def close(self) -> None:
        """Close the store and free its directory."""
        self.end()
        self.store.close()


def _committed(target: Target) -> "CommittedChange":
    from dynemu.hooks import CommittedChange  # noqa: PLC0415 - it is loaded when there are hooks

    image = target.image if target.new_image is None else target.new_image
    assert image is not None
    keys = {name: image[name] for name in target.table.keys}
    return CommittedChange(target.table.name, keys, target.image, target.new_image, target.by_service)
