"""Where a partition lies among the others: the hash by which the service spreads them, and Scan walks them.

    first four bytes of the MD5 of "Outliers" and the partition key in the service's own bytes

Strings and binaries are their bytes. A number is a byte for its exponent in hundreds, a byte for each pair of
its digits, and an end mark below zero. Source: dynalite, whose tests of it can be run against the service;
more in the decision on the order of Scan. ``spreading.pxd`` holds the same in C for the compiled modules;
this module is not compiled, it only lends its functions.
"""

try:
    from _md5 import md5  # type: ignore[import-not-found]  # no OpenSSL, which takes 4 MB
except ImportError:
    from hashlib import md5

_SALT = b"Outliers"
_TEXT_END = b"\x00\x00"
_ZERO = b"\x80"
_BIAS = 130
_PAIRS = 20
"""A number with fewer pairs of digits has an end mark when it is below zero."""
_END_MARK = 102
_MOST = 4352
"""No row has more bytes of hash attributes: 2,048, of which all may be zeros and escaped."""


def spread(head: bytes) -> int:
    """Return the hash, of 32 bits, of a partition whose row keys have *head* as their hash attributes.

    Nobody knows what the service does with several hash attributes: their bytes together are one here.
    """
    if len(head) > _MOST:
        return 0
    digest = md5(_SALT + _service_bytes(head), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], "big")


def _service_bytes(head: bytes) -> bytes:
    if head.endswith(_TEXT_END):
        return head[:-2].replace(b"\x00\xff", b"\x00")
    if head == b"\x02":
        return _ZERO
    digits = head[2:-1]
    return _number(head, digits) if head[:1] in (b"\x01", b"\x03") and digits.isdigit() else head


def _number(head: bytes, digits: bytes) -> bytes:
    """Return the service's bytes of a number that is not zero; *head* is its row key's, *digits* among it."""
    negative = head[0] == 1
    exponent = (255 - head[1] if negative else head[1]) - _BIAS + 1
    pairs = [48] * (exponent & 1) + [105 - digit if negative else digit for digit in digits]
    if len(pairs) & 1:
        pairs.append(48)
    values = [(pairs[i] - 48) * 10 + pairs[i + 1] - 48 for i in range(0, len(pairs), 2)]
    scale = ((exponent + (exponent & 1)) // 2 - 64) & 255
    if not negative:
        return bytes((scale, *(value + 1 for value in values)))
    end = (_END_MARK,) if len(values) < _PAIRS else ()
    return bytes((scale ^ 255, *(101 - value for value in values), *end))
