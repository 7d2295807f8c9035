"""DescribeTable."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.describe import describe_table
from dynemu.engine.replica_views import seen_from
from dynemu.engine.tables import get_schema
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import table_request

SHAPE = table_request("DescribeTable")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Describe a table as it is now."""
    schema = get_schema(call, table_name(request["TableName"]))
    return {"Table": describe_table(call.view, seen_from(schema, call.region))}, None


OPERATION = Operation("DescribeTable", SHAPE, run, BARE)
