"""One request, as the protocol reads it and the wire answers it."""

from typing import Any


class Request:
    """A request; header values are bytes as sent, None when absent.

    ``others`` holds the rarer headers that matter, by lower-case name. ``refusal`` is the status of the
    answer to something that cannot be read as a request, else 0.
    """

    __slots__ = (
        "authorization",
        "body",
        "content_type",
        "has_date",
        "host",
        "keep_alive",
        "length",
        "method",
        "others",
        "refusal",
        "target",
        "upload",
        "url",
    )

    def __init__(self) -> None:
        self.method = b""
        self.url = b""
        self.target: bytes | None = None
        self.content_type: bytes | None = None
        self.authorization: bytes | None = None
        self.has_date = False
        self.host: bytes | None = None
        self.length = b""
        self.others: dict[bytes, bytes] | None = None
        self.body = b""
        self.upload: Any = None
        """The file with the body, in place of ``body``, where a large one is welcome."""
        self.keep_alive = True
        self.refusal = 0

    def head_without_upgrade(self) -> bytes:
        """Return the request's head, as far as it is kept, without its offer of another protocol."""
        lines = [b"%b %b HTTP/1.1" % (self.method, self.url)]
        named = {
            b"x-amz-target": self.target,
            b"content-type": self.content_type,
            b"authorization": self.authorization,
            b"content-length": self.length or None,
            b"date": b"" if self.has_date else None,
            b"host": self.host,
            **(self.others or {}),
            b"upgrade": None,
        }
        lines += [b"%b: %b" % (name, value) for name, value in named.items() if value is not None]
        return b"\r\n".join(lines) + b"\r\n\r\n"
