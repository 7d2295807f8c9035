"""Filling an index or expiry queue of a table with items: in slices between requests, also after a restart.

While it is filled, every write keeps its rows up to date already, so a row that is there is right.
A marker row (FILLING, see ``jobs``) by id says how far the filling has come, as the table's name, a zero byte
and the key of the next base row to look at: the id of the index, or of the table for its queue.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dynemu._core.codec import decode_row, encode_row, row_size
from dynemu._core.fanout import project
from dynemu.engine.commit import commit
from dynemu.engine.expiry import enqueue, expiry_second
from dynemu.engine.jobs import FILLING
from dynemu.engine.table import IndexRows, Table
from dynemu.engine.tables import GONE, settled
from dynemu.engine.vector_rows import VectorRows
from dynemu.model import Index, TableSchema, VectorIndex
from dynemu.storage.base import View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.database import Engine

Item = dict[str, Any]

SLICE_ROWS = 300
SLICE_BYTES = 256 * 1024
"""Base rows and their bytes in one slice: about 2 ms of work."""


def start_filling(
    view: View, writes: WriteSet, schema: TableSchema, index: Index | VectorIndex
) -> TableSchema:
    """Put the first rows of the new *index* of *schema* into *writes*, and a marker when there are more.

    Returns: the definition to store, in which an index that is full already is ACTIVE.
    """
    table = Table(schema)
    add_rows = _find_filler(table, index.id)
    assert add_rows is not None
    rest = add_rows(view, start=table.codec.start, writes=writes)
    if rest is None:
        return _with_full_index(schema, index.id)
    writes.puts.append(_marker(index.id, schema.name, rest))
    return schema


def stop_filling(writes: WriteSet, index: Index | VectorIndex) -> None:
    """Add to *writes* that nothing is left to do for *index*, which goes."""
    if index.backfilling:
        writes.deletes.append(_marker_key(index.id))


def start_queue(view: View, writes: WriteSet, schema: TableSchema) -> None:
    """Put the first rows of the expiry queue of *schema* into *writes*, and a marker when there are more."""
    table = Table(schema)
    rest = _add_queue_rows(view, table, table.codec.start, writes)
    if rest is not None:
        writes.puts.append(_marker(schema.id, schema.name, rest))


def stop_queue(writes: WriteSet, schema: TableSchema) -> None:
    """Add to *writes* that nothing is left to do for the expiry queue of *schema*, which goes."""
    writes.deletes.append(_marker_key(schema.id))


def is_filling(view: View, schema: TableSchema) -> bool:
    """Return whether the expiry queue of *schema* lacks rows."""
    return view.get(_marker_key(schema.id)) is not None


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


def fill_slice(engine: "Engine", marker: bytes) -> bool:
    """Fill in some more rows; return True when nothing is left to do."""
    view = engine.store.view()
    state = view.get(marker)
    if state is None:
        return True
    name, _, start = state.partition(b"\x00")
    table = engine.catalogue.find(view, name.decode())
    index_id = int.from_bytes(marker[len(FILLING) :], "big")
    add_rows = None if table is None else _find_filler(table, index_id)
    writes = WriteSet()
    writes.expects.append((marker, state))
    if table is None or add_rows is None:
        writes.deletes.append(marker)
        return commit_slice(engine, writes)
    rest = add_rows(view, start=start, writes=writes)
    if rest is not None:
        writes.puts.append(_marker(index_id, table.name, rest))
        commit_slice(engine, writes)
        return False
    schema = settled(table.schema, engine.clock.now())
    if schema is not None and index_id != table.id:
        engine.catalogue.put(view, writes, _with_full_index(schema, index_id))
    writes.deletes.append(marker)
    return commit_slice(engine, writes)


def _find_filler(table: Table, index_id: int) -> Callable[..., bytes | None] | None:
    """Return what fills the index with this id, or the queue of the table that has it, if there is one."""
    if index_id == table.id and table.schema.ttl is not None:
        return partial(_add_queue_rows, table=table)
    for rows in table.indexes:
        if rows.id == index_id:
            return partial(_add_rows, table=table, rows=rows)
    for vectors in table.vectors:
        if vectors.id == index_id:
            return partial(_add_entries, table=table, rows=vectors)
    return None


def _add_rows(view: View, table: Table, rows: IndexRows, start: bytes, writes: WriteSet) -> bytes | None:
    """Add the index rows that items from *start* on lack; return where to go on, or None at the end."""
    page, rest = _read_slice(view, table, start)
    for key, row in page:
        item = decode_row(row)
        index_key = rows.codec.encode(item)
        if index_key is None or view.get(index_key) is not None:
            continue
        entry = row if rows.wanted is None else encode_row(project(item, rows.wanted))
        writes.expects.append((key, row))
        writes.puts.append((index_key, entry))
        writes.count(rows.id, 1, row_size(entry))
    return rest


def _add_entries(view: View, table: Table, rows: VectorRows, start: bytes, writes: WriteSet) -> bytes | None:
    """Add the entries that a vector index lacks; return where to go on, or None at the end."""
    page, rest = _read_slice(view, table, start)
    for key, row in page:
        placed = rows.find_entry(decode_row(row))
        if placed is not None and view.get(placed[0]) is None:
            writes.expects.append((key, row))
            writes.puts.append(placed)
            writes.count(rows.id, 1, row_size(placed[1]))
    return rest


def _add_queue_rows(view: View, table: Table, start: bytes, writes: WriteSet) -> bytes | None:
    """Add the queue rows of items from *start* on; return where to go on, or None at the end."""
    page, rest = _read_slice(view, table, start)
    for key, row in page:
        second = expiry_second(decode_row(row), table.schema.ttl or "")
        if second is not None:
            writes.expects.append((key, row))
            enqueue(key, second, writes)
    return rest


def _read_slice(view: View, table: Table, start: bytes) -> tuple[list[tuple[bytes, bytes]], bytes | None]:
    """Return base rows from *start* on, and where to go on, or None at the end."""
    page = view.read_rows(start, table.codec.end, False, SLICE_ROWS, SLICE_BYTES)
    if len(page) < SLICE_ROWS and sum(len(row) for _, row in page) <= SLICE_BYTES:
        return page, None
    return page, page[-1][0] + b"\x00"


def _with_full_index(schema: TableSchema, index_id: int) -> TableSchema:
    """Return *schema* with the index ACTIVE: at once, or from when the table settles."""
    if schema.settles_at is not None:
        following = schema.next and _with_full_index(schema.next, index_id)
        return replace(schema, next=following)
    indexes = tuple(
        replace(index, status="ACTIVE", backfilling=False) if index.id == index_id else index
        for index in schema.indexes
    )
    vectors = tuple(
        replace(index, status="ACTIVE", backfilling=False) if index.id == index_id else index
        for index in schema.vector_indexes
    )
    return replace(schema, indexes=indexes, vector_indexes=vectors)


def forget_table(engine: "Engine", marker: bytes) -> bool:
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
    return commit_slice(engine, writes)


def commit_slice(engine: "Engine", writes: WriteSet) -> bool:
    """Commit a slice and return True. Raises: CommitRefused when it has to be done again."""
    commit(engine.store, writes, engine.clock.now())
    if writes.changes:
        engine.tell(writes.changes)
    if writes.due is not None:
        engine.sweeper.look_back(writes.due)
    return True


def _marker_key(index_id: int) -> bytes:
    return FILLING + index_id.to_bytes(4, "big")


def _marker(index_id: int, name: str, rest: bytes) -> tuple[bytes, bytes]:
    return _marker_key(index_id), name.encode() + b"\x00" + rest
