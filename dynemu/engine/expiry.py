"""The expiry queue: which items of a table have a time to live, in the order in which it ends.

    EXPIRY | table id (4 bytes) | second (8 bytes) | the base row's key without its id

A row for every item whose attribute can ever be due, written in the batch of the item. The table's id comes
first, so that a table, or time to live on it, goes with one range. Id 0 holds a row for each such table.
"""

from typing import TYPE_CHECKING, Any

from orjson import dumps

from dynemu._core import COMPILED
from dynemu._core.fields import read_attribute
from dynemu._core.keys import successor
from dynemu.model import TableSchema
from dynemu.storage.base import EXPIRY, View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.writes import Target

Item = dict[str, Any]

_SECOND_DIGITS = 12
"""Seconds with more digits are 30,000 years away: milliseconds, most likely, and never due."""
_LIST = EXPIRY + bytes(4)
_SECOND = slice(8, 16)
_HEAD = 16


def expiry_second(item: Item, attribute: str) -> int | None:
    """Return the second since the epoch, rounded up, at which the canonical *item* expires.

    None: it never does, because *attribute* is missing, no number, negative or too far away.
    Source: developer guide, "Using time to live (TTL) in DynamoDB".
    """
    return _second_of(item.get(attribute))


def _second_of(value: Item | None) -> int | None:
    number = None if value is None else value.get("N")
    if number is None:
        return None
    whole, _, fraction = number.partition(".")
    if whole[0] == "-" or len(whole) > _SECOND_DIGITS:
        return None
    return int(whole) + bool(fraction)


def follow(target: "Target", writes: WriteSet) -> None:
    """Add to *writes* what changes in the queue with the item; see ``followers``."""
    before, after = _seconds(target, target.table.schema.ttl or "")
    # While the queue is being filled, a row may not be there yet; filling brings it.
    if before == after:
        return
    if before is not None:
        writes.deletes.append(queue_key(target.row_key, before))
    if after is not None:
        enqueue(target.row_key, after, writes)


def _seconds(target: "Target", attribute: str) -> tuple[int | None, int | None]:
    """Return when the item expires before and after the write; None also where there is no item."""
    if COMPILED:
        name = dumps(attribute)
        old, new = target.row, target.new_row
        return (
            None if old is None else _second_of(read_attribute(old, name)),
            None if new is None else _second_of(read_attribute(new, name)),
        )
    return expiry_second(target.image or {}, attribute), expiry_second(target.new_image or {}, attribute)


def enqueue(row_key: bytes, second: int, writes: WriteSet) -> None:
    """Add to *writes* that the item at *row_key* expires at *second*."""
    writes.puts.append((queue_key(row_key, second), b""))
    if writes.due is None or second < writes.due:
        writes.due = second


def queue_key(row_key: bytes, second: int) -> bytes:
    """Return the key of the queue row of the item at *row_key*."""
    return EXPIRY + row_key[:4] + second.to_bytes(8, "big") + row_key[4:]


def decode_queue_key(key: bytes) -> tuple[bytes, int]:
    """Return the base row key and the second in the key of a queue row."""
    return key[4:8] + key[_HEAD:], int.from_bytes(key[_SECOND], "big")


def queue_start(table_id: int, second: int) -> bytes:
    """Return the first key that a queue row of the table can have at *second*."""
    return queue_key(table_id.to_bytes(4, "big"), second)


def list_table(writes: WriteSet, table: TableSchema) -> None:
    """Add to *writes* that *table* has a queue."""
    writes.puts.append((_LIST + table.id.to_bytes(4, "big"), table.name.encode()))


def drop_queue(writes: WriteSet, table_id: int) -> None:
    """Add to *writes* that the table's queue goes."""
    prefix = EXPIRY + table_id.to_bytes(4, "big")
    writes.ranges.append((prefix, successor(prefix)))
    writes.deletes.append(_LIST + table_id.to_bytes(4, "big"))


def listed_tables(view: View) -> list[tuple[int, str]]:
    """Return (id, name) of every table that has a queue, perhaps of some that are gone."""
    rows = view.scan(_LIST, successor(_LIST))
    return [(int.from_bytes(key[len(_LIST) :], "big"), name.decode()) for key, name in rows]
