"""The inner loops of a page of Query or Scan: take rows up to its end, keep what passes the filter."""

from collections.abc import Iterable
from typing import Any

from orjson import dumps

from dynemu._core import answers, scanning
from dynemu._core.codec import HEADER_SIZE, decode_row, row_body, row_size
from dynemu._core.conditions import Node
from dynemu._core.fields import MOST, Fields, names_of
from dynemu._core.paths import Projection

_NONE: frozenset[str] = frozenset()
_ITEMS = b',"Items":'
_HEAD_BYTES = 128
"""More than the counts before the items take."""


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
    return scanning.join_bodies(rows, HEADER_SIZE, b"", b"")


def join_found(rows: list[bytes | None]) -> tuple[bytes, int]:
    """Return the items of those *rows* that there are as a JSON array, and their size as AWS counts it."""
    found: list[bytes] = []
    size = 0
    for row in rows:
        if row is not None:
            found.append(row)
            size += row_size(row)
    return join_bodies(found), size


def pick_bodies(
    rows: list[bytes], node: Node | None, values: dict[str, Any], projection: Projection | None
) -> tuple[bytes, int]:
    """Return (items, count): the items of *rows* that pass the filter *node* (None: all), as a JSON array.

    Of each of them there is what *projection* picks (None: all).
    """
    return Picker(node, projection).pick(rows, values)


class Picker:
    """Picks out of rows what a filter and a projection leave of them; one may do so for many pages."""

    def __init__(self, node: Node | None, projection: Projection | None) -> None:
        """Take the filter *node*, None for all rows, and the *projection*, None for whole items."""
        names = names_of(
            _NONE if node is None else node.attributes, _NONE if projection is None else projection.attributes
        )
        # A kind of projection that picks in its own way (columns of PartiQL) has to be given items.
        is_plain = projection is None or type(projection) is Projection
        self._node = node
        self._projection = projection
        self._looks = is_plain and len(names.places) <= MOST and scanning.pays()
        self._fields = Fields(names)
        self._count = 0
        """How many rows of the page have passed."""

    def pick(self, rows: list[bytes], values: dict[str, Any]) -> tuple[bytes, int]:
        """Return (items, count): what is left of *rows* as a JSON array, with *values* for the filter."""
        if not self._looks:
            return self._pick_parsing(rows, values)
        out = self._room_for(rows, 0)
        at = self._write(rows, values, out, 0)
        return scanning.cut(out, 0, at), self._count

    def answer(self, rows: list[bytes], values: dict[str, Any], after: bytes) -> bytes:
        """Return the answer of a page that has read *rows*: counts, items, and *after*."""
        scanned = len(rows)
        if self._node is None and self._projection is None:
            return scanning.join_bodies(rows, HEADER_SIZE, answers.counts(scanned, scanned, _ITEMS), after)
        if not self._looks:
            items, count = self._pick_parsing(rows, values)
            return answers.counts(count, scanned, _ITEMS) + items + after
        out = self._room_for(rows, len(after))
        at = scanning.put_all(out, self._write(rows, values, out, _HEAD_BYTES), after)
        head = answers.counts(self._count, scanned, _ITEMS)
        start = _HEAD_BYTES - len(head)
        scanning.put_all(out, start, head)
        return scanning.cut(out, start, at)

    def count(self, rows: list[bytes], values: dict[str, Any], after: bytes) -> bytes:
        """Return the answer of a page that counts the items in *rows*: counts and *after*."""
        count = len(rows) if self._node is None else self.pick(rows, values)[1]
        return answers.counts(count, len(rows), after)

    def pick_one(self, row: bytes) -> bytes:
        """Return as JSON what the projection, which there is, leaves of *row*."""
        return self.pick([row], {})[0][1:-1]

    def _room_for(self, rows: list[bytes], more: int) -> bytearray:
        """Return room for the head, what is left of *rows*, and *more* bytes."""
        # No item gets longer than it was: there is room for it, and for the comma or bracket before it.
        size = _HEAD_BYTES + 2 + more
        for row in rows:
            size += len(row)
        return scanning.room(size)

    def _write(self, rows: list[bytes], values: dict[str, Any], out: bytearray, at: int) -> int:
        """Write what is left of *rows* to *out* at *at*; return where it ends."""
        fields, node, projection = self._fields, self._node, self._projection
        count = 0
        at = scanning.put_all(out, at, b"[")
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
        fields.forget()
        self._count = count
        return scanning.put_all(out, at, b"]")

    def _pick_parsing(self, rows: list[bytes], values: dict[str, Any]) -> tuple[bytes, int]:
        """Do what ``pick`` does by parsing the rows."""
        node, projection = self._node, self._projection
        kept: list[bytes] = []
        for row in rows:
            item = decode_row(row)
            if node is None or node.test(item, values):
                kept.append(row_body(row) if projection is None else dumps(projection.apply(item)))
        return b"[" + b",".join(kept) + b"]", len(kept)
