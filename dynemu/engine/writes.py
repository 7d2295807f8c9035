"""Puts, updates and deletes of one item as pure functions: what is there, what shall be, the rows between."""

from typing import Any

from orjson import Fragment

from dynemu._core import scanning
from dynemu._core.codec import decode_row, encode_row, encode_row_sized, row_body, row_size
from dynemu._core.conditions import Node
from dynemu._core.fanout import Image, add_index_rows, fits_indexes_looking
from dynemu._core.fields import MOST, Fields, names_of
from dynemu._core.keys import successor
from dynemu._core.updates import Update
from dynemu.engine.backfill import add_missing_counts
from dynemu.engine.capacity import Consumption, write_units
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
_NO_NAMES: frozenset[str] = frozenset()


class Target:
    """The item that a write is about: its row key, its row now and, once that is known, its row afterwards.

    Images are parsed when something asks for them.
    """

    __slots__ = (
        "_fields",
        "_image",
        "_new_image",
        "_written",
        "by_service",
        "new_row",
        "row",
        "row_key",
        "table",
        "view",
    )

    def __init__(self, view: View, table: Table, row_key: bytes, by_service: bool = False) -> None:
        self.view = view
        self.table = table
        self.row_key = row_key
        self.by_service = by_service
        """Whether the service itself writes, as when an item expires, and not a request."""
        self.row = view.get(row_key)
        self.new_row: bytes | None = None
        """The row that is to be, None for none, from ``replace`` or ``update`` on."""
        self._image: Item | None = None
        self._new_image: Item | None = None
        self._fields: Fields | None = None
        self._written: Item | None = None
        """A part of the new item, with all that an update wrote."""

    @property
    def image(self) -> Item | None:
        """The item as it is now, or None."""
        if self._image is None and self.row is not None:
            self._image = decode_row(self.row)
        return self._image

    @property
    def new_image(self) -> Item | None:
        """The item as it shall be, or None."""
        if self._new_image is None and self.new_row is not None:
            self._new_image = decode_row(self.new_row)
        return self._new_image

    def look(self, condition: Node | None, update: Update | None) -> None:
        """Find in the row what *condition* and *update* (None: none) name, where that spares parsing it."""
        if self.row is None or not scanning.pays():
            return
        names = names_of(
            _NO_NAMES if condition is None else condition.attributes,
            _NO_NAMES if update is None else update.touched,
        )
        if len(names.places) <= MOST:
            self._fields = Fields(names)
            self._fields.find(self.row)

    def check(self, condition: Node | None, values: Item, on_failure: str | None) -> None:
        """Raise ConditionalCheckFailedException unless *condition* (None: none) holds for the item now."""
        if condition is None:
            return
        if self._fields is None:
            self.look(condition, None)
        if self._fields is None:
            holds = condition.test(self.image or {}, values)
        else:
            holds = condition.holds(self._fields, values)
        if holds:
            return
        if on_failure == "ALL_OLD" and self.row is not None:
            raise ConditionalCheckFailedException(CONDITION_FAILED, Item=self.image)
        raise ConditionalCheckFailedException(CONDITION_FAILED)

    def replace(
        self, new: Item | None, writes: WriteSet, consumption: Consumption | None, size: int = 0
    ) -> None:
        """Add to *writes* all that turns the item into *new*, or deletes it when *new* is None.

        *size* is that of *new* in bytes, 0 when it is not known. Raises: as ``write`` does.
        """
        if new is not None:
            self._new_image = new
            self.new_row = encode_row_sized(new, size) if size else encode_row(new)
        self.write(writes, consumption)

    def update(self, key: Item, update: Update | None, values: Item) -> None:
        """Work out the row as *update* leaves it, for ``write``; *key* is what a new item begins with.

        The row stays None when the item is missing and nothing creates it.
        Raises: ValidationException for what the update meets in the item, and for index keys it spoils.
        """
        if update is None:
            self.new_row = encode_row(key) if self.row is None else self.row
            return
        if self.row is None and not update.creates:
            return
        if self._fields is not None:
            self.new_row, self._written = update.splice(self._fields, values)
        else:
            image = self.image
            self._written = self._new_image = update.apply(dict(key) if image is None else image, values)
            self.new_row = encode_row(self._new_image)
        if self.table.indexes:
            self._check_index_keys()

    def _check_index_keys(self) -> None:
        """Raise ValidationException when the new row has what cannot be the key of an index."""
        table, new_row = self.table, self.new_row
        fields = table.new_fields
        if self._new_image is None and fields is not None and new_row is not None:
            fields.find(new_row)
            if fits_indexes_looking(table.indexes, fields):
                return
        check_index_keys(table, self.new_image or {}, updating=True)

    def pick(self, wanted: str | None, update: Update | None) -> Any:
        """Return the Attributes that ReturnValues *wanted* asks for after ``update``, or None."""
        if wanted is None or wanted == "NONE":
            return None
        is_old = wanted in ("ALL_OLD", "UPDATED_OLD")
        row = self.row if is_old else self.new_row
        if row is None:
            return None
        if wanted in ("ALL_OLD", "ALL_NEW"):
            return Fragment(row_body(row))
        if update is None:
            return None
        if not is_old:
            return update.paths.apply(self._written or {})
        if self._fields is None:
            return update.paths.apply(self.image or {})
        return update.paths.apply(self._fields.item(update.attributes))

    def write(self, writes: WriteSet, consumption: Consumption | None) -> None:
        """Add to *writes* all that gives the item its new row, or deletes it for want of one.

        Raises: ValidationException for an item over 400 KB, or one that a vector index refuses; then nothing
        was added.
        """
        table, old_row, new_row = self.table, self.row, self.new_row
        old_size = 0 if old_row is None else row_size(old_row)
        new_size = 0
        if new_row is not None:
            new_size = row_size(new_row)
            if new_size > ITEM_BYTES:
                raise validation(TOO_BIG_UPDATE)
            if table.vectors:
                check_vector_entries(self)
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
            old = Image(old_row, self._image, table.index_fields)
            add_index_rows(
                table.indexes, old, Image(new_row, self._new_image, table.new_fields), writes, consumption
            )
            if table.filling and self.image is not None:
                add_missing_counts(self.view, table.filling, self.image, self.new_image, writes)
        if table.vectors:
            add_vector_entries(self, writes, consumption)
        if table.recorded:
            writes.changes.append(self)
        for follow in table.followers:
            follow(self, writes)


def check_key_untouched(table: Table, update: Any) -> None:
    """Raise ValidationException when *update* (None: no update) writes a key attribute."""
    if update is None:
        return
    for name in table.keys:
        if name in update.attributes:
            raise parameter_error(f"Cannot update attribute {name}. This attribute is part of the key")


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
