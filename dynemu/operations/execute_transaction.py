"""ExecuteTransaction: up to 100 PartiQL statements, all reads or all writes, all or nothing."""

from dynemu.engine.call import Call
from dynemu.engine.capacity import Consumption, start_consumption
from dynemu.engine.statements.opening import Statement, read_statement
from dynemu.engine.statements.planning import SelectPlan, WritePlan
from dynemu.engine.statements.selecting import charge_item, get_row_key, pick_item
from dynemu.engine.statements.wording import (
    INDEX_IN_TRANSACTION,
    MIXED_TRANSACTION,
    PARTIAL_TRANSACTION_KEY,
    RETURNING_IN_TRANSACTION,
    in_transaction,
)
from dynemu.engine.statements.writing import make_action
from dynemu.engine.tokens import TokenRecord, find_token, remember_token
from dynemu.engine.transactions import (
    REPEATED,
    Action,
    check_reasons,
    get_reason,
    replay_units,
    write_all,
)
from dynemu.errors import ValidationException, validation
from dynemu.operations.api import input_shape
from dynemu.operations.operation import OLDER, Answer, Operation, Request
from dynemu.operations.transact_write_items import check_size, get_fingerprint, replay

SHAPE = input_shape(
    "ExecuteTransaction", order=("TransactStatements", "ClientRequestToken", "ReturnConsumedCapacity")
)


def run(call: Call, request: Request) -> Answer:
    statements = [
        prepare_at(place, statement) for place, statement in enumerate(request["TransactStatements"])
    ]
    if len({statement.prepared.is_read for statement in statements}) > 1:
        raise validation(MIXED_TRANSACTION)
    plans = [plan_at(call, place, statement) for place, statement in enumerate(statements)]
    selects = [plan for plan in plans if isinstance(plan, SelectPlan)]
    if selects:
        return read_all(call, request, statements, selects), None
    return write_statements(
        call, request, statements, [plan for plan in plans if isinstance(plan, WritePlan)]
    )


def prepare_at(place: int, request: Request) -> Statement:
    """Return the statement at *place* of the request. Raises ValidationException that says where it is."""
    try:
        return read_statement(request)
    except ValidationException as error:
        raise in_transaction(place, error) from None


def plan_at(call: Call, place: int, statement: Statement) -> SelectPlan | WritePlan:
    """Return the plan of the statement at *place*, which must be about one item. Raises AwsError."""
    try:
        plan = statement.plan(call)
        if isinstance(plan, SelectPlan) and plan.source.rows is not None:
            raise validation(INDEX_IN_TRANSACTION)
        if isinstance(plan, SelectPlan) and (not plan.key or plan.filter is not None):
            raise validation(PARTIAL_TRANSACTION_KEY)
        if isinstance(plan, WritePlan) and plan.returns is not None:
            raise validation(RETURNING_IN_TRANSACTION)
    except ValidationException as error:
        raise in_transaction(place, error) from None
    return plan


def read_all(call: Call, request: Request, statements: list[Statement], plans: list[SelectPlan]) -> Request:
    """Return the response to a transaction of reads."""
    reasons: list[Request] = [{"Code": "None"} for _ in plans]
    row_keys: list[bytes] = []
    for place, (statement, plan) in enumerate(zip(statements, plans, strict=True)):
        try:
            row_keys.append(get_row_key(plan, statement.values))
        except ValidationException as error:
            reasons[place] = get_reason(error)
    if len(set(row_keys)) < len(row_keys):
        raise validation(REPEATED)
    check_reasons(reasons)
    responses: list[Request] = []
    consumptions: dict[str, Consumption] = {}
    for row, statement, plan in zip(call.view.get_many(row_keys), statements, plans, strict=True):
        item = None if row is None else pick_item(plan, statement.values, row)
        responses.append({} if item is None else {"Item": item})
        consumption = consumptions.get(plan.table.name) or start_consumption(
            plan.table, request.get("ReturnConsumedCapacity"), "ReadCapacityUnits"
        )
        if consumption is not None:
            consumptions[plan.table.name] = consumption
            charge_item(consumption, row, consistent=True)
    for consumption in consumptions.values():
        consumption.units *= 2
    return {"Responses": responses, **report(consumptions)}


def write_statements(
    call: Call, request: Request, statements: list[Statement], plans: list[WritePlan]
) -> Answer:
    """Answer a transaction of writes."""
    actions: list[Action] = []
    for place, (statement, plan) in enumerate(zip(statements, plans, strict=True)):
        try:
            actions.append(make_action(statement, plan))
        except ValidationException as error:
            raise in_transaction(place, error) from None
    check_size(actions)
    tables = [plan.table for plan in plans]
    token = request.get("ClientRequestToken")
    fingerprint = "" if token is None else get_fingerprint(request["TransactStatements"])
    if token is not None:
        record = find_token(call.view, token, call.now)
        if record is not None:
            return {"Responses": [], **replay(request, record, fingerprint, tables)}, None
    consumptions: dict[str, Consumption] = {}
    for table in tables:
        consumption = start_consumption(table, request.get("ReturnConsumedCapacity"), "WriteCapacityUnits")
        if consumption is not None:
            consumptions[table.name] = consumption
    writes = write_all(call, actions, tables, consumptions)
    if token is not None:
        units = replay_units(actions, (table.name for table in tables))
        remember_token(call.view, writes, token, TokenRecord(fingerprint, units), call.now)
    return {"Responses": [], **report(consumptions)}, writes


def report(consumptions: dict[str, Consumption]) -> Request:
    """Return the member of a response that says what was consumed, if that is asked for."""
    if not consumptions:
        return {}
    return {"ConsumedCapacity": [consumption.report() for consumption in consumptions.values()]}


OPERATION = Operation("ExecuteTransaction", SHAPE, run, OLDER)
