"""Streams as rows: their definitions and their shards, which are opened, closed and followed by others.

    STREAMS d | table name | 0 | label               definition, JSON
    STREAMS o | stream                               open shards, which is all that a write has to know
    STREAMS s | stream | shard                       shard, JSON
    STREAMS r | stream | shard | number (8 bytes)    record

A stream's id is the table's id and the digits of its label (12 bytes), so the rows of streams that a table
has one after the other never meet. A shard's id is the time of its opening in milliseconds and four bytes
that tell shards opened together apart (12 bytes). Open shards share the partition keys out by hash, in the
order in which their row names them. Shards are closed together, each followed by one child or two, so that
the changes of one item lie in one line of descent, in their order. A record's number is that of the change.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from struct import Struct
from typing import Any
from zlib import crc32

import orjson

from dynemu.model import KeyAttribute, TableSchema
from dynemu.storage.base import STREAMS, View, WriteSet

DEFINITIONS = STREAMS + b"d"
OPEN = STREAMS + b"o"
SHARDS = STREAMS + b"s"
RECORDS = STREAMS + b"r"

SHARD_SECONDS = 4 * 3600
"""How long a shard stays open. Source: developer guide, "Reading and processing a stream"."""
KEPT_SECONDS = 24 * 3600
"""How long records are kept, and closed shards and disabled streams with them."""

_ID = 12
_MIXER = 0x9E37_79B1
"""The golden ratio as a fraction of 32 bits."""
_FIRST_SEQUENCE = 10**20
"""Sequence numbers have at least 21 digits."""
_number = Struct(">Q").pack
_since = Struct(">d")


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of a table, also one that is disabled or whose table is gone. Times are epoch seconds."""

    id: bytes
    arn: str
    table: str
    label: str
    view: str
    hash: KeyAttribute
    range: KeyAttribute | None
    created: float
    ready: float
    """When ENABLING ends."""
    stopped: float | None = None
    """When it was disabled."""
    gone: float | None = None
    """When DISABLING ends."""

    @property
    def region(self) -> str:
        return self.arn.split(":", 4)[3]

    def status(self, now: float) -> str:
        """Return StreamStatus at *now*."""
        if self.gone is not None:
            return "DISABLING" if now < self.gone else "DISABLED"
        return "ENABLING" if now < self.ready else "ENABLED"

    def is_kept(self, now: float) -> bool:
        """Return False once the stream has been disabled for so long that nothing is known of it."""
        return self.stopped is None or now < self.stopped + KEPT_SECONDS


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard: the numbers *start* to *end* (None: open) are for its records. Times are epoch seconds."""

    key: bytes
    parent: bytes | None
    start: int
    opened: float
    end: int | None = None
    closed: float | None = None

    @property
    def id(self) -> str:
        return shard_id(self.key)

    def is_kept(self, now: float) -> bool:
        """Return False once every record has been trimmed."""
        return self.closed is None or now < self.closed + KEPT_SECONDS


def stream_id(schema: TableSchema) -> bytes:
    """Return the id of the table's latest stream."""
    digits = "".join(filter(str.isdigit, schema.stream_label or "0"))
    return schema.id.to_bytes(4, "big") + _number(int(digits))


def shard_id(key: bytes) -> str:
    """Return the shard id on the wire: ``shardId-00000001795218162385-cc48ad77``."""
    return f"shardId-{int.from_bytes(key[:8], 'big'):020d}-{key[8:].hex()}"


def sequence_number(number: int) -> str:
    """Return the sequence number of the change with this number: 21 digits."""
    return str(_FIRST_SEQUENCE + number)


def change_number(sequence: str) -> int:
    """Return the number that *sequence*, decimal digits, stands for; below zero for one that never was."""
    return int(sequence) - _FIRST_SEQUENCE


def definition_key(table: str, label: str) -> bytes:
    """Return the key of the row that defines a stream."""
    return DEFINITIONS + table.encode() + b"\x00" + label.encode()


def record_key(stream: bytes, shard: bytes, number: int) -> bytes:
    """Return the key of a record."""
    return RECORDS + stream + shard + _number(number)


def encode_stream(stream: Stream) -> bytes:
    """Return *stream* as a row."""
    return orjson.dumps({**_fields(stream), "id": stream.id.hex()})


