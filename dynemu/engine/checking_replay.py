"""Checking that streams and history tell what became of the items. See ``checking``."""

from collections.abc import Iterator
from typing import Any

import orjson

from dynemu._core.codec import decode_row
from dynemu._core.keys import successor
from dynemu.engine.history_rows import decode_entry, entry_end
from dynemu.engine.problems import Problem, rows_between
from dynemu.engine.stream_reads import find_shards
from dynemu.engine.stream_records import REMOVE, Record
from dynemu.engine.streams import RECORDS
from dynemu.engine.table import Table
from dynemu.storage.base import HISTORY, View


def check_replay(view: View, tables: list[Table]) -> Iterator[Problem]:
    """Give the items that are not as the last record of them in their table's stream says.

    And the changes in a history that are not about their item.
    """
    for table in tables:
        if table.stream is not None and _goes_forward(view, table.stream):
            for row_key, record_key in _last_records(view, table.stream).items():
                yield from _check_item(view, table, row_key, record_key)
        if table.schema.history:
            yield from _check_history(view, table)


def _goes_forward(view: View, stream: bytes) -> bool:
    """Tell whether no shard was opened before its parent was.

    When a clock is set back, records of a parent can outlive those of its children.
    """
    shards = {shard.key: shard for shard in find_shards(view, stream)}
    return all(
        shard.parent not in shards or shard.opened >= shards[shard.parent].opened for shard in shards.values()
    )


def _last_records(view: View, stream: bytes) -> dict[bytes, bytes]:
    """Return the key of the last record of each item, by the item's key."""
    numbers: dict[bytes, tuple[bytes, bytes]] = {}
    prefix = RECORDS + stream
    for key, row in rows_between(view, prefix, successor(prefix)):
        row_key, number = Record(row).row_key, key[-8:]
        known = numbers.get(row_key)
        if known is None or known[0] < number:
            numbers[row_key] = (number, key)
    return {row_key: key for row_key, (_, key) in numbers.items()}


def _check_item(view: View, table: Table, row_key: bytes, record_key: bytes) -> Iterator[Problem]:
    stored = view.get(record_key)
    assert stored is not None
    record, row = Record(stored), view.get(row_key)
    item = None if row is None else decode_row(row)
    told: Any = None
    if record.kind != REMOVE:
        told = item if record.new is None and item is not None else _image(table, row_key, record)
    if item != told:
        yield Problem(table.name, "item after its last record", _key(table, row_key), told, item)


def _image(table: Table, row_key: bytes, record: Record) -> Any:
    return _key(table, row_key) if record.new is None else orjson.loads(record.new)


def _check_history(view: View, table: Table) -> Iterator[Problem]:
    """Give the changes whose item before them is none, or another one."""
    for key, row in rows_between(view, HISTORY + table.id.to_bytes(4, "big"), entry_end(table.id)):
        entry = decode_entry(key, row)
        if not entry.before:
            continue
        try:
            found = table.codec.encode(decode_row(entry.before))
        except (ValueError, IndexError, KeyError):
            found = None
        if found != entry.row_key:
            yield Problem(
                table.name, "item before a change", key.hex(), entry.row_key.hex(), found and found.hex()
            )


def _key(table: Table, row_key: bytes) -> Any:
    try:
        return table.codec.decode(row_key)
    except (ValueError, IndexError, ArithmeticError):
        return row_key.hex()
