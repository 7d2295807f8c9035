"""One page of Query or Scan."""

from typing import Any

from orjson import loads

from dynemu._core.codec import decode_row, row_size
from dynemu._core.conditions import Node
from dynemu._core.pages import Picker, join_bodies, pick_bodies, take_page
from dynemu._core.paths import Path, Projection
from dynemu.engine.capacity import Consumption, read_units
from dynemu.engine.table import Source, Table
from dynemu.limits import PAGE_BYTES, READ_UNIT_BYTES
from dynemu.storage.base import View

Item = dict[str, Any]

_NO_LIMIT = 1 << 30


class ReadPlan:
    """A page to be read: where, how much, and what to keep of it."""

    def __init__(
        self,
        source: Source,
        start: bytes,
        end: bytes,
        reverse: bool,
        limit: int | None,
        filter: Node | None,
        values: dict[str, Any],
        projection: Projection | None,
        fetches: bool,
        counts_only: bool,
        room: int = PAGE_BYTES,
    ) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.reverse = reverse
        self.limit = limit
        """Rows to read at most, before the filter."""
        self.filter = filter
        self.values = values
        """Values that the filter refers to."""
        self.projection = projection
        self.fetches = fetches
        """The rows of a local index lack attributes that are wanted, so the table is read as well."""
        self.counts_only = counts_only
        self.room = room
        """Bytes after which no more rows are read."""


class Page:
    """What one page holds."""

    def __init__(
        self, count: int, scanned: int, size: int, fetched_units: int, last_key: Item | None, items: bytes
    ) -> None:
        self.count = count
        self.scanned = scanned
        self.size = size
        """Bytes read, as AWS counts them, before the filter."""
        self.fetched_units = fetched_units
        """4 KB units read from the table for rows of a local index."""
        self.last_key = last_key
        """Where to go on, as a key on the wire; None at the end."""
        self.items = items
        """The items as a JSON array."""


def read_page(view: View, plan: ReadPlan) -> Page:
    """Return the first page of *plan*: at most its limit, and no more rows after 1 MB has been read.

    Source: API reference, Query, "Limit" and "LastEvaluatedKey".
    """
    source = plan.source
    limit = _NO_LIMIT if plan.limit is None else plan.limit
    rows, size, stopped = take_page(view.values(plan.start, plan.end, plan.reverse), limit, plan.room)
    last_key = get_key(source, rows[-1]) if stopped else None
    scanned = len(rows)
    fetched_units = 0
    if plan.fetches:
        rows = [fetch_base(view, source.table, row) for row in rows]
        fetched_units = sum([max(1, -(-row_size(row) // READ_UNIT_BYTES)) for row in rows])
    if plan.filter is not None or plan.projection is not None:
        items, count = pick_bodies(rows, plan.filter, plan.values, plan.projection)
    else:
        items, count = b"" if plan.counts_only else join_bodies(rows), scanned
    return Page(count, scanned, size, fetched_units, last_key, items)


def charge(consumption: Consumption, source: Source, size: int, fetched_units: int, consistent: bool) -> None:
    """Add to *consumption* what a page of *source* costs; *size* and *fetched_units* are as in ``Page``."""
    units = read_units(size, consistent)
    if source.rows is None:
        consumption.units += units
    else:
        consumption.add_index(source.rows.index.name, units)
        consumption.units += fetched_units if consistent else fetched_units / 2


def get_key(source: Source, row: bytes) -> Item:
    """Return the key of the item in *row*: that of the index, if it is one, and that of the table."""
    key: Item = loads(pick_key(source, row))
    return key


def pick_key(source: Source, row: bytes) -> bytes:
    """Return the same key as JSON."""
    picker = source.key_picker
    if picker is None:
        names = dict.fromkeys((*source.names, *source.table.keys))
        picker = source.key_picker = Picker(None, Projection([Path(name) for name in names]))
    return picker.pick_one(row)


def fetch_base(view: View, table: Table, row: bytes) -> bytes:
    """Return the table's row for the *row* of a local index."""
    base_key = table.codec.encode(decode_row(row))
    base_row = None if base_key is None else view.get(base_key)
    if base_row is None:
        raise AssertionError(f"index row without its item: {row!r}")
    return base_row
