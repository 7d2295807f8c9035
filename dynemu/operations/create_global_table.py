"""CreateGlobalTable."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.global_tables import create_global_table, describe_global_table
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("CreateGlobalTable")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Make a global table of version 2017.11.29 out of a table; the answer says CREATING in any case."""
    name, writes = request["GlobalTableName"], WriteSet()
    document = create_global_table(call, writes, name, request["ReplicationGroup"])
    return {"GlobalTableDescription": describe_global_table(call, name, document)}, writes


OPERATION = Operation("CreateGlobalTable", SHAPE, run, BARE)
