"""Filling an index that was added to a table with items: in slices between requests, also after a restart.

While an index is filled, every write keeps its rows up to date already, so a row that is there is right.
A marker row by index id says how far the filling has come.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynemu._core.codec import decode_row, encode_row, row_size
from dynemu._core.fanout import project
from dynemu.engine.commit import commit
from dynemu.engine.table import IndexRows, Table
from dynemu.engine.tables import GONE, settled
from dynemu.model import Index, TableSchema
from dynemu.storage.base import META, CommitRefused, OutcomeUnknown, View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.database import Engine

Item = dict[str, Any]

FILLING = META + b"filling/"
"""Rows, by index id: the table's name, a zero byte, and the key of the next base row to look at."""
SLICE_ROWS = 300
SLICE_BYTES = 256 * 1024
"""Base rows and their bytes in one slice: about 2 ms of work."""


def pending_work(engine: "Engine", known: set[bytes]) -> list[Iterator[None]]:
    """Return a generator of slices for each piece of background work that the store tells of.

    *known* holds the markers of those that run already; they are skipped, the new ones are added, and a
    generator that ends takes its marker out again.
    """
    view = engine.store.view()
    found: list[Iterator[None]] = []
    for prefix, work in ((FILLING, _fill_slice), (GONE, _forget)):
        for marker, _ in view.scan(prefix, prefix + b"\xff"):
            if marker not in known:
                known.add(marker)
                found.append(_repeat(work, engine, marker, known))
    return found


def _repeat(
    work: Callable[["Engine", bytes], bool], engine: "Engine", marker: bytes, known: set[bytes]
) -> Iterator[None]:
    try:
        while not work(engine, marker):
            yield
    finally:
        known.discard(marker)


def start_filling(view: View, writes: WriteSet, schema: TableSchema, index: Index) -> TableSchema:
    """Put the first rows of the new *index* of *schema* into *writes*, and a marker when there are more.

    Returns: the definition to store, in which an index that is full already is ACTIVE.
    """
    table = Table(schema)
    rest = _add_rows(view, table, table.indexes_by_name[index.name], table.codec.start, writes)
    if rest is None:
        return _with_full_index(schema, index.id)
    writes.puts.append(_marker(index.id, schema.name, rest))
    return schema


def stop_filling(writes: WriteSet, index: Index) -> None:
    """Add to *writes* that nothing is left to do for *index*, which goes."""
    if index.backfilling:
        writes.deletes.append(_marker_key(index.id))


def add_missing_counts(
    view: View, filling: list[IndexRows], old: Item, new: Item | None, writes: WriteSet
) -> None:
    """Correct the counts of indexes being *filled* after a write that took item *old* to *new*.

    The write set counts the old index row as gone. Where filling had not come to it, it never was there.
    """
    for rows in filling:
        old_key = rows.codec.encode(old)
        if old_key is None or view.get(old_key) is not None:
            continue
        entry = project(old, rows.wanted)
        new_key = None if new is None else rows.codec.encode(new)
        if new_key == old_key and new is not None and project(new, rows.wanted) == entry:
            continue
        writes.count(rows.id, 1, row_size(encode_row(entry)))


def _fill_slice(engine: "Engine", marker: bytes) -> bool:
    """Fill in some more rows; return True when nothing is left to do."""
    view = engine.store.view()
    state = view.get(marker)
    if state is None:
        return True
    name, _, start = state.partition(b"\x00")
    table = engine.catalogue.find(view, name.decode())
    index_id = int.from_bytes(marker[len(FILLING) :], "big")
    rows = next((rows for rows in table.indexes if rows.id == index_id), None) if table is not None else None
    writes = WriteSet()
    writes.expects.append((marker, state))
    if table is None or rows is None:
        writes.deletes.append(marker)
        return _commit(engine, writes)
    rest = _add_rows(view, table, rows, start, writes)
    if rest is not None:
        writes.puts.append(_marker(index_id, table.name, rest))
        _commit(engine, writes)
        return False
    schema = settled(table.schema, engine.clock.now())
    if schema is not None:
        engine.catalogue.put(view, writes, _with_full_index(schema, index_id))
    writes.deletes.append(marker)
    return _commit(engine, writes)


def _add_rows(view: View, table: Table, rows: IndexRows, start: bytes, writes: WriteSet) -> bytes | None:
    """Add the index rows that items from *start* on lack; return where to go on, or None at the end."""
    page = view.read_rows(start, table.codec.end, False, SLICE_ROWS, SLICE_BYTES)
    for key, row in page:
        item = decode_row(row)
        index_key = rows.codec.encode(item)
        if index_key is None or view.get(index_key) is not None:
            continue
        entry = row if rows.wanted is None else encode_row(project(item, rows.wanted))
        writes.expects.append((key, row))
        writes.puts.append((index_key, entry))
        writes.count(rows.id, 1, row_size(entry))
    if len(page) < SLICE_ROWS and sum(len(row) for _, row in page) <= SLICE_BYTES:
        return None
    return page[-1][0] + b"\x00"


def _with_full_index(schema: TableSchema, index_id: int) -> TableSchema:
    """Return *schema* with the index ACTIVE: at once, or from when the table settles."""
    if schema.settles_at is not None:
        following = schema.next and _with_full_index(schema.next, index_id)
        return replace(schema, next=following)
    indexes = tuple(
        replace(index, status="ACTIVE", backfilling=False) if index.id == index_id else index
        for index in schema.indexes
    )
    return replace(schema, indexes=indexes)


def _forget(engine: "Engine", marker: bytes) -> bool:
    """Remove the definition of a table whose deletion has ended; return True when there is no more to do."""
    view = engine.store.view()
    name = marker[len(GONE) :].decode()
    table = engine.catalogue.find(view, name)
    writes = WriteSet()
    if table is not None and table.schema.status == "DELETING":
        if settled(table.schema, engine.clock.now()) is not None:
            return True
        engine.catalogue.delete(view, writes, name)
    writes.deletes.append(marker)
    return _commit(engine, writes)


def _commit(engine: "Engine", writes: WriteSet) -> bool:
    """Commit a slice; return False when it has to be done again."""
    try:
        commit(engine.store, writes)
    except CommitRefused:
        return False
    except OutcomeUnknown:
        return engine.store.was_committed(writes)
    return True


def _marker_key(index_id: int) -> bytes:
    return FILLING + index_id.to_bytes(4, "big")


def _marker(index_id: int, name: str, rest: bytes) -> tuple[bytes, bytes]:
    return _marker_key(index_id), name.encode() + b"\x00" + rest
