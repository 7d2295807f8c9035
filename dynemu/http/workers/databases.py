"""The namespaces of one worker."""

from collections.abc import Callable
from typing import Any, TypeAlias

from dynemu.config import Settings
from dynemu.engine.database import Engine
from dynemu.engine.namespaces import Namespaces
from dynemu.http.workers.owners import Owners
from dynemu.storage.base import Store, StoreError
from dynemu.storage.places import DEFAULT_NAMESPACE, Place

Kept: TypeAlias = tuple[str, "str | None"]
"""A namespace and a snapshot of it; None: what it holds now."""


class WorkerNamespaces(Namespaces):
    """Opens what *owners* says is this worker's; the others are known by what is asked of their workers."""

    def __init__(self, settings: Settings, place: Place, owners: Owners) -> None:
        self.owners = owners
        self.elsewhere: list[str] = []
        """Names that other workers have told."""
        self.fetched: dict[Kept, Kept | Exception] = {}
        """Where there is what other workers hold, or why it cannot be had."""
        self.on_dropped: Callable[[str], None] | None = None
        super().__init__(settings, place=place)

    def open_default(self) -> Engine:
        """Return the database of requests that name no namespace; None if it is another worker's."""
        none: Any = None  # and no request for it
        return super().open_default() if self.owners.has(DEFAULT_NAMESPACE) else none

    def start(self, name: str) -> Engine:
        """Return the database called *name*, which is not open. Raises: StoreError when it is not ours."""
        if not self.owners.has(name):
            raise StoreError(f"The namespace {name} is another worker's.")
        return super().start(name)

    def names(self) -> list[str]:
        """Return the names of all namespaces, in order."""
        return sorted({*super().names(), *self.elsewhere})

    def exists(self, name: str) -> bool:
        """Tell whether there is a namespace called *name*."""
        told = name in self.elsewhere or any(name == namespace for namespace, _ in self.fetched)
        return told or super().exists(name)

    def drop(self, name: str) -> None:
        """Forget a namespace with its snapshots; the default one is empty afterwards. Raises: StoreError."""
        super().drop(name)
        if self.on_dropped is not None:
            self.on_dropped(name)

    def load_snapshot(self, name: str, snapshot: str, source: str | None = None) -> None:
        """Let namespace *name* hold what *snapshot*, of it or of namespace *source*, holds.

        Raises: UnknownSnapshot, StoreError.
        """
        if source is not None:
            source, kept = self._find(source, snapshot)
            snapshot = kept or snapshot
        super().load_snapshot(name, snapshot, source)

    def copy(self, name: str, snapshot: str | None = None) -> Store:
        """Return a store of its own with what *snapshot* of namespace *name*, or that itself, holds now.

        Whoever asked for it closes it. Raises: UnknownSnapshot, StoreError.
        """
        return super().copy(*self._find(name, snapshot))

    def _find(self, name: str, snapshot: str | None) -> Kept:
        found = self.fetched.get((name, snapshot), (name, snapshot))
        if isinstance(found, Exception):
            raise found
        return found
