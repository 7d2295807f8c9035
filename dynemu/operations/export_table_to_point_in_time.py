"""ExportTableToPointInTime: write an earlier state of a table, or what changed since one, to a bucket."""

from typing import Any

from dynemu._core.scalars import String
from dynemu.engine.arns import is_table_arn
from dynemu.engine.call import Call, table_name
from dynemu.engine.changes import next_number
from dynemu.engine.clock import utc_second
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
    invalid_request,
    parameter_error,
    validation,
)
from dynemu.limits import EXPORTS, INCREMENT_SECONDS
from dynemu.model import TableSchema
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("ExportTableToPointInTime", members={"TableArn": String(0, 1024)})
_MILLISECOND = 0.001
_CONFLICT = "Export conflict: Duplicate request detected with conflicting parameters"
_OUTSIDE = "Export Time is invalid"
_FROM, _TO = "Incremental export period from time", "Incremental export period to time"
_DIFFERENCE = "Difference between export period from time and export period to time is"


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
    if not request["TableArn"]:
        raise validation("Invalid TableArn: Invalid Table ARN")
    if not is_table_arn(request["TableArn"]):
        raise parameter_error("tableArn is not a valid ARN")
    _check_increment(request.get("ExportType"), request.get("IncrementalExportSpecification"))
    if request.get("S3SseKmsKeyId") is not None and request.get("S3SseAlgorithm") != "KMS":
        raise invalid_request("KMS Key Id is not supported for this encryption type")


def _check_increment(kind: str | None, increment: Request | None) -> None:
    """Raise ValidationException when an export of the type *kind* has no business with *increment*."""
    if kind == INCREMENTAL:
        if increment is None:
            raise invalid_request(
                "Incremental Export Specification expected when export type is set as Incremental Export"
            )
        if increment.get("ExportFromTime") is None:
            raise invalid_request("ExportFromTime must be provided in IncrementalExportSpecification")
    elif increment is not None:
        raise invalid_request(
            "Export Type expected to be Incremental Export when incremental export specification is provided"
            if kind is None
            else "When Export Type is Full Export , Incremental Export Specification should not be provided"
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
    now = round(call.now, 3)
    stop = now if end is None else end
    _check_span(start, stop, now, schema)
    first_second = start + 0.999 if start == int(start) else start
    if first_second < earliest(recovery, call.now):
        raise InvalidExportTimeException(_OUTSIDE)
    first = number_at(call.view, schema.id, start - _MILLISECOND)
    last = next_number(call.view) if end is None else number_at(call.view, schema.id, end - _MILLISECOND)
    described = {
        "ExportFromTime": start,
        "ExportToTime": stop,
        "ExportViewType": given.get("ExportViewType") or BOTH_IMAGES,
    }
    return Span(first, max(first, last), {"IncrementalExportSpecification": described})


def _check_span(start: float, stop: float, now: float, schema: TableSchema) -> None:
    """Raise InvalidExportTimeException for times that no export can have.

    NOTE: AWS refuses less than 15 minutes, which is too long for tests.
    """
    if start < int(schema.created):
        raise InvalidExportTimeException(
            f"{_FROM} cannot be less than the table creation time : {utc_second(start)}"
        )
    if stop > now:
        raise InvalidExportTimeException(
            f"{_TO} cannot be greater than the current time : {utc_second(stop)}"
        )
    if stop <= start:
        raise InvalidExportTimeException(f"{_DIFFERENCE} less than 15 minutes")
    if stop - start > INCREMENT_SECONDS:
        raise InvalidExportTimeException(f"{_DIFFERENCE} greater than 24 hours")


OPERATION = Operation("ExportTableToPointInTime", SHAPE, run, BARE)
