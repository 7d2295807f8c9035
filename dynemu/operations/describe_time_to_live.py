"""DescribeTimeToLive."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.tables import get_schema
from dynemu.engine.ttl import describe_time_to_live
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import table_request

SHAPE = table_request("DescribeTimeToLive")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Say whether items of a table expire, and by which attribute."""
    schema = get_schema(call, table_name(request["TableName"]))
    return {"TimeToLiveDescription": describe_time_to_live(call.view, schema, call.now)}, None


OPERATION = Operation("DescribeTimeToLive", SHAPE, run, BARE)
