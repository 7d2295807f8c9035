"""EnableKinesisStreamingDestination."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.kinesis import enable, get_live_schema
from dynemu.operations.arn_shapes import arn_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = arn_shape("EnableKinesisStreamingDestination")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Remember a stream as the place where a table's changes go."""
    schema = get_live_schema(call, table_name(request["TableName"]))
    configuration = request.get("EnableKinesisStreamingConfiguration") or {}
    precision = configuration.get("ApproximateCreationDateTimePrecision")
    writes = WriteSet()
    enable(call, writes, schema, request["StreamArn"], precision)
    return {
        "TableName": schema.name,
        "StreamArn": request["StreamArn"],
        "DestinationStatus": "ENABLING",
        "EnableKinesisStreamingConfiguration": (
            {} if precision is None else {"ApproximateCreationDateTimePrecision": precision}
        ),
    }, writes


OPERATION = Operation("EnableKinesisStreamingDestination", SHAPE, run, BARE)
