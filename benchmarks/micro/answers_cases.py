"""Answers as dynemu.http.response writes them, against formatting and zlib."""

from zlib import crc32

from benchmarks.micro.timing import Cases
from dynemu.http.response import ResponseWriter

_SIZES = {"an item": 380, "ten items": 3_800, "a page": 54_000}


def cases() -> Cases:
    """Return the calls to compare."""
    writer = ResponseWriter()
    bodies = {name: b"x" * size for name, size in _SIZES.items()}
    return {
        f"answer, {name}": (
            lambda body=body: writer.write_ok([], b"I" * 52, body),
            lambda body=body: _write(writer.ok_head, b"I" * 52, body),
        )
        for name, body in bodies.items()
    }


def _write(head: bytes, request_id: bytes, body: bytes) -> bytes:
    lines = b"%b%b\r\nx-amz-crc32: %d\r\nContent-Length: %d\r\n\r\n" % (
        head,
        request_id,
        crc32(body),
        len(body),
    )
    return b"".join((lines, body))
