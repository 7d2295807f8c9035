"""A database that answers what SDKs send, without a socket: the wire of the server, called directly."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from dynemu.errors import ConnectionDropped
from dynemu.http.request import Request
from dynemu.http.response import AMZ_JSON
from dynemu.http.wire import Wire, make_wire

if TYPE_CHECKING:
    from dynemu.database import Database

KEY_ID = "dynemu"
_OTHERS = ("content-encoding", "x-dynemu-token")


class Answer(NamedTuple):
    """A response as an HTTP client reads it."""

    status: int
    headers: dict[str, str]
    body: bytes
    delay: float
    """Seconds by which a hook wants it to be held back."""


class Transport:
    """Sends requests of SDKs to *database*; any thread may use it."""

    def __init__(self, database: "Database") -> None:
        self.database = database
        self._wire: Wire = database.use_wire(make_wire)
        self._url = f"/ns/{database.name}".encode()
        self._second = int(time.time())
        self._ok_head = b""
        self._ok_headers: dict[str, str] = {}

    def send(self, method: str, path: str, headers: Mapping[str, str | bytes], body: bytes) -> Answer:
        """Answer one HTTP request; a path of its own may name another namespace.

        *headers* finds names in any case, as those of SDKs do. Raises: ConnectionDropped; ValueError when
        the database is closed.
        """
        request = _read_request(method, path, headers, body)
        if request.url in (b"", b"/"):
            request.url = self._url
        out: list[bytes] = []
        with self.database.answering():
            self._tick()
            self._wire.answer(request, out)
            for parts in self._wire.work or ():
                out += parts
            delay, drops = self._wire.delay, self._wire.drops
        if drops:
            raise ConnectionDropped
        return _read_answer(out, delay)

    def ask(self, target: bytes, authorization: bytes, body: bytes) -> Answer:
        """Answer the JSON *body* of one operation of this namespace; the names of headers are lower-case.

        Raises: ConnectionDropped; ValueError when the database is closed.
        """
        # PERF: without a head that would be written and read again (benchmarks.macro.in_process).
        request = Request()
        request.method, request.content_type, request.has_date = b"POST", AMZ_JSON, True
        request.target, request.authorization, request.body = target, authorization, body
        wire = self._wire
        with self.database.answering():
            self._tick()
            status, request_id, answered = wire.run(request, self.database.name)
            delay, drops = wire.delay, wire.drops
            headers = self._headers(status, request_id, answered)
        if drops:
            raise ConnectionDropped
        return Answer(status, headers, answered, delay)

    def _tick(self) -> None:
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._wire.writer.tick(second)

    def _headers(self, status: int, request_id: bytes, body: bytes) -> dict[str, str]:
        writer = self._wire.writer
        if status != 200:
            out: list[bytes] = []
            writer.write(out, request_id, status, AMZ_JSON, body, True)
            return {name.lower(): value for name, value in _read_answer(out, 0.0).headers.items()}
        if writer.ok_head is not self._ok_head:
            self._ok_head = writer.ok_head
            self._ok_headers = {name.lower(): value for name, value in _read_lines(writer.ok_head)}
        headers = self._ok_headers.copy()
        headers["x-amzn-requestid"] = request_id.decode()
        headers["x-amz-crc32"] = str(crc32(body))
        headers["content-length"] = str(len(body))
        return headers


def _read_request(method: str, path: str, headers: Mapping[str, str | bytes], body: bytes) -> Request:
    # PERF: five look-ups; to walk through the headers of botocore takes three times as long.
    request = Request()
    request.host = b"localhost"
    request.method, request.url, request.body = method.encode(), path.encode(), body
    request.target = _raw(headers.get("X-Amz-Target"))
    request.content_type = _raw(headers.get("Content-Type"))
    request.authorization = _raw(headers.get("Authorization"))
    request.has_date = "X-Amz-Date" in headers or "Date" in headers
    others = ((name.encode(), _raw(headers.get(name))) for name in _OTHERS)
    request.others = {name: value for name, value in others if value is not None} or None
    return request


def _raw(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def _read_answer(out: list[bytes], delay: float) -> Answer:
    head, _, rest = out[0].partition(b"\r\n\r\n")
    headers = dict(_read_lines(head))
    body = b"".join((rest, *out[1:]))
    if headers.pop("Transfer-Encoding", None) is not None:
        body = _join_chunks(body)
    return Answer(int(head.split(b" ", 2)[1]), headers, body, delay)


def _read_lines(head: bytes) -> list[list[str]]:
    return [line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:]]


def _join_chunks(body: bytes) -> bytes:
    parts, at = [], 0
    while size := int(body[at : (end := body.index(b"\r\n", at))], 16):
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 4 + size
    return b"".join(parts)
