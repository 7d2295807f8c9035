"""The bytes of row keys and rows put together; ``packing.pxd`` holds the same in C for the compiled modules.

PERF: one allocation in place of a struct, a checksum and joins: 190 of 470 ns of a row key (benchmarks/micro,
keys). This module is not compiled, it only lends its inline functions.
"""

from struct import Struct

from dynemu._core.spreading import spread

_pack_head = Struct(">4sI").pack
_pack_header = Struct(">BI").pack


def pack_key(prefix: bytes, head: bytes, tail: bytes) -> bytes:
    """Return *prefix* (4 bytes), where *head* lies (4 bytes, big-endian), *head* and *tail* as one key."""
    return _pack_head(prefix, spread(head)) + head + tail


def pack_row(version: int, size: int, body: bytes) -> bytes:
    """Return *version* (1 byte), *size* (4 bytes, big-endian) and *body* as one row."""
    return _pack_header(version, size) + body


def put_text(out: bytearray, at: int, text: str) -> int:
    """Write the bytes of a key's text to *out* at *at* and return where they end; 0 leaves it to the caller.

    In C that is for texts which are empty, hold a zero byte or find no room. Uncompiled, the ways of the
    caller are always the faster ones; so it is with the functions below.
    """
    return 0


def put_number(out: bytearray, at: int, text: str) -> int:
    """Do the same for a canonical number."""
    return 0


def put_text_of(out: bytearray, at: int, row: bytes, start: int, end: int) -> int:
    """Do the same for ``row[start:end]``, JSON without its quotes; 0 for escapes too."""
    return 0


def put_number_of(out: bytearray, at: int, row: bytes, start: int, end: int) -> int:
    """Do the same for ``row[start:end]``, a canonical number."""
    return 0


def pack_parts(prefix: bytes, parts: bytearray, head_size: int, size: int) -> bytes:
    """Return what ``pack_key`` does, of a head and a tail that lie in the first *size* bytes of *parts*."""
    return pack_key(prefix, bytes(parts[:head_size]), bytes(parts[head_size:size]))
