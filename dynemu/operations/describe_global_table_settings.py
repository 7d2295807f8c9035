"""DescribeGlobalTableSettings."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.global_table_settings import describe_settings
from dynemu.engine.global_tables import get_global_table
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import NAME_PATTERN, LegacyName

SHAPE = input_shape("DescribeGlobalTableSettings", shapes={"TableName": LegacyName(3, 255, NAME_PATTERN)})


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Describe what each region of a global table of version 2017.11.29 is set to."""
    name = request["GlobalTableName"]
    replicas = describe_settings(call, name, get_global_table(call, name))
    return {"GlobalTableName": name, "ReplicaSettings": replicas}, None


OPERATION = Operation("DescribeGlobalTableSettings", SHAPE, run, BARE)
