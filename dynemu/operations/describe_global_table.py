"""DescribeGlobalTable."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.global_tables import describe_global_table, get_global_table
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import NAME_PATTERN, LegacyName

SHAPE = input_shape("DescribeGlobalTable", shapes={"TableName": LegacyName(3, 255, NAME_PATTERN)})


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Describe a global table of version 2017.11.29."""
    name = request["GlobalTableName"]
    document = get_global_table(call, name, "Global table not found: ")
    return {"GlobalTableDescription": describe_global_table(call, name, document)}, None


OPERATION = Operation("DescribeGlobalTable", SHAPE, run, BARE)
