"""The short way of Query and Scan gives what the operation gives, or leaves the request to it."""

import random
from typing import Any

import orjson
import pytest

from dynemu.config import Settings
from dynemu.engine.database import Engine
from dynemu.operations import find_operation
from dynemu.operations.dispatch import call
from dynemu.storage.memory import MemoryStore
from tests.operations.conftest import ACCOUNT, REGION, ManualClock, Requests, outcome

INDEXES = {
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-kind",
            "KeySchema": [
                {"AttributeName": "kind", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["weight"]},
        }
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by-weight",
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "weight", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
}
IN_A = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}
OF_KIND = {
    "IndexName": "by-kind",
    "KeyConditionExpression": "kind = :k",
    "ExpressionAttributeValues": {":k": {"S": "x"}},
}
RANGES = (
    "sk = :v",
    "sk < :v",
    "sk <= :v",
    "sk > :v",
    "sk >= :v",
    "sk BETWEEN :v AND :w",
    "sk BETWEEN :w AND :v",
    "begins_with(sk, :v)",
)
FILTERS = (
    "weight > :f",
    "NOT weight BETWEEN :f AND :g",
    "attribute_type(nest, :t)",
    "contains(tags, :c) OR weight = :f",
    "sk > :f",
    "other = :f",
    "begins_with(weight, :f)",
)
PROJECTIONS = ("sk, weight", "nest.deep[1], #k", "#k", "other", "sk, sk")
STARTS = (
    {"pk": {"S": "a"}, "sk": {"N": "3.0"}},
    {"pk": {"S": "a"}, "sk": {"N": "3"}, "kind": {"S": "x"}},
    {"pk": {"S": "b"}, "sk": {"N": "3"}},
    {"pk": {"S": "a"}},
    {"pk": {"S": ["a"]}, "sk": {"N": "3"}},
)
VALUES = {
    ":v": ({"N": "3"}, {"N": "4.0"}, {"S": "3"}, {"N": "three"}),
    ":w": ({"N": "7"}, {"N": "2"}),
    ":f": ({"N": "2"}, {"N": "1e0"}, {"S": "2"}, {}),
    ":g": ({"N": "5"}, {"N": "1"}, {"S": "5"}),
    ":t": ({"S": "M"}, {"S": "Q"}, {"N": "1"}),
    ":c": ({"S": "red"}, {"S": "blue"}),
    ":p": ({"S": "a"}, {"S": "b"}, {"S": ""}, {"N": "1"}),
    ":k": ({"S": "x"}, {"S": "y"}),
}
OTHERS: dict[str, tuple[Any, ...]] = {
    "TableName": ("things", "nothing", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/things", None, 1),
    "Limit": (1, 4, 0, "1"),
    "ScanIndexForward": (False, True, None),
    "ConsistentRead": (True, False, "true"),
    "Select": ("COUNT", "ALL_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "ALL"),
    "ReturnConsumedCapacity": ("TOTAL", "INDEXES", "NONE", "SOME"),
    "IndexName": ("by-kind", "by-weight", "none"),
    "ExclusiveStartKey": STARTS,
    "Segment": (0, 1, 2),
    "TotalSegments": (2, 3),
    "AttributesToGet": (["pk"],),
    "ConditionalOperator": ("AND",),
    "Unknown": ("x",),
}


@pytest.fixture
def things(db: Requests) -> Requests:
    db.create(range="sk:N", attributes={"kind": "S", "weight": "N"}, **INDEXES)
    db.clock.time += 60
    for place in range(12):
        db.put(
            pk={"S": "ab"[place % 2]},
            sk={"N": str(place)},
            kind={"S": "xy"[place // 6]},
            weight={"N": str(place % 5)},
            nest={"M": {"deep": {"L": [{"S": "no"}, {"S": 'es"caped\\'}]}}},
            tags={"SS": ["green", "red"] if place % 3 else ["blue"]},
        )
    return db


def both(db: Requests, operation: str, request: dict[str, Any]) -> tuple[Any, Any]:
    """Return what the operation answers, which is also so after the short way; and what that answers."""
    found = find_operation(operation)
    assert found is not None and found.plain is not None
    text = orjson.dumps(request)
    expected = outcome(call, db.engine, operation, orjson.loads(text), REGION, ACCOUNT)
    looked_at = orjson.loads(text)
    plainly = found.plain(db.engine, looked_at)
    assert outcome(call, db.engine, operation, looked_at, REGION, ACCOUNT) == expected
    assert plainly is None or plainly == expected
    return expected, plainly


def draw_request(draw: random.Random, operation: str) -> dict[str, Any]:
    """Return a request that is right more often than not."""
    request: dict[str, Any] = {"TableName": "things"}
    texts = []
    if operation == "Query":
        texts.append("kind = :k" if draw.random() < 0.3 else "pk = :p")
        if "kind" in texts[0]:
            request["IndexName"] = "by-kind"
        if draw.random() < 0.6:
            texts[0] += f" AND {draw.choice(RANGES)}"
        request["KeyConditionExpression"] = texts[0]
    if draw.random() < 0.5:
        texts.append(draw.choice(FILTERS))
        request["FilterExpression"] = texts[-1]
    if draw.random() < 0.4:
        texts.append(draw.choice(PROJECTIONS))
        request["ProjectionExpression"] = texts[-1]
    if "#k" in "".join(texts) or draw.random() < 0.05:
        request["ExpressionAttributeNames"] = {"#k": "kind"}
    used = {name: draw.choice(values) for name, values in VALUES.items() if name in "".join(texts)}
    if used or draw.random() < 0.05:
        request["ExpressionAttributeValues"] = used
    for name, values in OTHERS.items():
        if draw.random() < 0.07:
            request[name] = draw.choice(values)
    return request


@pytest.mark.parametrize("operation", ["Query", "Scan"])
@pytest.mark.parametrize("seed", range(5))
def test_any_request_is_answered_as_the_operation_does(things: Requests, operation: str, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(150):
        both(things, operation, draw_request(draw, operation))


PLAIN: dict[str, tuple[str, dict[str, Any]]] = {
    "a partition": ("Query", IN_A),
    "an index": ("Query", {**OF_KIND, "Limit": 2, "ScanIndexForward": False}),
    "what follows a key": ("Query", {**IN_A, "ExclusiveStartKey": STARTS[0]}),
    "a filter": (
        "Scan",
        {"FilterExpression": "weight > :n", "ExpressionAttributeValues": {":n": {"N": "1"}}},
    ),
    "a count": ("Scan", {"Select": "COUNT", "ReturnConsumedCapacity": "TOTAL", "Limit": 5}),
    "a segment": ("Scan", {"Segment": 1, "TotalSegments": 3}),
    "a projection": ("Scan", {"ProjectionExpression": "pk, nest.deep[1]", "ConsistentRead": True}),
    "nothing": ("Query", {**IN_A, "ExpressionAttributeValues": {":p": {"S": "none"}}}),
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_request_is_answered_shortly(things: Requests, name: str) -> None:
    operation, members = PLAIN[name]
    answers = [both(things, operation, {"TableName": "things", **members}) for _ in range(20)]
    # A store that makes trouble may have the operation look at anything.
    assert any(plainly is not None for _, plainly in answers)


def test_pages_follow_each_other(things: Requests) -> None:
    request: dict[str, Any] = {"TableName": "things", "Limit": 5}
    found = []
    for _ in range(3):
        expected, _plainly = both(things, "Scan", request)
        page = orjson.loads(expected)
        found += page["Items"]
        request["ExclusiveStartKey"] = page.get("LastEvaluatedKey")
    assert len(found) == 12
    assert "LastEvaluatedKey" not in page


def test_a_table_that_is_made_anew_is_read_as_it_is_then(things: Requests) -> None:
    request = {"TableName": "things", **OF_KIND, "ProjectionExpression": "weight"}
    before, _ = both(things, "Query", request)
    assert orjson.loads(before)["Count"] == 6
    things("DeleteTable", TableName="things")
    things.clock.time += 60
    things.create(range="sk:S")
    things.clock.time += 60
    after, plainly = both(things, "Query", request)
    assert "does not have the specified index" in after["message"]
    assert plainly is None


def test_an_index_is_found_once_it_is_there_and_lost_with_a_rollback() -> None:
    clock = ManualClock()
    db = Requests(Engine(MemoryStore(), Settings(), clock), clock)
    db.create(range="sk:S")
    db.clock.time += 60
    db.put(pk={"S": "a"}, sk={"S": "1"}, kind={"S": "x"})
    request = {"TableName": "things", **OF_KIND}
    both(db, "Query", request)
    db.engine.savepoint("before")
    index = {**INDEXES["GlobalSecondaryIndexes"][0], "Projection": {"ProjectionType": "ALL"}}
    index["KeySchema"] = [{"AttributeName": "kind", "KeyType": "HASH"}]
    db(
        "UpdateTable",
        TableName="things",
        AttributeDefinitions=[{"AttributeName": "kind", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": index}],
    )
    both(db, "Query", request)
    while db.engine.has_work:
        db.engine.work(1.0)
    db.clock.time += 60
    found, _ = both(db, "Query", request)
    assert orjson.loads(found)["Count"] == 1
    db.engine.rollback("before")
    lost, plainly = both(db, "Query", request)
    assert "does not have the specified index" in lost["message"]
    assert plainly is None


def test_a_read_that_may_be_stale_is_left_to_the_operation(things: Requests) -> None:
    things.engine.simulate("lagged")
    operation = find_operation("Query")
    assert operation is not None and operation.plain is not None
    assert operation.plain(things.engine, {"TableName": "things", **IN_A}) is None
