"""DisableKinesisStreamingDestination."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.kinesis import disable, get_live_schema
from dynemu.errors import validation
from dynemu.operations.arn_shapes import arn_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = arn_shape("DisableKinesisStreamingDestination")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Forget that a table's changes go to a stream; it stays listed as DISABLED."""
    if request.get("EnableKinesisStreamingConfiguration") is not None:
        raise validation("Stream cannot be disabled using EnableKinesisStreamingConfiguration parameters")
    schema = get_live_schema(call, table_name(request["TableName"]))
    writes = WriteSet()
    disable(call, writes, schema, request["StreamArn"])
    return {
        "TableName": schema.name,
        "StreamArn": request["StreamArn"],
        "DestinationStatus": "DISABLING",
    }, writes


OPERATION = Operation("DisableKinesisStreamingDestination", SHAPE, run, BARE)
