"""Responses as bytes: prebuilt heads, request ids, CRC-32."""

import os
import time

from dynemu._core import answers

AMZ_JSON = b"application/x-amz-json-1.0"
JSON = b"application/json"
TEXT = b"text/plain"

_REASONS = {
    200: b"OK",
    201: b"Created",
    400: b"Bad Request",
    401: b"Unauthorized",
    403: b"Forbidden",
    404: b"Not Found",
    405: b"Method Not Allowed",
    408: b"Request Timeout",
    409: b"Conflict",
    413: b"Request Entity Too Large",
    414: b"URI Too Long",
    417: b"Expectation Failed",
    431: b"Request Header Fields Too Large",
    500: b"Internal Server Error",
    503: b"Service Unavailable",
}
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

JOINED_BYTES = 64 * 1024
"""Larger output is handed over in pieces: copying it once more costs more than a second buffer."""

_DIGITS = b"0123456789ABCDEFGHIJKLMNOPQRSTUV"
_BYTE_TO_DIGIT = bytes(_DIGITS[byte & 31] for byte in range(256))
# NOTE: the last 26 characters are the same in every id that DynamoDB gives.
_ID_ENDS = tuple(bytes((high, low)) + b"VV4KQNSO5AEMVJF66Q9ASUAAJG" for high in _DIGITS for low in _DIGITS)
_ID_BLOCK = len(_ID_ENDS)


class ResponseWriter:
    """Builds responses; the part of a head that only changes with the clock is kept between ticks."""

    def __init__(self) -> None:
        self.ok_head = b""
        self._heads: dict[tuple[int, bytes, bool], bytes] = {}
        self._date = b""
        self._id_start = b""
        self._ids_used = _ID_BLOCK
        self.tick(time.time())

    def tick(self, now: float) -> None:
        """Let responses carry the date *now*, in epoch seconds; call once a second."""
        self._date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now)).encode()
        self._heads.clear()
        self.ok_head = self._head(200, AMZ_JSON, True)

    def next_id(self) -> bytes:
        """Return a request id that was not used before: 52 characters of ``0-9A-V``."""
        # PERF: random bytes once per 1,024 ids, then a table: 60 ns against 500 for one uuid4.
        if self._ids_used == _ID_BLOCK:
            self._ids_used = 0
            self._id_start = os.urandom(24).translate(_BYTE_TO_DIGIT)
        end: bytes = _ID_ENDS[self._ids_used]
        self._ids_used += 1
        return self._id_start + end

    def write_ok(self, out: list[bytes], request_id: bytes, body: bytes) -> None:
        """Append the response of a plain success: 200, AMZ_JSON, connection kept open."""
        is_small = len(body) <= JOINED_BYTES
        out.append(answers.pack_answer(self.ok_head, request_id, b"", body, is_small))
        if not is_small:
            out.append(body)

    def write(
        self,
        out: list[bytes],
        request_id: bytes,
        status: int,
        content_type: bytes,
        body: bytes,
        keep_alive: bool,
        headers: bytes = b"",
        without_body: bool = False,
    ) -> None:
        """Append any other response.

        *headers* are further header lines, each ended by CRLF. *without_body* describes *body* but leaves
        it out.
        """
        head = self._heads.get((status, content_type, keep_alive))
        if head is None:
            head = self._head(status, content_type, keep_alive)
        is_small = len(body) <= JOINED_BYTES and not without_body
        out.append(answers.pack_answer(head, request_id, headers, body, is_small))
        if not (is_small or without_body):
            out.append(body)

    def write_start(
        self,
        out: list[bytes],
        request_id: bytes,
        status: int,
        content_type: bytes,
        keep_alive: bool,
        headers: bytes,
    ) -> None:
        """Append the head of a response whose body follows in chunks, as *headers* say."""
        out.append(b"%b%b\r\n%b\r\n" % (self._head(status, content_type, keep_alive), request_id, headers))

    def _head(self, status: int, content_type: bytes, keep_alive: bool) -> bytes:
        head = b"HTTP/1.1 %d %b\r\nServer: Server\r\nDate: %b\r\n%bConnection: %b\r\nx-amzn-RequestId: " % (
            status,
            _REASONS[status],
            self._date,
            b"Content-Type: " + content_type + b"\r\n" if content_type else b"",
            b"keep-alive" if keep_alive else b"close",
        )
        self._heads[status, content_type, keep_alive] = head
        return head
