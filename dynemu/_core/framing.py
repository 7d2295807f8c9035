"""Where the parts of an ordinary request are; ``framing.pxd`` holds the same in C for the compiled modules.

What SDKs send is a POST in HTTP/1.1 with plain headers and a Content-Length. Such a request, when all of its
head is there, is read here; everything else is left to httptools. So this may decline whatever it likes, but
what it accepts must mean the same there (docs/adr/0015-own-framing.md).
This module is not compiled, it only lends its inline functions.
"""

import re
from array import array

HEAD_BYTES = 16 * 1024
"""Longer heads are left to httptools."""
BODY, URL, TARGET, CONTENT_TYPE, AUTHORIZATION, HOST, LENGTH, DATE = range(8)
_KNOWN = {
    b"x-amz-target": TARGET,
    b"content-type": CONTENT_TYPE,
    b"authorization": AUTHORIZATION,
    b"host": HOST,
    b"content-length": LENGTH,
    b"x-amz-date": DATE,
    b"date": DATE,
}
_ODD = frozenset(
    (
        b"expect",
        b"origin",
        b"upgrade",
        b"x-dynemu-token",
        b"content-encoding",
        b"proxy-connection",
        b"transfer-encoding",
        b"access-control-request-method",
        b"access-control-request-headers",
    )
)
_HEAD = re.compile(
    rb"POST (/(?!_)[A-Za-z0-9/_.-]*) HTTP/1\.1\r\n((?:[A-Za-z0-9-]+: ?[!-~](?:[ -~]*[!-~])?\r\n)+)\r\n"
)
_HEADER = re.compile(rb"([^:]+): ?([^\r]+)\r\n")


def new_spans() -> "array[int]":
    """Return room for what ``frame`` finds: the start and end of each part, zeros when it is absent."""
    return array("q", bytes(8 * 16))


def frame(data: bytes, start: int, spans: "array[int]") -> int:
    """Find the parts of the request that starts at *start* in *data*; the last header of a name counts.

    Returns: where the request ends, which is behind *data* while its body is not complete; 0 when its head
    is not, or it is no ordinary one.
    """
    found = _HEAD.match(data, start, start + HEAD_BYTES)
    if found is None:
        return 0
    for part in range(8):
        spans[2 * part] = spans[2 * part + 1] = 0
    spans[2 * URL], spans[2 * URL + 1] = found.span(1)
    for header in _HEADER.finditer(data, *found.span(2)):
        name = header[1].lower()
        part = _KNOWN.get(name, -1)
        if (
            name in _ODD
            or (name == b"connection" and header[2].lower() != b"keep-alive")
            or (name == b"accept-encoding" and header[2] != b"identity")
            or (part == LENGTH and spans[2 * LENGTH])
        ):
            return 0
        if part >= 0:
            spans[2 * part], spans[2 * part + 1] = header.span(2)
    length = data[spans[2 * LENGTH] : spans[2 * LENGTH + 1]]
    if not length.isdigit() or len(length) > 7:
        return 0
    end = found.end() + int(length)
    spans[2 * BODY], spans[2 * BODY + 1] = found.end(), end
    return end


def has(spans: "array[int]", part: int) -> bool:
    """Tell whether the request has *part*."""
    return spans[2 * part] != 0


def cut(data: bytes, spans: "array[int]", part: int, known: bytes | None) -> bytes | None:
    """Return the bytes of *part*, None when it is absent; *known* itself when they are the same."""
    start = spans[2 * part]
    return data[start : spans[2 * part + 1]] if start else None
