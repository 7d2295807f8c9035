"""Reading shards: iterators and pages of records."""

from functools import lru_cache
from hashlib import blake2b
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from orjson import Fragment

from dynemu._core.keys import KeyCodec
from dynemu._core.values import size_of_item
from dynemu.engine.changes import next_number
from dynemu.engine.shard_iterators import ShardIterator, decode_iterator
from dynemu.engine.stream_reads import find_stream, get_shard, parse_shard_id, refresh
from dynemu.engine.stream_records import Record, record_time
from dynemu.engine.streams import (
    KEPT_SECONDS,
    RECORDS,
    Shard,
    Stream,
    change_number,
    record_key,
    sequence_number,
)
from dynemu.errors import TrimmedDataAccessException, parameter_error, validation
from dynemu.limits import PAGE_BYTES
from dynemu.model import KeyAttribute
from dynemu.storage.base import View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

Members = dict[str, Any]

_EVENTS = ("INSERT", "MODIFY", "REMOVE")
_SERVICE = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
_LAST = b"\xff" * 8


def make_iterator(call: "Call", request: Members) -> tuple[str, WriteSet | None]:
    """Return the iterator that a GetShardIterator request asks for, and what to store.

    Raises: ResourceNotFoundException, TrimmedDataAccessException, ValidationException.
    """
    kind, sequence = request["ShardIteratorType"], request.get("SequenceNumber")
    if kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER") and sequence is None:
        raise parameter_error("SequenceNumber cannot be null")
    if kind == "AT_TIMESTAMP" and request.get("Timestamp") is None:
        raise parameter_error("Timestamp cannot be null")
    stream = find_stream(call, request["StreamArn"])
    changed, writes = refresh(call, stream)
    shard = get_shard(call, stream, parse_shard_id(request["ShardId"]), changed)
    place = ShardRange(call.view, stream, shard)
    if kind == "TRIM_HORIZON":
        number = place.first_at(_horizon(call.now))
    elif kind == "LATEST":
        number = place.after_last
    elif kind == "AT_TIMESTAMP":
        number = _number_at(call, place, request["Timestamp"])
    else:
        number = _number_of(call, place, sequence or "") + (kind == "AFTER_SEQUENCE_NUMBER")
    return ShardIterator(stream.arn, shard.key, number, call.now).encode(), writes


def _horizon(now: float) -> int:
    """Return the first millisecond whose records are kept at *now*."""
    return floor((now - KEPT_SECONDS) * 1000) + 1


def _number_at(call: "Call", place: "ShardRange", timestamp: float) -> int:
    if timestamp > call.now:
        raise parameter_error("Timestamp cannot be in the future")
    return place.first_at(max(ceil(timestamp) * 1000, _horizon(call.now)))


def _number_of(call: "Call", place: "ShardRange", sequence: str) -> int:
    if not sequence.isascii() or not sequence.isdigit():
        raise validation("Invalid SequenceNumber")
    number = change_number(sequence)
    if number < place.shard.start or number < place.trimmed_to(_horizon(call.now)):
        raise _trimmed()
    if number > place.after_last:
        raise validation("Invalid SequenceNumber")
    return number


def _trimmed() -> TrimmedDataAccessException:
    return TrimmedDataAccessException("The data you are trying to access has been trimmed.")


class ShardRange:
    """The records of one shard as a view shows them, in the order of their numbers, and so of their times."""

    def __init__(self, view: View, stream: Stream, shard: Shard) -> None:
        self.shard = shard
        self.after_last = next_number(view) if shard.end is None else shard.end + 1
        """A number that is greater than those of all records."""
        self._view = view
        self._prefix = RECORDS + stream.id + shard.key

    def first_at(self, moment: int) -> int:
        """Return the number from which on records are as young as *moment* (milliseconds) or younger."""
        low, high = self.shard.start, self.after_last
        if self.shard.opened * 1000 >= moment:
            return low
        while low < high:
            middle = (low + high) // 2
            found = next(self._view.scan(self._key(middle), self._key(high)), None)
            if found is None or record_time(found[1]) >= moment:
                high = middle
            else:
                low = int.from_bytes(found[0][-8:], "big") + 1
        return low

    def trimmed_to(self, moment: int) -> int:
        """Return the number after the youngest record that is older than *moment*; 0 when there is none."""
        end = self._key(self.first_at(moment))
        last = next(self._view.scan(self._key(0), end, True), None)
        return 0 if last is None else int.from_bytes(last[0][-8:], "big") + 1

    def _key(self, number: int) -> bytes:
        return self._prefix + number.to_bytes(8, "big")


def read_records(call: "Call", token: str, limit: int) -> tuple[Members, WriteSet | None]:
    """Return the answer to GetRecords: at most *limit* records and 1 MB from where *token* points.

    Raises: ExpiredIteratorException, ResourceNotFoundException, TrimmedDataAccessException,
    ValidationException.
    """
    iterator = decode_iterator(token)
    stream = find_stream(call, iterator.arn)
    iterator.check_age(call.now)
    changed, writes = refresh(call, stream)
    shard = get_shard(call, stream, iterator.shard, changed)
    start = record_key(stream.id, shard.key, iterator.number)
    end = RECORDS + stream.id + shard.key + _LAST
    rows = call.view.read_rows(start, end, False, limit, PAGE_BYTES)
    if rows and record_time(rows[0][1]) < _horizon(call.now):
        raise _trimmed()
    answer: Members = {"Records": [describe_record(stream, key, row) for key, row in rows]}
    is_whole = len(rows) < limit and sum(len(row) for _, row in rows) <= PAGE_BYTES
    if shard.end is None or not is_whole:
        number = int.from_bytes(rows[-1][0][-8:], "big") + 1 if rows else iterator.number
        answer["NextShardIterator"] = ShardIterator(stream.arn, shard.key, number, call.now).encode()
    return answer, writes


def describe_record(stream: Stream, key: bytes, row: bytes) -> Members:
    """Return a record as GetRecords gives it, with images as ``orjson.Fragment``."""
    record, number = Record(row), int.from_bytes(key[-8:], "big")
    keys = _key_codec(stream.hash, stream.range).decode(record.row_key)
    change: Members = {
        "ApproximateCreationDateTime": record.time // 1000,
        "Keys": keys,
        "SequenceNumber": sequence_number(number),
        "SizeBytes": size_of_item(keys) + record.image_size,
        "StreamViewType": stream.view,
    }
    if record.new is not None:
        change["NewImage"] = Fragment(record.new)
    if record.old is not None:
        change["OldImage"] = Fragment(record.old)
    event = {
        "eventID": blake2b(stream.arn.encode() + key[-8:], digest_size=16).hexdigest(),
        "eventName": _EVENTS[record.kind],
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": stream.region,
        "dynamodb": change,
    }
    if record.by_service:
        event["userIdentity"] = _SERVICE
    return event


@lru_cache(256)
def _key_codec(hash: KeyAttribute, range: KeyAttribute | None) -> KeyCodec:
    return KeyCodec(bytes(4), (hash,), () if range is None else (range,))
