"""Restores: a new table out of an earlier state of one, filled in slices while it is CREATING.

A row (RESTORING, see ``jobs``) by the new table's id says what is copied and how far that has come. The
source may change or be deleted meanwhile: its state is pinned.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from dynemu._core.codec import decode_row, row_size
from dynemu._core.fanout import Image, add_index_rows
from dynemu.engine.backfill import commit_slice
from dynemu.engine.backups import restores
from dynemu.engine.history import read_rows_at
from dynemu.engine.jobs import RESTORING
from dynemu.engine.retention import pin, unpin
from dynemu.engine.table import Table
from dynemu.engine.tables import as_created, find_schema
from dynemu.errors import LimitExceededException, TableAlreadyExistsException, TableInUseException
from dynemu.limits import CONCURRENT_RESTORES
from dynemu.model import Index, TableSchema, VectorIndex
from dynemu.storage.base import View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call
    from dynemu.engine.database import Engine

Members = dict[str, Any]

SUMMARY = "RestoreSummary"
PIN = "restore/"
"""What the names begin with under which sources keep what is restored; the new table's id follows."""
SLICE_ROWS = 300
SLICE_BYTES = 256 * 1024
"""Items and their bytes in one slice: a few ms of work with indexes."""


def check_target(call: "Call", name: str) -> None:
    """Raise TableAlreadyExistsException, TableInUseException or LimitExceededException."""
    schema = find_schema(call, name)
    if schema is not None and schema.status == "CREATING":
        summary = schema.extra.get("described", {}).get(SUMMARY, {})
        backup = summary.get("SourceBackupArn")
        raise TableInUseException(
            f"Table: {name} is already being restored from backup: {backup}"
            if backup
            else f"Table is being created: {name}"
        )
    if schema is not None:
        raise TableAlreadyExistsException(f"Table already exists: {name}")
    if sum(1 for _ in restores(call.view)) >= CONCURRENT_RESTORES:
        raise LimitExceededException(
            f"Subscriber limit exceeded: Only {CONCURRENT_RESTORES} restore operations can be done "
            "simultaneously"
        )


def start_restore(
    call: "Call",
    writes: WriteSet,
    source: TableSchema,
    target: TableSchema,
    number: int,
    *,
    time: float,
    backup: str | None,
) -> TableSchema:
    """Add to *writes* the table *target* and that it is filled with what *source* held as of *number*.

    *target* comes from ``restored_schema``; *time* and *backup* (an ARN) are what is told of the source.
    Returns: the definition to describe in the answer.
    """
    summary: Members = {"SourceTableArn": source.arn, "RestoreDateTime": time, "RestoreInProgress": True}
    if backup is not None:
        summary["SourceBackupArn"] = backup
    shown = as_created(replace(target, extra={"described": {SUMMARY: summary}}))
    call.catalogue.put(call.view, writes, shown)
    job = {"table": target.name, "source": source.id, "number": number, "start": None, "backup": backup}
    writes.puts.append((_job_key(target.id), orjson.dumps(job)))
    writes.adds_work = True
    pin(call.view, writes, source, _pin_name(target.id), number, every=False)
    return shown


def restored_schema(
    call: "Call", source: TableSchema, name: str, first_id: int, **settings: Any
) -> TableSchema:
    """Return the definition, in status ACTIVE, of a table with the keys of *source* and these *settings*.

    ``indexes`` and ``vector_indexes`` are among them; their ids are given here. What AWS does not restore is
    as in a new table.
    """
    indexes: tuple[Index, ...] = settings.pop("indexes")
    vectors: tuple[VectorIndex, ...] = settings.pop("vector_indexes")
    used = {part.name for index in indexes for part in index.hash + index.range}
    used |= {part.name for index in vectors for part in index.hash + index.filters}
    used |= {source.hash.name, *((source.range.name,) if source.range else ())}
    return TableSchema(
        id=first_id,
        name=name,
        hash=source.hash,
        range=source.range,
        attributes=tuple(part for part in source.attributes if part.name in used),
        created=call.now,
        uuid=str(UUID(bytes=call.random, version=4)),
        region=call.region,
        account=call.account,
        indexes=tuple(replace(index, id=number) for number, index in enumerate(indexes, first_id + 1)),
        vector_indexes=tuple(
            replace(index, id=number) for number, index in enumerate(vectors, first_id + 1 + len(indexes))
        ),
        **settings,
    )


def restore_slice(engine: "Engine", key: bytes) -> bool:
    """Copy some more items; return True when nothing is left to do."""
    view = engine.store.view()
    state = view.get(key)
    if state is None:
        return True
    job = orjson.loads(state)
    writes = WriteSet()
    writes.expects.append((key, state))
    table = engine.catalogue.find(view, job["table"])
    start = None if job["start"] is None else bytes.fromhex(job["start"])
    rest = None
    if table is not None:
        rest = _copy(view, writes, table, job, start)
    if rest is not None:
        job["start"] = rest.hex()
        writes.puts.append((key, orjson.dumps(job)))
        commit_slice(engine, writes)
        return False
    writes.deletes.append(key)
    new_id = int.from_bytes(key[len(RESTORING) :], "big")
    unpin(engine.catalogue, view, writes, job["source"], _pin_name(new_id))
    if table is not None:
        _finish(engine, view, writes, table.schema)
    return commit_slice(engine, writes)


def _copy(view: View, writes: WriteSet, table: Table, job: Members, start: bytes | None) -> bytes | None:
    """Add items to *writes*, from *start* on; return where to go on, or None at the end."""
    rows, rest = read_rows_at(view, job["source"], job["number"], start, SLICE_ROWS, SLICE_BYTES)
    prefix = table.codec.start
    for row_key, row in rows:
        writes.puts.append((prefix + row_key[len(prefix) :], row))
        writes.count(table.id, 1, row_size(row))
        if table.indexes or table.vectors:
            _add_index_rows(table, decode_row(row), row, writes)
    return rest


def _add_index_rows(table: Table, item: Members, row: bytes, writes: WriteSet) -> None:
    add_index_rows(table.indexes, Image(None), Image(row, item), writes, None)
    for rows in table.vectors:
        placed = rows.find_entry(item)
        if placed is not None:
            writes.puts.append(placed)
            writes.count(rows.id, 1, row_size(placed[1]))


def _finish(engine: "Engine", view: View, writes: WriteSet, schema: TableSchema) -> None:
    """Add to *writes* that the table is ACTIVE, not before the configured delay is over.

    NOTE: an ACTIVE table shows no RestoreSummary. Source: recordings of the service, from the first poll on.
    """
    full = replace(
        schema,
        status="ACTIVE",
        indexes=tuple(replace(index, status="ACTIVE") for index in schema.indexes),
        vector_indexes=tuple(replace(index, status="ACTIVE") for index in schema.vector_indexes),
        extra={},
    )
    settles_at = schema.created + engine.settings.table_delay
    if settles_at > engine.clock.now():
        full = replace(schema, settles_at=settles_at, next=full)
    engine.catalogue.put(view, writes, full)


def _job_key(table_id: int) -> bytes:
    return RESTORING + table_id.to_bytes(4, "big")


def _pin_name(table_id: int) -> str:
    return f"{PIN}{table_id}"
