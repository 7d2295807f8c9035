"""A database that answers what SDKs send, without a socket: the wire of the server, called directly."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from dynemu.http.request import Request
from dynemu.http.wire import Wire, make_wire

if TYPE_CHECKING:
    from dynemu.database import Database

KEY_ID = "dynemu"
_OTHERS = ("content-encoding", "x-dynemu-token")


class ConnectionDropped(ConnectionError):
    """A fault closed the connection in place of an answer."""


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
            second = int(time.time())
            if second != self._second:
                self._second = second
                self._wire.writer.tick(second)
            self._wire.answer(request, out)
            for parts in self._wire.work or ():
                out += parts
            delay, drops = self._wire.delay, self._wire.drops
        if drops:
            raise ConnectionDropped("The connection was closed without an answer.")
        return _read_answer(out, delay)


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
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    body = b"".join((rest, *out[1:]))
    if headers.pop("Transfer-Encoding", None) is not None:
        body = _join_chunks(body)
    return Answer(int(status.split(" ")[1]), headers, body, delay)


def _join_chunks(body: bytes) -> bytes:
    parts, at = [], 0
    while size := int(body[at : (end := body.index(b"\r\n", at))], 16):
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 4 + size
    return b"".join(parts)
