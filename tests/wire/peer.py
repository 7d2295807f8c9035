"""The client's end of a connection, byte by byte."""

import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + "0" * 64
)
HEADERS = {
    "Host": "localhost",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20240101T000000Z",
    "Authorization": AUTHORIZATION,
}


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes

    def json(self):
        return orjson.loads(self.body)


def head(method="POST", path="/", version="1.1", **headers):
    """Return the head of a request; a header that is None is left out, ``_`` in names stands for ``-``."""
    given = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    lines = [f"{method} {path} HTTP/{version}"]
    for name, value in HEADERS.items():
        value = given.pop(name.lower(), value)
        if value is not None:
            lines.append(f"{name}: {value}")
    lines += [f"{name}: {value}" for name, value in given.items() if value is not None]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def post(body=b"{}", operation="ListTables", **more):
    """Return a whole request of *operation*; *body* is JSON or bytes."""
    payload = body if isinstance(body, bytes) else orjson.dumps(body)
    more.setdefault("x_amz_target", f"DynamoDB_20120810.{operation}")
    more.setdefault("content_length", len(payload))
    return head(**more) + payload


def chunked(*chunks):
    """Return *chunks* as a chunked body."""
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


class Peer:
    """A connection to the server at *url*."""

    def __init__(self, url, timeout=20.0):
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def send(self, *pieces, pause=0.0):
        for piece in pieces:
            self.socket.sendall(piece)
            if pause:
                time.sleep(pause)

    def ask(self, *pieces, without_body=False):
        """Send *pieces* and return the response."""
        self.send(*pieces)
        return self.read(without_body)

    def read(self, without_body=False):
        """Return the next response. Raises EOFError when the server closes first."""
        first, *lines = self._read_head().decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        status = int(first.split(" ")[1])
        length = 0 if status == 100 or without_body else int(headers["content-length"])
        while len(self._received) < length:
            self._receive()
        body, self._received = self._received[:length], self._received[length:]
        return Response(status, headers, body)

    def _read_head(self):
        while b"\r\n\r\n" not in self._received:
            self._receive()
        found, _, self._received = self._received.partition(b"\r\n\r\n")
        return found

    def _receive(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise EOFError
        self._received += data

    def read_end(self):
        """Return what comes until the server closes the connection."""
        try:
            while True:
                self._receive()
        except EOFError:
            rest, self._received = self._received, b""
            return rest

    def has_data(self, seconds):
        """Tell whether the server sends something, or closes, within *seconds*."""
        timeout = self.socket.gettimeout()
        self.socket.settimeout(seconds)
        try:
            return bool(self._received) or self.socket.recv(1, socket.MSG_PEEK) is not None
        except TimeoutError:
            return False
        finally:
            self.socket.settimeout(timeout)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
