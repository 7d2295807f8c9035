"""The fast way of a call: what it answers is what botocore would have made of the same answer."""

import copy
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import boto3
import botocore.session
import pytest
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary
from botocore.exceptions import ClientError

import dynemu
from dynemu.client import Transport
from dynemu.mocking.fast_calls import Call
from dynemu.mocking.known_clients import talk
from dynemu.operations import OPERATIONS, STREAM_OPERATIONS
from tests.mocking.tables import NAME, TABLE, item
from tests.sdk.api_model import MODELS, Requests
from tests.sdk.test_every_operation import CREATE_TABLE, MODEL, SETTINGS, STEPS, first_values, learn

NAMES = (*OPERATIONS, *STREAM_OPERATIONS)


class Twice:
    """Makes each call both ways, the slow one with the answer of the fast one, and compares."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.made = type(client)._make_api_call
        self.fast = 0
        self.error: Any = None
        client.list_tables() if hasattr(client, "list_tables") else client.list_streams()

    def call(self, name: str, request: Any) -> Any:
        """Return the outcome, a response or the response of an error."""
        calls = self.made.calls
        known = calls.find(self.client)
        assert known is not None
        given = copy.deepcopy(request)
        call = calls.begin(known, self.client, name, given)
        if call is None:
            return self._refused(name, request)
        self.fast += 1
        with talk(call.retell()) as current:
            slow = self._outcome(name, copy.deepcopy(call.parameters))
        self._compare_requests(current.sent, call)
        try:
            response = call.response(self.client)
        except ClientError as error:
            assert (repr(error.response), type(error), str(error)) == self.error
        else:
            assert response is None or repr(response) == repr(slow)
        return slow

    def _outcome(self, name: str, request: Any) -> Any:
        try:
            return self.made.__wrapped__(self.client, name, request)
        except ClientError as error:
            self.error = (repr(error.response), type(error), str(error))
            return error.response

    def _refused(self, name: str, request: Any) -> Any:
        """Make a call that is left to botocore, which may accept it after all."""
        outcomes = []
        for call in (self.made.__wrapped__, self.made):
            try:
                outcomes.append(call(self.client, name, copy.deepcopy(request)))
            except Exception as error:
                outcomes.append((type(error), re.sub("0x[0-9a-f]+", "", str(error))))
        if isinstance(outcomes[0], tuple) and outcomes[0][0] is not ClientError:
            assert outcomes[0] == outcomes[1]
        return outcomes[0]

    def _compare_requests(self, sent: Any, call: Call) -> None:
        assert sent.headers["X-Amz-Target"] == call.operation.target
        assert json.loads(sent.body) == json.loads(self.bodies[-1])

    @property
    def bodies(self) -> list[bytes]:
        """The JSON of the requests that went the fast way."""
        return asked


asked: list[bytes] = []


@pytest.fixture(autouse=True)
def note_bodies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    original = Transport.ask

    def ask(self: Transport, target: bytes, authorization: bytes, body: bytes) -> Any:
        asked.append(body)
        return original(self, target, authorization, body)

    monkeypatch.setattr(Transport, "ask", ask)
    yield
    asked.clear()


@pytest.fixture
def clients() -> Iterator[Mapping[str, Twice]]:
    """Clients of both services that speak the newest model, whatever botocore is installed."""
    session = botocore.session.Session()
    session.get_component("data_loader").search_paths.insert(0, str(MODELS))
    made = boto3.Session("key", "secret", region_name="us-east-1", botocore_session=session)
    with dynemu.mock():
        yield {name: Twice(made.client(name)) for name in ("dynamodb", "dynamodbstreams")}


@pytest.fixture
def make_values(clients: Mapping[str, Twice]) -> Callable[[str], dict[str, Any]]:
    """Make a table, and what else an operation needs; return values for its request."""

    def make(name: str) -> dict[str, Any]:
        definition = {**CREATE_TABLE, "TableName": NAME, **SETTINGS.get(name, {})}
        described = clients["dynamodb"].call("CreateTable", definition)["TableDescription"]
        values = first_values(NAME, described["TableArn"], described["LatestStreamArn"])
        if "ReplicaAutoScaling" in name:
            replica = {"ReplicaUpdates": [{"Create": {"RegionName": "eu-west-1"}}]}
            clients["dynamodb"].call("UpdateTable", {"TableName": NAME, **replica})
        if "Kinesis" in name:
            values["StreamArn"] = "arn:aws:kinesis:us-east-1:123456789012:stream/events"
        for step in STEPS.get(name, ()):
            twice = clients[MODEL[step].service]
            values.update(learn(twice.call(step, Requests(MODEL[step], values).minimal())))
        return values

    return make


@pytest.mark.parametrize("name", NAMES)
def test_every_operation(clients: Mapping[str, Twice], make_values: Any, name: str) -> None:
    operation = MODEL[name]
    twice = clients[operation.service]
    requests = Requests(operation, make_values(name))
    before = twice.fast
    twice.call(name, requests.minimal())
    assert twice.fast == before + 1


@pytest.mark.parametrize("name", NAMES)
def test_invalid_requests_of_every_operation(clients: Mapping[str, Twice], name: str) -> None:
    operation = MODEL[name]
    twice = clients[operation.service]
    arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{NAME}"
    requests = Requests(operation, first_values(NAME, arn, f"{arn}/stream/2024-01-01T00:00:00.000"))
    for wrong in (requests.without_required(), requests.out_of_range(), requests.of_wrong_type()):
        for _, request in wrong:
            if isinstance(request, dict):
                twice.call(name, request)


# Items


def make_value(chance: random.Random, depth: int = 0) -> dict[str, Any]:
    """Return an attribute value; a few are wrong."""
    text = "".join(chance.choice('aé😀\x00"\\/') for _ in range(chance.randrange(4)))
    inner = [make_value(chance, depth + 1) for _ in range(chance.randrange(3) if depth < 4 else 0)]
    usual: list[dict[str, Any]] = [
        {"S": text},
        {"N": str(chance.randrange(-(10**20), 10**20))},
        {"B": text.encode()},
        {"B": bytearray(b"x")},
        {"BOOL": True},
        {"NULL": True},
        {"SS": ["a", text or "b"]},
        {"NS": ["1", "2.5"]},
        {"BS": [b"a", b"\xff"]},
        {"L": inner},
        {"L": tuple(inner)},
        {"M": {str(place): value for place, value in enumerate(inner)}},
    ]
    rare: list[Any] = [
        {},
        {"S": 1},
        {"X": "a"},
        {"S": None},
        {"B": "text"},
        {"N": 1},
        None,
        {"S": "a", "N": "1"},
    ]
    rare += [{"NULL": "yes"}, {"M": {1: {"S": "a"}}}, {"L": {"S": "a"}}, {"S": "\ud800"}]
    return chance.choice(rare if chance.random() < 0.03 else usual)


@pytest.mark.parametrize("seed", range(8))
def test_items_of_clients(clients: Mapping[str, Twice], seed: int) -> None:
    chance = random.Random(seed)
    twice = clients["dynamodb"]
    twice.call("CreateTable", TABLE)
    for number in range(25):
        held = {**item(str(number)), **{name: make_value(chance) for name in "abc"[: chance.randrange(4)]}}
        request = {"TableName": NAME, "Item": held, "ReturnValues": "ALL_OLD"}
        twice.call("PutItem", {**request, "Item": {**held, "again": make_value(chance)}})
        twice.call("PutItem", request)
        twice.call("GetItem", {"TableName": NAME, "Key": item(str(number))})
        keys = [item(str(number)), item("none")]
        twice.call("BatchGetItem", {"RequestItems": {NAME: {"Keys": keys}}})
        action = {"Put": {"TableName": NAME, "Item": held, "ConditionExpression": "attribute_not_exists(pk)"}}
        action["Put"]["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        twice.call("TransactWriteItems", {"TransactItems": [action]})
    twice.call("Scan", {"TableName": NAME, "Limit": 3, "ReturnConsumedCapacity": "INDEXES"})
    assert twice.fast > 80


# Resources


def make_plain(chance: random.Random, depth: int = 0) -> Any:
    """Return a Python value for an attribute; a few are wrong."""
    inner = [make_plain(chance, depth + 1) for _ in range(chance.randrange(3) if depth < 4 else 0)]
    usual = [
        "text",
        "",
        chance.randrange(-(10**25), 10**25),
        chance.randrange(1000),
        Decimal("1.50"),
        Decimal("1E+5"),
        Decimal("-0"),
        True,
        None,
        b"bytes",
        bytearray(b"more"),
        Binary(b"binary"),
        {"a", "b"},
        frozenset({1, Decimal("2.5")}),
        {b"a", Binary(b"b")},
        inner,
        tuple(inner),
        {str(place): value for place, value in enumerate(inner)},
    ]
    rare: list[Any] = [
        1.5,
        set(),
        {"a", 1},
        Decimal("NaN"),
        Decimal("-Infinity"),
        Decimal("1" * 40),
        object(),
    ]
    rare += [10**40, {1: "a"}, [1.5], {"a": {1.5}}, Decimal("1E-200"), range(3), Decimal("NaN12")]
    return chance.choice(rare if chance.random() < 0.03 else usual)


@pytest.fixture
def resource() -> Iterator[Twice]:
    with dynemu.mock():
        made = boto3.resource("dynamodb")
        made.create_table(**TABLE)
        yield Twice(made.meta.client)


@pytest.mark.parametrize("seed", range(8))
def test_items_of_resources(resource: Twice, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(25):
        key = {"pk": str(number)}
        held = {**key, **{name: make_plain(chance) for name in "abc"[: chance.randrange(4)]}}
        before = copy.deepcopy(held)
        resource.call("PutItem", {"TableName": NAME, "Item": held, "ReturnValues": "ALL_OLD"})
        assert repr(held).split(" at 0x")[0] == repr(before).split(" at 0x")[0]
        resource.call("GetItem", {"TableName": NAME, "Key": key})
        update = {
            "TableName": NAME,
            "Key": key,
            "UpdateExpression": "SET x = :x",
            "ConditionExpression": Attr("pk").exists() & Attr("y").ne(make_plain(chance)),
            "ExpressionAttributeValues": {":x": make_plain(chance)},
            "ReturnValues": "ALL_NEW",
        }
        resource.call("UpdateItem", update)
    resource.call("BatchGetItem", {"RequestItems": {NAME: {"Keys": [{"pk": str(n)} for n in range(25)]}}})
    assert resource.fast > 50


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"KeyConditionExpression": Key("pk").eq("1")},
        {"FilterExpression": Attr("n").gt(1), "KeyConditionExpression": Key("pk").eq("1")},
        {
            "KeyConditionExpression": Key("pk").eq("1"),
            "FilterExpression": Attr("n").gt(1) | ~Attr("a.b").exists(),
        },
        {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": "1"}},
        {
            "KeyConditionExpression": "#p = :p",
            "FilterExpression": Attr("n").is_in([1, 2]),
            "ExpressionAttributeNames": {"#p": "pk"},
            "ExpressionAttributeValues": {":p": "1"},
        },
        {"KeyConditionExpression": Key("pk").eq("1"), "ExpressionAttributeNames": {}},
        {"KeyConditionExpression": Key("pk").eq(1)},
        {"KeyConditionExpression": Key("pk").eq("1"), "ExclusiveStartKey": {"pk": "0"}, "Limit": 1},
        {"KeyConditions": {"pk": {"AttributeValueList": ["1"], "ComparisonOperator": "EQ"}}},
    ],
)
def test_conditions_of_resources(resource: Twice, more: dict[str, Any]) -> None:
    resource.call("PutItem", {"TableName": NAME, "Item": {"pk": "1", "n": 2, "s": {1, 2}}})
    request = {"TableName": NAME, **more}
    resource.call("Query", request)
    assert resource.fast == 2
    assert request == {"TableName": NAME, **more}


def test_an_invalid_condition_is_refused_in_the_same_words(resource: Twice) -> None:
    request = {"TableName": NAME, "KeyConditionExpression": Attr("pk").exists()}
    messages = []
    for call in (resource.made, resource.made.__wrapped__):
        with pytest.raises(Exception, match="KeyConditionExpression") as caught:
            call(resource.client, "Query", request)
        messages.append((type(caught.value), str(caught.value)))
    assert messages[0] == messages[1]
