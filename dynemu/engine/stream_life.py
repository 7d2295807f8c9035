"""Life of streams: begun and ended with their tables, their shards rotated on request, and trimmed."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dynemu._core.keys import successor
from dynemu.engine.changes import next_number, take_number
from dynemu.engine.commit import commit, until_committed
from dynemu.engine.stream_reads import find_shards, find_stream
from dynemu.engine.streams import (
    DEFINITIONS,
    OPEN,
    RECORDS,
    SHARDS,
    Stream,
    close_shards,
    decode_stream,
    definition_key,
    encode_stream,
    find_open,
    open_shards,
    roll_shards,
    stream_id,
)
from dynemu.engine.table_settings import stream_label
from dynemu.model import TableSchema
from dynemu.storage.base import View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call
    from dynemu.engine.database import Engine

TRIM_SECONDS = 60
"""How often the clock has to move on before it is looked again for what can go."""


def start_stream(call: "Call", writes: WriteSet, schema: TableSchema) -> TableSchema:
    """Add to *writes* the stream that *schema* has from now on.

    Returns: the definition with the stream's label, which no other stream of a table of that name has.
    """
    moment = call.now
    label = stream_label(moment)
    while call.view.get(definition_key(schema.name, label)) is not None:
        moment += 0.001
        label = stream_label(moment)
    schema = replace(schema, stream_label=label)
    stream = Stream(
        id=stream_id(schema),
        arn=f"{schema.arn}/stream/{label}",
        table=schema.name,
        label=label,
        view=schema.stream_view or "",
        hash=schema.hash,
        range=schema.range,
        created=call.now,
        ready=call.now + call.settings.table_delay,
    )
    key = definition_key(schema.name, label)
    writes.expects.append((key, None))
    writes.puts.append((key, encode_stream(stream)))
    open_shards(writes, stream.id, [], call.settings.stream_shards, next_number(call.view), call.now)
    return schema


def stop_stream(call: "Call", writes: WriteSet, schema: TableSchema) -> None:
    """Add to *writes* that the table's stream, if one is enabled, gets no more records."""
    if schema.stream_view is None or schema.stream_label is None:
        return
    key = definition_key(schema.name, schema.stream_label)
    row = call.view.get(key)
    if row is None:
        return
    stream = decode_stream(row)
    stopped = replace(stream, stopped=call.now, gone=call.now + call.settings.table_delay)
    writes.expects.append((key, row))
    writes.puts.append((key, encode_stream(stopped)))
    current = find_open(call.view, writes, stream.id)
    if current is not None:
        close_shards(call.view, writes, stream.id, current, take_number(call.view, writes), call.now)
        writes.deletes.append(OPEN + stream.id)


def rotate_shards(call: "Call", request: dict[str, Any]) -> tuple[dict[str, Any], WriteSet]:
    """Close the open shards of the stream ``StreamArn`` and open a child of each, or two to ``Split`` them.

    Returns: the ids of the new shards as ``ShardIds``; none when the stream is disabled.
    Raises: ResourceNotFoundException.
    """
    stream = find_stream(call, request["StreamArn"])
    writes = WriteSet()
    current = find_open(call.view, writes, stream.id)
    if current is None:
        return {"ShardIds": []}, writes
    number = take_number(call.view, writes)
    shards = roll_shards(
        call.view, writes, stream.id, current, number, call.now, split=bool(request.get("Split"))
    )
    return {"ShardIds": [shard.id for shard in shards if shard.end is None]}, writes


class Trimmer:
    """Deletes what was kept of streams for long enough, and gives idle ones new shards."""

    def __init__(self, engine: "Engine") -> None:
        self.running = False
        self._engine = engine
        self._trimmed: float | None = None
        """When it was last done."""
        self._nothing_at: int | None = None
        """The version of the catalogue as of which there is no stream."""

    def has_streams(self) -> bool:
        """Return False when there is no stream."""
        # One begins with a change of its table's definition.
        return self._nothing_at != self._engine.store.view().catalogue_version

    def is_due(self) -> bool:
        """Return whether it is time to look again."""
        if not self.has_streams():
            return False
        trimmed = self._trimmed
        return trimmed is None or not 0 <= self._engine.clock.now() - trimmed < TRIM_SECONDS

    def slices(self) -> Iterator[None]:
        """Go through all streams; yields after each of them."""
        self._trimmed = self._engine.clock.now()
        try:
            for key in until_committed(self._definitions):
                until_committed(partial(self._trim, key))
                yield
        finally:
            self.running = False

    def _definitions(self) -> list[bytes]:
        view = self._engine.store.view()
        found = [key for key, _ in view.scan(DEFINITIONS, successor(DEFINITIONS))]
        if not found:
            self._nothing_at = view.catalogue_version
        return found

    def _trim(self, key: bytes) -> None:
        view, now = self._engine.store.view(), self._engine.clock.now()
        row = view.get(key)
        if row is None:
            return
        stream, writes = decode_stream(row), WriteSet()
        _drop_shards(view, writes, stream, now)
        if not stream.is_kept(now):
            writes.expects.append((key, row))
            writes.deletes.append(key)
        current = find_open(view, writes, stream.id)
        if current is not None and current.is_due(now):
            roll_shards(view, writes, stream.id, current, take_number(view, writes), now)
        if writes.puts or writes.deletes:
            commit(self._engine.store, writes, now)


def _drop_shards(view: View, writes: WriteSet, stream: Stream, now: float) -> None:
    """Add to *writes* that shards all of whose records have been trimmed go, with these."""
    for shard in find_shards(view, stream.id):
        if not shard.is_kept(now):
            records = RECORDS + stream.id + shard.key
            writes.ranges.append((records, successor(records)))
            writes.deletes.append(SHARDS + stream.id + shard.key)
