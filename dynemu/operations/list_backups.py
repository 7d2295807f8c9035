"""ListBackups."""

from itertools import islice
from typing import Any

from dynemu.engine.backups import backup_details, list_backups
from dynemu.engine.call import Call, table_name
from dynemu.limits import BACKUPS_PER_PAGE
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("ListBackups")
KINDS = {"USER": ("USER",), "SYSTEM": ("SYSTEM",), "AWS_BACKUP": (), "ALL": ("USER", "SYSTEM")}
"""Types that a filter lets through. ALL are those of DynamoDB itself (API reference, ListBackups)."""

_SOURCE = ("TableName", "TableId", "TableArn")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """List backups by table and time."""
    name, limit = request.get("TableName"), request.get("Limit") or BACKUPS_PER_PAGE
    low, high = request.get("TimeRangeLowerBound"), request.get("TimeRangeUpperBound")
    backups = list_backups(
        call,
        KINDS[request.get("BackupType") or "USER"],
        None if name is None else table_name(name),
        request.get("ExclusiveStartBackupArn"),
    )
    wanted = (
        backup
        for backup in backups
        if (low is None or backup["created"] >= low) and (high is None or backup["created"] < high)
    )
    page = list(islice(wanted, limit + 1))
    answer: dict[str, Any] = {"BackupSummaries": [_summary(backup, call.now) for backup in page[:limit]]}
    if len(page) > limit:
        answer["LastEvaluatedBackupArn"] = page[limit - 1]["arn"]
    return answer, None


def _summary(backup: dict[str, Any], now: float) -> dict[str, Any]:
    return {**{name: backup["details"][name] for name in _SOURCE}, **backup_details(backup, now)}


OPERATION = Operation("ListBackups", SHAPE, run, BARE)
