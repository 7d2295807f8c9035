"""ExportTableToPointInTime: write an earlier state of a table, or what changed since one, to a bucket."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.changes import next_number
from dynemu.engine.continuous import earliest, find_recovery, number_to_restore
from dynemu.engine.history import number_at
from dynemu.engine.table import Table
from dynemu.engine.tables import find_schema
from dynemu.engine.transfer.exports import BOTH_IMAGES, INCREMENTAL, Span, start_export
from dynemu.engine.transfer.tasks import EXPORT, check_room, find_answered
from dynemu.errors import (
    ExportConflictException,
    InvalidExportTimeException,
    InvalidRestoreTimeException,
    PointInTimeRecoveryUnavailableException,
    TableNotFoundException,
    parameter_error,
)
from dynemu.limits import EXPORTS, INCREMENT_SECONDS
from dynemu.model import TableSchema
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("ExportTableToPointInTime")
_MILLISECOND = 0.001
_CONFLICT = "There was a conflict when writing to the specified S3 bucket."
_OUTSIDE = "The specified ExportTime is outside of the point in time recovery window."


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet | None]:
    """Begin to export; writes to the table go on meanwhile."""
    _check(request)
    answered = find_answered(call, EXPORT, request, ExportConflictException(_CONFLICT))
    if answered is not None:
        return {"ExportDescription": answered["description"]}, None
    arn = request["TableArn"]
    schema = find_schema(call, table_name(arn))
    if schema is None:
        raise TableNotFoundException(f"Table not found: {arn}")
    span = _increment(call, request, schema) if _is_incremental(request) else _state(call, request, schema)
    check_room(call.view, EXPORT, EXPORTS)
    writes = WriteSet()
    return {"ExportDescription": start_export(call, writes, request, Table(schema), span)}, writes


def _is_incremental(request: Request) -> bool:
    return bool(request.get("ExportType") == INCREMENTAL)


def _check(request: Request) -> None:
    """Raise ValidationException for members that do not go together."""
    increment = request.get("IncrementalExportSpecification")
    if not _is_incremental(request):
        if increment is not None:
            raise parameter_error(
                "IncrementalExportSpecification can only be specified when ExportType is INCREMENTAL_EXPORT"
            )
        return
    if request.get("ExportTime") is not None:
        raise parameter_error("ExportTime cannot be specified when ExportType is INCREMENTAL_EXPORT")
    if increment is None or increment.get("ExportFromTime") is None:
        raise parameter_error(
            "IncrementalExportSpecification with ExportFromTime must be specified when ExportType is "
            "INCREMENTAL_EXPORT"
        )


def _state(call: Call, request: Request, schema: TableSchema) -> Span:
    """Return the one state of a full export."""
    try:
        number, time = number_to_restore(call.view, schema, request.get("ExportTime"), call.now)
    except InvalidRestoreTimeException:
        raise InvalidExportTimeException(_OUTSIDE) from None
    return Span(None, number, {"ExportTime": time})


def _increment(call: Call, request: Request, schema: TableSchema) -> Span:
    """Return the two states of an incremental export: its start is inclusive, its end is not."""
    recovery = find_recovery(call.view, schema)
    if recovery is None:
        raise PointInTimeRecoveryUnavailableException(
            f"Point in time recovery is not enabled for table '{schema.name}'"
        )
    given = request["IncrementalExportSpecification"]
    start, end = given["ExportFromTime"], given.get("ExportToTime")
    first_second = start + 0.999 if start == int(start) else start
    if first_second < earliest(recovery, call.now) or max(start, end or 0) > round(call.now, 3):
        raise InvalidExportTimeException(_OUTSIDE)
    stop = round(call.now, 3) if end is None else end
    if stop <= start or stop - start > INCREMENT_SECONDS:
        raise parameter_error(
            "ExportToTime must be after ExportFromTime, and at most 24 hours after ExportFromTime"
        )
    first = number_at(call.view, schema.id, start - _MILLISECOND)
    last = next_number(call.view) if end is None else number_at(call.view, schema.id, end - _MILLISECOND)
    described = {
        "ExportFromTime": start,
        "ExportToTime": stop,
        "ExportViewType": given.get("ExportViewType") or BOTH_IMAGES,
    }
    return Span(first, max(first, last), {"IncrementalExportSpecification": described})


OPERATION = Operation("ExportTableToPointInTime", SHAPE, run, BARE)
