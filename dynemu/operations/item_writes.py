"""What PutItem, UpdateItem and DeleteItem share: their conditions and the common members of their answers."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.capacity import Consumption
from dynemu.engine.table import Table
from dynemu.engine.writes import collection_metrics
from dynemu.errors import request_error
from dynemu.expressions.bind import Bound
from dynemu.expressions.legacy import check_conditional_operator, condition_from_expected

Request = dict[str, Any]

LEGACY = ("Expected", "ConditionalOperator")


def check_return_old(request: Request) -> None:
    """Raise ValidationException unless ReturnValues is one that a put or delete can answer."""
    if request.get("ReturnValues") not in (None, "NONE", "ALL_OLD"):
        raise request_error("ReturnValues can only be ALL_OLD or NONE")


def get_condition(request: Request, bound: Bound) -> tuple[Any, dict[str, Any]]:
    """Return the condition of a write, from its expression or from Expected, with the values it refers to."""
    expected = request.get("Expected")
    if expected is None:
        check_conditional_operator(request)
        return bound.condition, bound.values
    return condition_from_expected(expected, request.get("ConditionalOperator"))


def answer_write(
    call: Call,
    request: Request,
    table: Table,
    item: Request,
    attributes: Any,
    consumption: Consumption | None,
) -> Request:
    """Return the response of a write of *item*: Attributes (when there are any), capacity and metrics."""
    response: Request = {}
    if attributes:
        response["Attributes"] = attributes
    if consumption is not None:
        response["ConsumedCapacity"] = consumption.report()
    if request.get("ReturnItemCollectionMetrics") == "SIZE":
        metrics = collection_metrics(call.view, table, item)
        if metrics is not None:
            response["ItemCollectionMetrics"] = metrics
    return response
