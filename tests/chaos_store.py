"""A store that makes trouble as a distributed one may, and catches operations that do not stand it.

At random, but the same for the same seed, it makes an operation run again when it reads something for the
first time, refuses a commit, or leaves open whether a commit took effect. An operation that then writes
something else, or a write set that breaks the contract of ``dynemu.storage.base``, raises BrokenContract.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, TypeVar

from dynemu.storage.base import CommitRefused, OutcomeUnknown, Store, View, WriteSet

T = TypeVar("T")


class BrokenContract(AssertionError):
    """The engine did what a store does not allow."""


class RunAgain(CommitRefused):
    """What was read had to be fetched first."""


class ChaosView:
    """A view of the inner store on which the first read of anything may raise RunAgain."""

    def __init__(self, store: "ChaosStore", view: View) -> None:
        self._store = store
        self._view = view
        self.catalogue_version = view.catalogue_version

    def get(self, key: bytes) -> bytes | None:
        self._store.fetch(key)
        return self._view.get(key)

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        self._store.fetch(*keys)
        return self._view.get_many(keys)

    def scan(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        self._store.fetch((start, end, reverse))
        return self._store.watch(self._view.scan(start, end, reverse))

    def values(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[bytes]:
        self._store.fetch((start, end, reverse))
        return self._store.watch(self._view.values(start, end, reverse))

    def read_rows(
        self, start: bytes, end: bytes, reverse: bool, limit: int, max_bytes: int
    ) -> list[tuple[bytes, bytes]]:
        if limit < 1:
            raise BrokenContract(f"read_rows asks for {limit} rows")
        self._store.fetch((start, end, reverse))
        return self._view.read_rows(start, end, reverse, limit, max_bytes)

    def counts(self, index_id: int) -> tuple[int, int]:
        return self._view.counts(index_id)


class ChaosStore:
    """Wraps *inner*; the three chances are of one read, commit and commit to go wrong."""

    def __init__(
        self, inner: Store, seed: int = 0, *, again: float = 0.15, refuse: float = 0.15, unknown: float = 0.1
    ) -> None:
        self.inner = inner
        self._random = Random(seed)
        self._again = again
        self._refuse = refuse
        self._unknown = unknown
        self._fetched: set[object] = set()
        self._commits = 0
        self._failed: list[Any] | None = None
        self._open: tuple[WriteSet, bool] | None = None

    @property
    def needs_sync(self) -> bool:
        return self.inner.needs_sync

    def view(self) -> ChaosView:
        if self._random.random() < 0.1:
            self._fetched.clear()
        return ChaosView(self, self.inner.view())

    def fetch(self, *reads: object) -> None:
        """Raise RunAgain, perhaps, if one of *reads* is new since the last commit."""
        missing = set(reads) - self._fetched
        self._fetched |= missing
        if missing and self._random.random() < self._again:
            raise RunAgain

    def watch(self, rows: Iterator[T]) -> Iterator[T]:
        """Iterate over *rows*; raise BrokenContract once something has been committed."""
        commits = self._commits
        for row in rows:
            yield row
            if self._commits != commits:
                raise BrokenContract("an iterator is used after a commit")

    def commit(self, writes: WriteSet) -> None:
        # Changes are recorded by now, in rows of their own.
        content = [getattr(writes, name) for name in WriteSet.__slots__ if name != "changes"]
        if self._failed not in (None, content):
            raise BrokenContract(f"run again, an operation writes {content} and not {self._failed}")
        self._check(writes)
        self._failed = content
        chance = self._random.random()
        if chance < self._refuse:
            raise CommitRefused
        is_unknown = chance < self._refuse + self._unknown
        is_applied = not is_unknown or self._random.random() < 0.5
        if is_applied:
            self.inner.commit(writes)
            self._commits += 1
            self._fetched.clear()
            self._failed = None
        if is_unknown:
            self._open = (writes, is_applied)
            raise OutcomeUnknown

    def was_committed(self, writes: WriteSet) -> bool:
        if self._open is None or self._open[0] is not writes:
            raise BrokenContract("the outcome of this commit was told when it was made")
        return self._open[1]

    def sync(self) -> None:
        self.inner.sync()

    def free(self) -> bool:
        return self.inner.free()

    def checkpoint(self, path: str) -> None:
        self.inner.checkpoint(path)

    def close(self) -> None:
        self.inner.close()

    def _check(self, writes: WriteSet) -> None:
        get = self.inner.view().get
        for key, row in writes.expects:
            if get(key) != row:
                raise BrokenContract(f"{row!r} is expected at {key!r}, where {get(key)!r} was read")
        puts = [key for key, _ in writes.puts]
        if len(set(puts)) < len(puts) or set(puts) & set(writes.deletes):
            raise BrokenContract(f"a key is written twice: puts {puts}, deletes {writes.deletes}")
