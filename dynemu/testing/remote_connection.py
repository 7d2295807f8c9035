"""One connection to a dynemu server: a request goes out in one piece, an answer is read as dynemu sends it.

PERF: http.client takes twice the time for each of the three requests of a reset (benchmarks.macro.reset):
it sends head and body apart, which wakes the server twice, and reads heads with the parser of e-mails.
"""

import re
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ENDS = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_READ_BYTES = 64 << 10


class ConnectionLost(OSError):
    """The server closed the connection, or sent what is no answer of dynemu."""


class Connection:
    """A connection to the server at *url*, opened with the first request; one thread uses it at a time."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._authority = parts.netloc.rpartition("@")[2]
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._kept = b""
        """What has been read of the next answer."""

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Return status and body of the answer. Raises: OSError.

        A connection that the server has closed meanwhile is opened again, once.
        """
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._authority}\r\n{lines}"
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body
        while True:
            is_fresh = self._socket is None
            try:
                return self._exchange(request)
            except OSError as error:
                self.close()
                if is_fresh or isinstance(error, TimeoutError):
                    raise

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._kept = b""

    def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._socket is None:
            self._socket = socket.create_connection((self._host, self._port), self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        data = self._kept
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._read()
        head = data[:end]
        status, length = _STATUS.match(head), _LENGTH.search(head)
        if status is None or length is None:
            raise ConnectionLost("what answers is no dynemu")
        size = end + 4 + int(length[1])
        parts, missing = [data], size - len(data)
        while missing > 0:
            parts.append(self._read())
            missing -= len(parts[-1])
        data = b"".join(parts)
        self._kept = data[size:]
        if _ENDS.search(head):
            self.close()
        return int(status[1]), data[end + 4 : size]

    def _read(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(_READ_BYTES)
        if not data:
            raise ConnectionLost("the connection was closed")
        return data
