"""Scan walks partitions in the service's own order, by the hash of their keys, and so do its segments.

Sources: for digits, words, numbers and segments dynalite, whose tests of it can be run against the service;
for letters a test of moto's that is verified on AWS.
"""

from typing import Any

import pytest

DIGITS = ["2", "8", "9", "1", "6", "0", "5", "4", "7", "3"]
NUMBERS = ["7", "999.9", "8", "3", "2", "-999.9", "9", "4", "-0.09", "6", "1", "0", "0.012345", "5"]
DIGIT_NUMBERS = ["7", "8", "3", "2", "9", "4", "6", "1", "0", "5"]


def fill(db: Any, tag: str, keys: list[str]) -> None:
    """Make a table with items of these keys, put in another order."""
    db(
        "CreateTable",
        TableName="walked",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": tag}],
        BillingMode="PAY_PER_REQUEST",
    )
    for key in sorted(keys):
        db("PutItem", TableName="walked", Item={"pk": {tag: key}})


def walked(db: Any, tag: str, **request: Any) -> list[str]:
    """Return the keys in the order of a Scan, read page by page."""
    keys: list[str] = []
    page = db("Scan", TableName="walked", Limit=3, **request)
    while True:
        keys += [item["pk"][tag] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            return keys
        start = page["LastEvaluatedKey"]
        page = db("Scan", TableName="walked", Limit=3, ExclusiveStartKey=start, **request)


@pytest.mark.parametrize(
    ("tag", "keys"),
    [
        ("S", DIGITS),
        ("S", ["A", "B"]),
        ("S", ["hello", "äáöü", "aardman", "zapf"]),
        ("N", NUMBERS),
        ("B", ["Mg==", "OA==", "OQ==", "MQ=="]),
    ],
    ids=["digits", "letters", "words", "numbers", "binaries"],
)
def test_partitions_come_in_the_order_of_their_hashes(db: Any, tag: str, keys: list[str]) -> None:
    fill(db, tag, keys)
    assert walked(db, tag) == keys


@pytest.mark.parametrize(
    ("tag", "key", "segment"),
    [("S", "228", 0), ("S", "1668", 1), ("S", "3435", 4), ("N", "251", 1), ("N", "2388", 4095)],
)
def test_a_segment_is_a_range_of_hashes(db: Any, tag: str, key: str, segment: int) -> None:
    fill(db, tag, [key])
    assert walked(db, tag, Segment=segment, TotalSegments=4096) == [key]


def test_an_index_is_walked_by_the_hashes_of_its_own_keys(db: Any) -> None:
    db(
        "CreateTable",
        TableName="walked",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "pk", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-pk",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for key in sorted(DIGIT_NUMBERS):
        db("PutItem", TableName="walked", Item={"id": {"S": f"item {key}"}, "pk": {"N": key}})
    assert walked(db, "N", IndexName="by-pk") == DIGIT_NUMBERS
