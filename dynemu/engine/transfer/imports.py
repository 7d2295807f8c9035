"""Imports: a new table out of objects in a bucket, filled in slices while it is CREATING.

Source: developer guide, "DynamoDB data import from Amazon S3" and "Import format quotas and validation".
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from dynemu.engine.backfill import commit_slice
from dynemu.engine.documents import Document, find_document, put_document
from dynemu.engine.jobs import job_key
from dynemu.engine.table import Table
from dynemu.engine.tables import as_created, drop_rows
from dynemu.engine.transfer.inputs import Place
from dynemu.engine.transfer.loading import (
    Failure,
    Loaded,
    close_input,
    error_text,
    guarded,
    load,
    log,
    open_input,
    place_of,
    pointer,
)
from dynemu.engine.transfer.tasks import IMPORT, new_id, remember_token, start_task
from dynemu.model import TableSchema
from dynemu.storage.base import View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call
    from dynemu.engine.database import Engine

_INVALID = (
    "Some of the items failed validation checks and were not imported. "
    "Please check CloudWatch error logs for more details."
)
_LOG_GROUP = "log-group:/aws-dynamodb/imports:*"
_ECHOED = ("ClientToken", "S3BucketSource", "InputFormat", "InputFormatOptions", "TableCreationParameters")


def start_import(
    call: "Call", writes: WriteSet, request: dict[str, Any], schema: TableSchema
) -> dict[str, Any]:
    """Add to *writes* the new table *schema*, CREATING, and that it is filled as *request* says.

    Returns: the description of the import.
    """
    call.catalogue.put(call.view, writes, as_created(schema))
    arn = f"{schema.arn}/import/{new_id(call)}"
    description: dict[str, Any] = {
        "ImportArn": arn,
        "ImportStatus": "IN_PROGRESS",
        "TableArn": schema.arn,
        "TableId": schema.uuid,
        **{name: request[name] for name in _ECHOED if request.get(name) is not None},
        "InputCompressionType": request.get("InputCompressionType") or "NONE",
        "CloudWatchLogGroupArn": f"arn:aws:logs:{schema.region}:{schema.account}:{_LOG_GROUP}",
        "StartTime": round(call.now, 3),
        "ErrorCount": 0,
        "ProcessedSizeBytes": 0,
        "ProcessedItemCount": 0,
        "ImportedItemCount": 0,
    }
    source = request["S3BucketSource"]
    task = {
        "description": description,
        "table": [schema.name, schema.id],
        "source": {
            "bucket": source["S3Bucket"],
            "prefix": source.get("S3KeyPrefix") or "",
            "format": request["InputFormat"],
            "csv": (request.get("InputFormatOptions") or {}).get("Csv") or {},
            "types": {part.name: part.type for part in schema.attributes},
            "compression": description["InputCompressionType"],
        },
        "place": list(Place()),
    }
    start_task(call.view, writes, IMPORT, arn, task)
    remember_token(call, writes, IMPORT, request, arn)
    return description


def describe_import(description: dict[str, Any]) -> dict[str, Any]:
    """Return what DescribeImport tells of an import: AWS adds who owns the bucket."""
    owner = description["TableArn"].split(":")[4]
    return {**description, "S3BucketSource": {"S3BucketOwner": owner, **description["S3BucketSource"]}}


def import_slice(engine: "Engine", key: bytes) -> bool:
    """Import some more items; return True when nothing is left to do."""
    view = engine.store.view()
    arn = key[len(job_key(IMPORT, "")) :].decode()
    task = find_document(view, IMPORT, arn)
    if task is None or task["description"]["ImportStatus"] != "IN_PROGRESS":
        close_input(engine, key)
        return True
    name, table_id = task["table"]
    table = engine.catalogue.find(view, name)
    writes = WriteSet()
    failure: Failure | None = None
    done: list[Loaded] = []
    if table is None or table.id != table_id:
        failure = Failure("TableNotFound", "The table is gone.")
    else:
        try:
            reader = open_input(engine, key, task)
            records = guarded(lambda: reader.read(place_of(task)))
            done = load(view, table, records, writes, bulk=False)
        except Failure as error:
            failure = error
    if done:
        _count(task, done)
    else:
        _finish(engine, view, writes, table, task, failure)
        writes.deletes.append(key)
    put_document(view, writes, IMPORT, arn, task)
    commit_slice(engine, writes)
    if not done:
        close_input(engine, key)
    return not done


def _count(task: Document, done: list[Loaded]) -> None:
    """Change the description of the import by what has become of some records."""
    description = task["description"]
    for loaded in done:
        record = loaded.record
        description["ProcessedSizeBytes"] += record.size
        if not record.is_item:
            continue
        description["ProcessedItemCount"] += 1
        if loaded.error is None:
            description["ImportedItemCount"] += 1
            continue
        description["ErrorCount"] += 1
        message = {
            "itemS3Pointer": pointer(task, record),
            "importArn": description["ImportArn"],
            "errorMessages": [error_text(loaded.error)],
        }
        log.info("%s", orjson.dumps(message).decode())
    task["place"] = list(done[-1].record.after)


def _finish(
    engine: "Engine",
    view: View,
    writes: WriteSet,
    table: Table | None,
    task: Document,
    failure: Failure | None,
) -> None:
    """Change *task* to one that has ended, and add to *writes* what becomes of its table."""
    description = task["description"]
    now = engine.clock.now()
    description["EndTime"] = round(now, 3)
    if failure is None and description["ErrorCount"]:
        failure = Failure("ItemValidationError", _INVALID)
    description["ImportStatus"] = "COMPLETED" if failure is None else "FAILED"
    if failure is not None:
        description["FailureCode"], description["FailureMessage"] = failure.code, failure.message
    if table is None or table.id != task["table"][1]:
        return
    schema = table.schema
    if failure is not None and not description["ProcessedItemCount"]:
        # NOTE: of what failed before it began AWS keeps no table, else what has been imported.
        engine.catalogue.delete(view, writes, schema.name)
        drop_rows(writes, [schema.id, *(index.id for index in schema.all_indexes)])
        return
    full = replace(
        schema,
        status="ACTIVE",
        indexes=tuple(replace(index, status="ACTIVE") for index in schema.indexes),
        vector_indexes=tuple(replace(index, status="ACTIVE") for index in schema.vector_indexes),
    )
    settles_at = schema.created + engine.settings.table_delay
    if settles_at > now:
        full = replace(schema, settles_at=settles_at, next=full)
    engine.catalogue.put(view, writes, full)
