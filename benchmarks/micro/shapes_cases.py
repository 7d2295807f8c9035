"""dynemu._core.shapes against checking the same members by hand."""

from typing import Any

from benchmarks.micro.timing import Cases
from dynemu._core.scalars import Name, String
from dynemu._core.shapes import Map, Structure, Value

SHAPE = Structure(
    {
        "TableName": Name(),
        "Key": Map(Value()),
        "ConditionExpression": String(),
        "ExpressionAttributeValues": Map(Value()),
        "ReturnValues": String(enum=("NONE", "ALL_OLD")),
    },
    required=("TableName", "Key"),
)
REQUEST: dict[str, Any] = {
    "TableName": "things",
    "Key": {"pk": {"S": "a"}, "sk": {"S": "1"}},
    "ConditionExpression": "attribute_exists(pk) AND n > :n",
    "ExpressionAttributeValues": {":n": {"N": "5"}},
    "ReturnValues": "ALL_OLD",
}


def check_by_hand(request: dict[str, Any]) -> bool:
    """Return whether *request* is good, for this one shape."""
    name = request.get("TableName")
    if not isinstance(name, str) or not 3 <= len(name) <= 255:
        return False
    for member in ("Key", "ExpressionAttributeValues"):
        for value in request.get(member, {}).values():
            if not isinstance(value, dict):
                return False
    text = request.get("ConditionExpression")
    return isinstance(text, str) and request.get("ReturnValues") in ("NONE", "ALL_OLD")


def cases() -> Cases:
    """Return the calls to compare."""
    return {"a request of 5 members": (lambda: SHAPE.accepts(REQUEST), lambda: check_by_hand(REQUEST))}
