"""UpdateKinesisStreamingDestination."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.kinesis import get_live_schema, update
from dynemu.errors import validation
from dynemu.operations.arn_shapes import arn_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = arn_shape("UpdateKinesisStreamingDestination")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Change the precision of the times that a stream gets."""
    configuration = request.get("UpdateKinesisStreamingConfiguration") or {}
    precision = configuration.get("ApproximateCreationDateTimePrecision")
    if precision is None:
        raise validation(
            "Streaming destination cannot be updated with given parameters: "
            "UpdateKinesisStreamingConfiguration cannot be null or contain only null values"
        )
    schema = get_live_schema(call, table_name(request["TableName"]))
    writes = WriteSet()
    update(call, writes, schema, request["StreamArn"], precision)
    return {
        "TableName": schema.name,
        "StreamArn": request["StreamArn"],
        "DestinationStatus": "UPDATING",
        "UpdateKinesisStreamingConfiguration": {"ApproximateCreationDateTimePrecision": precision},
    }, writes


OPERATION = Operation("UpdateKinesisStreamingDestination", SHAPE, run, BARE)