@lru_cache(256)
def decode_stream(row: bytes) -> Stream:
    """Return the stream that a row defines."""
    members = orjson.loads(row)
    members["id"] = bytes.fromhex(members["id"])
    members["hash"] = KeyAttribute(**members["hash"])
    members["range"] = members["range"] and KeyAttribute(**members["range"])
    return Stream(**members)


def put_shard(writes: WriteSet, stream: bytes, shard: Shard) -> None:
    """Add the row of *shard* to *writes*."""
    members = {**_fields(shard), "parent": shard.parent and shard.parent.hex()}
    del members["key"]
    writes.puts.append((SHARDS + stream + shard.key, orjson.dumps(members)))


def decode_shard(key: bytes, row: bytes) -> Shard:
    """Return the shard in the row at *key*."""
    members = orjson.loads(row)
    members["parent"] = members["parent"] and bytes.fromhex(members["parent"])
    return Shard(key=key[-_ID:], **members)


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


@dataclass(frozen=True, slots=True)
class OpenShards:
    """The shards of a stream that take records, in the order in which they share the hashes."""

    since: float
    keys: tuple[bytes, ...]

    def find(self, row_key: bytes) -> bytes:
        """Return the key of the shard for the item at *row_key*, which is that of its whole partition."""
        count = len(self.keys)
        if count == 1:
            return self.keys[0]
        # The checksums of a few keys that are much the same differ in few bits: mix them.
        mixed = int.from_bytes(row_key[4:8], "big") * _MIXER & 0xFFFF_FFFF
        return self.keys[mixed * count >> 32]

    def is_due(self, now: float) -> bool:
        """Return whether they have been open for as long as shards are."""
        return now >= self.since + SHARD_SECONDS

    def encode(self) -> bytes:
        return _since.pack(self.since) + b"".join(self.keys)


@lru_cache(1024)
def decode_open(row: bytes) -> OpenShards:
    """Return the open shards that a row under OPEN tells of."""
    keys = tuple(row[start : start + _ID] for start in range(_since.size, len(row), _ID))
    return OpenShards(_since.unpack_from(row)[0], keys)


def open_shards(
    writes: WriteSet, stream: bytes, parents: list[bytes], count: int, number: int, now: float
) -> list[Shard]:
    """Add to *writes* that the stream gets *count* open shards, as many or twice as many as *parents* if any.

    *number* is the first that a record in them can have.
    """
    moment = max([round(now * 1000), *(int.from_bytes(parent[:8], "big") + 1 for parent in parents)])
    shards = []
    for place in range(count):
        # The checksums of two places differ: a CRC-32 tells any four bytes apart.
        mark = crc32(place.to_bytes(4, "big"), crc32(stream)).to_bytes(4, "big")
        parent = parents[place * len(parents) // count] if parents else None
        shards.append(Shard(_number(moment) + mark, parent, number, now))
    keys = tuple(shard.key for shard in shards)
    for shard in shards:
        put_shard(writes, stream, shard)
    writes.puts.append((OPEN + stream, OpenShards(now, keys).encode()))
    return shards


def close_shards(
    view: View, writes: WriteSet, stream: bytes, current: OpenShards, number: int, now: float
) -> list[Shard]:
    """Add to *writes* that the open shards end with *number*, which no record may have."""
    closed = min(now, current.since + SHARD_SECONDS)
    row_keys = [SHARDS + stream + key for key in current.keys]
    rows = list(zip(row_keys, view.get_many(row_keys), strict=True))
    shards = [
        replace(decode_shard(key, row), end=number, closed=closed) for key, row in rows if row is not None
    ]
    writes.expects += rows
    for shard in shards:
        put_shard(writes, stream, shard)
    return shards


def find_open(view: View, writes: WriteSet, stream: bytes) -> OpenShards | None:
    """Return the open shards of a stream, which the commit of *writes* expects to be the same; None: none."""
    key = OPEN + stream
    row = view.get(key)
    writes.expects.append((key, row))
    return None if row is None else decode_open(row)


def roll_shards(
    view: View,
    writes: WriteSet,
    stream: bytes,
    current: OpenShards,
    number: int,
    now: float,
    *,
    split: bool = False,
) -> list[Shard]:
    """Add to *writes* that the open shards are closed with *number* and followed by one child each, or two.

    Returns: the shards that have changed or are new.
    """
    closed = close_shards(view, writes, stream, current, number, now)
    count = len(current.keys) * (2 if split else 1)
    return closed + open_shards(writes, stream, list(current.keys), count, number + 1, now)
