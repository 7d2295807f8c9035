"""The file of a small store: write sets one behind the other, each with a checksum.

    file   = magic, records
    record = length (4 bytes), its complement (4 bytes), CRC-32 of the steps (4 bytes), steps
    step   = kind (1 byte), length of the first part, of the second (4 bytes each), both parts

Kinds: a row that is put, a key that is deleted, a range that is deleted, what is added to a count, and a row
as ``Store.dump`` gives it. Numbers are big endian.
"""

import zlib
from collections.abc import Iterable, Iterator
from struct import Struct

from dynemu.storage.base import WriteSet

Row = tuple[bytes, bytes]
MAGIC = b"dynemu log 1\n"
_HEAD = Struct(">III")
_STEP = Struct(">BII")
_COUNT = Struct(">Iqq")
_PUT, _DELETE, _RANGE, _ADD, _ROW = range(1, 6)
_ALL_BITS = 0xFFFFFFFF
_CHUNK_BYTES = 256 << 10


def encode_writes(writes: WriteSet) -> bytes:
    """Return the record of *writes*."""
    parts: list[bytes] = []
    for start, end in writes.ranges:
        parts += (_STEP.pack(_RANGE, len(start), len(end)), start, end)
    for key, row in writes.puts:
        parts += (_STEP.pack(_PUT, len(key), len(row)), key, row)
    for key in writes.deletes:
        parts += (_STEP.pack(_DELETE, len(key), 0), key)
    for index_id, (items, size) in writes.counts.items():
        parts += (_STEP.pack(_ADD, _COUNT.size, 0), _COUNT.pack(index_id, items, size))
    return _record(parts)


def encode_rows(rows: Iterable[Row]) -> Iterator[bytes]:
    """Give the records of *rows*, as ``Store.dump`` gives them."""
    parts: list[bytes] = []
    size = 0
    for key, row in rows:
        parts += (_STEP.pack(_ROW, len(key), len(row)), key, row)
        size += len(key) + len(row)
        if size >= _CHUNK_BYTES:
            yield _record(parts)
            parts, size = [], 0
    if parts:
        yield _record(parts)


def _record(parts: list[bytes]) -> bytes:
    steps = b"".join(parts)
    return _HEAD.pack(len(steps), len(steps) ^ _ALL_BITS, zlib.crc32(steps)) + steps


def read_records(data: bytes) -> Iterator[tuple[list[Row], WriteSet, int]]:
    """Give what each record of the file *data* holds, rows or a write set, and where it ends.

    What a process or a machine that died was writing, at the end, is left out.
    Raises: ValueError where something else is wrong.
    """
    if data[: len(MAGIC)] != MAGIC:
        raise ValueError
    place = len(MAGIC)
    while len(data) - place >= _HEAD.size:
        length, complement, checksum = _HEAD.unpack_from(data, place)
        if length ^ _ALL_BITS != complement:
            _check_is_end(data, place + _HEAD.size)
            return
        start, end = place + _HEAD.size, place + _HEAD.size + length
        if end > len(data):
            return
        steps = data[start:end]
        if zlib.crc32(steps) != checksum:
            _check_is_end(data, end)
            return
        yield *_decode(steps), end
        place = end


def _check_is_end(data: bytes, place: int) -> None:
    # A file system may have made the file longer and not have written all that comes there.
    if data[place:].strip(b"\0"):
        raise ValueError


def _decode(steps: bytes) -> tuple[list[Row], WriteSet]:
    rows: list[Row] = []
    writes = WriteSet()
    place = 0
    while place < len(steps):
        kind, first, second = _STEP.unpack_from(steps, place)
        start = place + _STEP.size
        middle, place = start + first, start + first + second
        one, two = steps[start:middle], steps[middle:place]
        if kind == _PUT:
            writes.puts.append((one, two))
        elif kind == _ROW:
            rows.append((one, two))
        elif kind == _DELETE:
            writes.deletes.append(one)
        elif kind == _RANGE:
            writes.ranges.append((one, two))
        elif kind == _ADD:
            index_id, items, size = _COUNT.unpack(one)
            writes.count(index_id, items, size)
        else:
            raise ValueError
    return rows, writes
