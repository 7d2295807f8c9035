"""The inner loops of a page of Query or Scan: take rows up to its end, keep what passes the filter."""

from collections.abc import Iterable
from typing import Any

from dynemu._core.codec import decode_row, row_body, row_size
from dynemu._core.conditions import Node
from dynemu._core.paths import Projection


def take_page(rows: Iterable[bytes], limit: int, max_size: int) -> tuple[list[bytes], int, bool]:
    """Return (page, size, stopped): at most *limit* of *rows*, none after the one that passes *max_size*.

    Sizes are those of the items as AWS counts them; *stopped* says that one of the two limits ended the page.
    """
    page: list[bytes] = []
    size = 0
    for row in rows:
        page.append(row)
        size += row_size(row)
        if len(page) >= limit or size > max_size:
            return page, size, True
    return page, size, False


def get_bodies(rows: list[bytes]) -> list[bytes]:
    """Return the items of *rows* as JSON."""
    return [row_body(row) for row in rows]


def keep_bodies(rows: list[bytes], node: Node, values: dict[str, Any]) -> list[bytes]:
    """Return, as JSON, the items of *rows* for which the filter *node* holds."""
    kept: list[bytes] = []
    for row in rows:
        if node.test(decode_row(row), values):
            kept.append(row_body(row))
    return kept


def keep_items(
    rows: list[bytes], node: Node | None, values: dict[str, Any], projection: Projection
) -> list[dict[str, Any]]:
    """Return what *projection* picks of the items of *rows* that pass the filter *node* (None: no filter)."""
    kept: list[dict[str, Any]] = []
    for row in rows:
        item = decode_row(row)
        if node is None or node.test(item, values):
            kept.append(projection.apply(item))
    return kept
