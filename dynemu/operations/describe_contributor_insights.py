"""DescribeContributorInsights."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.insights import describe_insights, find_part
from dynemu.engine.tables import get_schema
from dynemu.operations.arn_shapes import arn_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = arn_shape("DescribeContributorInsights")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Say whether a table or index is watched, and by which rules."""
    schema = get_schema(call, table_name(request["TableName"]))
    return describe_insights(schema, find_part(schema, request.get("IndexName")), call.now), None


OPERATION = Operation("DescribeContributorInsights", SHAPE, run, BARE)
