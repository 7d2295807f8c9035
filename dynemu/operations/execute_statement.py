"""ExecuteStatement: one PartiQL statement, a read of any size or the write of one item."""

from dynemu.engine.call import Call
from dynemu.engine.capacity import start_consumption
from dynemu.engine.statements.opening import Statement, read_statement
from dynemu.engine.statements.planning import SelectPlan, WritePlan
from dynemu.engine.statements.selecting import (
    charge_item,
    charge_select,
    check_consistency,
    get_row_key,
    pick_item,
    read_select,
)
from dynemu.engine.statements.tokens import read_token, write_token
from dynemu.engine.statements.wording import EXISTS_OUTSIDE
from dynemu.engine.statements.writing import make_action, pick_returned
from dynemu.errors import validation
from dynemu.operations.api import input_shape
from dynemu.operations.operation import OLDER, Answer, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape(
    "ExecuteStatement",
    order=(
        "ReturnValuesOnConditionCheckFailure",
        "Limit",
        "Statement",
        "ReturnConsumedCapacity",
        "Parameters",
    ),
)


def run(call: Call, request: Request) -> Answer:
    statement = read_statement(request)
    if statement.prepared.is_exists:
        raise validation(EXISTS_OUTSIDE)
    plan = statement.plan(call)
    if isinstance(plan, WritePlan):
        return write(call, request, statement, plan)
    if plan.key and request.get("NextToken") is None:
        return get(call, request, statement.values, plan), None
    return select(call, request, statement, plan), None


def get(call: Call, request: Request, values: Request, plan: SelectPlan) -> Request:
    """Return the response to a SELECT that can only mean one item."""
    consistent = request.get("ConsistentRead") is True
    row = (call.view if consistent else call.eventual).get(get_row_key(plan, values))
    item = None if row is None else pick_item(plan, values, row)
    response: Request = {"Items": [] if item is None else [item]}
    consumption = start_consumption(plan.table, request.get("ReturnConsumedCapacity"))
    if consumption is not None:
        charge_item(consumption, row, consistent)
        response["ConsumedCapacity"] = consumption.report()
    return response


def select(call: Call, request: Request, statement: Statement, plan: SelectPlan) -> Request:
    """Return the response to a SELECT of any other kind, a page of it."""
    consistent = request.get("ConsistentRead") is True
    check_consistency(plan, consistent)
    token = request.get("NextToken")
    after = None if token is None else read_token(statement, plan.table, token)
    view = call.view if consistent else call.eventual
    selection = read_select(view, plan, statement.values, request.get("Limit"), after)
    response: Request = {"Items": selection.items()}
    if selection.next is not None:
        response["NextToken"] = write_token(statement, plan.table, selection.next)
        if selection.next.key is not None:
            response["LastEvaluatedKey"] = selection.next.key
    consumption = start_consumption(plan.table, request.get("ReturnConsumedCapacity"))
    if consumption is not None:
        charge_select(consumption, plan, selection, consistent)
        response["ConsumedCapacity"] = consumption.report()
    return response


def write(call: Call, request: Request, statement: Statement, plan: WritePlan) -> Answer:
    """Answer an INSERT, UPDATE or DELETE."""
    action = make_action(statement, plan)
    action.locate(call, plan.table)
    consumption = start_consumption(plan.table, request.get("ReturnConsumedCapacity"))
    writes = WriteSet()
    action.apply(writes, consumption)
    response: Request = {"Items": pick_returned(plan, action)}
    if consumption is not None:
        response["ConsumedCapacity"] = consumption.report()
    return response, writes


OPERATION = Operation("ExecuteStatement", SHAPE, run, OLDER)
