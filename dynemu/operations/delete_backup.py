"""DeleteBackup."""

from typing import Any

from dynemu.engine.backups import backup_description, check_free, delete_backup, get_backup
from dynemu.engine.call import Call
from dynemu.operations.api import input_shape
from dynemu.operations.arn_shapes import BACKUP_ARN
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("DeleteBackup", shapes={"BackupArn": BACKUP_ARN})


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Delete a backup, and the rows of a deleted table with its last one."""
    backup = get_backup(call, request["BackupArn"])
    check_free(call, backup, deleting=True)
    writes = WriteSet()
    delete_backup(call, writes, backup)
    description = backup_description(backup, call.now)
    description["BackupDetails"]["BackupStatus"] = "DELETED"
    return {"BackupDescription": description}, writes


OPERATION = Operation("DeleteBackup", SHAPE, run, BARE)
