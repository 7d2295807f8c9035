"""CreateBackup."""

from typing import Any

from dynemu.engine.backups import backup_details, check_source, create_backup
from dynemu.engine.call import Call, table_name
from dynemu.engine.tables import find_schema
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("CreateBackup")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Keep the table as it is now; the answer says CREATING, with or without a delay."""
    name = table_name(request["TableName"])
    schema = check_source(find_schema(call, name), name)
    writes = WriteSet()
    backup = create_backup(call, writes, schema, request["BackupName"])
    return {"BackupDetails": {**backup_details(backup, call.now), "BackupStatus": "CREATING"}}, writes


OPERATION = Operation("CreateBackup", SHAPE, run, BARE)
