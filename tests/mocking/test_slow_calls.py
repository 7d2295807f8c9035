"""What a program takes part in goes botocore's own way: handlers, wrappers, retries, logging."""

import logging
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal, Inexact, Rounded
from typing import Any
from unittest.mock import patch

import boto3
import boto3.dynamodb.types
import botocore.client
import botocore.endpoint
import botocore.history
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ParamValidationError
from botocore.stub import Stubber

import dynemu
from dynemu.client import Transport
from tests.mocking.tables import NAME, TABLE, item, put

KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
EVENTS = (
    "provide-client-params",
    "before-parameter-build",
    "before-call",
    "request-created",
    "choose-signer",
    "before-sign",
    "before-send",
    "response-received",
    "before-parse",
    "needs-retry",
    "after-call",
)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which way requests went to the database, fast or slow."""
    seen: list[str] = []

    def noting(way: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def note(*arguments: Any) -> Any:
            seen.append(way)
            return original(*arguments)

        return note

    monkeypatch.setattr(Transport, "ask", noting("fast", Transport.ask))
    monkeypatch.setattr(Transport, "send", noting("slow", Transport.send))
    return seen


@pytest.fixture
def database() -> Iterator[Any]:
    with dynemu.mock() as database:
        yield database


@pytest.fixture
def client(database: Any, ways: list[str]) -> Any:
    """A client whose first call was made, on a table of films."""
    made = boto3.client("dynamodb", "us-east-1", **KEYS)
    made.create_table(**TABLE)
    ways.clear()
    return made


def test_the_first_call_goes_the_slow_way(database: Any, ways: list[str]) -> None:
    client = boto3.client("dynamodb")
    client.create_table(**TABLE)
    put(client, "1")
    client.get_item(TableName=NAME, Key=item("1"))
    boto3.resource("dynamodb").Table(NAME).get_item(Key={"pk": "1"})
    assert ways == ["slow", "fast", "fast", "slow"]


def test_a_mock_knows_the_clients_of_the_one_before(ways: list[str]) -> None:
    client = boto3.client("dynamodb", "us-east-1", **KEYS)
    for _ in range(2):
        with dynemu.mock():
            client.list_tables()
    assert ways == ["slow", "fast"]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("name", ["{}.dynamodb.ListTables", "{}.*.ListTables", "{}.dynamodb", "{}"])
def test_a_handler_is_called(client: Any, ways: list[str], event: str, name: str) -> None:
    called = []

    def handler(event_name: str, **_: Any) -> None:
        called.append(event_name)

    client.list_tables()
    client.meta.events.register(name.format(event), handler)
    client.list_tables()
    assert called == [f"{event}.dynamodb.ListTables"]
    assert ways == ["fast", "slow"]
    client.meta.events.unregister(name.format(event), handler)
    client.list_tables()
    client.list_tables()
    assert ways == ["fast", "slow", "slow", "fast"]


def test_a_handler_of_endpoints_is_called(client: Any, ways: list[str]) -> None:
    called = []
    client.meta.events.register("before-endpoint-resolution.dynamodb", lambda **_: called.append(1))
    client.list_tables()
    assert (called, ways) == ([1], ["slow"])


def test_a_handler_of_another_operation_is_none_of_this(client: Any, ways: list[str]) -> None:
    client.meta.events.register("before-call.dynamodb.PutItem", lambda **_: None)
    client.list_tables()
    client.list_tables()
    assert ways == ["slow", "fast"]


def test_a_stub_answers(client: Any, ways: list[str]) -> None:
    with Stubber(client) as stubber:
        stubber.add_response("list_tables", {"TableNames": ["stubbed"]})
        stubber.add_client_error("get_item", "Oops")
        assert client.list_tables()["TableNames"] == ["stubbed"]
        with pytest.raises(ClientError, match="Oops"):
            client.get_item(TableName=NAME, Key=item("1"))
    assert client.list_tables()["TableNames"] == [NAME]


@pytest.mark.parametrize("first", ["mock", "wrapper"])
def test_a_wrapper_of_api_calls_sees_them(ways: list[str], first: str) -> None:
    original = botocore.client.BaseClient._make_api_call
    seen = []

    def wrapper(self: Any, operation_name: str, kwargs: Any) -> Any:
        seen.append(operation_name)
        return original(self, operation_name, kwargs)

    mocked = dynemu.mock()
    wrapped = patch("botocore.client.BaseClient._make_api_call", new=wrapper)
    both = [mocked, wrapped] if first == "mock" else [wrapped, mocked]
    for each in both:
        each.start()
    client = boto3.client("dynamodb", "us-east-1", **KEYS)
    client.list_tables()
    client.list_tables()
    assert seen == ["ListTables", "ListTables"]
    # In the order in which they began, which leaves behind what either found.
    for each in both:
        each.stop()
    with dynemu.mock():
        client.list_tables()
        client.list_tables()
    assert seen == ["ListTables", "ListTables"]
    assert ways[-1] == "fast"
    assert botocore.client.BaseClient._make_api_call is original


@pytest.mark.parametrize(
    "target",
    [
        "botocore.endpoint.Endpoint.prepare_request",
        "botocore.endpoint.Endpoint.make_request",
        "botocore.client.BaseClient._convert_to_request_dict",
        "botocore.validate.ParamValidator.validate",
        "botocore.parsers.JSONParser.parse",
    ],
)
def test_a_wrapper_of_botocores_parts_is_called(client: Any, ways: list[str], target: str) -> None:
    with patch(target, autospec=True, side_effect=_find(target)) as wrapper:
        client.list_tables()
    client.list_tables()
    assert wrapper.call_count == 1
    assert ways == ["slow", "fast"]


def _find(target: str) -> Any:
    parts = target.split(".")
    found: Any = botocore
    for part in parts[1:]:
        found = getattr(found, part)
    return found


def test_debugging_messages_are_written(client: Any, ways: list[str], caplog: Any) -> None:
    with caplog.at_level(logging.DEBUG, "botocore"):
        client.list_tables()
    assert "Making request for OperationModel(name=ListTables)" in caplog.text
    assert ways == ["slow"]


def test_history_is_recorded(client: Any, ways: list[str]) -> None:
    recorder = botocore.history.get_global_history_recorder()
    recorder.enable()
    try:
        client.list_tables()
    finally:
        recorder.disable()
    assert ways == ["slow"]


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_faults_are_retried(
    database: Any, ways: list[str], mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    client = boto3.client("dynamodb", config=Config(retries={"mode": mode, "total_max_attempts": 3}))
    client.create_table(**TABLE)
    database.faults.add({"kind": "throttle", "operation": "GetItem", "times": 2})
    answer = client.get_item(TableName=NAME, Key=item("1"))
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    database.faults.add({"kind": "throttle", "operation": "GetItem", "times": 3})
    with pytest.raises(client.exceptions.ThrottlingException) as caught:
        client.get_item(TableName=NAME, Key=item("1"))
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 2
    assert caught.value.response["ResponseMetadata"]["MaxAttemptsReached"] is True
    # The first attempt of each call is fast, unless the client is new.
    assert ways == ["slow", *["fast", "slow", "slow"] * 2]


def test_a_dropped_connection_is_retried(database: Any, client: Any, ways: list[str]) -> None:
    database.faults.add({"kind": "drop", "operation": "ListTables", "times": 1})
    assert client.list_tables()["ResponseMetadata"]["RetryAttempts"] == 1
    assert ways == ["fast", "slow"]
    lonely = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))
    lonely.list_tables()
    database.faults.add({"kind": "drop", "operation": "ListTables", "times": 1})
    with pytest.raises(ConnectionClosedError):
        lonely.list_tables()


def test_errors_are_those_of_botocore(client: Any, ways: list[str]) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.get_item(TableName="none", Key=item("1"))
    assert caught.value.response["Error"] == {
        "Message": "Requested resource not found",
        "Code": "ResourceNotFoundException",
    }
    assert caught.value.response["message"] == "Requested resource not found"
    assert ways == ["fast"]
    with pytest.raises(ParamValidationError, match='Unknown parameter in input: "Nope"'):
        client.list_tables(Nope=1)
    with pytest.raises(TypeError, match="only accepts keyword arguments"):
        client.list_tables(1)


def test_a_closed_database_is_told_of(client: Any, database: Any) -> None:
    database.close()
    with pytest.raises(ValueError, match="closed"):
        client.list_tables()


@pytest.mark.parametrize(
    "config",
    [
        Config(signature_version=UNSIGNED),
        Config(parameter_validation=False),
        Config(auth_scheme_preference="sigv4a,sigv4"),
        Config(retries={"mode": "adaptive"}),
    ],
    ids=["unsigned", "unchecked", "preference", "adaptive"],
)
def test_other_settings_go_the_slow_way(database: Any, ways: list[str], config: Config) -> None:
    client = boto3.client("dynamodb", config=config)
    outcomes = []
    for _ in range(2):
        try:
            outcomes.append(client.list_tables()["TableNames"])
        except Exception as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]
    assert "fast" not in ways or config.signature_version is UNSIGNED


def test_tokens_are_filled_in(client: Any, ways: list[str]) -> None:
    parameters: Any = {"TransactItems": [{"Put": {"TableName": NAME, "Item": item("1")}}]}
    client._make_api_call("TransactWriteItems", parameters)
    assert len(parameters["ClientRequestToken"]) == 36
    assert ways == ["fast"]


def test_pages_and_waiters_go_the_fast_way(client: Any, ways: list[str]) -> None:
    for number in range(3):
        put(client, str(number))
    pages = client.get_paginator("scan").paginate(TableName=NAME, PaginationConfig={"PageSize": 1})
    assert sum(page["Count"] for page in pages) == 3
    client.get_waiter("table_exists").wait(TableName=NAME)
    assert set(ways) == {"fast"}


def test_threads_share_a_client(client: Any, ways: list[str]) -> None:
    def work(number: int) -> None:
        for step in range(50):
            put(client, f"{number}-{step}", text="x" * number)
            got = client.get_item(TableName=NAME, Key=item(f"{number}-{step}"))["Item"]
            assert got == item(f"{number}-{step}", text="x" * number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ways == ["fast"] * 600


def test_conversions_of_ones_own_are_used(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table = boto3.resource("dynamodb").create_table(**TABLE)
    table.put_item(Item={"pk": "1", "n": 1})
    assert table.get_item(Key={"pk": "1"})["Item"] == {"pk": "1", "n": Decimal(1)}
    with monkeypatch.context() as patched:
        types = boto3.dynamodb.types
        patched.setattr(types.TypeDeserializer, "_deserialize_n", lambda self, value: int(value))
        assert type(table.get_item(Key={"pk": "1"})["Item"]["n"]) is int
        patched.setattr(types.TypeSerializer, "_serialize_s", lambda self, value: value.upper())
        table.put_item(Item={"pk": "a"})
    assert table.get_item(Key={"pk": "A"})["Item"] == {"pk": "A"}


def test_a_decimal_context_of_ones_own_is_used(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table = boto3.resource("dynamodb").create_table(**TABLE)
    table.wait_until_exists()
    context = boto3.dynamodb.types.DYNAMODB_CONTEXT
    long = Decimal("1." + "1" * 50)
    monkeypatch.setattr(context, "prec", 5)
    with pytest.raises(Inexact):
        table.put_item(Item={"pk": "1", "n": 123456})
    monkeypatch.setattr(context, "prec", 38)
    with pytest.raises(Inexact):
        table.put_item(Item={"pk": "1", "n": long})
    for signal in (Inexact, Rounded):
        monkeypatch.setitem(context.traps, signal, False)
    table.put_item(Item={"pk": "1", "n": long})
    assert table.get_item(Key={"pk": "1"})["Item"]["n"] == Decimal("1." + "1" * 37)
