"""UpdateGlobalTableSettings."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.global_table_settings import describe_settings, update_settings
from dynemu.engine.global_tables import get_global_table
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("UpdateGlobalTableSettings")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Change what the regions of a global table of version 2017.11.29 are set to."""
    name, writes = request["GlobalTableName"], WriteSet()
    shown = update_settings(call, writes, name, get_global_table(call, name), request)
    return {"GlobalTableName": name, "ReplicaSettings": describe_settings(call, name, shown)}, writes


OPERATION = Operation("UpdateGlobalTableSettings", SHAPE, run, BARE)
