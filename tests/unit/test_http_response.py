"""Responses byte by byte: the head, the checksum of bodies of any length, and where a large body goes."""

import zlib
from random import Random

import pytest

from dynemu.http.response import AMZ_JSON, JOINED_BYTES, ResponseWriter

NOON = 1_700_049_600.0
HEAD = (
    b"HTTP/1.1 %b\r\nServer: Server\r\nDate: Wed, 15 Nov 2023 12:00:00 GMT\r\n"
    b"Content-Type: application/x-amz-json-1.0\r\nConnection: %b\r\nx-amzn-RequestId: ID\r\n"
)


@pytest.fixture
def writer() -> ResponseWriter:
    writer = ResponseWriter()
    writer.tick(NOON)
    return writer


@pytest.mark.parametrize("size", [*range(200), 255, 256, 1000, 1023, 4096, 65535, 65536, 65537, 1_000_003])
def test_an_answer_tells_of_its_body(writer: ResponseWriter, size: int) -> None:
    body = Random(size).randbytes(size)
    out: list[bytes] = []
    writer.write_ok(out, b"ID", body)
    lines = b"x-amz-crc32: %d\r\nContent-Length: %d\r\n\r\n" % (zlib.crc32(body), size)
    assert b"".join(out) == HEAD % (b"200 OK", b"keep-alive") + lines + body
    assert len(out) == (1 if size <= JOINED_BYTES else 2)


@pytest.mark.parametrize("without_body", [False, True])
@pytest.mark.parametrize("size", [0, 10, JOINED_BYTES + 1])
def test_any_answer_may_have_headers_and_lack_its_body(
    writer: ResponseWriter, size: int, without_body: bool
) -> None:
    body = b"x" * size
    out: list[bytes] = []
    writer.write(out, b"ID", 400, AMZ_JSON, body, False, b"Vary: a\r\nVary: b\r\n", without_body)
    lines = b"Vary: a\r\nVary: b\r\nx-amz-crc32: %d\r\nContent-Length: %d\r\n\r\n" % (zlib.crc32(body), size)
    expected = HEAD % (b"400 Bad Request", b"close") + lines
    assert b"".join(out) == expected + (b"" if without_body else body)
