"""UpdateItem: change attributes of one item, which it creates if it sets any."""

from typing import Any

from dynemu._core.problems import Problems
from dynemu._core.shapes import Structure
from dynemu._core.values import normalise_item
from dynemu.engine.call import Call
from dynemu.engine.capacity import start_consumption
from dynemu.engine.keys import get_row_key
from dynemu.engine.writes import Target, check_key_untouched
from dynemu.errors import ValidationException
from dynemu.expressions.bind import bind
from dynemu.expressions.legacy import update_from_attribute_updates
from dynemu.operations import members
from dynemu.operations.api import input_shape
from dynemu.operations.item_writes import answer_write, get_condition
from dynemu.operations.operation import ENVELOPE, Answer, Operation, Request
from dynemu.storage.base import WriteSet

_LEGACY = ("AttributeUpdates", "Expected", "ConditionalOperator")
_ENUMS = {
    "ReturnValues": True,
    "ReturnValuesOnConditionCheckFailure": False,
    "ReturnItemCollectionMetrics": True,
    "ReturnConsumedCapacity": False,
}
"""The enumerations in the order of UpdateItem's check, and whether the envelope is around its message."""


class UpdateStructure(Structure):
    """A request with a name and a key whose first bad enumeration is reported alone.

    Source: recorded answers, item_collection_metrics and condition_expressions of UpdateItem.
    """

    def check(self, value: Any, path: str, problems: Problems) -> None:
        if value.get("TableName") and value.get("Key") is not None:
            for name, enveloped in _ENUMS.items():
                found = Problems(False)
                if value.get(name) is not None:
                    self.members[name].check(value[name], name[0].lower() + name[1:], found)
                if found.late:
                    raise ValidationException(f"{'1 validation error detected: ' * enveloped}{found.late[0]}")
        super().check(value, path, problems)


SHAPE = input_shape(
    "UpdateItem", order=("TableName", *_ENUMS, "Key"), shapes=members.ITEM_SHAPES, kind=UpdateStructure
)


def run(call: Call, request: Request) -> Answer:
    key = request["Key"]
    normalise_item(key)
    bound = bind(request, ("UpdateExpression", "ConditionExpression"), _LEGACY)
    condition, values = get_condition(request, bound)
    update, update_values = bound.update, bound.values
    if request.get("AttributeUpdates") is not None:
        update, update_values = update_from_attribute_updates(request["AttributeUpdates"])
    bound.check_unused()
    table = call.get_table(request["TableName"])
    target = Target(call.view, table, get_row_key(table, key))
    check_key_untouched(table, update)
    target.look(condition, update)
    target.check(condition, values, request.get("ReturnValuesOnConditionCheckFailure"))
    target.update(key, update, update_values)
    writes = WriteSet()
    consumption = start_consumption(table, request.get("ReturnConsumedCapacity"))
    target.write(writes, consumption)
    attributes = target.pick(request.get("ReturnValues"), update)
    return answer_write(call, request, table, key, attributes, consumption), writes


OPERATION = Operation("UpdateItem", SHAPE, run, ENVELOPE)
