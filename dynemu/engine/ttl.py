"""Time to live: turned on and off, described, and the deletion of what has expired as ordinary commits."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any

from dynemu.engine.backfill import commit_slice, is_filling, start_queue, stop_queue
from dynemu.engine.expiry import (
    decode_queue_key,
    drop_queue,
    expiry_second,
    list_table,
    listed_tables,
    queue_start,
)
from dynemu.engine.table import Table
from dynemu.engine.tables import check_is_open, in_use
from dynemu.engine.writes import Target
from dynemu.errors import validation
from dynemu.model import TableSchema
from dynemu.storage.base import CommitRefused, View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call
    from dynemu.engine.database import Engine

OLDEST_SECONDS = 5 * 365 * 86_400
"""What expired longer ago is kept. Source: developer guide, "Using time to live (TTL) in DynamoDB"."""
SLICE_ROWS = 50
SLICE_BYTES = 128 * 1024
"""Items and their bytes deleted in one slice: about 2 ms of work."""


def update_time_to_live(
    call: "Call", writes: WriteSet, schema: TableSchema, attribute: str, *, enabled: bool
) -> None:
    """Add to *writes* that time to live by *attribute* is turned on or off for the table.

    Raises: ValidationException, ResourceInUseException.
    """
    if schema.status == "CREATING":
        raise in_use(f"Table {schema.name} is being created")
    check_is_open(schema)
    if schema.ttl is None and not enabled:
        raise validation("TimeToLive is already disabled")
    if schema.ttl is not None and schema.ttl != attribute:
        raise validation(
            f"TimeToLive is active on a different AttributeName: current AttributeName is {schema.ttl}"
        )
    if schema.ttl is not None and enabled:
        raise validation("TimeToLive is already enabled")
    if _is_settling(schema, call.now):
        raise validation("Time to live has been modified multiple times within a fixed interval")
    delay = call.settings.table_delay
    changed = _with_ttl(schema, attribute if enabled else None, call.now + delay if delay > 0 else None)
    call.catalogue.put(call.view, writes, changed)
    if enabled:
        list_table(writes, changed)
        start_queue(call.view, writes, changed)
    else:
        drop_queue(writes, schema.id)
        stop_queue(writes, schema)


def _with_ttl(schema: TableSchema, attribute: str | None, settles_at: float | None) -> TableSchema:
    """Return *schema* with time to live changed, and what follows it too when the table is UPDATING."""
    following = schema.next and _with_ttl(schema.next, attribute, settles_at)
    return replace(schema, ttl=attribute, ttl_settles_at=settles_at, next=following)


def _is_settling(schema: TableSchema, now: float) -> bool:
    return schema.ttl_settles_at is not None and now < schema.ttl_settles_at


def describe_time_to_live(view: View, schema: TableSchema, now: float) -> dict[str, Any]:
    """Return TimeToLiveDescription of the table."""
    settling = _is_settling(schema, now)
    if schema.ttl is None:
        return {"TimeToLiveStatus": "DISABLING" if settling else "DISABLED"}
    settling = settling or is_filling(view, schema)
    return {"TimeToLiveStatus": "ENABLING" if settling else "ENABLED", "AttributeName": schema.ttl}


class Queue:
    """What is left to look at in the queue of one table: rows from *start* on."""

    __slots__ = ("name", "start", "table_id")

    def __init__(self, table_id: int, name: str, start: bytes) -> None:
        self.table_id = table_id
        self.name = name
        self.start = start


class Sweeper:
    """Deletes the expired items of an engine in slices, and queues that belong to no table any more.

    It remembers how far it came, because a scan from the start of a queue would walk past all rows that
    RocksDB has deleted but not forgotten: 1.5 ms for 16,000 of them.
    """

    def __init__(self, engine: "Engine") -> None:
        self.deleted = 0
        """Items deleted since the start."""
        self.running = False
        self._engine = engine
        self._version: int | None = None
        self._tables: list[tuple[int, str]] = []
        """Tables that have a queue, as of that version of the catalogue."""
        self._swept = 0
        """Nothing that could be deleted is queued for an earlier second."""

    def has_queues(self) -> bool:
        """Return False when time to live is on for no table."""
        return bool(self._tables) or self._version != self._engine.store.view().catalogue_version

    def look_back(self, second: int) -> None:
        """Note that something has been queued for *second*, which may have passed already."""
        if second < self._swept:
            self._swept = second

    def slices(self) -> Iterator[None]:
        """Delete what has expired by now; yields after each slice."""
        # NOTE: "less than the current time" (API reference, UpdateTimeToLive).
        end = ceil(self._engine.clock.now())
        begin = self._swept
        if end < begin:  # the clock has been put back
            begin = 0
        self._swept = end
        queues: deque[Queue] | None = None
        try:
            while queues is None or queues:
                try:
                    if queues is None:
                        queues = self._find_queues(max(begin, end - OLDEST_SECONDS))
                    else:
                        self._sweep(queues, end)
                except CommitRefused:  # the slice is done again
                    pass
                yield
        finally:
            self.running = False
            if queues is None or queues:
                self.look_back(begin)

    def _find_queues(self, begin: int) -> deque[Queue]:
        view = self._engine.store.view()
        if self._version != view.catalogue_version:
            self._tables = listed_tables(view)
            self._version = view.catalogue_version
        return deque(Queue(number, name, queue_start(number, begin)) for number, name in self._tables)

    def _sweep(self, queues: deque[Queue], end: int) -> None:
        """Do one slice of the first of *queues* and take it out when it is done."""
        queue = queues[0]
        view = self._engine.store.view()
        table = self._engine.catalogue.find(view, queue.name)
        if table is not None and table.busy:
            table = table.at(self._engine.clock.now())
        writes = WriteSet()
        if table is None or table.id != queue.table_id or table.schema.ttl is None:
            drop_queue(writes, queue.table_id)
            commit_slice(self._engine, writes)
            self._tables.remove((queue.table_id, queue.name))
            queues.popleft()
            return
        rows = view.read_rows(queue.start, queue_start(table.id, end), False, SLICE_ROWS, SLICE_BYTES)
        deleted, rest = _expire(view, table, [key for key, _ in rows], writes)
        if rows:
            commit_slice(self._engine, writes)
        self.deleted += deleted
        if rest is None:
            queues.popleft()
        else:
            queue.start = rest


def _expire(view: View, table: Table, keys: list[bytes], writes: WriteSet) -> tuple[int, bytes | None]:
    """Add to *writes* that the items queued at *keys* go.

    Returns: how many they are, and where to go on; None at the end.
    """
    attribute = table.schema.ttl or ""
    deleted = size = 0
    rest = keys[-1] + b"\x00" if len(keys) == SLICE_ROWS else None
    for key in keys:
        row_key, second = decode_queue_key(key)
        target = Target(view, table, row_key, by_service=True)
        if target.image is not None and expiry_second(target.image, attribute) == second:
            target.replace(None, writes, None)
            deleted += 1
        else:
            writes.expects.append((row_key, target.row))
            writes.deletes.append(key)
        size += len(target.row or b"")
        if size > SLICE_BYTES and key != keys[-1]:
            rest = key + b"\x00"
            break
    return deleted, rest
