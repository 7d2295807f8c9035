"""PutItem: replace a whole item, or create it."""

from orjson import Fragment

from dynemu._core.codec import row_body
from dynemu._core.values import normalise_item
from dynemu.engine.call import Call
from dynemu.engine.capacity import start_consumption
from dynemu.engine.keys import check_index_keys, get_item_row_key
from dynemu.engine.writes import TOO_BIG, Target
from dynemu.errors import validation
from dynemu.expressions.bind import bind
from dynemu.limits import ITEM_BYTES
from dynemu.operations import members
from dynemu.operations.api import input_shape
from dynemu.operations.item_writes import LEGACY, answer_write, check_return_old, get_condition
from dynemu.operations.operation import ENVELOPE, Answer, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("PutItem", order=("TableName", "Item", *members.WRITE_ENUMS), shapes=members.ITEM_SHAPES)


def run(call: Call, request: Request) -> Answer:
    item = request["Item"]
    size = normalise_item(item)
    bound = bind(request, ("ConditionExpression",), LEGACY)
    check_return_old(request)
    condition, values = get_condition(request, bound)
    if size > ITEM_BYTES:
        raise validation(TOO_BIG)
    bound.check_unused()
    table = call.get_table(request["TableName"])
    row_key = get_item_row_key(table, item)
    if table.indexes:
        check_index_keys(table, item)
    target = Target(call.view, table, row_key)
    target.check(condition, values, request.get("ReturnValuesOnConditionCheckFailure"))
    writes = WriteSet()
    consumption = start_consumption(table, request.get("ReturnConsumedCapacity"))
    target.replace(item, writes, consumption, size)
    old = None
    if request.get("ReturnValues") == "ALL_OLD" and target.row is not None:
        old = Fragment(row_body(target.row))
    return answer_write(call, request, table, item, old, consumption), writes


OPERATION = Operation("PutItem", SHAPE, run, ENVELOPE)
