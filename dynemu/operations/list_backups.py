"""ListBackups."""

from itertools import islice
from typing import Any

from dynemu.engine.backups import KIND, backup_details, document_name, list_backups
from dynemu.engine.call import Call, table_name
from dynemu.engine.documents import find_document
from dynemu.errors import invalid_request, parameter_error
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
    if low is not None and high is not None and low > high:
        raise parameter_error("Time range lower bound must be less than or equal to upper bound")
    _check_start(call, request.get("ExclusiveStartBackupArn"))
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


def _check_start(call: Call, arn: str | None) -> None:
    """Raise ValidationException for the ARN of a backup in a region that is neither asked nor its own."""
    if arn is not None and arn.split(":")[3:4] not in ([], [call.region]):
        backup = find_document(call.view, KIND, document_name(arn))
        if backup is None or backup["arn"] != arn:
            raise invalid_request("The supplied ExclusiveStartBackupArn does not match the region")


def _summary(backup: dict[str, Any], now: float) -> dict[str, Any]:
    return {**{name: backup["details"][name] for name in _SOURCE}, **backup_details(backup, now)}


OPERATION = Operation("ListBackups", SHAPE, run, BARE)
