"""The short way of GetItem gives what the operation gives, or leaves the request to it."""

from typing import Any

import orjson
import pytest

from dynemu.operations.dispatch import call
from dynemu.operations.plain_get import get_plainly
from tests.operations.conftest import ACCOUNT, REGION, Requests, outcome

KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}
PLAIN: dict[str, dict[str, Any]] = {
    "an item": {"Key": KEY},
    "an item, consistently": {"Key": KEY, "ConsistentRead": True},
    "an item, eventually": {"Key": KEY, "ConsistentRead": False},
    "a number in another spelling": {"Key": {"pk": {"S": "a"}, "sk": {"N": "1.0"}}},
    "no item": {"Key": {"pk": {"S": "b"}, "sk": {"N": "1"}}},
}
OTHERS: dict[str, dict[str, Any]] = {
    "no table": {"TableName": "nothing", "Key": KEY},
    "no name": {"TableName": None, "Key": KEY},
    "a name that is none": {"TableName": "x!", "Key": KEY},
    "an ARN": {"TableName": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/things", "Key": KEY},
    "no key": {},
    "a key that is none": {"Key": [KEY]},
    "an empty key": {"Key": {}},
    "half a key": {"Key": {"pk": {"S": "a"}}},
    "a key and more": {"Key": {**KEY, "other": {"S": "x"}}},
    "a key of another type": {"Key": {"pk": {"N": "1"}, "sk": {"N": "1"}}},
    "an empty value": {"Key": {"pk": {"S": ""}, "sk": {"N": "1"}}},
    "no number": {"Key": {"pk": {"S": "a"}, "sk": {"N": "one"}}},
    "two types in a value": {"Key": {"pk": {"S": "a", "N": "1"}, "sk": {"N": "1"}}},
    "an unknown type": {"Key": {"pk": {"X": "a"}, "sk": {"N": "1"}}},
    "a text that is too long": {"Key": {"pk": {"S": "a" * 2049}, "sk": {"N": "1"}}},
    "a projection": {"Key": KEY, "ProjectionExpression": "pk"},
    "attributes to get": {"Key": KEY, "AttributesToGet": ["pk"]},
    "the capacity": {"Key": KEY, "ReturnConsumedCapacity": "TOTAL"},
    "names without an expression": {"Key": KEY, "ExpressionAttributeNames": {"#a": "a"}},
    "a consistent read that is none": {"Key": KEY, "ConsistentRead": "true"},
}


@pytest.fixture
def things(db: Requests) -> Requests:
    db.create(range="sk:N")
    db.clock.time += 60
    db.put(pk={"S": "a"}, sk={"N": "1"}, other={"L": [{"N": "1.50"}]})
    return db


def request_of(members: dict[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = orjson.loads(orjson.dumps({"TableName": "things", **members}))
    return request


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_request_is_answered_as_the_operation_does(things: Requests, name: str) -> None:
    expected = outcome(call, things.engine, "GetItem", request_of(PLAIN[name]), REGION, ACCOUNT)
    answers = [outcome(get_plainly, things.engine, request_of(PLAIN[name])) for _ in range(20)]
    # A store that makes trouble may have the operation look at anything.
    assert expected in answers
    assert set(answers) <= {expected, None}


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_request_is_left_to_the_operation(things: Requests, name: str) -> None:
    request = request_of(OTHERS[name])
    expected = outcome(call, things.engine, "GetItem", request_of(OTHERS[name]), REGION, ACCOUNT)
    plainly = outcome(get_plainly, things.engine, request)
    assert plainly in (None, expected)
    assert outcome(call, things.engine, "GetItem", request, REGION, ACCOUNT) == expected


def test_a_read_that_may_be_stale_is_left_to_the_operation(things: Requests) -> None:
    things.engine.simulate("lagged")
    assert get_plainly(things.engine, request_of({"Key": KEY})) is None


def test_a_table_that_is_being_created_is_left_to_the_operation(db: Requests) -> None:
    db.create(range="sk:N")
    expected = outcome(call, db.engine, "GetItem", request_of({"Key": KEY}), REGION, ACCOUNT)
    assert outcome(get_plainly, db.engine, request_of({"Key": KEY})) in (None, expected)
