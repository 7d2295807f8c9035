"""UpdateContinuousBackups."""

from typing import Any

from dynemu.engine.backups import check_source
from dynemu.engine.call import Call, table_name
from dynemu.engine.continuous import (
    DEFAULT_DAYS,
    describe_continuous_backups,
    update_continuous_backups,
)
from dynemu.engine.tables import find_schema
from dynemu.errors import invalid_request
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("UpdateContinuousBackups")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Turn point-in-time recovery on or off, or change how far it reaches back."""
    name = table_name(request["TableName"])
    specification = request["PointInTimeRecoverySpecification"]
    enabled, days = specification["PointInTimeRecoveryEnabled"], specification.get("RecoveryPeriodInDays")
    if days is not None and not enabled:
        raise invalid_request("Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.")
    found = find_schema(call, name)
    # NOTE: a table in use is not among the errors that the API reference lists here.
    leaving = found is not None and found.status == "DELETING"
    schema = check_source(None if leaving else found, name)
    writes = WriteSet()
    recovery = update_continuous_backups(call, writes, schema, (days or DEFAULT_DAYS) if enabled else None)
    return {"ContinuousBackupsDescription": describe_continuous_backups(recovery, call.now)}, writes


OPERATION = Operation("UpdateContinuousBackups", SHAPE, run, BARE)
