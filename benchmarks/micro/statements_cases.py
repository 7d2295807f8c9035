"""PartiQL statements against the native requests that mean the same, in place of straightforward Python.

The whole of both is timed, from the request's JSON to that of the response. A statement that was not seen
before is timed against its tokens alone.
"""

from itertools import count
from typing import Any

import orjson

from benchmarks.micro.items import order
from benchmarks.micro.timing import Cases
from dynemu.engine.database import Engine
from dynemu.engine.statements.preparing import prepare
from dynemu.operations.dispatch import call
from dynemu.storage.memory import MemoryStore
from partiql import parse
from partiql.lexer import StatementLexer

ITEMS = 1000
TABLE = "orders"
KEY = "WHERE pk = ? AND sk = ?"


def cases() -> Cases:
    """Return the calls to compare."""
    engine = Engine(MemoryStore())

    def answer(operation: str, request: dict[str, Any]) -> Any:
        body = orjson.dumps(request)
        return lambda: orjson.dumps(call(engine, operation, orjson.loads(body), "us-east-1", "1"))

    def statement(text: str, *parameters: Any) -> Any:
        return answer("ExecuteStatement", {"Statement": text, "Parameters": parameters})

    keys = [{"AttributeName": name, "KeyType": role} for name, role in (("pk", "HASH"), ("sk", "RANGE"))]
    definitions = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
    definition = {"KeySchema": keys, "AttributeDefinitions": definitions, "BillingMode": "PAY_PER_REQUEST"}
    answer("CreateTable", {"TableName": TABLE, **definition})()
    for number in range(ITEMS):
        item = {**order(), "pk": {"S": f"user#{number}"}, "sk": {"S": "order"}, "n": {"N": "1"}}
        answer("PutItem", {"TableName": TABLE, "Item": item})()
    key = {"pk": {"S": "user#7"}, "sk": {"S": "order"}}
    one = {"TableName": TABLE, "Key": key}
    where = {
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :p",
        "FilterExpression": "n > :n",
        "ExpressionAttributeValues": {":p": key["pk"], ":n": {"N": "0"}},
    }
    change = {
        **one,
        "UpdateExpression": "SET n = n + :n",
        "ConditionExpression": "attribute_exists(pk)",
        "ExpressionAttributeValues": {":n": {"N": "1"}},
    }
    unseen = (f"SELECT * FROM {TABLE} WHERE pk = 'user#{number}' AND sk = 'order'" for number in count())
    return {
        "select one item": (
            statement(f"SELECT * FROM {TABLE} {KEY}", *key.values()),
            answer("GetItem", one),
        ),
        "select with a filter": (
            statement(f"SELECT * FROM {TABLE} WHERE pk = ? AND n > ?", key["pk"], {"N": "0"}),
            answer("Query", where),
        ),
        "update": (
            statement(f"UPDATE {TABLE} SET n = n + ? {KEY}", {"N": "1"}, *key.values()),
            answer("UpdateItem", change),
        ),
        "select, other literals": (
            lambda: call(engine, "ExecuteStatement", {"Statement": next(unseen)}, "us-east-1", "1"),
            lambda: call(engine, "GetItem", {"TableName": TABLE, "Key": {**key}}, "us-east-1", "1"),
        ),
        "parse, not seen before": (
            lambda: parse(next(unseen)),
            lambda: list(StatementLexer().tokenize(next(unseen))),
        ),
        "prepare, not seen before": (lambda: prepare(next(unseen)), lambda: parse(next(unseen))),
    }
