"""The bytes of row keys and rows put together; ``packing.pxd`` holds the same in C for the compiled modules.

PERF: one allocation in place of a struct, a checksum and joins: 190 of 470 ns of a row key (benchmarks/micro,
keys). This module is not compiled, it only lends its inline functions.
"""

from struct import Struct
from zlib import crc32

_pack_head = Struct(">4sI").pack
_pack_header = Struct(">BI").pack


def pack_key(prefix: bytes, head: bytes, tail: bytes) -> bytes:
    """Return *prefix* (4 bytes), the CRC-32 of *head* in big-endian order, *head* and *tail* as one key."""
    return _pack_head(prefix, crc32(head)) + head + tail


def pack_row(version: int, size: int, body: bytes) -> bytes:
    """Return *version* (1 byte), *size* (4 bytes, big-endian) and *body* as one row."""
    return _pack_header(version, size) + body
