"""A small shop: a catalogue of articles, and orders that take them from stock. One table, one index."""

from typing import Any

import boto3
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

TABLE = "shop"


class SoldOut(Exception):
    """There is less in stock than was ordered."""


def create_table(dynamodb: Any = None) -> None:
    """Create the table; a deployment does this with its own tools."""
    dynamodb = dynamodb or boto3.resource("dynamodb")
    table = dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "customer", "placed")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-customer",
                "KeySchema": [
                    {"AttributeName": "customer", "KeyType": "HASH"},
                    {"AttributeName": "placed", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists()


class Shop:
    """The shop on its table."""

    def __init__(self) -> None:
        self.table = boto3.resource("dynamodb").Table(TABLE)

    def add_article(self, name: str, stock: int, price: int) -> None:
        """Put an article into the catalogue, or replace it."""
        self.table.put_item(
            Item={"pk": f"article#{name}", "sk": "article", "name": name, "stock": stock, "price": price}
        )

    def stock(self, name: str) -> int:
        """Return how many of an article there are."""
        found = self.table.get_item(Key={"pk": f"article#{name}", "sk": "article"})
        return int(found["Item"]["stock"])

    def order(self, number: str, customer: str, placed: str, articles: dict[str, int]) -> None:
        """Take *articles* from stock and note the order: all of it or nothing. Raises: SoldOut."""
        taken = [
            {
                "Update": {
                    "TableName": TABLE,
                    "Key": {"pk": f"article#{name}", "sk": "article"},
                    "UpdateExpression": "SET stock = stock - :count",
                    "ConditionExpression": "stock >= :count",
                    "ExpressionAttributeValues": {":count": count},
                }
            }
            for name, count in articles.items()
        ]
        item: dict[str, Any] = {
            "pk": f"order#{number}",
            "sk": "order",
            "customer": customer,
            "placed": placed,
        }
        item["articles"] = articles
        noted = {"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
        try:
            self.table.meta.client.transact_write_items(TransactItems=[*taken, noted])
        except ClientError as error:
            reasons = error.response.get("CancellationReasons", [])
            if any(reason["Code"] == "ConditionalCheckFailed" for reason in reasons[:-1]):
                raise SoldOut(", ".join(articles)) from error
            raise

    def orders_of(self, customer: str, since: str = "") -> list[str]:
        """Return the numbers of a customer's orders, the newest first."""
        condition = Key("customer").eq(customer)
        if since:
            condition &= Key("placed").gte(since)
        found = self.table.query(
            IndexName="by-customer", KeyConditionExpression=condition, ScanIndexForward=False
        )
        return [item["pk"].partition("#")[2] for item in found["Items"]]
