"""Row keys of items and key maps, and AWS's words for those that do not fit the table."""

from typing import Any

from dynemu._core.fanout import fits_indexes
from dynemu._core.values import type_of
from dynemu.engine.table import IndexRows, Table
from dynemu.errors import ValidationException, parameter_error, validation
from dynemu.limits import HASH_KEY_BYTES, RANGE_KEY_BYTES
from dynemu.model import KeyAttribute

Item = dict[str, Any]

_MISMATCH = "The provided key element does not match the schema"
_EMPTY = (
    "One or more parameter values are not valid. {}"
    "The AttributeValue for a key attribute cannot contain an empty {} value.{}"
)
_IN_INDEX = "A value specified for a secondary index key is not supported. "
_IN_UPDATE = (
    "The update expression attempted to update a secondary index key to a value that is not supported. "
)
_EMPTY_KINDS = {"S": "string", "B": "binary"}


def get_item_row_key(table: Table, item: Item) -> bytes:
    """Return the row key of *item*.

    Raises: ValidationException that names the key attribute which is missing or wrong.
    """
    row_key = table.codec.encode(item)
    if row_key is None:
        check_item_key(table, item)
        raise validation(_MISMATCH)
    return row_key


def get_row_key(table: Table, key: Item) -> bytes:
    """Return the row key for the key map *key*, which must hold the table's key and nothing else.

    Raises: ValidationException.
    """
    row_key = table.codec.encode(key)
    if row_key is None or len(key) != len(table.keys):
        check_key(table, key)
        raise validation(_MISMATCH)
    return row_key


def check_item_key(table: Table, item: Item) -> None:
    """Raise ValidationException when *item* lacks a key attribute or has one that cannot be a key."""
    for part in table.key_attributes:
        value = item.get(part.name)
        if value is None:
            raise parameter_error(f"Missing the key {part.name} in the item")
        if type_of(value) != part.type:
            raise parameter_error(
                f"Type mismatch for key {part.name} expected: {part.type} actual: {type_of(value)}"
            )
    check_key_values(table, item)


def check_key(table: Table, key: Item) -> None:
    """Raise ValidationException when *key* is not a key of the table: names, types, values."""
    fits = len(key) == len(table.keys) and all(
        part.name in key and type_of(key[part.name]) == part.type for part in table.key_attributes
    )
    if not fits:
        raise validation(_MISMATCH)
    check_key_values(table, key)


def check_key_values(table: Table, item: Item) -> None:
    """Raise ValidationException for an empty or oversize key attribute among those that *item* has."""
    for place, part in enumerate(table.key_attributes):
        value = item.get(part.name)
        if value is None:
            continue
        kind = find_empty_kind(value)
        if kind:
            raise empty_key_error(part.name, kind)
        _check_size(value, HASH_KEY_BYTES if place == 0 else RANGE_KEY_BYTES, is_hash=place == 0)


def check_index_keys(table: Table, item: Item, *, updating: bool = False) -> None:
    """Raise ValidationException when *item* has an attribute that cannot be the key of one of the indexes."""
    if fits_indexes(table.indexes, item):
        return
    for rows in table.indexes:
        _check_index_key(rows, item, updating)


def _check_index_key(rows: IndexRows, item: Item, updating: bool) -> None:
    hashes = len(rows.index.hash)
    for place, part in enumerate(rows.index.hash + rows.index.range):
        value = item.get(part.name)
        if value is None:
            continue
        if type_of(value) != part.type:
            raise _index_type_error(rows, part, type_of(value))
        kind = find_empty_kind(value)
        if kind and updating:
            raise validation(_EMPTY.format(_IN_UPDATE, kind, ""))
        if kind:
            where = f" IndexName: {rows.index.name}, IndexKey: {part.name}"
            raise validation(_EMPTY.format(_IN_INDEX, kind, where))
        is_hash = place < hashes
        _check_size(value, HASH_KEY_BYTES if is_hash else RANGE_KEY_BYTES, is_hash=is_hash)


def _index_type_error(rows: IndexRows, part: KeyAttribute, actual: str) -> ValidationException:
    return parameter_error(
        f"Type mismatch for Index Key {part.name} Expected: {part.type} Actual: {actual} "
        f"IndexName: {rows.index.name}"
    )


def empty_key_error(name: str, kind: str) -> ValidationException:
    """Return the error for the key attribute *name* with an empty value; *kind* as in ``find_empty_kind``."""
    return validation(_EMPTY.format("", kind, f" Key: {name}"))


def find_empty_kind(value: dict[str, Any]) -> str | None:
    """Return ``"string"`` or ``"binary"`` for an empty value of that type, else None."""
    kind = type_of(value)
    return _EMPTY_KINDS.get(kind) if value[kind] == "" else None


def _check_size(value: dict[str, Any], limit: int, *, is_hash: bool) -> None:
    kind = type_of(value)
    if kind == "S":
        size = len(value["S"].encode())
    elif kind == "B":
        size = len(value["B"]) * 3 // 4 - value["B"].count("=")
    else:
        return
    if size <= limit:
        return
    if is_hash:
        raise parameter_error(f"Size of hashkey has exceeded the maximum size limit of{limit} bytes")
    raise parameter_error(f"Aggregated size of all range keys has exceeded the size limit of {limit} bytes")
