"""Content codings: gzip and deflate, of request bodies and of responses."""

import zlib

from dynemu.limits import REQUEST_BYTES

SMALLEST_CODED = 1024
"""Bytes; shorter responses are sent as they are, whatever the client accepts."""

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
_LEVEL = 1
"""PERF: level 6 takes twice as long to save 3 % more of a page of items (docs/adr/0005-http.md)."""


class CodingError(Exception):
    """A body that is not in the coding it claims."""


class BodyTooLarge(Exception):
    """A body of more than ``limits.REQUEST_BYTES`` bytes when decoded."""


def decode_body(body: bytes, codings: bytes) -> bytes:
    """Return *body* without its ``Content-Encoding``; several are undone from the last to the first.

    Raises: CodingError, also for an unknown coding; BodyTooLarge.
    """
    for name in reversed(codings.lower().split(b",")):
        coding = name.strip()
        if coding in (b"gzip", b"x-gzip"):
            body = _inflate(body, _GZIP)
        elif coding == b"deflate":
            # NOTE: "deflate" is the zlib format (RFC 9110, 8.4.1.2), but some clients send it raw.
            body = _inflate(body, _ZLIB if _has_zlib_header(body) else _RAW)
        elif coding not in (b"", b"identity"):
            raise CodingError(coding)
    return body


def _has_zlib_header(body: bytes) -> bool:
    return len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0


def _inflate(body: bytes, window: int) -> bytes:
    inflater = zlib.decompressobj(window)
    try:
        plain = inflater.decompress(body, REQUEST_BYTES + 1)
    except zlib.error as error:
        raise CodingError(str(error)) from None
    if len(plain) > REQUEST_BYTES:
        raise BodyTooLarge()
    if not inflater.eof or inflater.unused_data:
        raise CodingError("cut short, or followed by something else")
    return plain


def choose_coding(accepted: bytes) -> bytes | None:
    """Return ``b"gzip"`` or ``b"deflate"`` as an ``Accept-Encoding`` header prefers, or None for neither."""
    weights: dict[bytes, float] = {}
    for element in accepted.lower().split(b","):
        name, _, parameters = element.partition(b";")
        weights[name.strip()] = _quality(parameters)
    anything = weights.get(b"*", 0.0)
    gzip = weights.get(b"gzip", weights.get(b"x-gzip", anything))
    deflate = weights.get(b"deflate", anything)
    if max(gzip, deflate) <= 0.0:
        return None
    return b"gzip" if gzip >= deflate else b"deflate"


def _quality(parameters: bytes) -> float:
    name, _, value = parameters.strip().partition(b"=")
    if name.strip() != b"q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def encode_body(body: bytes, coding: bytes) -> bytes:
    """Return *body* in *coding*, ``b"gzip"`` or ``b"deflate"``."""
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP if coding == b"gzip" else _ZLIB)
    return deflater.compress(body) + deflater.flush()
