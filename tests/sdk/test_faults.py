"""Faults as boto3 takes them: parsed, retried, raised."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

import dynemu
from dynemu.database import Database


@pytest.fixture
def database() -> Iterator[Database]:
    with dynemu.mock() as opened:
        yield opened


@pytest.fixture
def connect(database: Database, credentials: dict[str, str]) -> Callable[..., Any]:
    """Make a client with a number of attempts, and a table for it."""

    def make(attempts: int, table: str) -> Any:
        config = Config(retries={"total_max_attempts": attempts, "mode": "standard"})
        client = boto3.client("dynamodb", config=config, **credentials)
        client.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        )
        return client

    return make


def test_the_reasons_of_throttling_are_parsed(database: Database, connect: Callable[..., Any]) -> None:
    client = connect(1, "things")
    database.faults.add({"kind": "throttle"})
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException) as caught:
        client.put_item(TableName="things", Item={"pk": {"S": "a"}})
    assert caught.value.response["ThrottlingReasons"] == [
        {
            "reason": "TableWriteProvisionedThroughputExceeded",
            "resource": "arn:aws:dynamodb:us-east-1:123456789012:table/things",
        }
    ]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "throttle"},
        {"kind": "throttle", "reason": "AccountLimitExceeded"},
        {"kind": "error", "status": 500},
        {"kind": "error", "status": 503},
        {"kind": "drop"},
    ],
    ids=str,
)
def test_a_fault_that_passes_is_retried(
    database: Database, connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, fault: dict[str, Any]
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    client = connect(3, "things")
    database.faults.add({**fault, "operation": "writes", "times": 2})
    answer = client.put_item(TableName="things", Item={"pk": {"S": "a"}})
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert database.faults.list()[0]["hit"] == 2


def test_a_lost_connection_is_raised_in_the_end(database: Database, connect: Callable[..., Any]) -> None:
    client = connect(1, "things")
    database.faults.add({"kind": "drop", "after": True})
    with pytest.raises(ConnectionClosedError):
        client.put_item(TableName="things", Item={"pk": {"S": "a"}})
    database.faults.clear()
    assert client.scan(TableName="things")["Count"] == 1


def test_a_batch_writer_sends_again_what_was_not_processed(
    database: Database, connect: Callable[..., Any], credentials: dict[str, str]
) -> None:
    connect(1, "things")
    database.faults.add({"kind": "unprocessed", "share": 0.8})
    table = boto3.resource("dynamodb", **credentials).Table("things")
    with table.batch_writer() as batch:
        for number in range(40):
            batch.put_item(Item={"pk": str(number)})
    assert table.scan()["Count"] == 40


def test_the_reasons_of_a_cancelled_transaction_are_parsed(
    database: Database, connect: Callable[..., Any]
) -> None:
    client = connect(1, "things")
    database.faults.add({"kind": "conflict"})
    puts = [{"Put": {"TableName": "things", "Item": {"pk": {"S": name}}}} for name in "ab"]
    with pytest.raises(ClientError) as caught:
        client.transact_write_items(TransactItems=puts)
    assert caught.value.response["CancellationReasons"] == [
        {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"},
        {"Code": "None"},
    ]
