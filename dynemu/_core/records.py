"""The bytes of stream records and of history put together; ``records.pxd`` holds the same in C.

What they mean is told in ``engine.stream_records`` and ``engine.history_rows``. This module is not compiled,
it only lends its inline functions. PERF: benchmarks/micro, operations with streams and history.
"""

from struct import Struct

_pack_header = Struct(">QBHI").pack
_pack_number = Struct(">Q").pack
_pack_time = Struct(">d").pack
_pack_moment = Struct(">8sIQ").pack


def pack_record(time: float, flags: int, row_key: bytes, new: bytes | None, old: bytes | None) -> bytes:
    """Return a stream record of *time*, in seconds since the epoch; the rows may be None."""
    new = new or b""
    header = _pack_header(int(time * 1000), flags, len(row_key), len(new))
    return b"".join((header, row_key, new, old or b""))


def pack_key(head: bytes, body: bytes, number: int) -> bytes:
    """Return *head*, *body* and the *number* in eight bytes as one key."""
    return b"".join((head, body, _pack_number(number)))


def pack_entry(time: float, before: bytes | None) -> bytes:
    """Return an entry of history of *time*, in seconds since the epoch: a row, or None, before a change."""
    return _pack_time(time) + (before or b"")


def pack_moment(head: bytes, table_id: int, millisecond: int) -> bytes:
    """Return the key of a moment; *head* has eight bytes."""
    return _pack_moment(head, table_id, millisecond)
