"""What a change of an item means for the rows of its table's indexes."""

from typing import TYPE_CHECKING, Any

from dynemu._core import scanning
from dynemu._core.codec import decode_row, encode_row, row_size
from dynemu._core.fields import Fields
from dynemu._core.keys import KeyCodec
from dynemu._core.values import size_of_item

if TYPE_CHECKING:
    from dynemu.engine.capacity import Consumption
    from dynemu.engine.table import IndexRows
    from dynemu.storage.base import WriteSet

Item = dict[str, Any]


def project(item: Item, wanted: frozenset[str] | None) -> Item:
    """Return the attributes of *item* that an index keeps; *wanted* None means all."""
    if wanted is None:
        return item
    return {name: value for name, value in item.items() if name in wanted}


def add_index_rows(
    indexes: "list[IndexRows]",
    old: "Image",
    new: "Image",
    writes: "WriteSet",
    consumption: "Consumption | None",
) -> None:
    """Add to *writes* the index rows that go and come when the item *old* becomes *new*.

    *indexes* are ``engine.table.IndexRows``. An index that projects everything shares the row of the table.
    Units go to *consumption*, if it is given: nothing for an entry that stays as it was, the larger size for
    one changed in place, both sizes for one that moves.
    """
    old_row, new_row = old.row, new.row
    for rows in indexes:
        codec = rows.codec
        old_key = None if old_row is None else old.key(codec)
        new_key = None if new_row is None else new.key(codec)
        if old_key is None and new_key is None:
            continue
        wanted = rows.wanted
        if old_key == new_key and old.is_same(new, wanted):
            continue
        old_size = new_size = 0
        if old_row is not None and old_key is not None:
            old_size = row_size(old_row) if wanted is None else size_of_item(project(old.item(), wanted))
            if old_key != new_key:
                writes.deletes.append(old_key)
        if new_row is not None and new_key is not None:
            entry = new_row if wanted is None else encode_row(project(new.item(), wanted))
            new_size = row_size(entry)
            writes.puts.append((new_key, entry))
        if old_size != new_size or (old_key is None) != (new_key is None):
            writes.count(rows.id, (new_key is not None) - (old_key is not None), new_size - old_size)
        if consumption is not None:
            consumption.add_index(rows.index.name, entry_units(old_key, old_size, new_key, new_size))


class Image:
    """An item before or after a write: its row, looked into for index keys and parsed if need be."""

    def __init__(self, row: bytes | None, item: Item | None = None, fields: Fields | None = None) -> None:
        """*row* None: there is no item; *item* None: it has not been parsed, so *fields* look for keys."""
        self.row = row
        self._item = item
        self._fields: Fields | None = None
        if row is not None and item is None and fields is not None and scanning.pays():
            self._fields = fields
            if self._fields.row is not row:
                self._fields.find(row)

    def item(self) -> Item:
        """Return the item, which there is."""
        if self._item is None and self.row is not None:
            self._item = decode_row(self.row)
        return self._item or {}

    def key(self, codec: KeyCodec) -> bytes | None:
        """Return the row key in an index; None when it is not in there."""
        return codec.encode(self.item()) if self._fields is None else codec.encode_fields(self._fields)

    def is_same(self, new: "Image", wanted: frozenset[str] | None) -> bool:
        """Tell whether *new* is the same in the attributes *wanted* (None: all)."""
        if self.row is None or new.row is None:
            return False
        if wanted is not None:
            return project(self.item(), wanted) == project(new.item(), wanted)
        # PERF: the order of the attributes does not change the sum of the bytes; that spares parsing.
        if len(self.row) != len(new.row) or scanning.byte_sum(self.row) != scanning.byte_sum(new.row):
            return False
        return self.row == new.row or self.item() == new.item()


def entry_units(old_key: bytes | None, old_size: int, new_key: bytes | None, new_size: int) -> int:
    """Return the write units of one index entry that changes (1 KB each, rounded up)."""
    old_units = -(-old_size // 1024)
    new_units = -(-new_size // 1024)
    if old_key == new_key:
        return max(old_units, new_units)
    return old_units + new_units


def fits_indexes(indexes: "list[IndexRows]", item: Item) -> bool:
    """Return False when *item* may have an attribute that cannot be the key of one of *indexes*."""
    for rows in indexes:
        for name, kind in rows.parts:
            value = item.get(name)
            if value is None:
                continue
            text = value.get(kind)
            if text is None or not 0 < len(text) <= 256:
                return False
    return True


def fits_indexes_looking(indexes: "list[IndexRows]", fields: Fields) -> bool:
    """Answer ``fits_indexes`` of the row of *fields*, which have all names of the indexes' keys."""
    for rows in indexes:
        for name, kind in rows.parts:
            place = fields.place(name)
            if place < 0:
                continue
            start = fields.start(place)
            # Without the eight bytes around the text: {"S":"…"}.
            size = fields.end(place) - start - 8
            if not (scanning.is_tagged(fields.row, start, kind) and 0 < size <= 256):
                return False
    return True
