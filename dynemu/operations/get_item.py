"""GetItem: read one item by its key."""

from orjson import Fragment

from dynemu._core.codec import decode_row, row_body, row_size
from dynemu._core.values import normalise_item
from dynemu.engine.call import Call
from dynemu.engine.capacity import read_units, start_consumption
from dynemu.engine.keys import get_row_key
from dynemu.expressions.bind import bind
from dynemu.expressions.legacy import projection_from_attributes
from dynemu.operations import members
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Answer, Operation, Request
from dynemu.operations.plain_get import get_plainly

SHAPE = input_shape(
    "GetItem", order=("Key", "TableName", "ReturnConsumedCapacity"), shapes=members.ITEM_SHAPES
)


def run(call: Call, request: Request) -> Answer:
    key = request["Key"]
    bound = bind(request, ("ProjectionExpression",), ("AttributesToGet",))
    normalise_item(key)
    projection = bound.projection
    if request.get("AttributesToGet") is not None:
        projection = projection_from_attributes(request["AttributesToGet"])
    bound.check_unused()
    table = call.get_table(request["TableName"])
    consistent = request.get("ConsistentRead") is True
    row = (call.view if consistent else call.eventual).get(get_row_key(table, key))
    response: Request = {}
    if row is not None:
        response["Item"] = (
            Fragment(row_body(row)) if projection is None else projection.apply(decode_row(row))
        )
    consumption = start_consumption(table, request.get("ReturnConsumedCapacity"))
    if consumption is not None:
        size = 0 if row is None else row_size(row)
        consumption.units = read_units(size, consistent)
        response["ConsumedCapacity"] = consumption.report()
    return response, None


OPERATION = Operation("GetItem", SHAPE, run, BARE, get_plainly)
