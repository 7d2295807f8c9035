"""Records of streams: written in the batch that changes the item, images as they are stored, nothing parsed.

    time in milliseconds (8 bytes) | kind (1) | length of the row key (2) | length of the new row (4)
    | row key of the item | new row | old row

Rows are there as far as the stream's view type wants them.
"""

from struct import Struct
from typing import TYPE_CHECKING
from zlib import adler32

from dynemu._core.codec import row_body, row_size
from dynemu.engine.streams import RECORDS, OpenShards, find_open, roll_shards
from dynemu.storage.base import View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.writes import Target

INSERT, MODIFY, REMOVE = range(3)
BY_SERVICE = 4
"""Added to the kind of a record of what the service itself has done."""

_NEW_IMAGE = frozenset(("NEW_IMAGE", "NEW_AND_OLD_IMAGES"))
_OLD_IMAGE = frozenset(("OLD_IMAGE", "NEW_AND_OLD_IMAGES"))
_HEADER = Struct(">QBHI")
_pack_header = _HEADER.pack
_pack_number = Struct(">Q").pack


def record(
    view: View, writes: WriteSet, target: "Target", number: int, now: float, opened: dict[bytes, OpenShards]
) -> int:
    """Add to *writes* the record of *target* in the stream of its table; a change of nothing has none.

    *opened* holds the open shards of the streams that this commit has met.
    Returns: the number that the change has; a greater one than *number* when shards had to be closed.
    """
    table, old_row, new_row = target.table, target.row, target.new_row
    if old_row is not None and new_row is not None and _is_same(target, old_row, new_row):
        return number
    stream = table.stream or b""
    current = opened.get(stream)
    if current is None:
        current = find_open(view, writes, stream)
        if current is None:
            return number
        if current.is_due(now):
            shards = roll_shards(view, writes, stream, current, number, now)
            current = OpenShards(now, tuple(shard.key for shard in shards if shard.end is None))
            number += 1
        opened[stream] = current
    row_key, kept = target.row_key, table.schema.stream_view
    shard = current.find(row_key)
    kind = INSERT if old_row is None else REMOVE if new_row is None else MODIFY
    new = new_row if new_row is not None and kept in _NEW_IMAGE else b""
    old = old_row if old_row is not None and kept in _OLD_IMAGE else b""
    flags = kind | BY_SERVICE if target.by_service else kind
    header = _pack_header(int(now * 1000), flags, len(row_key), len(new))
    key = b"".join((RECORDS, stream, shard, _pack_number(number)))
    writes.puts.append((key, b"".join((header, row_key, new, old))))
    return number


def _is_same(target: "Target", old_row: bytes, new_row: bytes) -> bool:
    """Return whether both rows hold equal items; their attributes may be in another order."""
    if old_row == new_row:
        return True
    # PERF: the lower half of an Adler-32 is the sum of the bytes, which their order does not change. That
    # spares the parsing of the old row, which costs as much as all else that is done for a record.
    if len(old_row) != len(new_row) or (adler32(old_row) ^ adler32(new_row)) & 0xFFFF:
        return False
    return bool(target.image == target.new_image)


class Record:
    """A record as stored: *time* in milliseconds, images as JSON or None, sizes as AWS counts them."""

    __slots__ = ("by_service", "image_size", "kind", "new", "old", "row_key", "time")

    def __init__(self, row: bytes) -> None:
        self.time, flags, key_end, new_end = _HEADER.unpack_from(row)
        key_end += _HEADER.size
        new_end += key_end
        new, old = row[key_end:new_end], row[new_end:]
        self.row_key = row[_HEADER.size : key_end]
        self.kind: int = flags & ~BY_SERVICE
        self.by_service = bool(flags & BY_SERVICE)
        self.new = row_body(new) if new else None
        self.old = row_body(old) if old else None
        self.image_size = (row_size(new) if new else 0) + (row_size(old) if old else 0)


def record_time(row: bytes) -> int:
    """Return when a stored record was written, in milliseconds."""
    return int.from_bytes(row[:8], "big")
