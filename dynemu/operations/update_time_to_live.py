"""UpdateTimeToLive."""

from typing import Any

from dynemu._core.problems import Problems
from dynemu._core.scalars import String
from dynemu.engine.call import Call, table_name
from dynemu.engine.tables import get_schema
from dynemu.engine.ttl import update_time_to_live
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import NAME_PATTERN
from dynemu.storage.base import WriteSet


class TableArn(String):
    """A table's name or ARN, which AWS takes here at any length up to 1,024; a short one is not found."""

    def __init__(self) -> None:
        super().__init__(1, 1024, NAME_PATTERN)

    def accepts(self, value: Any) -> bool:
        return type(value) is str and super().accepts(table_name(value))

    def check(self, value: str, path: str, problems: Problems) -> None:
        super().check(table_name(value), path, problems)


SHAPE = input_shape("UpdateTimeToLive", members={"TableName": TableArn()})


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Turn the expiry of items on or off."""
    specification = request["TimeToLiveSpecification"]
    attribute, enabled = specification["AttributeName"], specification["Enabled"]
    schema = get_schema(call, table_name(request["TableName"]))
    writes = WriteSet()
    update_time_to_live(call, writes, schema, attribute, enabled=enabled)
    return {"TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": attribute}}, writes


OPERATION = Operation("UpdateTimeToLive", SHAPE, run, BARE)
