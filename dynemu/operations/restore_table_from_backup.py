"""RestoreTableFromBackup."""

from typing import Any

from dynemu.engine.backups import backed_up_schema, check_free, get_backup
from dynemu.engine.call import Call
from dynemu.engine.describe import describe_new
from dynemu.engine.restore_settings import restored_settings
from dynemu.engine.restores import check_target, restored_schema, start_restore
from dynemu.operations import table_members as members
from dynemu.operations.api import input_shape
from dynemu.operations.arn_shapes import BACKUP_ARN
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape(
    "RestoreTableFromBackup",
    shapes={
        **members.RESTORE_SHAPES,
        "BackupArn": BACKUP_ARN,
        "TableName": members.LegacyName(3, 255, members.NAME_PATTERN),
    },
)


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Make a new table of a backup; it is CREATING until all items are there."""
    backup = get_backup(call, request["BackupArn"])
    check_free(call, backup, deleting=False)
    check_target(call, request["TargetTableName"])
    source = backed_up_schema(backup)
    settings = restored_settings(call, source, request)
    writes = WriteSet()
    count = 1 + len(settings["indexes"]) + len(settings["vector_indexes"])
    first_id = call.catalogue.allocate_ids(call.view, writes, count)
    target = restored_schema(call, source, request["TargetTableName"], first_id, **settings)
    shown = start_restore(
        call, writes, source, target, backup["number"], time=backup["created"], backup=backup["arn"]
    )
    return {"TableDescription": describe_new(call.view, shown)}, writes


OPERATION = Operation("RestoreTableFromBackup", SHAPE, run, BARE)
