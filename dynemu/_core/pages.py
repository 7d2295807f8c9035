"""The inner loops of a page of Query or Scan: take rows up to its end, keep what passes the filter."""

from collections.abc import Iterable
from typing import Any

from orjson import dumps

from dynemu._core import scanning
from dynemu._core.codec import HEADER_SIZE, decode_row, row_body, row_size
from dynemu._core.conditions import Node
from dynemu._core.fields import MOST, Fields, Names, names_of
from dynemu._core.paths import Projection

_NONE: frozenset[str] = frozenset()


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


def join_bodies(rows: list[bytes]) -> bytes:
    """Return the items of *rows* as a JSON array."""
    return scanning.join_bodies(rows, HEADER_SIZE)


def join_found(rows: list[bytes | None]) -> tuple[bytes, int]:
    """Return the items of those *rows* that there are as a JSON array, and their size as AWS counts it."""
    found: list[bytes] = []
    size = 0
    for row in rows:
        if row is not None:
            found.append(row)
            size += row_size(row)
    return scanning.join_bodies(found, HEADER_SIZE), size


def pick_bodies(
    rows: list[bytes], node: Node | None, values: dict[str, Any], projection: Projection | None
) -> tuple[bytes, int]:
    """Return (items, count): the items of *rows* that pass the filter *node* (None: all), as a JSON array.

    Of each of them there is what *projection* picks (None: all).
    """
    names = names_of(
        _NONE if node is None else node.attributes, _NONE if projection is None else projection.attributes
    )
    # A kind of projection that picks in its own way (columns of PartiQL) has to be given items.
    is_plain = projection is None or type(projection) is Projection
    if is_plain and len(names.places) <= MOST and scanning.pays():
        return _pick_looking(rows, node, values, projection, names)
    return _pick_parsing(rows, node, values, projection)


def _pick_looking(
    rows: list[bytes],
    node: Node | None,
    values: dict[str, Any],
    projection: Projection | None,
    names: Names,
) -> tuple[bytes, int]:
    """Do what ``pick_bodies`` does by looking into the rows for the attributes *names*."""
    fields = Fields(names)
    # No item gets longer than it was: there is room for it, and for the comma or bracket before it.
    out = bytearray(sum([len(row) for row in rows]) + 2)
    at = scanning.put_all(out, 0, b"[")
    count = 0
    for row in rows:
        fields.find(row)
        if node is not None and not node.holds(fields, values):
            continue
        if count:
            at = scanning.put_all(out, at, b",")
        count += 1
        if projection is None:
            at = scanning.put(out, at, row, HEADER_SIZE, len(row))
        else:
            at = projection.write(fields, out, at)
    return scanning.first(out, scanning.put_all(out, at, b"]")), count


def _pick_parsing(
    rows: list[bytes], node: Node | None, values: dict[str, Any], projection: Projection | None
) -> tuple[bytes, int]:
    """Do what ``pick_bodies`` does by parsing the rows."""
    kept: list[bytes] = []
    for row in rows:
        item = decode_row(row)
        if node is None or node.test(item, values):
            kept.append(row_body(row) if projection is None else dumps(projection.apply(item)))
    return b"[" + b",".join(kept) + b"]", len(kept)
