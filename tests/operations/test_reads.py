"""Query and Scan: order, ranges, pages, indexes."""

from typing import Any

import pytest

GSI = [
    {
        "IndexName": "by-g",
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["v"]},
    }
]
LSI = [
    {
        "IndexName": "by-n",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
]


def fill(db: Any, count: int = 10) -> None:
    db.create(attributes={"g": "S", "n": "N"}, GlobalSecondaryIndexes=GSI, LocalSecondaryIndexes=LSI)
    for number in range(count):
        db.put(
            pk={"S": "a"},
            sk={"S": f"{number:03}"},
            n={"N": str(count - number)},
            g={"S": "even" if number % 2 == 0 else "odd"},
            v={"S": f"v{number}"},
            w={"S": "not in the index"},
        )
    db.put(pk={"S": "b"}, sk={"S": "000"})


def sort_keys(answer: Any) -> list[str]:
    return [item["sk"]["S"] for item in answer["Items"]]


@pytest.mark.parametrize(
    ("condition", "values", "found"),
    [
        ("sk = :x", {":x": "003"}, ["003"]),
        ("sk < :x", {":x": "003"}, ["000", "001", "002"]),
        ("sk <= :x", {":x": "002"}, ["000", "001", "002"]),
        ("sk > :x", {":x": "007"}, ["008", "009"]),
        ("sk >= :x", {":x": "008"}, ["008", "009"]),
        ("sk BETWEEN :x AND :y", {":x": "003", ":y": "005"}, ["003", "004", "005"]),
        ("begins_with(sk, :x)", {":x": "00"}, [f"{number:03}" for number in range(10)]),
        ("begins_with(sk, :x)", {":x": "1"}, []),
    ],
)
def test_query_finds_the_range_in_both_directions(
    db: Any, condition: str, values: Any, found: list[str]
) -> None:
    fill(db)
    request = {
        "TableName": "things",
        "KeyConditionExpression": f"pk = :p AND {condition}",
        "ExpressionAttributeValues": {":p": {"S": "a"}}
        | {name: {"S": text} for name, text in values.items()},
    }
    assert sort_keys(db("Query", **request)) == found
    assert sort_keys(db("Query", **request, ScanIndexForward=False)) == found[::-1]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("index", [None, "by-n", "by-g"])
@pytest.mark.parametrize("limit", [1, 3, 5, 7])
def test_query_pages_meet_without_gap_or_overlap(
    db: Any, forward: bool, index: str | None, limit: int
) -> None:
    fill(db)
    name, value = ("g", "odd") if index == "by-g" else ("pk", "a")
    request: dict[str, Any] = {
        "TableName": "things",
        "KeyConditionExpression": f"{name} = :p",
        "ExpressionAttributeValues": {":p": {"S": value}},
        "ScanIndexForward": forward,
    }
    if index:
        request["IndexName"] = index
    whole = sort_keys(db("Query", **request))
    found: list[str] = []
    start: dict[str, Any] = {}
    while True:
        page = db("Query", **request, Limit=limit, **start)
        found += sort_keys(page)
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert found == whole
    assert len(whole) == (5 if index == "by-g" else 10)


def test_last_evaluated_key_of_an_index_holds_both_keys(db: Any) -> None:
    fill(db)
    page = db(
        "Query",
        TableName="things",
        IndexName="by-g",
        KeyConditionExpression="g = :g",
        ExpressionAttributeValues={":g": {"S": "odd"}},
        Limit=1,
    )
    assert page["LastEvaluatedKey"] == {
        "g": {"S": "odd"},
        "n": {"N": "1"},
        "pk": {"S": "a"},
        "sk": {"S": "009"},
    }


def test_a_page_that_ends_at_limit_has_a_last_key_even_when_nothing_follows(db: Any) -> None:
    fill(db, 2)
    request = {
        "TableName": "things",
        "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}},
    }
    page = db("Query", **request, Limit=2)
    assert page["LastEvaluatedKey"] == {"pk": {"S": "a"}, "sk": {"S": "001"}}
    rest = db("Query", **request, ExclusiveStartKey=page["LastEvaluatedKey"])
    assert rest == {"Items": [], "Count": 0, "ScannedCount": 0}


def test_a_page_ends_with_the_item_that_passes_one_megabyte(db: Any) -> None:
    db.create()
    for number in range(5):
        db.put(pk={"S": "a"}, sk={"S": str(number)}, v={"S": "x" * 300_000})
    request = {
        "TableName": "things",
        "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}},
    }
    page = db("Query", **request)
    assert sort_keys(page) == ["0", "1", "2", "3"]
    assert sort_keys(db("Query", **request, ExclusiveStartKey=page["LastEvaluatedKey"])) == ["4"]
    assert sort_keys(db("Query", **request, ScanIndexForward=False)) == ["4", "3", "2", "1"]
    filtered = db("Scan", TableName="things", FilterExpression="attribute_not_exists(v)")
    assert (filtered["Count"], filtered["ScannedCount"]) == (0, 4)


def test_local_index_fetches_what_it_does_not_project(db: Any) -> None:
    fill(db, 2)
    answer = db(
        "Query",
        TableName="things",
        IndexName="by-n",
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "a"}},
        Select="ALL_ATTRIBUTES",
        ReturnConsumedCapacity="INDEXES",
    )
    assert [item["w"]["S"] for item in answer["Items"]] == ["not in the index"] * 2
    assert answer["ConsumedCapacity"]["Table"] == {"CapacityUnits": 1.0}
    assert answer["ConsumedCapacity"]["LocalSecondaryIndexes"] == {"by-n": {"CapacityUnits": 0.5}}


def test_scan_segments_are_a_partition_of_the_table(db: Any) -> None:
    db.create(range=None)
    for number in range(60):
        db.put(pk={"S": f"user-{number}"})
    found = []
    for segment in range(7):
        page = db("Scan", TableName="things", Segment=segment, TotalSegments=7)
        found += [item["pk"]["S"] for item in page["Items"]]
    assert sorted(found) == sorted(f"user-{number}" for number in range(60))
    assert found == [item["pk"]["S"] for item in db("Scan", TableName="things")["Items"]]


def test_items_without_the_index_key_are_not_in_the_index(db: Any) -> None:
    fill(db, 4)
    assert db("Scan", TableName="things", IndexName="by-g")["Count"] == 4
    assert db("Scan", TableName="things")["Count"] == 5
