"""boto3's resource: Python values, condition objects and the batch writer."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary


@pytest.fixture
def table(server_url: str, credentials: dict[str, str], table_name: str) -> Iterator[Any]:
    resource = boto3.resource("dynamodb", endpoint_url=server_url, **credentials)
    table = resource.create_table(
        TableName=table_name,
        KeySchema=[{"AttributeName": "user", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "user", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
        ],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    table.wait_until_exists()
    yield table
    table.delete()
    table.wait_until_not_exists()
    resource.meta.client.close()


def test_attributes_of_the_table(table: Any, table_name: str) -> None:
    table.reload()
    assert (table.table_name, table.table_status, table.item_count) == (table_name, "ACTIVE", 0)
    assert table.table_arn == f"arn:aws:dynamodb:us-east-1:123456789012:table/{table_name}"
    assert table.provisioned_throughput["ReadCapacityUnits"] == 5


def test_python_values_come_back(table: Any) -> None:
    item = {
        "user": "ann",
        "at": Decimal("1.5"),
        "huge": Decimal("1E+37"),
        "exact": Decimal("12345678901234567890123456789012345678"),
        "bytes": Binary(b"\x00\xff"),
        "words": {"a", "b"},
        "numbers": {Decimal(1), Decimal("2.5")},
        "nested": {"list": [None, True, {"empty": ""}]},
    }
    table.put_item(Item=item)
    assert table.get_item(Key={"user": "ann", "at": Decimal("1.50")})["Item"] == item


def test_condition_objects_become_expressions(table: Any) -> None:
    with table.batch_writer() as batch:
        for n in range(30):
            batch.put_item(Item={"user": "ann", "at": n, "tags": {f"t{n % 5}"}, "note": {"amount": n}})
    answer = table.query(
        KeyConditionExpression=Key("user").eq("ann") & Key("at").between(5, 24),
        FilterExpression=Attr("tags").contains("t3") & ~Attr("note.amount").is_in([8, 13]),
        ProjectionExpression="#at, note.amount",
        ExpressionAttributeNames={"#at": "at"},
    )
    assert answer["Items"] == [{"at": n, "note": {"amount": n}} for n in (18, 23)]
    assert (answer["Count"], answer["ScannedCount"]) == (2, 20)


def test_the_batch_writer_overwrites_and_deletes(table: Any) -> None:
    with table.batch_writer(overwrite_by_pkeys=["user", "at"]) as batch:
        for n in range(60):
            batch.put_item(Item={"user": "bob", "at": n % 30, "round": n // 30})
        batch.delete_item(Key={"user": "bob", "at": 0})
    items = table.scan()["Items"]
    assert sorted(int(item["at"]) for item in items) == list(range(1, 30))
    assert {int(item["round"]) for item in items} == {1}


def test_a_conditional_update(table: Any) -> None:
    key = {"user": "ann", "at": 1}
    table.put_item(Item={**key, "stock": 1})
    sell = {
        "Key": key,
        "UpdateExpression": "SET stock = stock - :one",
        "ConditionExpression": Attr("stock").gte(1),
        "ExpressionAttributeValues": {":one": 1},
        "ReturnValues": "UPDATED_NEW",
    }
    assert table.update_item(**sell)["Attributes"] == {"stock": 0}
    with pytest.raises(table.meta.client.exceptions.ConditionalCheckFailedException):
        table.update_item(**sell)
