"""ListGlobalTables."""

from itertools import islice
from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.global_tables import list_global_tables
from dynemu.limits import TABLES_PER_PAGE
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("ListGlobalTables")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """List the global tables of version 2017.11.29 in the order of their names' UTF-8 bytes."""
    limit = request.get("Limit") or TABLES_PER_PAGE
    found = list_global_tables(call, request.get("ExclusiveStartGlobalTableName"), request.get("RegionName"))
    page = list(islice(found, limit + 1))
    answer: dict[str, Any] = {
        "GlobalTables": [
            {
                "GlobalTableName": name,
                "ReplicationGroup": [{"RegionName": region} for region in document["replicas"]],
            }
            for name, document in page[:limit]
        ]
    }
    if len(page) > limit:
        answer["LastEvaluatedGlobalTableName"] = page[limit - 1][0]
    return answer, None


OPERATION = Operation("ListGlobalTables", SHAPE, run, BARE)
