"""Queries and scans over keys and indexes, with filters and pages."""

from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr, Key

SHELF = Key("pk").eq("shelf-a")
ON_KEYS: list[tuple[Any, list[int]]] = [
    (SHELF, list(range(10))),
    (SHELF & Key("sk").eq("article-3"), [3]),
    (SHELF & Key("sk").lt("article-3"), [0, 1, 2]),
    (SHELF & Key("sk").lte("article-3"), [0, 1, 2, 3]),
    (SHELF & Key("sk").gt("article-7"), [8, 9]),
    (SHELF & Key("sk").gte("article-7"), [7, 8, 9]),
    (SHELF & Key("sk").between("article-2", "article-4"), [2, 3, 4]),
    (SHELF & Key("sk").begins_with("article-"), list(range(10))),
    (SHELF & Key("sk").begins_with("other-"), []),
    (Key("pk").eq("shelf-z"), []),
]


def sizes(answer: Any) -> list[int]:
    return [int(item["size"]) for item in answer["Items"]]


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "backward"])
@pytest.mark.parametrize(("condition", "expected"), ON_KEYS, ids=range(len(ON_KEYS)))
def test_a_query(filled: Any, condition: Any, expected: list[int], forward: bool) -> None:
    answer = filled.query(KeyConditionExpression=condition, ScanIndexForward=forward)
    assert sizes(answer) == (expected if forward else expected[::-1])
    assert answer["Count"] == answer["ScannedCount"] == len(expected)


ON_INDEXES: list[tuple[str, Any, list[int]]] = [
    ("by-colour", Key("colour").eq("red"), [0, 0, 3, 3, 6, 6, 9, 9]),
    ("by-colour", Key("colour").eq("red") & Key("size").gt(5), [6, 6, 9, 9]),
    ("by-colour", Key("colour").eq("blue") & Key("size").eq(2), [2, 2]),
    ("by-colour", Key("colour").eq("blue") & Key("size").between(3, 8), [5, 5, 8, 8]),
    ("by-colour", Key("colour").eq("black"), []),
    ("by-size", SHELF & Key("size").lt(4), [0, 1, 2, 3]),
    ("by-size", SHELF & Key("size").gte(8), [8, 9]),
    ("by-size", SHELF, list(range(10))),
]


@pytest.mark.parametrize(("index", "condition", "expected"), ON_INDEXES, ids=range(len(ON_INDEXES)))
@pytest.mark.parametrize("forward", [True, False], ids=["forward", "backward"])
def test_an_index(filled: Any, index: str, condition: Any, expected: list[int], forward: bool) -> None:
    answer = filled.query(IndexName=index, KeyConditionExpression=condition, ScanIndexForward=forward)
    assert sizes(answer) == (expected if forward else expected[::-1])


FILTERS: list[tuple[Any, set[int]]] = [
    (Attr("size").gt(7), {8, 9}),
    (Attr("colour").eq("green"), {1, 4, 7}),
    (Attr("colour").eq("green") & Attr("size").lt(5), {1, 4}),
    (Attr("colour").is_in(["red", "blue"]), {0, 2, 3, 5, 6, 8, 9}),
    (Attr("gone").exists(), set()),
]


@pytest.mark.parametrize(("wanted", "expected"), FILTERS, ids=range(len(FILTERS)))
def test_a_filter_of_a_query(filled: Any, wanted: Any, expected: set[int]) -> None:
    answer = filled.query(KeyConditionExpression=SHELF, FilterExpression=wanted)
    assert set(sizes(answer)) == expected
    assert (answer["Count"], answer["ScannedCount"]) == (len(expected), 10)


@pytest.mark.parametrize(("wanted", "expected"), FILTERS, ids=range(len(FILTERS)))
def test_a_filter_of_a_scan(filled: Any, wanted: Any, expected: set[int]) -> None:
    answer = filled.scan(FilterExpression=wanted)
    assert set(sizes(answer)) == expected
    assert (answer["Count"], answer["ScannedCount"]) == (2 * len(expected), 20)


@pytest.mark.parametrize("limit", [1, 3, 5, 10, 11])
def test_pages_of_a_query(filled: Any, limit: int) -> None:
    found: list[int] = []
    start: dict[str, Any] = {}
    while True:
        answer = filled.query(KeyConditionExpression=SHELF, Limit=limit, **start)
        assert answer["Count"] <= limit
        found += sizes(answer)
        if "LastEvaluatedKey" not in answer:
            break
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert found == list(range(10))


@pytest.mark.parametrize("limit", [3, 7, 20])
def test_pages_of_a_scan(filled: Any, client: Any, limit: int) -> None:
    pages = client.get_paginator("scan").paginate(TableName=filled.name, PaginationConfig={"PageSize": limit})
    found = [item["pk"]["S"] + item["sk"]["S"] for page in pages for item in page["Items"]]
    assert len(found) == len(set(found)) == 20


@pytest.mark.parametrize("limit", [2, 3, 8])
def test_pages_of_an_index(filled: Any, client: Any, limit: int) -> None:
    pages = client.get_paginator("query").paginate(
        TableName=filled.name,
        IndexName="by-colour",
        KeyConditionExpression="colour = :c",
        ExpressionAttributeValues={":c": {"S": "red"}},
        PaginationConfig={"PageSize": limit},
    )
    assert [int(item["size"]["N"]) for page in pages for item in page["Items"]] == [0, 0, 3, 3, 6, 6, 9, 9]


@pytest.mark.parametrize("segments", [1, 2, 4])
def test_a_scan_in_segments(filled: Any, segments: int) -> None:
    found = [
        item["pk"] + item["sk"]
        for segment in range(segments)
        for item in filled.scan(Segment=segment, TotalSegments=segments)["Items"]
    ]
    assert len(found) == len(set(found)) == 20


def test_counts_without_items(filled: Any) -> None:
    answer = filled.query(KeyConditionExpression=SHELF, Select="COUNT")
    assert answer["Count"] == 10
    assert "Items" not in answer
