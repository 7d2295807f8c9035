"""A snapshot as one file, the same from memory and from a disk (docs/admin.md has the format).

    file  = magic, version (1 byte), blocks
    block = kind (1 byte), length (4 bytes), CRC-32 of kind and data (4 bytes), data: gzip

The first block (``A``) is JSON about the snapshot, the last one (``E``) JSON with the number of rows; those
between (``R``) hold rows: length of the key, length of the row (4 bytes each), key, row. Numbers are big
endian.
"""

import zlib
from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Any, Protocol

import orjson

from dynemu.storage.base import FORMAT_VERSION, StoreError

MAGIC = b"\x89dynemu\r\n\x1a\n"
"""Not text, and not the same after a transfer that takes it for text."""
VERSION = 1
BLOCK_BYTES = 128 << 10
"""PERF: bytes of rows in a block, which takes a millisecond or two to write and to read."""
MOST_BYTES = 64 << 20
"""More than any block holds; one that claims more is damaged."""
_LEVEL = 1
_HEAD = Struct(">cII")
_LENGTHS = Struct(">II")
_ABOUT, _ROWS, _END = b"A", b"R", b"E"

Row = tuple[bytes, bytes]


class UnreadableExport(StoreError):
    """A file that is no exported snapshot, or no longer whole."""


class Readable(Protocol):
    """A binary file as far as it is needed here."""

    def read(self, size: int, /) -> bytes:
        """Return the next *size* bytes, less at the end."""


def write_export(about: dict[str, Any], rows: Iterable[Row]) -> Iterator[bytes]:
    """Give the file of a snapshot in parts, each made in a millisecond or two; *about* describes it."""
    yield MAGIC + bytes([VERSION]) + _block(_ABOUT, orjson.dumps({**about, "rows_format": FORMAT_VERSION}))
    count = size = 0
    parts: list[bytes] = []
    for key, row in rows:
        parts += (_LENGTHS.pack(len(key), len(row)), key, row)
        count += 1
        size += len(key) + len(row)
        if size >= BLOCK_BYTES:
            yield _block(_ROWS, b"".join(parts))
            size = 0
            parts.clear()
    if parts:
        yield _block(_ROWS, b"".join(parts))
    yield _block(_END, orjson.dumps({"rows": count}))


def _block(kind: bytes, plain: bytes) -> bytes:
    import gzip  # noqa: PLC0415 - 1 ms of the first request to the admin API, which is seldom for an export

    data = gzip.compress(plain, _LEVEL, mtime=0)
    return _HEAD.pack(kind, len(data), zlib.crc32(kind + data)) + data


class Export:
    """An exported snapshot that is read from *file*. Raises: UnreadableExport."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        start = file.read(len(MAGIC) + 1)
        if start[:-1] != MAGIC:
            raise UnreadableExport("This is not a snapshot that dynemu exported.")
        _check_version(start[-1], VERSION)
        kind, plain = self._read()
        about = _parse(plain) if kind == _ABOUT else None
        if about is None:
            raise _damaged()
        self.about: dict[str, Any] = about
        """What ``write_export`` was told of the snapshot."""
        _check_version(about.get("rows_format"), FORMAT_VERSION, FORMAT_VERSION)

    def batches(self) -> Iterator[list[Row]]:
        """Give the rows, as many at a time as one block holds. Raises: UnreadableExport."""
        count = 0
        kind, plain = self._read()
        while kind == _ROWS:
            rows = _unpack(plain)
            count += len(rows)
            yield rows
            kind, plain = self._read()
        if kind != _END or _parse(plain) != {"rows": count} or self._file.read(1):
            raise _damaged()

    def _read(self) -> tuple[bytes, bytes]:
        """Return kind and data of the next block."""
        head = self._file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise UnreadableExport("The exported snapshot is cut short.")
        kind, length, checksum = _HEAD.unpack(head)
        if length > MOST_BYTES:
            raise _damaged()
        data = self._file.read(length)
        if len(data) < length:
            raise UnreadableExport("The exported snapshot is cut short.")
        if zlib.crc32(kind + data) != checksum:
            raise _damaged()
        return kind, _inflate(data)


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = inflater.decompress(data, MOST_BYTES)
    except zlib.error:
        raise _damaged() from None
    if not inflater.eof or inflater.unused_data:
        raise _damaged()
    return plain


def _unpack(plain: bytes) -> list[Row]:
    rows: list[Row] = []
    at, end = 0, len(plain)
    while at < end:
        if end - at < _LENGTHS.size:
            raise _damaged()
        key_size, row_size = _LENGTHS.unpack_from(plain, at)
        start = at + _LENGTHS.size
        at = start + key_size + row_size
        if at > end or key_size < 4:
            raise _damaged()
        rows.append((plain[start : start + key_size], plain[start + key_size : at]))
    return rows


def _parse(plain: bytes) -> dict[str, Any] | None:
    try:
        members = orjson.loads(plain)
    except orjson.JSONDecodeError:
        return None
    return members if isinstance(members, dict) else None


def _check_version(version: Any, known: int, oldest: int = 1) -> None:
    if not isinstance(version, int):
        raise _damaged()
    if not oldest <= version <= known:
        age = "a newer" if version > known else "an older"
        raise UnreadableExport(
            f"The snapshot was exported by {age} dynemu, in format {version}; "
            f"this release reads formats {oldest} to {known}."
        )


def _damaged() -> UnreadableExport:
    return UnreadableExport("The exported snapshot is damaged.")
