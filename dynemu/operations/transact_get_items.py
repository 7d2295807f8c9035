"""TransactGetItems: read up to 100 items as they are at one moment."""

from orjson import Fragment

from dynemu._core.codec import decode_row, row_body, row_size
from dynemu._core.values import normalise_item
from dynemu.engine.call import Call
from dynemu.engine.capacity import Consumption, read_units, start_consumption
from dynemu.engine.keys import get_row_key
from dynemu.engine.transactions import REPEATED, check_reasons, get_reason
from dynemu.errors import ValidationException, validation
from dynemu.expressions.bind import bind
from dynemu.operations import members
from dynemu.operations.api import input_shape
from dynemu.operations.operation import OLDER, Answer, Operation, Request

SHAPE = input_shape("TransactGetItems", shapes=members.ACTION_SHAPES)


def run(call: Call, request: Request) -> Answer:
    gets = [element["Get"] for element in request["TransactItems"]]
    projections = []
    for get in gets:
        normalise_item(get["Key"])
        bound = bind(get, ("ProjectionExpression",))
        bound.check_unused()
        projections.append(bound.projection)
    tables = [call.get_table(get["TableName"]) for get in gets]
    reasons: list[Request] = [{"Code": "None"} for _ in gets]
    row_keys: list[bytes] = []
    for place, (get, table) in enumerate(zip(gets, tables, strict=True)):
        try:
            row_keys.append(get_row_key(table, get["Key"]))
        except ValidationException as error:
            reasons[place] = get_reason(error)
    if len(set(row_keys)) < len(row_keys):
        raise validation(REPEATED)
    check_reasons(reasons)
    responses: list[Request] = []
    consumptions: dict[str, Consumption] = {}
    for row, table, projection in zip(call.view.get_many(row_keys), tables, projections, strict=True):
        if row is None:
            responses.append({})
        else:
            item = Fragment(row_body(row)) if projection is None else projection.apply(decode_row(row))
            responses.append({"Item": item})
        consumption = consumptions.get(table.name)
        if consumption is None:
            consumption = start_consumption(table, request.get("ReturnConsumedCapacity"), "ReadCapacityUnits")
        if consumption is not None:
            consumptions[table.name] = consumption
            consumption.units += 2 * read_units(0 if row is None else row_size(row), consistent=True)
    response: Request = {"Responses": responses}
    if consumptions:
        response["ConsumedCapacity"] = [consumption.report() for consumption in consumptions.values()]
    return response, None


OPERATION = Operation("TransactGetItems", SHAPE, run, OLDER)
