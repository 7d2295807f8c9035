"""A table as the tests of mocks make it."""

from typing import Any

NAME = "films"
TABLE: dict[str, Any] = {
    "TableName": NAME,
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def item(key: str, **values: str) -> dict[str, Any]:
    """Return an item with texts only."""
    return {"pk": {"S": key}, **{name: {"S": value} for name, value in values.items()}}


def put(client: Any, key: str, **values: str) -> None:
    client.put_item(TableName=NAME, Item=item(key, **values))


def count(client: Any) -> int:
    return int(client.scan(TableName=NAME, Select="COUNT")["Count"])
