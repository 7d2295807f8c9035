"""Answers put together from their parts; ``answers.pxd`` holds the same in C for the compiled modules.

PERF: one allocation in place of formatting and a join (benchmarks/micro, answers).
This module is not compiled, it only lends its inline functions.
"""

from dynemu._core import checksum


def pack_answer(head: bytes, request_id: bytes, headers: bytes, body: bytes, with_body: bool) -> bytes:
    """Return a response: *head*, *request_id* that ends its last line, *headers*, and what tells of *body*.

    *headers* are whole lines. The body itself follows only *with_body*.
    """
    return b"%b%b\r\n%bx-amz-crc32: %d\r\nContent-Length: %d\r\n\r\n%b" % (
        head,
        request_id,
        headers,
        checksum.checksum(body),
        len(body),
        body if with_body else b"",
    )


def counts(count: int, scanned: int, after: bytes) -> bytes:
    """Return how the answer of a page begins: what it counts, and *after*."""
    return b'{"Count":%d,"ScannedCount":%d%b' % (count, scanned, after)


def wrap(start: bytes, data: bytes, offset: int, end: bytes) -> bytes:
    """Return *data* from *offset* on between *start* and *end*."""
    return start + data[offset:] + end
