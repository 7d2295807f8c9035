"""ListTables."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.limits import TABLES_PER_PAGE
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("ListTables")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """List table names in the order of their UTF-8 bytes."""
    limit = request.get("Limit") or TABLES_PER_PAGE
    names = call.catalogue.names(call.view, request.get("ExclusiveStartTableName"), limit + 1, call.now)
    answer: dict[str, Any] = {"TableNames": names[:limit]}
    if len(names) > limit:
        answer["LastEvaluatedTableName"] = names[limit - 1]
    return answer, None


OPERATION = Operation("ListTables", SHAPE, run, BARE)
