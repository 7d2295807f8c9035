"""DeleteTable."""

from typing import Any

from dynemu.engine.backups import keep_deleted
from dynemu.engine.call import Call, table_name
from dynemu.engine.describe import describe_deleted
from dynemu.engine.global_tables import forget_global_table
from dynemu.engine.replicas import delete_replica
from dynemu.engine.tables import check_deletable, delete_table, get_schema
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import table_request
from dynemu.storage.base import WriteSet

SHAPE = table_request("DeleteTable")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Delete a table with its items and indexes; the answer says DELETING, with or without a delay."""
    schema = get_schema(call, table_name(request["TableName"]))
    writes = WriteSet()
    shown = delete_replica(call, writes, schema)
    if shown is None:
        check_deletable(schema)
        rows_stay = schema.history and keep_deleted(call, writes, schema)
        shown = delete_table(call, writes, schema, rows_stay=rows_stay)
        forget_global_table(call.view, writes, schema.name)
    return {"TableDescription": describe_deleted(call.view, shown)}, writes


OPERATION = Operation("DeleteTable", SHAPE, run, BARE)
