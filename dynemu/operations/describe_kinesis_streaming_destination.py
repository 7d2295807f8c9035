"""DescribeKinesisStreamingDestination."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.kinesis import describe_destinations
from dynemu.engine.tables import get_schema
from dynemu.operations.arn_shapes import arn_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = arn_shape("DescribeKinesisStreamingDestination")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """List the streams where a table's changes go, or went."""
    schema = get_schema(call, table_name(request["TableName"]))
    return {
        "TableName": schema.name,
        "KinesisDataStreamDestinations": describe_destinations(schema, call.now),
    }, None


OPERATION = Operation("DescribeKinesisStreamingDestination", SHAPE, run, BARE)
