"""DescribeTimeToLive."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.tables import get_schema
from dynemu.engine.ttl import describe_time_to_live
from dynemu.errors import validation
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import table_request

SHAPE = table_request("DescribeTimeToLive")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Say whether items of a table expire, and by which attribute."""
    schema = get_schema(call, table_name(request["TableName"]))
    if schema.status in ("CREATING", "DELETING"):
        raise validation(
            f"Cannot describe time to live while table is in {schema.status} state: "
            f"Current table state is {schema.status}"
        )
    return {"TimeToLiveDescription": describe_time_to_live(call.view, schema, call.now)}, None


OPERATION = Operation("DescribeTimeToLive", SHAPE, run, BARE)
