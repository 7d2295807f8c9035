"""Exports: an earlier state of a table, or what changed between two, written to a bucket in slices.

The states are pinned in the table's history, so that writes to the table, or its deletion, change nothing.
Source: developer guide, "DynamoDB data export to Amazon S3: how it works".
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from dynemu._core.codec import decode_row, row_body, row_size
from dynemu.engine.backfill import commit_slice
from dynemu.engine.documents import Document, find_document, put_document
from dynemu.engine.history import ItemChange, changes_between, read_rows_at
from dynemu.engine.jobs import job_key
from dynemu.engine.retention import pin, unpin
from dynemu.engine.table import Table
from dynemu.engine.transfer.filters import Filter, plan_rows
from dynemu.engine.transfer.ion import struct, to_ion
from dynemu.engine.transfer.loading import Failure, find_bucket, guarded
from dynemu.engine.transfer.outputs import (
    append,
    is_to_seal,
    new_files,
    seal,
    start_files,
    summary_key,
    write_manifests,
)
from dynemu.engine.transfer.tasks import EXPORT, iso_time, new_id, remember_token, start_task
from dynemu.storage.base import View, WriteSet
from dynemu.storage.objects import Bucket

if TYPE_CHECKING:
    from dynemu.engine.call import Call
    from dynemu.engine.database import Engine

Item = dict[str, Any]

FULL = "FULL_EXPORT"
INCREMENTAL = "INCREMENTAL_EXPORT"
BOTH_IMAGES = "NEW_AND_OLD_IMAGES"
PAGE_ROWS = 300
PAGE_BYTES = 128 * 1024
PAGE_CHANGES = 50
"""What one slice writes: a few ms of work."""
_ECHOED = ("ClientToken", "S3BucketOwner", "S3Prefix", "S3SseKmsKeyId", "FilterSpecification")


class Span(NamedTuple):
    """The states that an export is about: numbers (see ``history``) and what is told of their times."""

    first: int | None
    """None for a full export, whose state is *last*."""
    last: int
    described: dict[str, Any]
    """``ExportTime`` or ``IncrementalExportSpecification``."""


def start_export(
    call: "Call", writes: WriteSet, request: dict[str, Any], table: Table, span: Span
) -> dict[str, Any]:
    """Add to *writes* that the states *span* of a table are exported. Returns: the description."""
    schema, name = table.schema, new_id(call)
    arn = f"{schema.arn}/export/{name}"
    export_format = request.get("ExportFormat") or "DYNAMODB_JSON"
    description: dict[str, Any] = {
        "ExportArn": arn,
        "ExportStatus": "IN_PROGRESS",
        "StartTime": round(call.now, 3),
        "TableArn": schema.arn,
        "TableId": schema.uuid,
        **span.described,
        **{member: request[member] for member in _ECHOED if request.get(member) is not None},
        "S3Bucket": request["S3Bucket"],
        "S3SseAlgorithm": request.get("S3SseAlgorithm") or "AES256",
        "ExportFormat": export_format,
        "ExportType": FULL if span.first is None else INCREMENTAL,
    }
    start, end = plan_rows(table, request.get("FilterSpecification"))
    task = {
        "description": description,
        "table": schema.id,
        "keys": table.keys,
        "numbers": [span.first, span.last],
        "rows": [start.hex(), end.hex()],
        "started": False,
        "read": False,
        "items": 0,
        "bytes": 0,
        "files": new_files(
            request.get("S3Prefix"),
            name,
            suffix=".ion.gz" if export_format == "ION" else ".json.gz",
            shared=span.first is not None,
        ),
    }
    start_task(call.view, writes, EXPORT, arn, task)
    remember_token(call, writes, EXPORT, request, arn)
    number = span.last if span.first is None else span.first
    recorded = pin(call.view, writes, schema, arn, number, every=span.first is not None)
    if recorded is not schema:
        call.catalogue.put(call.view, writes, recorded)
    return description


def export_slice(engine: "Engine", key: bytes) -> bool:
    """Write some more items; return True when nothing is left to do."""
    view = engine.store.view()
    arn = key[len(job_key(EXPORT, "")) :].decode()
    task = find_document(view, EXPORT, arn)
    if task is None or task["description"]["ExportStatus"] != "IN_PROGRESS":
        return True
    writes = WriteSet()
    description = task["description"]
    try:
        bucket = find_bucket(engine, description["S3Bucket"])
        page = _read_page(view, task)
        if guarded(lambda: _write(bucket, task, page, engine.clock.now())):
            description["ExportStatus"] = "COMPLETED"
    except Failure as failure:
        description["ExportStatus"] = "FAILED"
        description["EndTime"] = round(engine.clock.now(), 3)
        description["FailureCode"], description["FailureMessage"] = failure.code, failure.message
    ended: bool = description["ExportStatus"] != "IN_PROGRESS"
    if ended:
        writes.deletes.append(key)
        unpin(engine.catalogue, view, writes, task["table"], arn)
    put_document(view, writes, EXPORT, arn, task)
    commit_slice(engine, writes)
    return ended


class Page(NamedTuple):
    """Lines of a data file, the items that they tell of, the bytes of those that were looked at."""

    lines: list[bytes]
    size: int
    rest: bytes | None


def _read_page(view: View, task: Document) -> Page | None:
    """Return what the next slice writes, or None when everything has been read or a file is full."""
    if task["read"] or is_to_seal(task["files"], last=False):
        return None
    first, last = task["numbers"]
    start, end = (bytes.fromhex(row) for row in task["rows"])
    wanted = Filter(task["description"].get("FilterSpecification"))
    ion = task["description"]["ExportFormat"] == "ION"
    if first is None:
        rows, rest = read_rows_at(view, task["table"], last, start, PAGE_ROWS, PAGE_BYTES)
        rows = [(row_key, row) for row_key, row in rows if row_key < end]
        lines = [line for _, row in rows if (line := _item_line(row, wanted, ion))]
        size = sum(row_size(row) for _, row in rows)
    else:
        changes, rest = changes_between(view, task["table"], first, last, start, PAGE_CHANGES)
        changes = [change for change in changes if change.row_key < end]
        lines = [line for change in changes if (line := _change_line(change, wanted, ion, task))]
        size = sum(row_size(row) for change in changes for row in change[2:] if row)
    return Page(lines, size, rest if rest is not None and rest < end else None)


def _write(bucket: Bucket, task: Document, page: Page | None, now: float) -> bool:
    """Write *page*, or what comes after the last one; return whether the export is complete."""
    files, description = task["files"], task["description"]
    if not task["started"]:
        start_files(bucket, files)
        task["started"] = True
    if page is not None:
        # NOTE: of an empty table AWS writes an empty file.
        if page.lines or (page.rest is None and not files["size"] and not files["number"]):
            append(bucket, files, b"".join(page.lines), len(page.lines))
        task["items"] += len(page.lines)
        task["bytes"] += page.size
        task["read"] = page.rest is None
        if page.rest is not None:
            task["rows"][0] = page.rest.hex()
        return False
    if is_to_seal(files, last=task["read"]):
        seal(bucket, files)
        return False
    description["EndTime"] = round(now, 3)
    description["ExportManifest"] = summary_key(files)
    description["BilledSizeBytes"] = task["bytes"]
    description["ItemCount"] = task["items"]
    write_manifests(bucket, files, _summary(description, files["folder"]))
    return True


def _item_line(row: bytes, wanted: Filter, ion: bool) -> bytes | None:
    """Return the line of an item in a full export, or None when it is not wanted."""
    if wanted.is_empty and not ion:
        return b'{"Item":' + row_body(row) + b"}\n"
    item = decode_row(row)
    if not wanted.takes(item):
        return None
    item = wanted.cut(item)
    if ion:
        return f"$ion_1_0 {struct({'Item': to_ion({'M': item})})}\n".encode()
    return orjson.dumps({"Item": item}) + b"\n"


def _change_line(change: ItemChange, wanted: Filter, ion: bool, task: Document) -> bytes | None:
    """Return the line of an item in an incremental export.

    NOTE: AWS writes nothing of an item that came and went between the two times.
    """
    old = None if change.old_row is None else decode_row(change.old_row)
    new = None if change.new_row is None else decode_row(change.new_row)
    item = old if new is None else new
    if item is None or not wanted.takes(item):
        return None
    specification = task["description"]["IncrementalExportSpecification"]
    micros = {"N": str(round(change.time * 1_000_000))}
    record: dict[str, Item] = {
        "Metadata": {"WriteTimestampMicros": micros},
        "Keys": {name: item[name] for name in task["keys"]},
    }
    if old is not None and specification["ExportViewType"] == BOTH_IMAGES:
        record["OldImage"] = wanted.cut(old)
    if new is not None:
        record["NewImage"] = wanted.cut(new)
    if ion:
        members = {name: to_ion({"M": member}) for name, member in record.items()}
        return f"$ion_1_0 {struct({'Record': struct(members)})}\n".encode()
    return orjson.dumps(record) + b"\n"


def _summary(description: dict[str, Any], folder: str) -> dict[str, Any]:
    """Return the content of the summary manifest."""
    increment = description.get("IncrementalExportSpecification")
    summary: dict[str, Any] = {
        "version": "2020-06-30" if increment is None else "2023-08-01",
        "exportArn": description["ExportArn"],
        "startTime": iso_time(description["StartTime"]),
        "endTime": iso_time(description["EndTime"]),
        "tableArn": description["TableArn"],
        "tableId": description["TableId"],
    }
    if increment is None:
        summary["exportTime"] = iso_time(description["ExportTime"])
    else:
        summary["exportFromTime"] = iso_time(increment["ExportFromTime"])
        summary["exportToTime"] = iso_time(increment["ExportToTime"])
    summary |= {
        "s3Bucket": description["S3Bucket"],
        "s3Prefix": description.get("S3Prefix"),
        "s3SseAlgorithm": description["S3SseAlgorithm"],
        "s3SseKmsKeyId": description.get("S3SseKmsKeyId"),
        "manifestFilesS3Key": f"{folder}/manifest-files.json",
        "billedSizeBytes": description["BilledSizeBytes"],
        "itemCount": description["ItemCount"],
        "outputFormat": description["ExportFormat"],
    }
    if increment is not None:
        summary["outputView"] = increment["ExportViewType"]
        summary["exportType"] = INCREMENTAL
    return summary
