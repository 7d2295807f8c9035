"""boto3's client: request and response members, error classes, waiters and paginators."""

import json
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

ITEM = {
    "pk": {"S": "a"},
    "sk": {"N": "1"},
    "text": {"S": "Zoë — 漢字 — 🦆"},
    "empty": {"S": ""},
    "bytes": {"B": b"\x00\xfe\xff"},
    "yes": {"BOOL": True},
    "none": {"NULL": True},
    "list": {"L": [{"N": "1"}, {"M": {"deep": {"L": []}}}]},
    "map": {"M": {"a.b": {"S": "dotted"}}},
    "words": {"SS": ["a", "b"]},
    "numbers": {"NS": ["-1", "2.5"]},
    "blobs": {"BS": [b"\x00", b"\x01"]},
}


def definition(name: str) -> dict[str, Any]:
    """Return a CreateTable request with a global and a local index."""
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": keys,
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in (("pk", "S"), ("sk", "N"), ("owner", "S"))
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-owner",
                "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        "LocalSecondaryIndexes": [
            {
                "IndexName": "in-order",
                "KeySchema": [keys[0], {"AttributeName": "owner", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    }


@pytest.fixture
def table(client: Any, table_name: str) -> str:
    client.create_table(**definition(table_name))
    client.get_waiter("table_exists").wait(TableName=table_name)
    return table_name


def fill(client: Any, table: str, count: int) -> None:
    for first in range(0, count, 25):
        requests = [
            {"PutRequest": {"Item": {"pk": {"S": "p"}, "sk": {"N": str(n)}, "owner": {"S": f"o{n % 3}"}}}}
            for n in range(first, min(first + 25, count))
        ]
        assert client.batch_write_item(RequestItems={table: requests})["UnprocessedItems"] == {}


def test_a_table_lives_and_dies(client: Any, table_name: str) -> None:
    created = client.create_table(**definition(table_name))["TableDescription"]
    assert created["TableStatus"] == "CREATING"
    client.get_waiter("table_exists").wait(TableName=table_name)
    described = client.describe_table(TableName=table_name)["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert isinstance(described["CreationDateTime"], datetime)
    assert [index["IndexName"] for index in described["GlobalSecondaryIndexes"]] == ["by-owner"]
    assert [index["IndexName"] for index in described["LocalSecondaryIndexes"]] == ["in-order"]
    assert client.delete_table(TableName=table_name)["TableDescription"]["TableStatus"] == "DELETING"
    client.get_waiter("table_not_exists").wait(TableName=table_name)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName=table_name)


def test_waiters_wait(
    start_server: Callable[..., str], make_client: Callable[[str], Any], table_name: str
) -> None:
    client = make_client(start_server("--table-delay", "0.3"))
    client.create_table(**definition(table_name))
    assert client.describe_table(TableName=table_name)["Table"]["TableStatus"] == "CREATING"
    client.get_waiter("table_exists").wait(TableName=table_name, WaiterConfig={"Delay": 1})
    client.delete_table(TableName=table_name)
    assert client.describe_table(TableName=table_name)["Table"]["TableStatus"] == "DELETING"
    client.get_waiter("table_not_exists").wait(TableName=table_name, WaiterConfig={"Delay": 1})


def test_an_item_of_all_types_comes_back(client: Any, table: str) -> None:
    assert client.put_item(TableName=table, Item=ITEM).keys() == {"ResponseMetadata"}
    key = {"pk": ITEM["pk"], "sk": ITEM["sk"]}
    assert client.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"] == ITEM
    deleted = client.delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD")
    assert deleted["Attributes"] == ITEM
    assert "Item" not in client.get_item(TableName=table, Key=key)


def test_responses_carry_their_checksum_and_request_id(client: Any, table: str) -> None:
    kept: list[Any] = []
    client.meta.events.register(
        "response-received.dynamodb", lambda response_dict, **_: kept.append(response_dict)
    )
    answer = client.get_item(TableName=table, Key={"pk": {"S": "no"}, "sk": {"N": "1"}})
    (raw,) = kept
    assert json.loads(raw["body"]) == {}
    assert int(raw["headers"]["x-amz-crc32"]) == zlib.crc32(raw["body"])
    assert len(answer["ResponseMetadata"]["RequestId"]) == 52
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0


def test_an_update_evaluates_its_expression(client: Any, table: str) -> None:
    updated = client.update_item(
        TableName=table,
        Key={"pk": {"S": "u"}, "sk": {"N": "1"}},
        UpdateExpression="SET #l = list_append(if_not_exists(#l, :none), :new) ADD hits :one",
        ExpressionAttributeNames={"#l": "list"},
        ExpressionAttributeValues={":none": {"L": []}, ":new": {"L": [{"S": "x"}]}, ":one": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
        ReturnConsumedCapacity="TOTAL",
    )
    assert updated["Attributes"] == {"list": {"L": [{"S": "x"}]}, "hits": {"N": "1"}}
    assert updated["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": 1.0}


def test_errors_are_the_service_s_classes(client: Any, table: str) -> None:
    client.put_item(TableName=table, Item=ITEM)
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as failed:
        client.put_item(
            TableName=table,
            Item=ITEM,
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert failed.value.response["Error"] == {
        "Code": "ConditionalCheckFailedException",
        "Message": "The conditional request failed",
    }
    assert failed.value.response["Item"] == ITEM
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.create_table(**definition(table))
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.scan(TableName="nowhere")
    with pytest.raises(ClientError, match="The provided key element does not match the schema") as wrong:
        client.get_item(TableName=table, Key={"pk": {"S": "a"}})
    assert wrong.value.response["Error"]["Code"] == "ValidationException"
    assert wrong.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_cancelled_transaction_has_reasons(client: Any, table: str) -> None:
    put = {"TableName": table, "Item": {"pk": {"S": "t"}, "sk": {"N": "1"}}}
    check = {"TableName": table, "Key": {"pk": {"S": "t"}, "sk": {"N": "2"}}}
    with pytest.raises(client.exceptions.TransactionCanceledException) as cancelled:
        client.transact_write_items(
            TransactItems=[
                {"Put": put},
                {"ConditionCheck": {**check, "ConditionExpression": "attribute_exists(pk)"}},
            ]
        )
    assert cancelled.value.response["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
    ]
    assert client.scan(TableName=table)["Count"] == 0
    client.transact_write_items(TransactItems=[{"Put": put}, {"Delete": check}], ClientRequestToken="once")
    client.transact_write_items(TransactItems=[{"Put": put}, {"Delete": check}], ClientRequestToken="once")
    found = client.transact_get_items(
        TransactItems=[{"Get": {"TableName": table, "Key": put["Item"]}}, {"Get": check}]
    )
    assert found["Responses"] == [{"Item": put["Item"]}, {}]


def test_batches_take_their_fill(client: Any, table: str) -> None:
    fill(client, table, 100)
    keys = [{"pk": {"S": "p"}, "sk": {"N": str(n)}} for n in range(100)]
    answer = client.batch_get_item(RequestItems={table: {"Keys": keys, "ProjectionExpression": "sk"}})
    assert answer["UnprocessedKeys"] == {}
    assert sorted(int(item["sk"]["N"]) for item in answer["Responses"][table]) == list(range(100))


def test_query_pages_join_without_gap_or_repeat(client: Any, table: str) -> None:
    fill(client, table, 60)
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :p AND sk < :high",
        ExpressionAttributeValues={":p": {"S": "p"}, ":high": {"N": "50"}},
        ScanIndexForward=False,
        PaginationConfig={"PageSize": 8},
    )
    assert [int(item["sk"]["N"]) for page in pages for item in page["Items"]] == list(range(49, -1, -1))


@pytest.mark.parametrize("index", [{}, {"IndexName": "by-owner"}, {"IndexName": "in-order"}])
def test_scan_pages_join_without_gap_or_repeat(client: Any, table: str, index: dict[str, str]) -> None:
    fill(client, table, 60)
    pages = client.get_paginator("scan").paginate(TableName=table, PaginationConfig={"PageSize": 7}, **index)
    assert sorted(int(item["sk"]["N"]) for page in pages for item in page["Items"]) == list(range(60))


def test_segments_share_a_table_out(client: Any, table_name: str) -> None:
    client.create_table(
        TableName=table_name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    for n in range(40):
        client.put_item(TableName=table_name, Item={"id": {"S": str(n)}})
    found = [
        item["id"]["S"]
        for segment in range(4)
        for item in client.scan(TableName=table_name, Segment=segment, TotalSegments=4)["Items"]
    ]
    assert sorted(found, key=int) == [str(n) for n in range(40)]


def test_tables_are_listed_in_pages(
    start_server: Callable[..., str], make_client: Callable[[str], Any]
) -> None:
    client = make_client(start_server())
    names = [f"list-{n:02}" for n in range(7)]
    for name in names:
        client.create_table(**definition(name))
    pages = list(client.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 3}))
    assert [page["TableNames"] for page in pages] == [names[:3], names[3:6], names[6:]]


def test_an_index_can_be_added_to_a_full_table(client: Any, table: str) -> None:
    fill(client, table, 50)
    client.update_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": "sk", "AttributeType": "N"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-number",
                    "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            }
        ],
    )
    client.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
    found = client.query(
        TableName=table,
        IndexName="by-number",
        KeyConditionExpression="sk = :n",
        ExpressionAttributeValues={":n": {"N": "33"}},
    )
    assert found["Items"] == [{"pk": {"S": "p"}, "sk": {"N": "33"}}]


def test_data_in_a_directory_outlives_the_server(
    serving: Callable[..., Any], make_client: Callable[[str], Any], tmp_path: Any, table_name: str
) -> None:
    database = str(tmp_path / "database")
    with serving("--db-path", database) as url:
        first = make_client(url)
        first.create_table(**definition(table_name))
        first.put_item(TableName=table_name, Item=ITEM)
        described = first.describe_table(TableName=table_name)["Table"]
    with serving("--db-path", database) as url:
        second = make_client(url)
        assert second.describe_table(TableName=table_name)["Table"]["TableId"] == described["TableId"]
        assert second.scan(TableName=table_name)["Items"] == [ITEM]
