"""dynemu._core.rows against what copies a page without looking at it."""

from itertools import islice

from benchmarks.micro.timing import Cases
from dynemu._core import rows


def cases() -> Cases:
    """Return the calls to compare."""
    page = [(b"key %d" % number, b"x" * 350) for number in range(100)]
    return {
        f"take_rows of {count}": (
            lambda count=count: rows.take_rows(iter(page), count, 1 << 20),
            lambda count=count: list(islice(page, count)),
        )
        for count in (10, 100)
    }
