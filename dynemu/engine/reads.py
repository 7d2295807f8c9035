"""The page loop of Query and Scan."""

from dataclasses import dataclass
from typing import Any

from dynemu._core.codec import decode_row, row_body, row_size
from dynemu.engine.planner import Source
from dynemu.limits import PAGE_BYTES, READ_UNIT_BYTES
from dynemu.storage.base import View

Item = dict[str, Any]

_CHUNK = 1 << 30


@dataclass(slots=True)
class ReadPlan:
    """A page to be read: where, how much, and what to keep of it."""

    source: Source
    start: bytes
    end: bytes
    reverse: bool = False
    limit: int | None = None
    """Rows to read at most, before the filter."""
    filter: Any = None
    values: Any = None
    """Values that the filter refers to."""
    projection: Any = None
    fetches: bool = False
    """The rows of a local index lack attributes that are wanted, so the table is read as well."""
    counts_only: bool = False


@dataclass(slots=True)
class Page:
    """What one page holds: *bodies* are items as JSON text, unless *items* are given as dicts."""

    count: int
    scanned: int
    size: int
    """Bytes read, as AWS counts them, before the filter."""
    fetched_units: int
    """4 KB units read from the table for rows of a local index."""
    last_key: bytes | None
    """Row key to go on after, or None at the end."""
    bodies: list[bytes]
    items: list[Item] | None


def read_page(view: View, plan: ReadPlan) -> Page:
    """Return the first page of *plan*: at most its limit, and no more rows after 1 MB has been read.

    Source: API reference, Query, "Limit" and "LastEvaluatedKey".
    """
    rows, size, last_key = read_rows(view, plan)
    bodies: list[bytes] = []
    if plan.filter is None and plan.projection is None and not plan.fetches:
        if not plan.counts_only:
            bodies = [row_body(row) for _, row in rows]
        return Page(len(rows), len(rows), size, 0, last_key, bodies, None)
    items: list[Item] | None = None if plan.projection is None else []
    count = units = 0
    test = None if plan.filter is None else plan.filter.test
    for row_key, row in rows:
        if plan.fetches:
            row = fetch_base(view, plan.source, row_key)
            units += max(1, -(-row_size(row) // READ_UNIT_BYTES))
        item = decode_row(row)
        if test is not None and not test(item, plan.values):
            continue
        count += 1
        if items is not None:
            items.append(plan.projection.apply(item))
        elif not plan.counts_only:
            bodies.append(row_body(row))
    return Page(count, len(rows), size, units, last_key, bodies, items)


def read_rows(view: View, plan: ReadPlan) -> tuple[list[tuple[bytes, bytes]], int, bytes | None]:
    """Return the rows of the page, their size, and the row key to go on after."""
    start, end, reverse = plan.start, plan.end, plan.reverse
    limit = _CHUNK if plan.limit is None else plan.limit
    rows: list[tuple[bytes, bytes]] = []
    size = 0
    while True:
        budget = PAGE_BYTES - size
        chunk = view.read_rows(start, end, reverse, limit - len(rows), budget)
        taken = 0
        for _, row in chunk:
            size += row_size(row)
            taken += len(row)
        rows += chunk
        if not chunk:
            return rows, size, None
        last_key = chunk[-1][0]
        if len(rows) == limit or size > PAGE_BYTES:
            return rows, size, last_key
        if taken <= budget:
            return rows, size, None
        if reverse:
            end = last_key
        else:
            start = last_key + b"\0"


def fetch_base(view: View, source: Source, row_key: bytes) -> bytes:
    """Return the table's row for the row of a local index at *row_key*."""
    base_key = source.table.codec.encode(source.codec.decode(row_key))
    row = None if base_key is None else view.get(base_key)
    if row is None:
        raise AssertionError(f"index row without its item: {row_key!r}")
    return row
