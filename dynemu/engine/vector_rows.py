"""Rows of vector indexes: an entry for each item with a vector, in the write set of the item.

    id (4 bytes) | hash (4 bytes) | HASH element of the search schema, if there is one | base table's key

So a search that names the partition reads one range. Entries are described in ``_core.vectors``.
Source of what is indexed, refused and charged: developer guide, "Creating and searching vector indexes",
"Storage considerations for vector indexes" and "Monitoring vector index capacity"; API reference, PutItem;
for bytes and texts, what the authors of other emulators measured (docs/compatibility.md).
"""

from typing import TYPE_CHECKING, Any

from orjson import dumps

from dynemu._core.codec import row_size
from dynemu._core.fanout import project
from dynemu._core.keys import KeyCodec
from dynemu._core.values import size_of_item
from dynemu._core.vectors import pack_entry, pack_vector
from dynemu.engine.vector_values import check_filter, check_partition, check_vector
from dynemu.model import KeyAttribute, TableSchema, VectorIndex
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.capacity import Consumption
    from dynemu.engine.writes import Target

Item = dict[str, Any]

LEAST_BYTES = 1024
"""What AWS counts for a smaller entry written, or a smaller search."""


class VectorRows:
    """How one vector index keeps its entries."""

    __slots__ = ("codec", "dimensions", "fixed_size", "id", "index", "wanted")

    def __init__(self, schema: TableSchema, index: VectorIndex, base: KeyCodec) -> None:
        self.index = index
        self.id = index.id
        self.dimensions = index.dimensions
        self.codec = KeyCodec(index.id.to_bytes(4, "big"), index.hash, (), base)
        self.fixed_size = len(index.attribute.encode()) + 4 * index.dimensions
        """What AWS counts for the vector in an entry."""
        self.wanted: frozenset[str] | None = None
        """Names that the index projects; None for all."""
        if index.projection != "ALL":
            keys = (schema.hash, *((schema.range,) if schema.range else ()), *index.hash, *index.filters)
            self.wanted = frozenset((*(part.name for part in keys), *index.included))

    def find_entry(self, item: Item) -> tuple[bytes, bytes] | None:
        """Return key and entry of *item*; None when it has no place in the index."""
        key = self.codec.encode(item)
        elements = item.get(self.index.attribute, {}).get("L")
        if key is None or elements is None or len(elements) != self.dimensions:
            return None
        vector = pack_vector(elements)
        filters = [item.get(part.name) for part in self.index.filters]
        if vector is None or not self._fit(filters):
            return None
        projected = project(item, self.wanted)
        if self.index.attribute in projected:
            projected = {name: projected[name] for name in projected if name != self.index.attribute}
        size = size_of_item(projected) + self.fixed_size
        values = [b"" if value is None else dumps(value) for value in filters]
        return key, pack_entry(vector, values, projected, size)

    def _fit(self, filters: list[Item | None]) -> bool:
        return all(
            value is None or part.type in value
            for part, value in zip(self.index.filters, filters, strict=True)
        )

    def check(self, item: Item, before: Item) -> None:
        """Raise ValidationException when *item* has what the index refuses and *before* had not.

        NOTE: what was there before the index is left out of it, and stands in the way of no update.
        """
        index = self.index
        name = index.attribute
        if name in item and item[name] != before.get(name):
            check_vector(index, item[name])
        self._check_parts(index.hash, check_partition, item, before)
        self._check_parts(index.filters, check_filter, item, before)

    def _check_parts(self, parts: tuple[KeyAttribute, ...], check: Any, item: Item, before: Item) -> None:
        for part in parts:
            value = item.get(part.name)
            if value is not None and value != before.get(part.name):
                check(self.index, part, value)


def check_vector_entries(target: "Target") -> None:
    """Raise ValidationException when an index refuses the new item of *target*."""
    for rows in target.table.vectors:
        rows.check(target.new_image or {}, target.image or {})


def add_vector_entries(target: "Target", writes: WriteSet, consumption: "Consumption | None") -> None:
    """Add to *writes* the entries that go and come with the new item of *target*, or when it goes.

    ``check_vector_entries`` has let it pass.
    """
    old, new = target.image, target.new_image
    for rows in target.table.vectors:
        size = _replace_entry(target, rows, old, new, writes)
        if size and consumption is not None:
            consumption.add_vector_bytes(rows.index.name, size)


def _replace_entry(
    target: "Target", rows: VectorRows, old: Item | None, new: Item | None, writes: WriteSet
) -> int:
    """Add what changes in one index; return the bytes that AWS counts for that."""
    key = None if old is None else rows.codec.encode(old)
    entry = None if key is None else target.view.get(key)
    if key is not None:
        # While the index is being filled, the entry may come after this was read.
        writes.expects.append((key, entry))
    placed = None if new is None else rows.find_entry(new)
    new_key, new_entry = (None, None) if placed is None else placed
    if entry == new_entry and (key == new_key or entry is None):
        return 0
    old_size = 0 if entry is None else row_size(entry)
    new_size = 0 if new_entry is None else row_size(new_entry)
    moves = key != new_key
    if key is not None and entry is not None and moves:
        writes.deletes.append(key)
    if placed is not None:
        writes.puts.append(placed)
    writes.count(rows.id, (placed is not None) - (entry is not None), new_size - old_size)
    if entry is not None and placed is not None and moves:
        return max(old_size, LEAST_BYTES) + max(new_size, LEAST_BYTES)
    return max(old_size if placed is None else new_size, LEAST_BYTES)
