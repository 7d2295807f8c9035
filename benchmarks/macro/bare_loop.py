"""What the machine allows: the least that a Python server can do to answer GetItem over HTTP.

One uvloop protocol on httptools, ``orjson.loads`` of the body, one dict lookup, one joined write with the
request id and the CRC32 that AWS sends. No validation, no store, no errors.
"""

import asyncio
import sys
from typing import cast
from uuid import uuid4
from zlib import crc32

import httptools
import orjson
import uvloop

from benchmarks.macro.data import ITEM_COUNT, item_of

_NO_TABLES = b'{"TableNames":[]}'


def _load() -> dict[tuple[str, str], bytes]:
    items = map(item_of, range(ITEM_COUNT))
    return {(item["pk"]["S"], item["sk"]["S"]): b'{"Item":' + orjson.dumps(item) + b"}" for item in items}


class _Protocol(asyncio.Protocol):
    def __init__(self, answers: dict[tuple[str, str], bytes]) -> None:
        self._answers = answers
        self._parser = httptools.HttpRequestParser(self)
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write = cast(asyncio.Transport, transport).write

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        self._body += data

    def on_message_complete(self) -> None:
        key = orjson.loads(self._body).get("Key")
        self._body = b""
        answer = self._answers[key["pk"]["S"], key["sk"]["S"]] if key else _NO_TABLES
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
            f"x-amzn-RequestId: {uuid4().hex}\r\nx-amz-crc32: {crc32(answer)}\r\n"
            f"Content-Length: {len(answer)}\r\n\r\n"
        )
        self._write(head.encode() + answer)


async def _serve(port: int) -> None:
    answers = _load()
    server = await asyncio.get_running_loop().create_server(lambda: _Protocol(answers), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
