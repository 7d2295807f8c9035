"""Eventually consistent reads that really are: which older state a read may see, and how those are kept.

A read sees one state that all items and indexes had together at some moment, at most a second and 50 commits
ago. AWS promises less: not even that two items are of the same moment.
"""

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

from dynemu.engine.clock import Clock
from dynemu.storage.base import OutcomeUnknown, Store, View, WriteSet
from dynemu.storage.stale import Images, StaleView, take_images

COMMITS = 50
"""How many commits a read may be behind."""
LAG_SECONDS = 0.1
"""How far a lagged read is behind at most."""
WORST_SECONDS = 1.0
"""How far an adversarial read is behind, if that many commits allow it."""


class StaleReads:
    """Keeps what the last commits to *store* changed, from now on until ``detach``.

    Reads are at random behind, by *seed*, or as far as is allowed (*adversarial*).
    """

    def __init__(self, store: Store, clock: Clock, adversarial: bool, seed: int) -> None:
        self._store = store
        self._clock = clock
        self._adversarial = adversarial
        self._random = Random(f"{seed}/reads")
        self._undo: deque[tuple[float, Images]] = deque(maxlen=COMMITS)
        """When each of the last commits was made, and what it changed."""
        self._commit: Callable[[WriteSet], None] = store.commit
        # PERF: the store's own method is replaced, so that a store which keeps nothing does not ask.
        target: Any = store
        target.commit = self._keeping_commit

    def detach(self) -> None:
        """Keep nothing more."""
        target: Any = self._store
        del target.commit

    def forget(self) -> None:
        """Let reads see the newest state only: the store holds something else now."""
        self._undo.clear()

    def draw(self) -> float:
        """Return by how many seconds the next read may be behind."""
        return WORST_SECONDS if self._adversarial else self._random.random() * LAG_SECONDS

    def view(self, view: View, now: float, lag: float) -> View:
        """Return *view* as it was *lag* seconds before *now*, or 50 commits ago."""
        images: Images = {}
        for time, older in reversed(self._undo):
            # Where time was set back, there are commits in the future: every read sees those.
            if not 0 <= now - time < lag:
                break
            images.update(older)
        return StaleView(view, images) if images else view

    def _keeping_commit(self, writes: WriteSet) -> None:
        images = take_images(self._store.view(), writes)
        try:
            self._commit(writes)
        except OutcomeUnknown:
            if self._store.was_committed(writes):
                self._keep(writes, images)
            raise
        self._keep(writes, images)

    def _keep(self, writes: WriteSet, images: Images) -> None:
        if writes.ranges:
            # A whole table or index goes: no read finds it any more, and its rows are too many to keep.
            self._undo.clear()
        else:
            self._undo.append((self._clock.now(), images))
