"""Where the stores of all namespaces are, and the snapshots of each: what memory and a disk have in common.

Names of namespaces and snapshots become names of directories, and are checked before they get here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from dynemu.storage.base import Store, StoreError

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.@+-]{0,127}")
DEFAULT_NAMESPACE = "default"
Batches = Iterable[list[tuple[bytes, bytes]]]
"""Rows, some at a time."""


class UnknownSnapshot(StoreError):
    """There is no snapshot of that name."""


class SnapshotExists(StoreError):
    """There is a snapshot of that name."""


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """What is known of a snapshot without opening it."""

    name: str
    created: float
    """Epoch seconds, by the machine's clock."""
    note: str = ""
    automatic: bool = False
    """Whether it was made before a destructive call, and not asked for."""
    size: int = 0
    """Bytes that it takes: of rows in memory, of files on a disk."""
    shared: int = 0
    """How many of them it shares with the namespace as it is now."""


class Snapshots(Protocol):
    """The snapshots of one namespace."""

    def list(self, store: Store | None) -> list[SnapshotInfo]:
        """Return all of them, oldest first; *store* is the namespace's own, to tell what is shared."""

    def find(self, name: str, store: Store | None = None) -> SnapshotInfo:
        """Return what is known of one; *store* as for ``list``. Raises: UnknownSnapshot."""

    def create(self, store: Store, info: SnapshotInfo) -> None:
        """Keep what *store* holds now. Raises: SnapshotExists, StoreError."""

    def preparing(self, store: Any) -> Iterator[None]:
        """Do in slices most of what ``create`` would do for *store*, so that it takes a few milliseconds."""

    def restore(self, store: Any, name: str) -> None:
        """Let *store* hold what the snapshot holds. Raises: UnknownSnapshot, StoreError."""

    def exchange(self, store: Any, kept: SnapshotInfo, source: Any, name: str) -> None:
        """Keep what *store* holds as the new snapshot *kept*, and let it hold what *name* of *source* holds.

        *source* are snapshots of the same place.
        Raises: UnknownSnapshot, SnapshotExists, StoreError.
        """

    def open(self, name: str) -> Store:
        """Return a store of its own with the rows of the snapshot, to be closed. Raises: UnknownSnapshot."""

    def fill(self, info: SnapshotInfo, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Make a snapshot of *rows*, which are in the order of their keys. Raises: SnapshotExists."""

    def filling(self, info: SnapshotInfo, batches: Batches) -> Iterator[None]:
        """Make a snapshot of rows as ``fill`` does, in slices: one for each batch.

        It is there when all slices are done; nothing is left of it when they are given up.
        Raises: SnapshotExists, StoreError, and what *batches* raises.
        """

    def delete(self, name: str) -> None:
        """Forget the snapshot. Raises: UnknownSnapshot."""


class Place(Protocol):
    """The stores of all namespaces."""

    @property
    def frees_closed(self) -> bool:
        """Whether a closed store takes no memory, so that closing idle ones is worth it."""

    def namespaces(self) -> list[str]:
        """Return the names of the namespaces there are, in order."""

    def exists(self, namespace: str) -> bool:
        """Tell whether there is a namespace of that name."""

    def open(self, namespace: str) -> Store:
        """Return the store of a namespace, made when it is missing. Raises: StoreError."""

    def close(self, namespace: str, store: Store) -> None:
        """Free what *store*, of this namespace, does not need to come back. Raises: StoreError."""

    def save(self, store: Store) -> None:
        """Write what would get lost if *store*, which is open, could not be closed in order.

        Raises: StoreError, with the store as it was.
        """

    def put_away(self, namespace: str, store: Store) -> None:
        """Keep as little as can be of *store*, of this namespace, in memory until it is opened again.

        Raises: StoreError.
        """

    def drop(self, namespace: str) -> None:
        """Forget a namespace, whose store is closed, with its snapshots."""

    def watch(self, stores: Iterable[Store]) -> None:
        """Have those of *stores*, which are open, refuse to write whose directories somebody has removed."""

    def free(self) -> bool:
        """Give back memory of what is gone, for less than a millisecond; tell whether there is more."""

    def snapshots(self, namespace: str) -> Snapshots:
        """Return the snapshots of a namespace."""

    def end(self) -> None:
        """Free everything."""


def check_name(kind: str, name: str) -> None:
    """Raise ValueError with one sentence when *name* cannot name a namespace or snapshot."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(
            f"A {kind} is named with 1 to 128 letters, digits and _ . @ + -, and not with a dot or "
            f"sign in front, unlike {name!r}."
        )
