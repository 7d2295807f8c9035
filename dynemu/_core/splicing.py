"""Sizes of values in rows, and rows with other values in them; ``splicing.pxd`` holds the same in C.

Rows are what ``codec`` writes, positions those of bytes in them, as in ``scanning``. This module is not
compiled, it only lends its inline functions. PERF: benchmarks/micro, updates.
"""

from struct import Struct

from orjson import loads

from dynemu._core.values import size_of

_pack_header = Struct(">BI").pack
_HEADER_SIZE = 5


def short_sum(a: str, b: str, subtracts: bool) -> str | None:
    """Return ``a + b``, or ``a - b``, of canonical numbers that are short integers; else None."""
    return None


def value_size(row: bytes, start: int, end: int) -> int:
    """Return the size of the attribute value at *start* to *end* in bytes, as AWS counts them."""
    return size_of(loads(row[start:end]))


def splice(row: bytes, size: int, cuts: list[tuple[int, int, bytes]]) -> bytes:
    """Return the row of an item of *size* bytes: *row* with other bytes for each (start, end, bytes).

    The cuts are in the order of their places in the row.
    """
    parts = [_pack_header(row[0], size)]
    at = _HEADER_SIZE
    for start, end, text in cuts:
        parts += (row[at:start], text)
        at = end
    parts.append(row[at:])
    return b"".join(parts)
