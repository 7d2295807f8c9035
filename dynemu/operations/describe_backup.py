"""DescribeBackup."""

from typing import Any

from dynemu.engine.backups import backup_description, get_backup
from dynemu.engine.call import Call
from dynemu.operations.api import input_shape
from dynemu.operations.arn_shapes import BACKUP_ARN
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("DescribeBackup", shapes={"BackupArn": BACKUP_ARN})


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Describe a backup and the table that it was made of."""
    return {"BackupDescription": backup_description(get_backup(call, request["BackupArn"]), call.now)}, None


OPERATION = Operation("DescribeBackup", SHAPE, run, BARE)
