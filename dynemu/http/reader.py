"""From bytes to requests: ordinary ones by own framing, others by httptools; the limits of head and body."""

import logging
from typing import Any

from dynemu._core import framing
from dynemu.http.request import Request
from dynemu.http.routes import ADMIN_PATH, NOWHERE, find_route
from dynemu.limits import REQUEST_BYTES

URL_BYTES = 16 * 1024
HEAD_BYTES = 64 * 1024
TLS = b"\x16"
"""First byte of a TLS handshake."""

UNKNOWN, IGNORED, TARGET, CONTENT_TYPE, AUTHORIZATION, DATE, LENGTH, ACCEPT_ENCODING, HOST, OTHER = range(10)
_CODES = {
    b"x-amz-target": TARGET,
    b"content-type": CONTENT_TYPE,
    b"authorization": AUTHORIZATION,
    b"x-amz-date": DATE,
    b"date": DATE,
    b"content-length": LENGTH,
    b"accept-encoding": ACCEPT_ENCODING,
    b"content-encoding": OTHER,
    b"transfer-encoding": OTHER,
    b"expect": OTHER,
    b"upgrade": OTHER,
    b"origin": OTHER,
    b"x-dynemu-token": OTHER,
    b"access-control-request-headers": OTHER,
    b"access-control-request-method": OTHER,
    b"host": HOST,
    b"user-agent": IGNORED,
    b"connection": IGNORED,
    b"accept": IGNORED,
    b"amz-sdk-invocation-id": IGNORED,
    b"amz-sdk-request": IGNORED,
    b"x-amz-security-token": IGNORED,
    b"x-amz-content-sha256": IGNORED,
}
# PERF: both usual spellings are listed, so that a header costs one look-up and no copy in lower case.
CODES = {spelling: code for name, code in _CODES.items() for spelling in (name, name.title())}

log = logging.getLogger("dynemu.http")


class Refused(Exception):
    """Stops the parser: what follows on this connection is not read as requests."""


