"""Records of streams: ``changes`` writes them with the item, images as they are stored, nothing parsed.

    time in milliseconds (8 bytes) | kind (1) | length of the row key (2) | length of the new row (4)
    | row key of the item | new row | old row

Rows are there as far as the stream's view type wants them.
"""

from struct import Struct

from dynemu._core.codec import row_body, row_size

INSERT, MODIFY, REMOVE = range(3)
BY_SERVICE = 4
"""Added to the kind of a record of what the service itself has done."""

NEW_IMAGE = frozenset(("NEW_IMAGE", "NEW_AND_OLD_IMAGES"))
OLD_IMAGE = frozenset(("OLD_IMAGE", "NEW_AND_OLD_IMAGES"))
"""The view types with the one image or the other."""

_HEADER = Struct(">QBHI")


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
