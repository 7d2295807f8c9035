"""The search in a vector index: what is asked for, the entries that are nearest, and what that costs.

Every entry of the index, or of the partition that is named, is compared, so that the result is exact.
Source of texts and numbers: as in ``vector_rows``; API reference, SearchVectors.
"""

from typing import Any

from orjson import dumps

from dynemu._core.codec import row_size
from dynemu._core.keys import successor
from dynemu._core.values import normalise_value, type_of
from dynemu._core.vectors import (
    COSINE,
    DOT_PRODUCT,
    EUCLIDEAN,
    Search,
    entry_item,
    entry_vector,
    pack_vector,
    unpack_vector,
)
from dynemu.engine.table import Table
from dynemu.engine.vector_rows import LEAST_BYTES, VectorRows
from dynemu.engine.vector_values import narrow, show_float
from dynemu.errors import ValidationException, validation
from dynemu.expressions.keys import KeyTerm
from dynemu.model import KeyAttribute
from dynemu.storage.base import View

Item = dict[str, Any]

_DISTANCES = {"COSINE": COSINE, "EUCLIDEAN": EUCLIDEAN, "DOT_PRODUCT": DOT_PRODUCT}
_TENTHS_PER_DIMENSION = 176
"""Bytes that a search costs for each dimension of its index, times ten, as measured on the service.

NOTE: the service gives one of two numbers for the same search; this is the lower and more frequent one.
"""


class Found:
    """One result: the item as the index has it, without the vector, and the vector apart."""

    __slots__ = ("_entry", "_rows", "item", "score")

    def __init__(self, rows: VectorRows, score: float, entry: bytes) -> None:
        self.score = narrow(score)
        self.item = entry_item(entry, rows.dimensions, len(rows.index.filters))
        self._entry = entry
        self._rows = rows

    @property
    def size(self) -> int:
        """Bytes of the entry without its vector."""
        return row_size(self._entry) - 4 * self._rows.dimensions

    def vector(self) -> Item:
        """Return the vector as an attribute value, in the precision of the index."""
        numbers = unpack_vector(entry_vector(self._entry, self._rows.dimensions))
        return {"L": [{"N": show_float(number)} for number in numbers]}


def get_vector_rows(table: Table, name: str) -> VectorRows:
    """Return the vector index called *name*. Raises ValidationException when it cannot be searched."""
    for rows in table.vectors:
        if rows.index.name == name:
            if rows.index.status == "CREATING":
                raise validation(f"Cannot search backfilling vector index: {name}")
            return rows
    raise validation(f"The table does not have the specified index: {name}")


def get_search_vector(elements: list[Item]) -> bytes:
    """Return the vector of a request, packed. Raises ValidationException."""
    for element in elements:
        normalise_value(element)
    vector = pack_vector(elements)
    if vector is None:
        raise validation(
            "Search vector contains invalid values. All values in the search vector must be a 32-bit "
            "floating-point number attribute"
        )
    return vector


def find_nearest(
    view: View, rows: VectorRows, vector: bytes, count: int, terms: list[KeyTerm] | None
) -> list[Found]:
    """Return the *count* entries nearest to *vector*, of those that fulfil *terms*, the nearest first.

    Equally near ones come in the order of their keys. Raises: ValidationException.
    """
    dimensions = len(vector) // 4
    if dimensions != rows.dimensions:
        raise validation(
            f"Input search vector dimension {dimensions} does not match vector index dimension "
            f"{rows.dimensions}"
        )
    wanted = _wanted(rows, terms)
    start, end = rows.codec.start, rows.codec.end
    for part in rows.index.hash:
        start = rows.codec.hash_prefix([wanted[part.name]])
        end = successor(start)
    filters = [dumps(wanted[part.name]) if part.name in wanted else None for part in rows.index.filters]
    while filters and filters[-1] is None:
        filters.pop()
    search = Search(vector, _DISTANCES[rows.index.distance], count, filters)
    search.look_at(view.values(start, end))
    return [Found(rows, score, entry) for score, entry in search.found()]


def _wanted(rows: VectorRows, terms: list[KeyTerm] | None) -> dict[str, Item]:
    """Return the values that entries must have, by attribute. Raises ValidationException."""
    if terms is None:
        if rows.index.hash:
            raise validation("SearchConditionExpression must be provided when SearchSchema has a HASH key")
        return {}
    parts = {part.name: part for part in (*rows.index.hash, *rows.index.filters)}
    for term in terms:
        if term.name not in parts:
            raise validation(
                "SearchConditionExpression must not contain any attributes that is not in SearchSchema. "
                f"Invalid attribute: {term.name}"
            )
    wanted = {term.name: term.operands[0] for term in terms}
    if any(part.name not in wanted for part in rows.index.hash):
        raise validation("SearchConditionExpression must have all HASH attributes")
    for name, value in wanted.items():
        if type_of(value) != parts[name].type:
            raise _type_error(parts[name])
    return wanted


def _type_error(part: KeyAttribute) -> ValidationException:
    return validation(
        f"Search condition value for attribute '{part.name}' does not match type in search schema"
    )


def search_bytes(rows: VectorRows, found: list[Found], shows_vectors: bool) -> float:
    """Return VectorSearchRequestBytes of a search with these results."""
    size = -(-_TENTHS_PER_DIMENSION * rows.dimensions // 10) + sum(result.size for result in found)
    if shows_vectors:
        size += 4 * rows.dimensions * len(found)
    return float(max(size, LEAST_BYTES))
