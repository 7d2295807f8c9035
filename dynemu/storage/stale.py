"""An older state of a store: the newest one with what was changed since laid over it."""

from collections.abc import Iterator, Mapping
from heapq import merge
from operator import itemgetter

from dynemu._core.rows import take_rows
from dynemu.storage.base import View, WriteSet

Row = tuple[bytes, bytes]
Images = dict[bytes, bytes | None]
"""Rows as they were before a commit, by key; None for one that was not there."""

_key = itemgetter(0)
_value = itemgetter(1)


def take_images(view: View, writes: WriteSet) -> Images:
    """Return what *view* shows of the rows that *writes* puts and deletes."""
    keys = [key for key, _ in writes.puts]
    keys += writes.deletes
    return dict(zip(keys, view.get_many(keys), strict=True))


class StaleView:
    """*view* with the rows of *images* in place of its own. Counts are those of *view*."""

    __slots__ = ("_images", "_view", "catalogue_version", "counts")

    def __init__(self, view: View, images: Mapping[bytes, bytes | None]) -> None:
        self._view = view
        self._images = images
        self.catalogue_version = view.catalogue_version
        self.counts = view.counts

    def get(self, key: bytes) -> bytes | None:
        return self._images[key] if key in self._images else self._view.get(key)

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        return [self._images.get(key, row) for key, row in zip(keys, self._view.get_many(keys), strict=True)]

    def scan(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[Row]:
        images = self._images
        older = [(key, row) for key, row in images.items() if row is not None and start <= key < end]
        older.sort(key=_key, reverse=reverse)
        newest = (row for row in self._view.scan(start, end, reverse) if row[0] not in images)
        return merge(older, newest, key=_key, reverse=reverse)

    def values(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[bytes]:
        return map(_value, self.scan(start, end, reverse))

    def read_rows(self, start: bytes, end: bytes, reverse: bool, limit: int, max_bytes: int) -> list[Row]:
        return take_rows(self.scan(start, end, reverse), limit, max_bytes)
