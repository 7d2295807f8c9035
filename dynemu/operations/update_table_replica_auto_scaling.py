"""UpdateTableReplicaAutoScaling."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.replica_checks import busy
from dynemu.engine.replica_scaling import (
    check_scaling_request,
    describe_scaling,
    get_replicated,
    update_scaling,
)
from dynemu.operations.api import node
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import TableRequest
from dynemu.storage.base import WriteSet

SHAPE = TableRequest(
    {
        "GlobalSecondaryIndexUpdates": node("GlobalSecondaryIndexAutoScalingUpdateList"),
        "ProvisionedWriteCapacityAutoScalingUpdate": node("AutoScalingSettingsUpdate"),
        "ReplicaUpdates": node("ReplicaAutoScalingUpdateList"),
    }
)


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Change how a global table scales; the answer shows it as it was before."""
    name = table_name(request["TableName"])
    check_scaling_request(request, name)
    schema = get_replicated(call, name)
    changed = update_scaling(call, schema, request)
    if schema.settles_at is not None:
        raise busy()
    writes = WriteSet()
    call.catalogue.put(call.view, writes, changed)
    return {"TableAutoScalingDescription": describe_scaling(schema)}, writes


OPERATION = Operation("UpdateTableReplicaAutoScaling", SHAPE, run, BARE)
