"""DeleteItem: delete one item; deleting nothing is fine."""

from orjson import Fragment

from dynemu._core.codec import row_body
from dynemu._core.values import normalise_item
from dynemu.engine.call import Call
from dynemu.engine.capacity import start_consumption
from dynemu.engine.keys import get_row_key
from dynemu.engine.writes import Target
from dynemu.expressions.bind import bind
from dynemu.operations import members
from dynemu.operations.api import input_shape
from dynemu.operations.item_writes import LEGACY, answer_write, check_return_old, get_condition
from dynemu.operations.operation import ENVELOPE, Answer, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape(
    "DeleteItem", order=("TableName", "Key", *members.WRITE_ENUMS), shapes=members.ITEM_SHAPES
)


def run(call: Call, request: Request) -> Answer:
    key = request["Key"]
    normalise_item(key)
    bound = bind(request, ("ConditionExpression",), LEGACY)
    check_return_old(request)
    condition, values = get_condition(request, bound)
    bound.check_unused()
    table = call.get_table(request["TableName"])
    target = Target(call.view, table, get_row_key(table, key))
    target.check(condition, values, request.get("ReturnValuesOnConditionCheckFailure"))
    writes = WriteSet()
    consumption = start_consumption(table, request.get("ReturnConsumedCapacity"))
    target.replace(None, writes, consumption)
    old = None
    if request.get("ReturnValues") == "ALL_OLD" and target.row is not None:
        old = Fragment(row_body(target.row))
    return answer_write(call, request, table, key, old, consumption), writes


OPERATION = Operation("DeleteItem", SHAPE, run, ENVELOPE)
