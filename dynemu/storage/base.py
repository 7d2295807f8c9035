"""What the engine asks of a store: rows of bytes in key order, read through a view, changed by a write set.

A row key starts with a four-byte id. Ids below ``FIRST_TABLE_ID`` belong to dynemu itself.
"""

from collections.abc import Iterator
from typing import Any, Protocol

FORMAT_VERSION = 2
"""Version of the data directory and of every row in it."""
META = (0).to_bytes(4, "big")
"""The next free id, and ids whose rows are still to be deleted."""
CATALOGUE = (1).to_bytes(4, "big")
"""One row per table definition, by table name."""
COUNTS = (2).to_bytes(4, "big")
"""Items and bytes per table and index, by id."""
TOKENS = (3).to_bytes(4, "big")
"""ClientRequestTokens of transactions."""
TABLE_STATE = (4).to_bytes(4, "big")
"""What is remembered beside a table's definition."""
EXPIRY = (5).to_bytes(4, "big")
"""Items with a time to live by table and second, for its deletion."""
STREAMS = (6).to_bytes(4, "big")
"""Streams and their records."""
HISTORY = (7).to_bytes(4, "big")
"""What rows were before they changed, for backups and recovery to a point in time."""
DOCUMENTS = (8).to_bytes(4, "big")
"""What control operations remember: backups, exports, imports and the like, by kind and name."""
JOBS = (9).to_bytes(4, "big")
"""Background work that goes on after a restart, by kind and name."""
FIRST_TABLE_ID = 256


class StoreError(Exception):
    """A store that cannot be opened or used; the text is one sentence for the user."""


class CommitRefused(Exception):
    """Something that the write set expected has changed: nothing was written, run the operation again."""


class OutcomeUnknown(Exception):
    """The write set was applied wholly or not at all; ``Store.was_committed`` tells which."""


class View(Protocol):
    """One consistent state of the rows.

    An iterator of a view is used up, or dropped, before the next commit.
    """

    catalogue_version: int
    """Differs whenever a row under CATALOGUE may differ."""

    def get(self, key: bytes) -> bytes | None:
        """Return the row at *key*, or None."""

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """Return the rows at *keys*, in their order."""

    def scan(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over ``start <= key < end`` in key order, or from the end backwards."""

    def values(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[bytes]:
        """Iterate over the same rows without their keys, which is cheaper."""

    def read_rows(
        self, start: bytes, end: bytes, reverse: bool, limit: int, max_bytes: int
    ) -> list[tuple[bytes, bytes]]:
        """Return the first rows that ``scan`` would give.

        At most *limit* of them (1 or more), and none after the one with which the values are longer than
        *max_bytes* together.
        """

    def counts(self, index_id: int) -> tuple[int, int]:
        """Return (items, bytes) of a table or index; zeros for an unknown id."""


class WriteSet:
    """All that one operation changes, applied at once or not at all.

    ``expects`` holds rows that must still read as they did (None: absent). ``ranges`` (start <= end) are
    deleted before ``puts`` and ``deletes`` are applied; no key is in both of the latter. ``counts`` maps
    an id to [items, bytes] to be added; a range that covers all rows of an id sets its counts to zero
    before that, and forgets them when nothing is added. Stores ignore ``due``, the first second for which an
    expiry is queued, or None, and ``adds_work``, which says that background work has been written down.
    """

    __slots__ = (
        "adds_work",
        "catalogue_changed",
        "changes",
        "counts",
        "deletes",
        "due",
        "expects",
        "puts",
        "ranges",
    )

    def __init__(self) -> None:
        self.puts: list[tuple[bytes, bytes]] = []
        self.deletes: list[bytes] = []
        self.ranges: list[tuple[bytes, bytes]] = []
        self.counts: dict[int, list[int]] = {}
        self.expects: list[tuple[bytes, bytes | None]] = []
        self.changes: list[Any] = []
        """``writes.Target`` of items whose changes are recorded; the rows for that come with the commit."""
        self.catalogue_changed = False
        self.adds_work = False
        self.due: int | None = None

    def count(self, index_id: int, items: int, size: int) -> None:
        """Add *items* and *size* bytes to the statistics of a table or index."""
        entry = self.counts.get(index_id)
        if entry is None:
            self.counts[index_id] = [items, size]
        else:
            entry[0] += items
            entry[1] += size


class Store(Protocol):
    """A place for rows with one writer."""

    @property
    def needs_sync(self) -> bool:
        """True when a commit waits for ``sync`` before it may be answered."""

    def view(self) -> View:
        """Return the current state; it may move on with later commits."""

    def commit(self, writes: WriteSet) -> None:
        """Apply *writes*.

        Raises: CommitRefused, OutcomeUnknown; StoreError when the store cannot write, for one because the
        disk is full: such a write is not seen by this process, and wholly or not at all by a later one.
        """

    def was_committed(self, writes: WriteSet) -> bool:
        """Tell whether *writes*, whose commit raised OutcomeUnknown, took effect.

        Raises: StoreError if this store never leaves that open.
        """

    def sync(self) -> None:
        """Make every commit so far survive power loss, where the durability mode promises it."""

    def savepoint(self) -> object:
        """Return a point to go back to; it costs microseconds, whatever the store holds.

        Savepoints nest, and last until they are released or the store is closed.
        """

    def rollback(self, savepoint: Any) -> None:
        """Hold what the store held at *savepoint*; those set after it are gone, itself stays.

        The view shows that from now on, as after a commit. Raises: ValueError for a savepoint that is gone.
        """

    def release(self, savepoint: Any) -> None:
        """Forget *savepoint* and those set after it; the rows stay as they are.

        Raises: ValueError for a savepoint that is gone.
        """

    def dump(self) -> Iterator[tuple[bytes, bytes]]:
        """Give all rows, those of the counts too; nothing is committed meanwhile."""

    def free(self) -> bool:
        """Give back memory of rows that are gone, for less than a millisecond; tell whether there is more."""

    def checkpoint(self, path: str) -> None:
        """Write a consistent copy of the store to the new directory *path*. Raises StoreError."""

    def close(self) -> None:
        """Flush what the durability mode promises and free the store; a second call does nothing.

        No iterator of a view may be left. Raises: StoreError.
        """
