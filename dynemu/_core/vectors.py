"""Entries of vector indexes, and the exact search for the nearest of them.

An entry is a row: format version (1 byte), size in bytes as AWS counts it (4 bytes), the square of the vector
(a 64-bit float), the vector (32-bit floats), each inline filter attribute as the size of its JSON (4 bytes)
and that JSON, nothing for one that the item lacks, and the projected item without the vector as compact JSON.
The numbers from the square on are little-endian.
"""

from array import array
from collections.abc import Iterable
from heapq import heappush, heapreplace
from math import sqrt
from struct import Struct, error
from typing import Any

from orjson import OPT_SORT_KEYS, dumps, loads

from dynemu._core import lanes, packing

COSINE = 0
EUCLIDEAN = 1
DOT_PRODUCT = 2
FORMAT_VERSION = 1
_SQUARE = 5
_VECTOR = 13
_COSINE = COSINE
_EUCLIDEAN = EUCLIDEAN
_SIZE = 4
_pack_square = Struct("<d").pack

Item = dict[str, Any]


def pack_vector(elements: list[Item]) -> bytes | None:
    """Return a list of numbers as 32-bit floats; None when one is no number or too large for that."""
    numbers = []
    for element in elements:
        text = element.get("N")
        if text is None:
            return None
        numbers.append(float(text))
    try:
        return Struct(f"<{len(numbers)}f").pack(*numbers)
    except (OverflowError, error):
        return None


def unpack_vector(vector: bytes) -> list[float]:
    """Return the numbers of a packed vector."""
    return list(Struct(f"<{len(vector) // 4}f").unpack(vector))


def pack_entry(vector: bytes, filters: list[bytes], item: Item, size: int) -> bytes:
    """Return the entry of *size* bytes for *item*; *filters* are JSON values, empty for a missing one."""
    body = _pack_square(lanes.square(vector, 0, len(vector) // 4)) + vector
    for value in filters:
        body += len(value).to_bytes(_SIZE, "little") + value
    return packing.pack_row(FORMAT_VERSION, size, body + dumps(item, option=OPT_SORT_KEYS))


def entry_vector(entry: bytes, dimensions: int) -> bytes:
    """Return the packed vector of an entry."""
    return entry[_VECTOR : _VECTOR + 4 * dimensions]


def entry_item(entry: bytes, dimensions: int, filters: int) -> Item:
    """Return the projected item of an entry with so many dimensions and inline filter attributes."""
    position = _VECTOR + 4 * dimensions
    for _ in range(filters):
        position += _SIZE + _get_size(entry, position)
    item: Item = loads(entry[position:])
    return item


def _get_size(entry: bytes, position: int) -> int:
    return entry[position] | entry[position + 1] << 8 | entry[position + 2] << 16 | entry[position + 3] << 24


class Search:
    """The nearest entries to a vector among those it was shown, in the order of their keys."""

    def __init__(self, vector: bytes, distance: int, count: int, filters: list[bytes | None]) -> None:
        """Look for at most *count* entries.

        *filters* has, for each inline filter attribute of the index, the JSON that an entry must have, or
        None for any; it may stop at the last one that matters.
        """
        self.numbers = array("d", unpack_vector(vector))
        self.dimensions = len(self.numbers)
        self.square = lanes.square(vector, 0, self.dimensions)
        self.distance = distance
        self.count = count
        self.filters = filters
        self.seen = 0
        self.best: list[tuple[float, int, bytes]] = []
        """A heap of (rank, minus the place, entry), the worst of the best first; a higher rank is nearer."""
        self.least = 0.0
        """The rank to beat once there are *count* entries."""

    def look_at(self, entries: Iterable[bytes]) -> None:
        """Rate all *entries*."""
        for entry in entries:
            self.rate(entry)

    def rate(self, entry: bytes) -> None:
        """Keep *entry* if it is among the nearest so far; of equally near ones the first stays."""
        self.seen += 1
        if self.filters and not self.passes(entry):
            return
        if len(entry) < _VECTOR + 4 * self.dimensions:
            raise ValueError("an entry has the dimensions of its index")
        rank = self.rank(entry)
        if len(self.best) < self.count:
            heappush(self.best, (rank, -self.seen, entry))
        elif rank > self.least:
            heapreplace(self.best, (rank, -self.seen, entry))
        else:
            return
        self.least = self.best[0][0]

    def passes(self, entry: bytes) -> bool:
        """Return whether *entry* has the inline filter attributes that are asked for."""
        position = _VECTOR + 4 * self.dimensions
        for wanted in self.filters:
            size = _get_size(entry, position)
            position += _SIZE
            if wanted is not None and entry[position : position + size] != wanted:
                return False
            position += size
        return True

    def rank(self, entry: bytes) -> float:
        """Return how near *entry* is: minus the cosine distance or the squared distance, or the product."""
        if self.distance == _EUCLIDEAN:
            return -lanes.gap(self.numbers, entry, _VECTOR)
        product = lanes.dot(self.numbers, entry, _VECTOR)
        if self.distance != _COSINE:
            return product
        lengths = sqrt(self.square * lanes.double_at(entry, _SQUARE))
        # NOTE: a vector of zeros has no direction; it is as far as one at a right angle.
        return -1.0 if lengths == 0.0 else product / lengths - 1.0

    def found(self) -> list[tuple[float, bytes]]:
        """Return (score, entry) of the nearest ones, the nearest first."""
        ranked = sorted(self.best, reverse=True)
        return [(self.score(rank), entry) for rank, _, entry in ranked]

    def score(self, rank: float) -> float:
        """Return the score that AWS shows for a *rank*."""
        if self.distance == _EUCLIDEAN:
            return sqrt(-rank)
        if self.distance == _COSINE:
            return -rank if rank < 0.0 else 0.0
        return rank + 0.0
