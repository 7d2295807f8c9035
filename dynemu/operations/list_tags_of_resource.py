"""ListTagsOfResource."""

from typing import Any

from dynemu._core.scalars import String
from dynemu._core.shapes import Structure
from dynemu.engine.call import Call
from dynemu.engine.tags import get_tagged, parse_tagged, tags_at
from dynemu.errors import validation
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = Structure({"ResourceArn": String(), "NextToken": String()}, (), "ListTagsOfResourceInput")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """List the tags of a table in the order in which their keys were first set.

    NOTE: AWS gives all fifty that there can be in one page, so no token was ever handed out.
    """
    arn = parse_tagged(request.get("ResourceArn"))
    if request.get("NextToken") is not None:
        raise validation("Invalid NextToken")
    schema = get_tagged(call, arn)
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags_at(schema, arn).items()]}, None


OPERATION = Operation("ListTagsOfResource", SHAPE, run, BARE)
