"""Kinesis data streams that a table's changes are said to go to: remembered, and nothing is ever sent.

A table has one live destination at most, and any number that were disabled or could not be enabled, the one
enabled last first. Source of rules and texts: published recordings of the service's answers.
"""

import re
from typing import TYPE_CHECKING, Any

from dynemu.engine.remembered import Entry, remember_extra, settle, status_of
from dynemu.engine.tables import get_schema
from dynemu.errors import ResourceNotFoundException, ValidationException, validation
from dynemu.model import TableSchema
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

EXTRA = "kinesis"
ACTIVE = "ACTIVE"
FAILED = "ENABLE_FAILED"
DEFAULT_PRECISION = "MILLISECOND"
_OPEN = ("DISABLED", FAILED)
"""Statuses that let another destination be enabled."""
_STREAM = re.compile(r"arn:[^:]*:kinesis:[^:]*:[^:]*:stream/[a-zA-Z0-9_.-]+")
_NO_STREAM = "User does not have a permission to use kinesis stream"
"""How AWS says that there is no such stream; here, that the ARN is not one of a stream."""


def get_live_schema(call: "Call", name: str) -> TableSchema:
    """Return the definition of a table whose destinations can be changed.

    Raises: ResourceNotFoundException, also while the table is being created.
    """
    schema = get_schema(call, name)
    if schema.status == "CREATING":
        raise ResourceNotFoundException(f"Requested resource not found: Table: {name} not found")
    return schema


def destinations_of(schema: TableSchema) -> list[Entry]:
    """Return the destinations of a table as they are kept."""
    kept: list[Entry] = schema.extra.get(EXTRA, [])
    return kept


def describe_destinations(schema: TableSchema, now: float) -> list[dict[str, Any]]:
    """Return KinesisDataStreamDestinations of the table."""
    return [_describe(entry, now) for entry in destinations_of(schema)]


def _describe(entry: Entry, now: float) -> dict[str, Any]:
    status = status_of(entry, now)
    shown = {"StreamArn": entry["stream"], "DestinationStatus": status}
    if status == FAILED:
        shown["DestinationStatusDescription"] = _NO_STREAM
    if entry.get("precision") is not None:
        shown["ApproximateCreationDateTimePrecision"] = entry["precision"]
    return shown


def enable(call: "Call", writes: WriteSet, schema: TableSchema, stream: str, precision: str | None) -> None:
    """Add to *writes* that the table's changes go to *stream*. Raises ValidationException."""
    kept = destinations_of(schema)
    if any(status_of(entry, call.now) not in _OPEN for entry in kept):
        raise _wrong_state(
            "EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation."
        )
    status = FAILED if _STREAM.fullmatch(stream) is None else ACTIVE
    entry = settle(call, "ENABLING", status, stream=stream, precision=precision)
    others = [other for other in kept if other["stream"] != stream]
    remember_extra(call, writes, schema, EXTRA, [entry, *others])


def disable(call: "Call", writes: WriteSet, schema: TableSchema, stream: str) -> None:
    """Add to *writes* that the table's changes no longer go to *stream*. Raises ValidationException.

    NOTE: a second request while the destination is DISABLING changes nothing and is no error.
    """
    entry = _find(schema, stream)
    status = None if entry is None else status_of(entry, call.now)
    if status == "DISABLING":
        return
    if status != ACTIVE:
        raise _wrong_state("KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.")
    _replace(call, writes, schema, settle(call, "DISABLING", "DISABLED", stream=stream, precision=None))


def update(call: "Call", writes: WriteSet, schema: TableSchema, stream: str, precision: str) -> None:
    """Add to *writes* that times are sent to *stream* with *precision*. Raises ValidationException."""
    entry = _find(schema, stream)
    if entry is None:
        raise _wrong_state(
            f"No streaming destination with streamArn: {stream} found for table with tableName: {schema.name}"
        )
    if status_of(entry, call.now) != ACTIVE:
        raise _wrong_state(
            "Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. "
            f"TableName: {schema.name}, kdsArn: {stream}"
        )
    if precision == (entry.get("precision") or DEFAULT_PRECISION):
        raise validation(
            f"Invalid Request: Precision is already set to the desired value of {precision} "
            f"for tableId: {schema.uuid}, kdsArn: {stream}"
        )
    _replace(call, writes, schema, settle(call, "UPDATING", ACTIVE, stream=stream, precision=precision))


def _find(schema: TableSchema, stream: str) -> Entry | None:
    return next((entry for entry in destinations_of(schema) if entry["stream"] == stream), None)


def _replace(call: "Call", writes: WriteSet, schema: TableSchema, entry: Entry) -> None:
    kept = [entry if old["stream"] == entry["stream"] else old for old in destinations_of(schema)]
    remember_extra(call, writes, schema, EXTRA, kept)


def _wrong_state(problem: str) -> ValidationException:
    # NOTE: AWS says "to enable" whatever was asked for.
    return validation(f"Table is not in a valid state to enable Kinesis Streaming Destination: {problem}")
