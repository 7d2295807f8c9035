"""SearchVectors: the items of a vector index whose vectors are nearest to a given one."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.vector_search import (
    Found,
    find_nearest,
    get_search_vector,
    get_vector_rows,
    search_bytes,
)
from dynemu.errors import validation
from dynemu.expressions.bind import bind
from dynemu.limits import VECTOR_RESULTS
from dynemu.operations import members
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Answer, Operation, Request

SHAPE = input_shape(
    "SearchVectors",
    order=("TableName", "IndexName", "SearchVector", "TopK"),
    shapes=members.ITEM_SHAPES,
)
_EXPRESSIONS = ("SearchConditionExpression", "ProjectionExpression")


def run(call: Call, request: Request) -> Answer:
    bound = bind(request, _EXPRESSIONS)
    count = request["TopK"]
    if count > VECTOR_RESULTS:
        raise validation(
            f"Provided TopK value '{count}' is out of valid range. The value must be between 1 and "
            f"{VECTOR_RESULTS} inclusive"
        )
    vector = get_search_vector(request["SearchVector"])
    bound.check_unused()
    table = call.get_table(request["TableName"])
    rows = get_vector_rows(table, request["IndexName"])
    found = find_nearest(call.view, rows, vector, count, bound.key_condition)
    attribute = rows.index.attribute
    shows_vectors = bound.projection is not None and attribute in bound.projection.attributes
    response: Request = {
        "SearchResults": [
            {
                "Item": _show(result, attribute if shows_vectors else None, bound.projection),
                "Score": result.score,
            }
            for result in found
        ]
    }
    if request.get("ReturnConsumedCapacity") in ("INDEXES", "TOTAL"):
        size = search_bytes(rows, found, shows_vectors)
        # NOTE: the second one is in no model, but in the answers of the service.
        response["ConsumedCapacity"] = {"VectorSearchRequestBytes": size, "VectorSearchUnits": size}
    return response, None


def _show(result: Found, attribute: str | None, projection: Any) -> Request:
    """Return what of *result* is asked for; *attribute* is the vector's, if that is."""
    item = result.item
    if attribute is not None:
        item[attribute] = result.vector()
    if projection is None:
        return item
    shown: Request = projection.apply(item)
    return shown


OPERATION = Operation("SearchVectors", SHAPE, run, BARE)
