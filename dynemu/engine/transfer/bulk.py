"""Bulk operations: items of objects in a bucket put into a table that is there, in slices beside requests.

Each item is put as PutItem does it, its condition included. What is refused goes into a report in the output
location. Source: API reference, StartBulkPutItems, and the types that it names.
"""

from typing import TYPE_CHECKING, Any

import orjson

from dynemu._core.codec import row_size
from dynemu._core.fanout import project
from dynemu._core.values import size_of_item
from dynemu.engine.backfill import commit_slice
from dynemu.engine.documents import Document, find_document, put_document
from dynemu.engine.jobs import job_key
from dynemu.engine.table import Table
from dynemu.engine.transfer.inputs import Place
from dynemu.engine.transfer.loading import (
    Failure,
    Loaded,
    close_input,
    error_text,
    find_bucket,
    guarded,
    load,
    open_input,
    place_of,
    pointer,
)
from dynemu.engine.transfer.outputs import append, is_to_seal, new_files, seal, write_manifests
from dynemu.engine.transfer.tasks import BULK, iso_time, new_id, remember_token, start_task
from dynemu.errors import ConditionalCheckFailedException
from dynemu.model import TableSchema
from dynemu.storage.base import View, WriteSet
from dynemu.storage.objects import Bucket

if TYPE_CHECKING:
    from dynemu.engine.call import Call
    from dynemu.engine.database import Engine

ERROR = "ERROR"
CONDITION = "CONDITION_CHECK_FAILURE"
IN_PROGRESS = "IN_PROGRESS"
CANCELLING = "CANCELLING"
_UNDER_WAY = (IN_PROGRESS, CANCELLING)
_GONE = "The table of the bulk operation is not there any more."
_ECHOED = ("ClientToken", "InputS3Configuration", "OutputS3Configuration", "MaxWriteRequestUnits")


def start_bulk_puts(
    call: "Call", writes: WriteSet, request: dict[str, Any], schema: TableSchema
) -> dict[str, Any]:
    """Add to *writes* that items are put into the table as *request* says. Returns: the description."""
    name = new_id(call)
    source, output = request["InputS3Configuration"], request["OutputS3Configuration"]
    description: dict[str, Any] = {
        "BulkOperationArn": f"arn:aws:dynamodb:{call.region}:{call.account}:bulk-operation/{name}",
        "BulkOperationStatus": IN_PROGRESS,
        "TableDetails": [{"TableName": schema.name, "TableId": schema.uuid}],
        **{member: request[member] for member in _ECHOED if request.get(member) is not None},
        "StartTime": round(call.now, 3),
        "ProcessedItemCount": 0,
        "ProcessedInputBytes": 0,
        "FailedItemCount": 0,
        "BulkOperationUsage": [{"TableName": schema.name, "BulkPutBytes": 0, "Table": {"BulkPutBytes": 0}}],
        "PerformanceTier": request.get("PerformanceTier") or "STANDARD",
    }
    task = {
        "description": description,
        "table": [schema.name, schema.id],
        "source": {
            "bucket": source["S3Bucket"],
            "prefix": source.get("S3KeyPrefix") or "",
            "format": source["InputFormat"],
            "csv": {},
            "types": {},
            "compression": source.get("InputCompressionType") or "NONE",
        },
        "place": list(Place()),
        "ending": None,
        "files": new_files(output.get("S3KeyPrefix"), name, suffix=".json.gz"),
    }
    start_task(call.view, writes, BULK, name, task)
    remember_token(call, writes, BULK, request, name)
    return description


def find_bulk(view: View, arn: str) -> Document | None:
    """Return the bulk operation with this ARN, or None."""
    task = find_document(view, BULK, arn.rpartition("/")[2])
    return task if task is not None and task["description"]["BulkOperationArn"] == arn else None


def cancel_bulk(view: View, writes: WriteSet, task: Document) -> str:
    """Add to *writes* that a bulk operation that is under way stops. Returns: its status."""
    description = task["description"]
    if description["BulkOperationStatus"] == IN_PROGRESS:
        description["BulkOperationStatus"] = CANCELLING
        put_document(view, writes, BULK, description["BulkOperationArn"].rpartition("/")[2], task)
    status: str = description["BulkOperationStatus"]
    return status


def bulk_slice(engine: "Engine", key: bytes) -> bool:
    """Put some more items; return True when nothing is left to do."""
    view = engine.store.view()
    name = key[len(job_key(BULK, "")) :].decode()
    task = find_document(view, BULK, name)
    if task is None or task["description"]["BulkOperationStatus"] not in _UNDER_WAY:
        close_input(engine, key)
        return True
    writes = WriteSet()
    ended = False
    try:
        output = _output(engine, task)
        if output is not None and is_to_seal(task["files"], last=task["ending"] is not None):
            guarded(lambda: seal(output, task["files"]))
        elif task["ending"] is None:
            _put_some(engine, key, view, writes, task, output)
        else:
            ended = True
    except Failure as failure:
        ended = task["ending"] is not None or not task["description"]["ProcessedItemCount"]
        task["ending"] = "FAILED"
        _tell(task["description"], failure)
    if ended:
        _end(engine, writes, key, task)
    put_document(view, writes, BULK, name, task)
    commit_slice(engine, writes)
    if ended:
        close_input(engine, key)
    return ended


def _output(engine: "Engine", task: Document) -> Bucket | None:
    """Return the bucket of the report, None when there is to be none. Raises: Failure."""
    output = task["description"]["OutputS3Configuration"]
    return find_bucket(engine, output["S3Bucket"]) if output["OutputType"] else None