class RequestReader:
    """Reads the requests of one connection and gives them to ``submit``, which a subclass defines.

    What cannot be read is submitted as a request with a ``refusal`` status, the last one of its connection.
    """

    def __init__(self) -> None:
        self.parser: Any = None
        self.feed: Any = None
        self.should_keep_alive: Any = None
        self.request: Request | None = None
        """The request being read."""
        self.head_done = False
        self.parts: list[bytes] = []
        self.missing = 0
        """Bytes of the body that are still to come, when own framing has read the head."""
        self.size = 0
        """Bytes of the head, later of the body, of the request being read."""
        self.fed = 0
        """Bytes received since the request being read began, in chunks that hold nothing else."""
        self.reading = True
        """False once nothing more is read as a request."""
        self.lingering = False
        """True when reading ended before the client had sent everything."""
        self.spans = framing.new_spans()
        self.url = b"/"
        self.target: bytes | None = None
        self.content_type: bytes | None = None
        self.host: bytes | None = None
        """What the last request of own framing had: the next one seldom has anything else."""

    def submit(self, request: Request) -> None:
        """Take a request that is read."""
        raise NotImplementedError

    def expect_body(self) -> None:
        """Tell the client to send the body of the request being read."""
        raise NotImplementedError

    def find_upload(self, request: Request) -> Any:
        """Return the file for the body of *request*, whose head is read; None: it is kept as bytes."""
        raise NotImplementedError

    def start_parser(self) -> None:
        """Read what follows as the start of a request."""
        from httptools import HttpRequestParser  # noqa: PLC0415 - SDKs send what own framing reads

        self.parser = HttpRequestParser(self)
        self.feed = self.parser.feed_data
        self.should_keep_alive = self.parser.should_keep_alive

    def read(self, data: bytes) -> None:
        """Submit the requests that *data* completes."""
        if self.missing:
            data = self._read_rest(data)
            if not data or not self.reading:
                return
        if self.request is None:
            start = self._read_ordinary(data)
            if start == len(data) or not self.reading:
                return
            if start:
                data = data[start:]
        if self.parser is None:
            self.start_parser()
        self._parse(data)

    def _read_ordinary(self, data: bytes) -> int:
        """Submit the ordinary requests at the start of *data*; return where they end.

        The parser, which has seen none of them, stands before the start of a request. Of the last one the
        body may be missing: many clients send it apart from the head.
        """
        start = 0
        spans = self.spans
        while self.reading:
            end = framing.frame(data, start, spans)
            if end == 0:
                break
            request = Request()
            request.method = b"POST"
            request.url = self.url = framing.cut(data, spans, framing.URL, self.url) or b"/"
            request.target = self.target = framing.cut(data, spans, framing.TARGET, self.target)
            request.content_type = self.content_type = framing.cut(
                data, spans, framing.CONTENT_TYPE, self.content_type
            )
            request.host = self.host = framing.cut(data, spans, framing.HOST, self.host)
            request.authorization = framing.cut(data, spans, framing.AUTHORIZATION, None)
            request.has_date = framing.has(spans, framing.DATE)
            request.length = framing.cut(data, spans, framing.LENGTH, None) or b""
            if end > len(data):
                self.missing = end - len(data)
                self.parts = [data[end - int(request.length) :]]
                self.request = request
                return len(data)
            request.body = framing.cut(data, spans, framing.BODY, None) or b""
            start = end
            self.submit(request)
        return start

    def _read_rest(self, data: bytes) -> bytes:
        """Add *data* to the body of the ordinary request being read; return what follows that."""
        size = len(data)
        if size < self.missing:
            self.parts.append(data)
            self.missing -= size
            return b""
        rest = data[self.missing :]
        self.parts.append(data[: self.missing])
        request = self.request
        assert request is not None
        request.body = b"".join(self.parts)
        self.request = None
        self.parts = []
        self.missing = 0
        if not request.keep_alive:
            self.reading = False
        self.submit(request)
        return rest

    def _parse(self, data: bytes) -> None:
        from httptools import HttpParserError, HttpParserUpgrade  # noqa: PLC0415 - as above

        unfinished = self.request
        try:
            self.feed(data)
        except HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except HttpParserError as error:
            if self.reading:
                log.warning("not HTTP: %s", "TLS; the address is http://" if data[:1] == TLS else error)
                self.refuse(400)
        if unfinished is not None and unfinished is self.request:
            self._count_fed(len(data))

    def refuse(self, status: int) -> None:
        """Answer *status* in place of the request being read, and read nothing more."""
        request = self.request or Request()
        request.refusal = status
        self._end_reading(request)

    def _end_reading(self, request: Request) -> None:
        """Submit *request* although its body is not read; the connection cannot be used any more."""
        self.request = None
        self.parts = []
        self.reading = False
        self.lingering = True
        request.keep_alive = False
        self.submit(request)

    # Called by the parser

    def on_message_begin(self) -> None:
        if not self.reading:
            raise Refused()
        self.request = Request()
        self.head_done = False
        self.size = 0
        self.fed = 0

    def on_url(self, url: bytes) -> None:
        request = self.request
        assert request is not None
        request.url = request.url + url if request.url else url
        if len(request.url) > URL_BYTES:
            self._stop(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.head_done:
            return  # a trailer
        request = self.request
        assert request is not None
        self.size += len(name) + len(value)
        code = CODES.get(name, UNKNOWN)
        if code == UNKNOWN:
            code = CODES.get(name.lower(), IGNORED)
        if code == IGNORED:
            return
        if code == TARGET:
            request.target = value
        elif code == CONTENT_TYPE:
            request.content_type = value
        elif code == AUTHORIZATION:
            request.authorization = value
        elif code == DATE:
            request.has_date = True
        elif code == LENGTH:
            request.length = value
        elif code == HOST:
            request.host = value
        elif code == OTHER or (code == ACCEPT_ENCODING and value != b"identity"):
            if request.others is None:
                request.others = {}
            request.others[name.lower()] = value

    def on_headers_complete(self) -> None:
        request = self.request
        assert request is not None
        self.head_done = True
        if self.size > HEAD_BYTES:
            self._stop(431)
        self.size = 0
        request.method = self.parser.get_method()
        if request.method == b"CONNECT":
            self._end_reading(request)
            raise Refused()
        if request.method == b"POST" and request.url.startswith(ADMIN_PATH):
            request.upload = self.find_upload(request)
        if len(request.length) > 7 and int(request.length) > REQUEST_BYTES and request.upload is None:
            self._stop(413)
        if request.others is not None and b"expect" in request.others and not self._upgrades():
            self._expect(request, request.others[b"expect"])

    def on_body(self, body: bytes) -> None:
        assert self.request is not None
        if self.request.upload is not None:
            self.request.upload.write(body)
            return
        self.size += len(body)
        if self.size > REQUEST_BYTES:
            self._stop(413)
        self.parts.append(body)

    def on_message_complete(self) -> None:
        request = self.request
        assert request is not None
        if request.others is not None and self._upgrades():
            return  # the body follows: see _ignore_upgrade
        self.request = None
        if self.parts:
            request.body = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
            self.parts = []
        if not request.keep_alive or not self.should_keep_alive():
            request.keep_alive = False
            self.reading = False
        self.submit(request)

    def _upgrades(self) -> bool:
        assert self.request is not None
        return b"upgrade" in (self.request.others or ()) and bool(self.parser.should_upgrade())

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Read on in HTTP/1.1 although the client offered another protocol.

        NOTE: the parser takes what follows the head for the other protocol; clients that offer HTTP/2 this
        way (java.net.http by default) send an ordinary body. A new parser reads the head without the offer.
        """
        request = self.request
        if not self.reading or request is None:
            return
        self.start_parser()
        self.read(request.head_without_upgrade() + rest)

    def _count_fed(self, size: int) -> None:
        """Bound what the parser may collect on its own: a head without an end, chunk extensions, trailers."""
        self.fed += size
        if not self.head_done and self.fed > HEAD_BYTES + URL_BYTES:
            self.refuse(431)
        elif self.fed > 2 * REQUEST_BYTES and (self.request is None or self.request.upload is None):
            self.refuse(413)

    def _expect(self, request: Request, expectation: bytes) -> None:
        if self.parser.get_http_version() == "1.0":
            return
        if expectation.lower() != b"100-continue":
            self._stop(417)
        if request.method != b"POST" or find_route(request.url)[0] == NOWHERE:
            self._end_reading(request)
            raise Refused()
        self.expect_body()

    def _stop(self, status: int) -> None:
        """Refuse the request being read. Raises: Refused, to stop the parser."""
        self.refuse(status)
        raise Refused()
