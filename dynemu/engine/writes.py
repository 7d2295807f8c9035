"""Puts, updates and deletes of one item as pure functions: what is there, what shall be, the rows between."""

from typing import Any

from dynemu._core.codec import decode_row, encode_row, encode_row_sized, row_size
from dynemu._core.fanout import Before, add_index_rows
from dynemu._core.keys import successor
from dynemu.engine.backfill import add_missing_counts
from dynemu.engine.capacity import Consumption, write_units
from dynemu.engine.changes import Change
from dynemu.engine.keys import check_index_keys
from dynemu.engine.table import Table
from dynemu.engine.vector_rows import add_vector_entries, check_vector_entries
from dynemu.errors import ConditionalCheckFailedException, parameter_error, validation
from dynemu.limits import COLLECTION_BYTES, ITEM_BYTES
from dynemu.storage.base import View, WriteSet

Item = dict[str, Any]

TOO_BIG = "Item size has exceeded the maximum allowed size"
TOO_BIG_UPDATE = "Item size to update has exceeded the maximum allowed size"
CONDITION_FAILED = "The conditional request failed"
_GIGABYTE = 1 << 30


class Target:
    """The item that a write is about: its row key, its row now, and its image when something asks for it."""

    __slots__ = ("_image", "by_service", "row", "row_key", "table", "view")

    def __init__(self, view: View, table: Table, row_key: bytes, by_service: bool = False) -> None:
        self.view = view
        self.table = table
        self.row_key = row_key
        self.by_service = by_service
        """Whether the service itself writes, as when an item expires, and not a request."""
        self.row = view.get(row_key)
        self._image: Item | None = None

    @property
    def image(self) -> Item | None:
        """The item as it is now, or None."""
        if self._image is None and self.row is not None:
            self._image = decode_row(self.row)
        return self._image

    def check(self, condition: Any, values: Item, on_failure: str | None) -> None:
        """Raise ConditionalCheckFailedException unless *condition* (None: none) holds for the item now."""
        if condition is None or condition.test(self.image or {}, values):
            return
        if on_failure == "ALL_OLD" and self.row is not None:
            raise ConditionalCheckFailedException(CONDITION_FAILED, Item=self.image)
        raise ConditionalCheckFailedException(CONDITION_FAILED)

    def replace(
        self, new: Item | None, writes: WriteSet, consumption: Consumption | None, size: int = 0
    ) -> None:
        """Add to *writes* all that turns the item into *new*, or deletes it when *new* is None.

        *size* is that of *new* in bytes, 0 when it is not known.
        Raises: ValidationException for an item over 400 KB, or one that a vector index refuses; then nothing
        was added.
        """
        table, old_row = self.table, self.row
        new_row: bytes | None = None
        old_size = 0 if old_row is None else row_size(old_row)
        new_size = 0
        if new is not None:
            new_row = encode_row_sized(new, size) if size else encode_row(new)
            new_size = row_size(new_row)
            if new_size > ITEM_BYTES:
                raise validation(TOO_BIG_UPDATE)
            if table.vectors:
                check_vector_entries(self, new)
            writes.puts.append((self.row_key, new_row))
        elif old_row is not None:
            writes.deletes.append(self.row_key)
        writes.expects.append((self.row_key, old_row))
        if consumption is not None:
            consumption.units += write_units(old_size, new_size)
        if new_row is None and old_row is None:
            return
        writes.count(table.id, (new_row is not None) - (old_row is not None), new_size - old_size)
        if table.indexes:
            before = Before(old_row, self._image, table.index_fields)
            add_index_rows(table.indexes, before, new, new_row, writes, consumption)
            if table.filling and self.image is not None:
                add_missing_counts(self.view, table.filling, self.image, new, writes)
        if table.vectors:
            add_vector_entries(self, new, writes, consumption)
        if table.recorded:
            writes.changes.append(Change(self, new, new_row))
        for follow in table.followers:
            follow(self, new, new_row, writes)


def check_key_untouched(table: Table, update: Any) -> None:
    """Raise ValidationException when *update* (None: no update) writes a key attribute."""
    if update is None:
        return
    for name in table.keys:
        if name in update.attributes:
            raise parameter_error(f"Cannot update attribute {name}. This attribute is part of the key")


def updated_image(target: Target, key: Item, update: Any, values: Item) -> Item | None:
    """Return the item as *update* leaves it; None when the item is missing and nothing creates it.

    Raises: ValidationException for what the update meets in the item, and for index keys it spoils.
    """
    old = target.image
    if update is None:
        return dict(key) if old is None else old
    if old is None and not update.creates:
        return None
    new: Item = update.apply(dict(key) if old is None else old, values)
    if target.table.indexes:
        check_index_keys(target.table, new, updating=True)
    return new


def pick_attributes(wanted: str | None, update: Any, old: Item | None, new: Item | None) -> Item | None:
    """Return the Attributes that ReturnValues *wanted* asks for, or None."""
    if wanted is None or wanted == "NONE":
        return None
    image = old if wanted in ("ALL_OLD", "UPDATED_OLD") else new
    if image is None or wanted in ("ALL_OLD", "ALL_NEW"):
        return image
    if update is None:
        return None
    picked: Item = update.paths.apply(image)
    return picked


def collection_metrics(view: View, table: Table, item: Item) -> dict[str, Any] | None:
    """Return ItemCollectionMetrics for the collection of *item*, or None for a table without local indexes.

    The estimate is the size of all its rows in whole gigabytes, and one more.
    Source: API reference, ItemCollectionMetrics.
    """
    if all([rows.index.is_global for rows in table.indexes]):
        return None
    key = {table.schema.hash.name: item[table.schema.hash.name]}
    low = float(min(_collection_size(view, table, item), COLLECTION_BYTES) // _GIGABYTE)
    return {"ItemCollectionKey": key, "SizeEstimateRangeGB": [low, low + 1.0]}


def _collection_size(view: View, table: Table, item: Item) -> int:
    if view.counts(table.id)[1] < _GIGABYTE:
        return 0
    hashes = [item[table.schema.hash.name]]
    sources = [table.codec, *[rows.codec for rows in table.indexes if not rows.index.is_global]]
    size = 0
    for codec in sources:
        prefix = codec.hash_prefix(hashes)
        size += sum([row_size(row) for _, row in view.scan(prefix, successor(prefix))])
    return size
