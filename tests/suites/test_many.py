"""Batches, transactions and tables."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

STRING = [{"AttributeName": "pk", "AttributeType": "S"}]
HASH = [{"AttributeName": "pk", "KeyType": "HASH"}]


def key(number: int) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": str(number)}}


def count(client: Any, table: Any) -> int:
    return int(client.scan(TableName=table.name)["Count"])


@pytest.mark.parametrize("number", [1, 10, 25])
def test_a_batch_of_writes(client: Any, table: Any, number: int) -> None:
    writes = [{"PutRequest": {"Item": key(n)}} for n in range(number)]
    assert client.batch_write_item(RequestItems={table.name: writes})["UnprocessedItems"] == {}
    assert count(client, table) == number
    deletes = [{"DeleteRequest": {"Key": key(n)}} for n in range(number)]
    client.batch_write_item(RequestItems={table.name: deletes})
    assert count(client, table) == 0


@pytest.mark.parametrize("number", [1, 50, 100])
def test_a_batch_of_reads(client: Any, table: Any, number: int) -> None:
    with table.batch_writer() as batch:
        for n in range(0, number, 2):
            batch.put_item(Item={"pk": "p", "sk": str(n)})
    answer = client.batch_get_item(RequestItems={table.name: {"Keys": [key(n) for n in range(number)]}})
    assert len(answer["Responses"][table.name]) == len(range(0, number, 2))


def test_a_batch_names_an_item_once(client: Any, table: Any) -> None:
    writes = [{"PutRequest": {"Item": key(1)}}, {"PutRequest": {"Item": key(1)}}]
    with pytest.raises(ClientError):
        client.batch_write_item(RequestItems={table.name: writes})
    assert count(client, table) == 0


@pytest.mark.parametrize("holds", [True, False], ids=["holds", "fails"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_transaction_is_all_or_nothing(client: Any, table: Any, place: int, holds: bool) -> None:
    client.put_item(TableName=table.name, Item={**key(place), "there": {"BOOL": True}})
    exists = "attribute_exists" if holds else "attribute_not_exists"
    actions = [{"Put": {"TableName": table.name, "Item": {**key(n), "new": {"N": "1"}}}} for n in range(3)]
    actions[place]["Put"]["ConditionExpression"] = f"{exists}(pk)"
    if holds:
        client.transact_write_items(TransactItems=actions)
        assert count(client, table) == 3
        return
    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        client.transact_write_items(TransactItems=actions)
    codes = [reason["Code"] for reason in caught.value.response["CancellationReasons"]]
    assert codes == ["ConditionalCheckFailed" if n == place else "None" for n in range(3)]
    assert count(client, table) == 1


@pytest.mark.parametrize("kind", ["Update", "Delete", "ConditionCheck"])
def test_a_transaction_of(client: Any, table: Any, kind: str) -> None:
    client.put_item(TableName=table.name, Item={**key(1), "n": {"N": "1"}})
    action: dict[str, Any] = {"TableName": table.name, "Key": key(1)}
    if kind == "Update":
        action.update(UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}})
    elif kind == "ConditionCheck":
        action["ConditionExpression"] = "attribute_exists(pk)"
    put = {"Put": {"TableName": table.name, "Item": key(2)}}
    client.transact_write_items(TransactItems=[{kind: action}, put])
    found = {item["sk"]["S"]: item for item in client.scan(TableName=table.name)["Items"]}
    assert set(found) == ({"2"} if kind == "Delete" else {"1", "2"})
    if kind == "Update":
        assert found["1"]["n"] == {"N": "2"}


def test_a_transaction_of_reads(client: Any, table: Any) -> None:
    client.put_item(TableName=table.name, Item=key(1))
    gets = [{"Get": {"TableName": table.name, "Key": key(n)}} for n in (1, 2)]
    assert client.transact_get_items(TransactItems=gets)["Responses"] == [{"Item": key(1)}, {}]


@pytest.mark.parametrize("billing", ["PAY_PER_REQUEST", "PROVISIONED"])
def test_a_table_is_described(client: Any, table: Any, billing: str) -> None:
    name = f"{table.name}-{billing.lower()}"
    given: dict[str, Any] = {"BillingMode": billing}
    if billing == "PROVISIONED":
        given["ProvisionedThroughput"] = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
    client.create_table(TableName=name, KeySchema=HASH, AttributeDefinitions=STRING, **given)
    client.get_waiter("table_exists").wait(TableName=name)
    described = client.describe_table(TableName=name)["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["KeySchema"] == HASH
    assert described["AttributeDefinitions"] == STRING
    capacity = described["ProvisionedThroughput"]["ReadCapacityUnits"]
    assert capacity == (3 if billing == "PROVISIONED" else 0)
    assert name in client.list_tables()["TableNames"]
    client.delete_table(TableName=name)
    client.get_waiter("table_not_exists").wait(TableName=name)


def test_a_table_is_made_once(client: Any, table: Any) -> None:
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.create_table(
            TableName=table.name, KeySchema=HASH, AttributeDefinitions=STRING, BillingMode="PAY_PER_REQUEST"
        )


@pytest.mark.parametrize("operation", ["describe_table", "delete_table", "scan"])
def test_a_table_that_is_not_there(client: Any, operation: str) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        getattr(client, operation)(TableName="suite-nowhere")


def test_an_index_is_added_later(client: Any, filled: Any) -> None:
    client.update_table(
        TableName=filled.name,
        AttributeDefinitions=[{"AttributeName": "sk", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-sk",
                    "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            }
        ],
    )
    client.get_waiter("table_exists").wait(TableName=filled.name)
    answer = client.query(
        TableName=filled.name,
        IndexName="by-sk",
        KeyConditionExpression="sk = :sk",
        ExpressionAttributeValues={":sk": {"S": "article-3"}},
    )
    assert sorted(item["pk"]["S"] for item in answer["Items"]) == ["shelf-a", "shelf-b"]


def test_time_to_live_is_switched_on(client: Any, table: Any) -> None:
    client.update_time_to_live(
        TableName=table.name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"}
    )
    described = client.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    assert described["AttributeName"] == "ends"
    assert described["TimeToLiveStatus"] in ("ENABLING", "ENABLED")
