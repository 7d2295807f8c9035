"""The data that every server is loaded with: two tables, the same items in both."""

from functools import cache
from typing import Any

Item = dict[str, dict[str, Any]]

PARTITIONS = 500
ITEMS_PER_PARTITION = 20
ITEM_COUNT = PARTITIONS * ITEMS_PER_PARTITION

TABLE = "bench"
INDEXED_TABLE = "bench-indexed"

_CATEGORIES = ("books", "garden", "kitchen", "music", "sports", "toys", "travel")
_NOTE = (
    "gift wrapped, leave it with the neighbours at number twenty-seven if nobody answers; many thanks to all"
)
_INDEXES = {"by-owner": ("owner", "price"), "by-status": ("status", "visits"), "inverted": ("sk", "pk")}


def key_of(number: int) -> Item:
    """Return the key of item *number*, counted from 0."""
    partition, position = divmod(number, ITEMS_PER_PARTITION)
    return {"pk": {"S": f"customer#{partition:05d}"}, "sk": {"S": f"order#{position:04d}"}}


@cache
def _body_of(number: int) -> Item:
    return {
        "owner": {"S": f"owner#{number % 997:04d}"},
        "status": {"S": f"status#{number % 20:02d}"},
        "price": {"N": f"{number % 9000 + 10}.{number % 9 + 1}"},
        "active": {"BOOL": number % 2 == 0},
        "tags": {"SS": sorted({_CATEGORIES[number % 7], _CATEGORIES[(number + 2) % 7], "all"})},
        "address": {
            "M": {
                "street": {
                    "S": f"{number % 300 + 1} Long Meadow Road, second floor, at the back of the courtyard"
                },
                "city": {"S": "Port Example upon Water"},
                "zip": {"S": f"{number:06d}"},
            }
        },
        "parcels": {
            "L": [
                {"S": f"parcel-{number % 4001:06d}"},
                {"N": str(number % 5 + 1)},
                {"S": _NOTE},
            ]
        },
    }


def item_of(number: int, revision: int = 0) -> Item:
    """Return item *number*; another *revision* differs in ``visits``, the sort key of one of the indexes."""
    return {**key_of(number), **_body_of(number), "visits": {"N": str(number % 100 + 100 * (revision + 1))}}


def table_definition(name: str) -> dict[str, Any]:
    """Return the CreateTable request of *name*; the indexed table has three indexes, projection ALL."""
    definition: dict[str, Any] = {
        "TableName": name,
        "KeySchema": _key_schema("pk", "sk"),
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": attribute, "AttributeType": "S"} for attribute in ("pk", "sk")
        ],
    }
    if name == INDEXED_TABLE:
        types = {"owner": "S", "price": "N", "status": "S", "visits": "N"}
        definition["AttributeDefinitions"] += [
            {"AttributeName": attribute, "AttributeType": type_} for attribute, type_ in types.items()
        ]
        definition["GlobalSecondaryIndexes"] = [
            {"IndexName": index, "KeySchema": _key_schema(*keys), "Projection": {"ProjectionType": "ALL"}}
            for index, keys in _INDEXES.items()
        ]
    return definition


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
