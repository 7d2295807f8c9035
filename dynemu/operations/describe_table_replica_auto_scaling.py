"""DescribeTableReplicaAutoScaling."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.replica_scaling import describe_scaling, get_replicated
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import TableRequest

SHAPE = TableRequest({})


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Describe how a global table scales in each of its regions."""
    schema = get_replicated(call, table_name(request["TableName"]))
    return {"TableAutoScalingDescription": describe_scaling(schema)}, None


OPERATION = Operation("DescribeTableReplicaAutoScaling", SHAPE, run, BARE)
