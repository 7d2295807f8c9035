"""Streams and shards as requests see them: found by ARN, listed, described."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dynemu._core.keys import successor
from dynemu.engine.changes import take_number
from dynemu.engine.streams import (
    DEFINITIONS,
    SHARDS,
    Shard,
    Stream,
    decode_shard,
    decode_stream,
    definition_key,
    find_open,
    roll_shards,
    sequence_number,
    shard_id,
)
from dynemu.errors import ResourceNotFoundException, validation
from dynemu.storage.base import View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

Members = dict[str, Any]

_ARN = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/([a-zA-Z0-9_.-]+)/stream/([^/|]+)")
_SHARD_ID = re.compile(r"shardId-([0-9]{20})-([0-9a-f]{8})")


def split_arn(arn: str) -> tuple[str, str]:
    """Return the table's name and the label in a stream's ARN. Raises ValidationException."""
    parts = _ARN.fullmatch(arn)
    if parts is None:
        raise validation(f"Invalid StreamArn: {arn}")
    return parts[1], parts[2]


def find_stream(call: "Call", arn: str) -> Stream:
    """Return the stream with that ARN.

    Raises: ResourceNotFoundException when there is none, or was none for a day; ValidationException.
    """
    row = call.view.get(definition_key(*split_arn(arn)))
    stream = None if row is None else decode_stream(row)
    if stream is None or not stream.is_kept(call.now):
        raise ResourceNotFoundException(f"Requested resource not found: Stream: {arn} not found")
    return stream


def list_streams(call: "Call", table: str | None, after: str | None) -> Iterator[Stream]:
    """Iterate over the streams, or those of one *table*, behind the one with the ARN *after*."""
    start = DEFINITIONS if table is None else definition_key(table, "")
    end = successor(start)
    if after is not None:
        start = max(start, definition_key(*split_arn(after)) + b"\x00")
    for _, row in call.view.scan(start, end):
        stream = decode_stream(row)
        if stream.is_kept(call.now):
            yield stream


def find_shards(view: View, stream: bytes) -> list[Shard]:
    """Return the shards of a stream as they are stored, parents before their children."""
    prefix = SHARDS + stream
    return [decode_shard(key, row) for key, row in view.scan(prefix, successor(prefix))]


def refresh(call: "Call", stream: Stream) -> tuple[dict[bytes, Shard], WriteSet | None]:
    """Close the open shards of *stream* if their time has come, and open their children.

    Returns: the shards that are not any more as they are stored, and what stores them.
    """
    writes = WriteSet()
    current = find_open(call.view, writes, stream.id)
    if current is None or not current.is_due(call.now):
        return {}, None
    number = take_number(call.view, writes)
    shards = roll_shards(call.view, writes, stream.id, current, number, call.now)
    return {shard.key: shard for shard in shards}, writes


def shards_of(call: "Call", stream: Stream) -> tuple[list[Shard], WriteSet | None]:
    """Return the shards of *stream* that have not been trimmed away, parents first, and what to store."""
    changed, writes = refresh(call, stream)
    shards = {shard.key: shard for shard in find_shards(call.view, stream.id)} | changed
    return [shards[key] for key in sorted(shards) if shards[key].is_kept(call.now)], writes


def parse_shard_id(text: str) -> bytes | None:
    """Return the key of the shard with the id *text*; None for what is no such id."""
    parts = _SHARD_ID.fullmatch(text)
    if parts is None or int(parts[1]) >= 1 << 64:
        return None
    return int(parts[1]).to_bytes(8, "big") + bytes.fromhex(parts[2])


def get_shard(call: "Call", stream: Stream, key: bytes | None, changed: dict[bytes, Shard]) -> Shard:
    """Return the shard of *stream* with that key. Raises ResourceNotFoundException."""
    shard = None if key is None else changed.get(key)
    if shard is None and key is not None:
        row = call.view.get(SHARDS + stream.id + key)
        shard = None if row is None else decode_shard(SHARDS + stream.id + key, row)
    if shard is None or not shard.is_kept(call.now):
        raise ResourceNotFoundException("Requested resource not found: Shard does not exist")
    return shard


def describe_stream(stream: Stream, now: float) -> Members:
    """Return StreamDescription without its shards."""
    keys = [{"AttributeName": stream.hash.name, "KeyType": "HASH"}]
    if stream.range is not None:
        keys.append({"AttributeName": stream.range.name, "KeyType": "RANGE"})
    return {
        "StreamArn": stream.arn,
        "StreamLabel": stream.label,
        "StreamStatus": stream.status(now),
        "StreamViewType": stream.view,
        "CreationRequestDateTime": round(stream.created, 3),
        "TableName": stream.table,
        "KeySchema": keys,
    }


def describe_shard(shard: Shard) -> Members:
    """Return a shard as DescribeStream gives it."""
    numbers = {"StartingSequenceNumber": sequence_number(shard.start)}
    if shard.end is not None:
        numbers["EndingSequenceNumber"] = sequence_number(shard.end)
    described: Members = {"ShardId": shard.id, "SequenceNumberRange": numbers}
    if shard.parent is not None:
        described["ParentShardId"] = shard_id(shard.parent)
    return described
