"""The only place that writes: base rows, index rows, counts and all else a change brings, in one batch."""

from collections.abc import Callable
from typing import TypeVar

from dynemu.engine.changes import record_changes
from dynemu.storage.base import CommitRefused, OutcomeUnknown, Store, WriteSet

T = TypeVar("T")


def commit(store: Store, writes: WriteSet, now: float) -> None:
    """Apply *writes* to *store* with what is recorded of their changes at *now*, all of it or nothing.

    Raises: CommitRefused when nothing was written and what led to *writes* has to run again.
    """
    if writes.changes:
        record_changes(store.view(), writes, now)
    try:
        store.commit(writes)
    except OutcomeUnknown:
        if not store.was_committed(writes):
            raise CommitRefused from None


def until_committed(run: Callable[[], T]) -> T:
    """Return what *run*, which reads a view and commits what follows, returns once it is not refused."""
    while True:
        try:
            return run()
        except CommitRefused:
            continue
