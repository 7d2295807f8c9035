"""The only place that writes: base rows, index rows, counts and whatever else a change brings, in one batch."""

from dynemu.storage.base import Store, WriteSet


def commit(store: Store, writes: WriteSet) -> None:
    """Apply *writes* to *store*, all of it or nothing.

    Raises: CommitRefused when the operation has to run again, OutcomeUnknown when its fate is not known.
    """
    store.commit(writes)
