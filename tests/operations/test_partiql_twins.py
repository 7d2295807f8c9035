"""Thousands of random statements and the native requests that mean the same: one answer."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from dynemu.engine.database import Engine
from dynemu.errors import AwsError
from dynemu.storage.memory import MemoryStore
from tests.operations.conftest import ManualClock, Requests
from tests.operations.statement_twins import random_item, random_key, random_select, random_write

SELECTS = 2500
WRITES = 2000
ENVELOPE = "1 validation error detected: "
KINDS = ("Filter", "Projection", "Condition", "Update", "KeyCondition")
INDEXES: dict[str, Any] = {
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-g",
            "KeySchema": [
                {"AttributeName": "g", "KeyType": "HASH"},
                {"AttributeName": "n", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]},
        }
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by-n",
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "n", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
}


def open_tables() -> Requests:
    clock = ManualClock()
    requests = Requests(Engine(MemoryStore(), clock=clock), clock)
    requests.create(range="sk:N", attributes={"g": "S", "n": "N"}, **INDEXES)
    return requests


@pytest.fixture
def database() -> Iterator[Requests]:
    requests = open_tables()
    yield requests
    requests.engine.close()


@pytest.fixture
def other() -> Iterator[Requests]:
    requests = open_tables()
    yield requests
    requests.engine.close()


def answer(requests: Requests, operation: str, request: dict[str, Any]) -> Any:
    """Return the response, or the code and message of the error without what only expressions have."""
    try:
        return requests(operation, **request)
    except AwsError as error:
        message = (error.message or "").removeprefix(ENVELOPE)
        for kind in KINDS:
            message = message.removeprefix(f"Invalid {kind}Expression: ")
        return error.code, message


def same_error(found: Any, native: Any) -> bool:
    """Tell whether both are errors and the same one, but for the names that statements have for it."""
    if found[1].startswith("Key attribute's data type"):
        return bool(native[0] == "ValidationException" and " match " in native[1])
    if found[0] == "DuplicateItemException":
        return bool(native[0] == "ConditionalCheckFailedException")
    return bool(found == native)


def test_selects(database: Requests) -> None:
    chance = Random(181)
    for _ in range(60):
        database.put(**random_item(chance, random_key(chance)))
    outcomes = {"items": 0, "nothing": 0, "error": 0, "more": 0}
    for _ in range(SELECTS):
        request, operation, twin = random_select(chance)
        found, native = answer(database, "ExecuteStatement", request), answer(database, operation, twin)
        if isinstance(found, tuple) or isinstance(native, tuple):
            assert same_error(found, native), (request, twin, found, native)
            outcomes["error"] += 1
            continue
        assert found["Items"] == native["Items"], (request, twin)
        assert found["ConsumedCapacity"] == native["ConsumedCapacity"], (request, twin)
        if "NextToken" in found:
            assert found["LastEvaluatedKey"] == native["LastEvaluatedKey"]
            outcomes["more"] += 1
        outcomes["items" if found["Items"] else "nothing"] += 1
    assert min(outcomes.values()) > SELECTS // 50, outcomes


def test_writes(database: Requests, other: Requests) -> None:
    chance = Random(182)
    outcomes: dict[str, int] = {}
    for turn in range(WRITES):
        request, operation, twin = random_write(chance)
        found, native = answer(database, "ExecuteStatement", request), answer(other, operation, twin)
        if isinstance(found, tuple) or isinstance(native, tuple):
            assert same_error(found, native), (request, twin, found, native)
            outcomes[found[0]] = outcomes.get(found[0], 0) + 1
            continue
        attributes = native.get("Attributes")
        assert found["Items"] == ([] if attributes is None else [attributes]), (request, twin)
        assert found["ConsumedCapacity"] == native["ConsumedCapacity"], (request, twin)
        outcomes[operation] = outcomes.get(operation, 0) + 1
        if turn % 100 == 0:
            for index in ({}, {"IndexName": "by-g"}, {"IndexName": "by-n"}):
                assert database("Scan", TableName="things", **index) == other(
                    "Scan", TableName="things", **index
                )
    assert sorted(outcomes) == [
        "ConditionalCheckFailedException",
        "DeleteItem",
        "DuplicateItemException",
        "PutItem",
        "UpdateItem",
        "ValidationException",
    ]
    assert min(outcomes.values()) > WRITES // 50, outcomes
