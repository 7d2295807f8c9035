"""DescribeContinuousBackups."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.continuous import describe_continuous_backups, recovery_from
from dynemu.engine.tables import find_schema
from dynemu.errors import TableNotFoundException
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("DescribeContinuousBackups")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Tell whether point-in-time recovery is on, and which times can be restored."""
    name = table_name(request["TableName"])
    schema = find_schema(call, name)
    if schema is None:
        raise TableNotFoundException(f"Table not found: {name}")
    described = describe_continuous_backups(recovery_from(call, schema), call.now)
    return {"ContinuousBackupsDescription": described}, None


OPERATION = Operation("DescribeContinuousBackups", SHAPE, run, BARE)
