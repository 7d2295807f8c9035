"""What a change of an item means for the rows of its table's indexes."""

from dynemu._core.codec import encode_row, row_size


def project(item, wanted):
    """Return the attributes of *item* that an index keeps; *wanted* None means all."""
    if wanted is None:
        return item
    return {name: value for name, value in item.items() if name in wanted}


def add_index_rows(indexes, old, old_row, new, new_row, writes, consumption):
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
        old_entry = old_row
        new_entry = new_row
        if wanted is not None:
            old_image = None if old_key is None else project(old, wanted)
            new_image = None if new_key is None else project(new, wanted)
            if old_key == new_key and old_image == new_image:
                continue
            old_entry = None if old_image is None else encode_row(old_image)
            new_entry = None if new_image is None else encode_row(new_image)
        elif old_key == new_key and old == new:
            continue
        old_size = 0 if old_key is None else row_size(old_entry)
        new_size = 0 if new_key is None else row_size(new_entry)
        if old_key is not None and old_key != new_key:
            writes.deletes.append(old_key)
        if new_key is not None:
            writes.puts.append((new_key, new_entry))
        writes.count(rows.id, (new_key is not None) - (old_key is not None), new_size - old_size)
        if consumption is not None:
            consumption.add_index(rows.index.name, entry_units(old_key, old_size, new_key, new_size))


def entry_units(old_key, old_size, new_key, new_size):
    """Return the write units of one index entry that changes (1 KB each, rounded up)."""
    old_units = -(-old_size // 1024)
    new_units = -(-new_size // 1024)
    if old_key == new_key:
        return max(old_units, new_units)
    return old_units + new_units


def fits_indexes(indexes, item):
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
