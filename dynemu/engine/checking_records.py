"""Checking what is recorded beside the items: expiry queues, streams and history. See ``checking``."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from dynemu._core.codec import decode_row
from dynemu._core.keys import successor
from dynemu.engine.changes import next_number
from dynemu.engine.expiry import decode_queue_key, expiry_second, listed_tables, queue_key, queue_start
from dynemu.engine.history_rows import bytes_id, decode_entry, decode_moment, entry_end, moment_key
from dynemu.engine.problems import Problem, filled_to, rows_between
from dynemu.engine.retention import all_retentions
from dynemu.engine.stream_reads import find_shards
from dynemu.engine.streams import (
    DEFINITIONS,
    OPEN,
    RECORDS,
    SHARDS,
    Shard,
    Stream,
    decode_open,
    decode_stream,
    definition_key,
)
from dynemu.engine.table import Table
from dynemu.storage.base import HISTORY, View

if TYPE_CHECKING:
    from dynemu.engine.checking import TableCheck

_ID = 12
"""Bytes of the id of a stream, and of a shard."""


class QueueCheck:
    """Compares the expiry queue of one table with its items."""

    def __init__(self, owner: "TableCheck") -> None:
        self._owner = owner
        self._attribute = owner.table.schema.ttl
        self._filled_to = filled_to(owner.view, owner.table.id)
        self._matched = 0

    def check_item(self, key: bytes, item: dict[str, Any]) -> Iterator[Problem]:
        """Give what is wrong with the row that follows from the item at *key*."""
        second = None if self._attribute is None else expiry_second(item, self._attribute)
        if second is None:
            return
        if self._owner.view.get(queue_key(key, second)) is not None:
            self._matched += 1
        elif self._filled_to is None or key < self._filled_to:
            yield self._problem(key, second, None)

    def check_rows(self) -> Iterator[Problem]:
        """Give the rows that follow from no item."""
        if self._attribute is None:
            # Turning it off deletes the queue at once.
            expected = 0
        else:
            expected = self._matched
            if (self._owner.table.id, self._owner.table.name) not in listed_tables(self._owner.view):
                yield self._owner.problem("list of expiry queues", None, self._owner.table.name, None)
        if sum(1 for _ in self._rows()) == expected:
            return
        for key, _ in self._rows():
            row_key, second = decode_queue_key(key)
            if self._second_of(row_key) != second:
                yield self._problem(row_key, None, second)

    def _second_of(self, row_key: bytes) -> int | None:
        row = self._owner.view.get(row_key)
        if row is None or self._attribute is None:
            return None
        return expiry_second(decode_row(row), self._attribute)

    def _rows(self) -> Iterator[tuple[bytes, bytes]]:
        start = queue_start(self._owner.table.id, 0)
        return rows_between(self._owner.view, start, successor(start[:8]))

    def _problem(self, key: bytes, expected: Any, found: Any) -> Problem:
        return self._owner.problem("expiry", self._owner.key_of(key), expected, found)


def check_streams(view: View, tables: list[Table]) -> Iterator[Problem]:
    """Give what is wrong with the streams of all tables, and rows of streams that there are not."""
    for table in tables:
        schema = table.schema
        if schema.stream_view is not None:
            row = view.get(definition_key(table.name, schema.stream_label or ""))
            stream = None if row is None else decode_stream(row)
            if stream is None or stream.id != table.stream or stream.stopped is not None:
                yield Problem(
                    table.name, "stream", schema.stream_label, "an enabled one", row and row.decode()
                )
    known = set()
    for _, row in rows_between(view, DEFINITIONS, successor(DEFINITIONS)):
        stream = decode_stream(row)
        known.add(stream.id)
        yield from _check_stream(view, stream)
    for kind, prefix in (("open shards", OPEN), ("shard", SHARDS), ("records", RECORDS)):
        yield from _check_owners(view, kind, prefix, known)


def _check_stream(view: View, stream: Stream) -> Iterator[Problem]:
    shards = {shard.key: shard for shard in find_shards(view, stream.id)}
    row = view.get(OPEN + stream.id)
    named = set() if row is None else set(decode_open(row).keys)
    if bool(named) != (stream.stopped is None):
        what = f"open shards of stream {stream.label}"
        yield Problem(
            stream.table, what, None, "some" if stream.stopped is None else None, len(named) or None
        )
    is_open = {key for key, shard in shards.items() if shard.end is None}
    for key in named ^ is_open:
        what = f"shard of stream {stream.label}"
        state = "open" if key in is_open else "closed" if key in shards else None
        yield Problem(stream.table, what, key.hex(), "open" if key in named else "closed", state)
    for key in list(shards):
        yield from _check_records(view, stream, shards[key])


def _check_records(view: View, stream: Stream, shard: Shard) -> Iterator[Problem]:
    prefix = RECORDS + stream.id + shard.key
    last = shard.end if shard.end is not None else next_number(view)
    for key, _ in rows_between(view, prefix, successor(prefix)):
        number = int.from_bytes(key[-8:], "big")
        if not shard.start <= number < last:
            what = f"record of stream {stream.label}"
            yield Problem(stream.table, what, shard.id, f"from {shard.start} to {last - 1}", number)


def _check_owners(view: View, kind: str, prefix: bytes, known: set[bytes]) -> Iterator[Problem]:
    """Give the rows under *prefix* that belong to a stream or, records, to a shard that there is not."""
    length = _ID if prefix != RECORDS else 2 * _ID
    start, end = prefix, successor(prefix)
    while found := view.read_rows(start, end, False, 1, 1):
        owner = found[0][0][len(prefix) : len(prefix) + length]
        there = owner[:_ID] in known and (length == _ID or view.get(SHARDS + owner) is not None)
        if not there:
            yield Problem("", f"{kind} of no stream", owner.hex(), None, "a row")
        start = successor(prefix + owner)


def check_histories(view: View, tables: list[Table]) -> Generator[Problem, None, set[int]]:
    """Give what is wrong with the history of tables.

    Returns: the ids of deleted tables whose rows are kept.
    """
    kept = {retention.table_id: retention for retention in all_retentions(view)}
    for table in tables:
        retention = kept.get(table.id)
        recorded = retention is not None and not retention.gone
        if recorded != table.schema.history:
            yield Problem(table.name, "history", None, *_told(table.schema.history, recorded))
    for table_id, retention in kept.items():
        yield from _check_history(view, table_id, retention.name)
    start, end = HISTORY + (1).to_bytes(4, "big"), successor(HISTORY)
    while found := view.read_rows(start, end, False, 1, 1):
        number = int.from_bytes(found[0][0][4:8], "big")
        if number not in kept:
            yield Problem("", f"history of id {number}", found[0][0].hex(), None, "a row")
        start = entry_end(number)
    return {table_id for table_id, retention in kept.items() if retention.gone}


def _told(expected: bool, found: bool) -> tuple[str, str]:
    words = ("not recorded", "recorded")
    return words[expected], words[found]


def _check_history(view: View, table_id: int, name: str) -> Iterator[Problem]:
    following = next_number(view)
    items = size = 0
    for key, row in rows_between(view, HISTORY + table_id.to_bytes(4, "big"), entry_end(table_id)):
        items += 1
        size += len(key) + len(row)
        entry = decode_entry(key, row)
        if entry.number >= following:
            yield Problem(name, "number of a change", key.hex(), f"below {following}", entry.number)
    for key, row in rows_between(view, moment_key(table_id, 0), moment_key(table_id + 1, 0)):
        number = decode_moment(key, row)[1]
        if number >= following:
            yield Problem(name, "number of a moment", key.hex(), f"below {following}", number)
    found = view.counts(bytes_id(table_id))
    if found != (items, size):
        yield Problem(name, "rows and bytes of history counted", None, [items, size], list(found))
