"""UpdateContributorInsights."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.insights import ALL_KEYS, find_part, update_insights
from dynemu.engine.tables import get_schema
from dynemu.operations.arn_shapes import arn_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = arn_shape("UpdateContributorInsights")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Turn the watching of a table or index on or off.

    NOTE: a request without a mode asks for the default one, whatever the mode was before.
    """
    schema = get_schema(call, table_name(request["TableName"]))
    part = find_part(schema, request.get("IndexName"))
    enables = request["ContributorInsightsAction"] == "ENABLE"
    mode = (request.get("ContributorInsightsMode") or ALL_KEYS) if enables else None
    writes = WriteSet()
    return update_insights(call, writes, schema, part, mode), writes


OPERATION = Operation("UpdateContributorInsights", SHAPE, run, BARE)
