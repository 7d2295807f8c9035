"""dynemu._core.pages against list comprehensions."""

from benchmarks.micro.items import order
from benchmarks.micro.timing import Cases
from dynemu._core import pages
from dynemu._core.codec import HEADER_SIZE, encode_row


def cases() -> Cases:
    """Return the calls to compare."""
    rows = [encode_row(order())] * 100
    return {
        "take_page of 100": (lambda: pages.take_page(iter(rows), 1000, 1 << 20), lambda: list(iter(rows))),
        "get_bodies of 100": (lambda: pages.get_bodies(rows), lambda: [row[HEADER_SIZE:] for row in rows]),
    }
