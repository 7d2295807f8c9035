"""Takes one page of rows from an iterator of a view."""

from collections.abc import Iterable


def take_rows(rows: Iterable[tuple[bytes, bytes]], limit: int, max_bytes: int) -> list[tuple[bytes, bytes]]:
    """Return at most *limit* (1 or more) of *rows*, none after the one that passes *max_bytes* of values."""
    page = []
    for row in rows:
        page.append(row)
        limit -= 1
        max_bytes -= len(row[1])
        if limit <= 0 or max_bytes < 0:
            break
    return page