def _put_some(
    engine: "Engine", key: bytes, view: View, writes: WriteSet, task: Document, output: Bucket | None
) -> None:
    """Add some more items to *writes*, or change *task* to one that ends. Raises: Failure."""
    description = task["description"]
    if description["BulkOperationStatus"] == CANCELLING:
        task["ending"] = "CANCELLED"
        _tell(description, Failure("UserCancelled", "The bulk operation was cancelled by a request."))
        return
    table = engine.catalogue.find(view, task["table"][0])
    if table is not None and table.busy:
        table = table.at(engine.clock.now())
    if table is None or table.id != task["table"][1]:
        raise Failure("ResourceNotFound", _GONE)
    reader = open_input(engine, key, task)
    if "TotalInputBytes" not in description:
        description["TotalInputBytes"] = guarded(reader.total_size)
    records = guarded(lambda: reader.read(place_of(task)))
    done = load(view, table, records, writes, bulk=True)
    if not done:
        task["ending"] = "COMPLETED_WITH_ERRORS" if description["FailedItemCount"] else "COMPLETED"
        return
    lines = _count(task, table, done)
    place = done[-1].record.after
    if done[-1].record.error is not None:
        # NOTE: behind what is no record at all an object is not read any further. The developer guide has a
        # section "Validation errors that stop an object" on the formats of bulk put items.
        place = guarded(lambda: reader.end_of(place))
    task["place"] = list(place)
    description["ProcessedInputBytes"] += place.raw_size - done[-1].record.after.raw_size
    if lines and output is not None:
        text = b"".join(orjson.dumps(line) + b"\n" for line in lines)
        guarded(lambda: append(output, task["files"], text, len(lines)))


def _count(task: Document, table: Table, done: list[Loaded]) -> list[dict[str, Any]]:
    """Change the description by what has become of some records; return the lines of the report."""
    description = task["description"]
    wanted = description["OutputS3Configuration"]["OutputType"]
    lines: list[dict[str, Any]] = []
    for loaded in done:
        description["ProcessedInputBytes"] += loaded.record.raw_size
        if not loaded.record.is_item:
            continue
        description["ProcessedItemCount"] += 1
        if loaded.error is None:
            _add_usage(description["BulkOperationUsage"][0], table, loaded.item or {})
            continue
        kind = CONDITION if isinstance(loaded.error, ConditionalCheckFailedException) else ERROR
        description["FailedItemCount"] += kind == ERROR
        if kind in wanted:
            lines.append(_line(task, loaded, kind))
    return lines


def _line(task: Document, loaded: Loaded, kind: str) -> dict[str, Any]:
    line: dict[str, Any] = {"outputType": kind, "itemS3Pointer": pointer(task, loaded.record)}
    assert loaded.error is not None
    line["errorMessages"] = [error_text(loaded.error)]
    if loaded.item is not None:
        line["Item"] = loaded.item
    if isinstance(loaded.error, ConditionalCheckFailedException) and "Item" in loaded.error.fields:
        line["ExistingItem"] = loaded.error.fields["Item"]
    return line


def _add_usage(usage: dict[str, Any], table: Table, item: dict[str, Any]) -> None:
    """Add the bytes of an item that was put, and of its index rows, to *usage*."""
    size = size_of_item(item)
    usage["Table"]["BulkPutBytes"] += size
    for rows in table.indexes:
        if rows.codec.encode(item) is None:
            continue
        kind = "GlobalSecondaryIndexes" if rows.index.is_global else "LocalSecondaryIndexes"
        entry = usage.setdefault(kind, {}).setdefault(rows.index.name, {"BulkPutBytes": 0})
        part = size_of_item(project(item, rows.wanted))
        entry["BulkPutBytes"] += part
        size += part
    usage["BulkPutBytes"] += size
    for vectors in table.vectors:
        placed = vectors.find_entry(item)
        if placed is not None:
            found = usage.setdefault("VectorIndexes", {})
            entry = found.setdefault(vectors.index.name, {"BulkPutVectorBytes": 0})
            entry["BulkPutVectorBytes"] += row_size(placed[1])


def _tell(description: dict[str, Any], failure: Failure) -> None:
    description["FailureCode"], description["FailureMessage"] = failure.code, failure.message


def _end(engine: "Engine", writes: WriteSet, key: bytes, task: Document) -> None:
    """Change *task* to one that has ended and write the manifests of its report."""
    description = task["description"]
    description["EndTime"] = round(engine.clock.now(), 3)
    try:
        output = _output(engine, task)
        if output is not None:
            guarded(lambda: write_manifests(output, task["files"], _summary(task)))
    except Failure as failure:
        task["ending"] = "FAILED"
        _tell(description, failure)
    description["BulkOperationStatus"] = task["ending"]
    writes.deletes.append(key)


def _summary(task: Document) -> dict[str, Any]:
    description = task["description"]
    return {
        "version": "2020-06-30",
        "bulkOperationArn": description["BulkOperationArn"],
        "status": task["ending"],
        "startTime": iso_time(description["StartTime"]),
        "endTime": iso_time(description["EndTime"]),
        "processedItemCount": description["ProcessedItemCount"],
        "failedItemCount": description["FailedItemCount"],
        "outputType": description["OutputS3Configuration"]["OutputType"],
        "outputFormat": "DYNAMODB_JSON",
    }
