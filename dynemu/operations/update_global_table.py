"""UpdateGlobalTable."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.global_tables import describe_global_table, update_global_table
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("UpdateGlobalTable")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Add replicas to a global table of version 2017.11.29, or take them away."""
    name, writes = request["GlobalTableName"], WriteSet()
    document = update_global_table(call, writes, name, request["ReplicaUpdates"])
    return {"GlobalTableDescription": describe_global_table(call, name, document)}, writes


OPERATION = Operation("UpdateGlobalTable", SHAPE, run, BARE)
