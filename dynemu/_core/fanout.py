"""What a change of an item means for the rows of its table's indexes."""

from typing import TYPE_CHECKING, Any

from dynemu._core.codec import encode_row, row_size
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
    old: Item | None,
    old_row: bytes | None,
    new: Item | None,
    new_row: bytes | None,
    writes: "WriteSet",
    consumption: "Consumption | None",
) -> None:
    """Add to *writes* the index rows that go and come when item *old* becomes *new* (either may be None).

    *indexes* are ``engine.table.IndexRows``; *old_row* and *new_row* the base rows, which serve an index
    that projects everything. Units go to *consumption*, if it is given: nothing for an entry that stays as
    it was, the larger size for one changed in place, both sizes for one that moves.
    """
    for rows in indexes:
        old_key = None if old is None else rows.codec.encode(old)
        new_key = None if new is None else rows.codec.encode(new)
        if old_key is None and new_key is None:
            continue
        wanted = rows.wanted
        if old is not None and new is not None and old_key == new_key:
            if project(old, wanted) == project(new, wanted):
                continue
        old_size = new_size = 0
        if old is not None and old_row is not None and old_key is not None:
            old_size = row_size(old_row) if wanted is None else size_of_item(project(old, wanted))
            if old_key != new_key:
                writes.deletes.append(old_key)
        if new is not None and new_row is not None and new_key is not None:
            entry = new_row if wanted is None else encode_row(project(new, wanted))
            new_size = row_size(entry)
            writes.puts.append((new_key, entry))
        writes.count(rows.id, (new_key is not None) - (old_key is not None), new_size - old_size)
        if consumption is not None:
            consumption.add_index(rows.index.name, entry_units(old_key, old_size, new_key, new_size))


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
