"""TransactWriteItems: up to 100 puts, updates, deletes and condition checks, all or nothing."""

import orjson

from dynemu._core.values import normalise_item
from dynemu.engine.call import Call
from dynemu.engine.capacity import Consumption, start_consumption
from dynemu.engine.table import Table
from dynemu.engine.tokens import TokenRecord, find_token, remember_token
from dynemu.engine.transactions import Action, replay_units, write_all
from dynemu.engine.writes import TOO_BIG, collection_metrics
from dynemu.errors import IdempotentParameterMismatchException, validation
from dynemu.expressions.bind import bind
from dynemu.limits import ITEM_BYTES, TRANSACTION_BYTES
from dynemu.operations import members
from dynemu.operations.api import input_shape
from dynemu.operations.operation import OLDER, Answer, Operation, Request

KINDS = ("ConditionCheck", "Put", "Delete", "Update")
SHAPE = input_shape("TransactWriteItems", shapes=members.ACTION_SHAPES)


def run(call: Call, request: Request) -> Answer:
    elements = request["TransactItems"]
    prepared = [[prepare(kind, element[kind]) for kind in KINDS if element.get(kind)] for element in elements]
    for kinds in prepared:
        if len(kinds) > 1:
            raise validation("TransactItems can only contain one of Check, Put, Update or Delete")
        if not kinds:
            raise validation(
                "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
            )
    actions = [kinds[0] for kinds in prepared]
    check_size(actions)
    tables = [call.get_table(action.name) for action in actions]
    token = request.get("ClientRequestToken")
    fingerprint = "" if token is None else get_fingerprint(elements)
    if token is not None:
        record = find_token(call.view, token, call.now)
        if record is not None:
            return replay(request, record, fingerprint, tables), None
    mode = request.get("ReturnConsumedCapacity")
    consumptions: dict[str, Consumption] = {}
    for table in tables:
        consumption = start_consumption(table, mode, "WriteCapacityUnits")
        if consumption is not None:
            consumptions[table.name] = consumption
    writes = write_all(call, actions, tables, consumptions)
    if token is not None:
        units = replay_units(actions, (table.name for table in tables))
        remember_token(call.view, writes, token, TokenRecord(fingerprint, units), call.now)
    response: Request = {}
    if consumptions:
        response["ConsumedCapacity"] = [consumption.report() for consumption in consumptions.values()]
    if request.get("ReturnItemCollectionMetrics") == "SIZE":
        metrics = collect_metrics(call, actions, tables)
        if metrics:
            response["ItemCollectionMetrics"] = metrics
    return response, writes


def prepare(kind: str, request: Request) -> Action:
    """Check one action as far as that needs no table. Raises ValidationException."""
    item: Request = request["Item" if kind == "Put" else "Key"]
    size = normalise_item(item)
    if size > ITEM_BYTES:
        raise validation(TOO_BIG)
    expressions = (
        ("UpdateExpression", "ConditionExpression") if kind == "Update" else ("ConditionExpression",)
    )
    bound = bind(request, expressions)
    bound.check_unused()
    on_failure = request.get("ReturnValuesOnConditionCheckFailure")
    name, size = request["TableName"], size if kind == "Put" else 0
    return Action(kind, name, item, bound.condition, bound.update, bound.values, on_failure, size)


def check_size(actions: list[Action]) -> None:
    """Raise ValidationException when the items of the request are over 4 MB together."""
    if len(actions) * ITEM_BYTES <= TRANSACTION_BYTES:
        return
    size = sum(normalise_item(action.item) for action in actions)
    if size > TRANSACTION_BYTES:
        raise validation(f"Transaction request size cannot exceed {TRANSACTION_BYTES} bytes")


def get_fingerprint(elements: list[Request]) -> str:
    """Return a digest that two requests share when they ask for the same actions."""
    from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, 4 MB

    return sha256(orjson.dumps(elements, option=orjson.OPT_SORT_KEYS)).hexdigest()


def replay(request: Request, record: TokenRecord, fingerprint: str, tables: list[Table]) -> Request:
    """Return the response to a request that was answered before.

    Raises: IdempotentParameterMismatchException when it was another request.
    """
    if record.fingerprint != fingerprint:
        raise IdempotentParameterMismatchException(
            "DynamoDB rejected the request because you retried a request with a different payload but with "
            "an idempotent token that was already used."
        )
    response: Request = {}
    reports = []
    for table in {table.name: table for table in tables}.values():
        consumption = start_consumption(table, request.get("ReturnConsumedCapacity"), "ReadCapacityUnits")
        if consumption is not None:
            consumption.units = record.units.get(table.name, 0.0)
            reports.append(consumption.report())
    if reports:
        response["ConsumedCapacity"] = reports
    return response


def collect_metrics(call: Call, actions: list[Action], tables: list[Table]) -> dict[str, list[Request]]:
    """Return ItemCollectionMetrics by table, once for each collection."""
    found: dict[str, dict[str, Request]] = {}
    for action, table in zip(actions, tables, strict=True):
        metrics = collection_metrics(call.view, table, action.item)
        if metrics is not None:
            found.setdefault(table.name, {})[repr(metrics["ItemCollectionKey"])] = metrics
    return {name: list(by_key.values()) for name, by_key in found.items()}


OPERATION = Operation("TransactWriteItems", SHAPE, run, OLDER)
