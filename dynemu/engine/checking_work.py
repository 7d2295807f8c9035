"""Checking what control operations remember: background work, documents, pins, tokens. See ``checking``.

Work that stands for nothing any more ends by itself, so that it is not told of; what nothing works on, though
it waits for that, is.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from dynemu._core.keys import successor
from dynemu.engine.backups import KIND as BACKUP
from dynemu.engine.documents import find_document, list_documents
from dynemu.engine.expiry import listed_tables
from dynemu.engine.jobs import FILLING, RESTORING, job_key
from dynemu.engine.problems import Problem, rows_between
from dynemu.engine.restores import PIN
from dynemu.engine.retention import Retention, all_retentions
from dynemu.engine.table import Table
from dynemu.engine.tables import GONE
from dynemu.engine.tokens import find_unlisted
from dynemu.model import TableSchema
from dynemu.storage.base import EXPIRY, View

TASKS = (
    ("export", "ExportStatus", ("IN_PROGRESS",)),
    ("import", "ImportStatus", ("IN_PROGRESS",)),
    ("bulk", "BulkOperationStatus", ("IN_PROGRESS", "CANCELLING")),
)
"""Kinds of tasks, the member of the description that says how far one is, and its values while it goes on."""


def check_work(view: View, tables: list[Table], leaving: list[TableSchema]) -> Iterator[Problem]:
    """Give what waits for work that nobody does, and what refers to something that is not there.

    *leaving* are the definitions of tables that are being deleted.
    """
    for schema in leaving:
        if view.get(GONE + schema.name.encode()) is None:
            yield Problem(schema.name, "deletion", None, "under way", None)
    filled = _tables_being_filled(view)
    for table in tables:
        yield from _check_table(view, table.schema, filled)
    for kind, member, under_way in TASKS:
        yield from _check_tasks(view, kind, member, under_way)
    yield from _check_retentions(view, {table.id for table in tables})
    yield from _check_queues(view, {table.id for table in tables})
    for token in find_unlisted(view):
        yield Problem("", "token of a transaction", token, "one that is forgotten some time", None)


def _tables_being_filled(view: View) -> set[int]:
    """Return the ids of tables that a restore or import fills."""
    prefix = len(RESTORING)
    ids = {
        int.from_bytes(key[prefix:], "big") for key, _ in rows_between(view, RESTORING, RESTORING + b"\xff")
    }
    for _, task in list_documents(view, "import"):
        if task["description"]["ImportStatus"] == "IN_PROGRESS":
            ids.add(task["table"][1])
    return ids


def _check_table(view: View, schema: TableSchema, filled: set[int]) -> Iterator[Problem]:
    if schema.settles_at is not None:
        return
    if schema.status == "CREATING" and schema.id not in filled:
        yield Problem(schema.name, "creation", None, "under way", None)
    for index in schema.all_indexes:
        if index.backfilling and view.get(FILLING + index.id.to_bytes(4, "big")) is None:
            yield Problem(schema.name, f"filling of index {index.name}", None, "under way", None)


def _check_tasks(view: View, kind: str, member: str, under_way: tuple[str, ...]) -> Iterator[Problem]:
    jobs = job_key(kind, "")
    for name, task in list_documents(view, kind):
        goes_on = task["description"][member] in under_way
        if goes_on and view.get(job_key(kind, name)) is None:
            yield Problem("", f"work of {kind}", name, "under way", None)
    for key, _ in rows_between(view, jobs, jobs + b"\xff"):
        name = key[len(jobs) :].decode()
        found = find_document(view, kind, name)
        status = None if found is None else found["description"][member]
        if status not in under_way:
            yield Problem("", f"work of {kind}", name, status, "under way")
    for token, known in list_documents(view, f"{kind}-token"):
        if find_document(view, kind, known["arn"]) is None:
            yield Problem("", f"token of {kind}", token, None, known["arn"])


def _check_retentions(view: View, ids: set[int]) -> Iterator[Problem]:
    """Compare what the history of tables is kept for with what needs it."""
    retentions = {retention.table_id: retention for retention in all_retentions(view)}
    for retention in retentions.values():
        if not retention.gone and retention.table_id not in ids:
            yield Problem(
                retention.name, f"table of the history of id {retention.table_id}", None, "there", None
            )
        for name in retention.pins:
            if not _is_needed(view, name):
                yield Problem(retention.name, "history kept for", name, None, "kept")
    for _, backup in list_documents(view, BACKUP):
        found = retentions.get(backup["schema"]["id"])
        yield from _check_pin(found, backup["arn"], backup["details"]["TableName"])
    for key, row in rows_between(view, RESTORING, RESTORING + b"\xff"):
        job: dict[str, Any] = orjson.loads(row)
        new_id = int.from_bytes(key[len(RESTORING) :], "big")
        yield from _check_pin(retentions.get(job["source"]), f"{PIN}{new_id}", job["table"])


def _check_pin(retention: Retention | None, name: str, table: str) -> Iterator[Problem]:
    if retention is None or name not in retention.pins:
        yield Problem(table, "history kept for", name, "kept", None)


def _is_needed(view: View, pin: str) -> bool:
    """Tell whether the restore, backup or export is there that history is kept for under the name *pin*."""
    if pin.startswith(PIN):
        return view.get(RESTORING + int(pin[len(PIN) :]).to_bytes(4, "big")) is not None
    if "/export/" in pin:
        return view.get(job_key("export", pin)) is not None
    table, _, name = pin.partition(":table/")[2].partition("/backup/")
    return find_document(view, BACKUP, f"{table}/{name}") is not None


def _check_queues(view: View, ids: set[int]) -> Iterator[Problem]:
    """Give the ids of expiry rows that belong to no table, and that nobody will come to delete."""
    known = ids | {0} | {table_id for table_id, _ in listed_tables(view)}
    start, end = EXPIRY, successor(EXPIRY)
    while found := view.read_rows(start, end, False, 1, 1):
        number = int.from_bytes(found[0][0][4:8], "big")
        if number not in known:
            yield Problem("", f"expiry of id {number}", found[0][0].hex(), None, "a row")
        start = EXPIRY + (number + 1).to_bytes(4, "big")
