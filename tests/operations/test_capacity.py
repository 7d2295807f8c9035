"""Consumed capacity: what each kind of read and write is charged, for the table and for each index.

Source: developer guide, "DynamoDB item sizes and formats", "DynamoDB read and write operations", "Local
secondary indexes" and "Using global secondary indexes"; API reference, TransactWriteItems.
"""

from typing import Any

import pytest

from tests.operations.conftest import Requests

KB = 1024
OVERHEAD = len("pk") + len("a") + len("sk") + len("1") + len("v")
"""Bytes of the test items, beside the text of their attribute ``v``."""


def text(size: int) -> dict[str, str]:
    """Return the value of ``v`` that makes an item of *size* bytes."""
    return {"S": "x" * (size - OVERHEAD)}


def key(sort: str = "1") -> dict[str, Any]:
    return {"pk": {"S": "a"}, "sk": {"S": sort}}


def index(name: str, *keys: str, project: str | list[str] = "ALL") -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": project}
    if isinstance(project, list):
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": project}
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": part, "KeyType": role}
            for part, role in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
        "Projection": projection,
    }


@pytest.fixture
def indexed(db: Requests) -> Requests:
    """A table with an index of each kind that projects all, only keys, or one attribute."""
    db.create(
        attributes={"g": "S", "l": "S"},
        LocalSecondaryIndexes=[index("lall", "pk", "l"), index("lkeys", "pk", "l", project="KEYS_ONLY")],
        GlobalSecondaryIndexes=[
            index("gall", "g"),
            index("gkeys", "g", project="KEYS_ONLY"),
            index("gsome", "g", project=["c"]),
        ],
    )
    return db


def consumed(db: Requests, operation: str, mode: str = "INDEXES", **request: Any) -> Any:
    return db(operation, ReturnConsumedCapacity=mode, **request)["ConsumedCapacity"]


def report(table: float, name: str = "things", kind: str = "", **indexes: float) -> dict[str, Any]:
    """Return what mode INDEXES shows; *indexes* whose names begin with an l are local ones."""

    def units(number: float) -> dict[str, float]:
        return {"CapacityUnits": number} | ({kind: number} if kind else {})

    shown = {"TableName": name, **units(table + sum(indexes.values())), "Table": units(table)}
    local = {part: units(number) for part, number in indexes.items() if part[0] == "l"}
    other = {part: units(number) for part, number in indexes.items() if part[0] == "g"}
    if local:
        shown["LocalSecondaryIndexes"] = local
    if other:
        shown["GlobalSecondaryIndexes"] = other
    return shown


def put(db: Requests, **item: Any) -> Any:
    return consumed(db, "PutItem", TableName="things", Item=key() | item)


def update(db: Requests, expression: str, values: Any = None, **more: Any) -> Any:
    more |= {"ExpressionAttributeValues": values} if values else {}
    return consumed(db, "UpdateItem", TableName="things", Key=key(), UpdateExpression=expression, **more)


@pytest.mark.parametrize(
    ("size", "writes", "reads"),
    [(100, 1, 1), (KB, 1, 1), (KB + 1, 2, 1), (4 * KB, 4, 1), (4 * KB + 1, 5, 2), (400 * KB, 400, 100)],
)
def test_units_are_of_one_kilobyte_written_and_of_four_read(
    db: Requests, size: int, writes: int, reads: int
) -> None:
    db.create()
    assert put(db, v=text(size)) == report(writes)
    get = {"TableName": "things", "Key": key()}
    assert consumed(db, "GetItem", **get, ConsistentRead=True) == report(reads)
    assert consumed(db, "GetItem", **get) == report(reads / 2)
    assert consumed(db, "GetItem", **get, ProjectionExpression="pk") == report(reads / 2)
    query = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}
    assert consumed(db, "Query", TableName="things", **query) == report(reads / 2)
    assert consumed(db, "Scan", TableName="things", ConsistentRead=True) == report(reads)
    assert consumed(db, "DeleteItem", TableName="things", Key=key()) == report(writes)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"N": "0"}, 1),
        ({"N": "12"}, 2),
        ({"N": "-1.5e1"}, 3),
        ({"N": "1681414496"}, 6),
        ({"N": "139.2675643770462"}, 10),
        ({"B": "AAECAw=="}, 4),
        ({"S": "\u00e9\u20ac"}, 5),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"NS": ["1", "100", "12"]}, 6),
        ({"SS": ["ab", "c"]}, 3),
        ({"BS": ["AA==", "AAE="]}, 3),
        ({"L": [{"S": "ab"}, {"N": "1"}]}, 3 + 1 + 2 + 1 + 2),
        ({"M": {"ab": {"S": "c"}, "d": {"L": []}}}, 3 + 1 + 3 + 1 + 4),
    ],
)
def test_sizes_are_exact(db: Requests, value: Any, size: int) -> None:
    db.create()
    rest = KB - size - len("o")
    assert put(db, v=text(rest), o=value) == report(1)
    assert db("DescribeTable", TableName="things")["Table"]["TableSizeBytes"] == KB
    assert put(db, v=text(rest + 1), o=value) == report(2)


def test_writes_are_charged_the_larger_of_both_sizes(db: Requests) -> None:
    db.create()
    put(db, v=text(3 * KB))
    assert put(db, v=text(KB)) == report(3)
    assert put(db, v=text(2 * KB)) == report(2)
    assert update(db, "SET v = :v", {":v": {"S": "x"}}) == report(2)
    assert update(db, "SET v = :v", {":v": {"S": "x" * 4 * KB}}) == report(5)


def test_what_is_not_there_costs_the_least(db: Requests) -> None:
    db.create()
    assert consumed(db, "DeleteItem", TableName="things", Key=key()) == report(1)
    assert consumed(db, "GetItem", TableName="things", Key=key()) == report(0.5)
    assert update(db, "REMOVE v") == report(1)
    keys = {"things": {"Keys": [key("1"), key("2"), key("3")]}}
    assert consumed(db, "BatchGetItem", RequestItems=keys) == [report(1.5)]


def test_total_leaves_the_parts_out(indexed: Requests) -> None:
    item = key() | {"g": {"S": "q"}, "l": {"S": "r"}}
    put_total = consumed(indexed, "PutItem", "TOTAL", TableName="things", Item=item)
    assert put_total == {"TableName": "things", "CapacityUnits": 6.0}


def test_filter_and_count_are_charged_for_all_that_is_read(db: Requests) -> None:
    db.create()
    for sort in "123":
        db.put(**key(sort), v=text(3 * KB))
    query = {
        "TableName": "things",
        "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}},
    }
    assert consumed(db, "Query", **query) == report(1.5)
    assert consumed(db, "Query", **query, FilterExpression="attribute_not_exists(v)") == report(1.5)
    assert consumed(db, "Query", **query, ConsistentRead=True, Select="COUNT") == report(3)
    assert consumed(db, "Query", **query, Limit=1) == report(0.5)
    assert consumed(db, "Scan", TableName="things", Limit=2, ProjectionExpression="pk") == report(1)


def test_batches_round_each_item_and_report_each_table(db: Requests) -> None:
    db.create()
    db.create("others")
    for sort in "12":
        db.put("things", **key(sort), v=text(5 * KB))
    db.put("others", **key(), v=text(100))
    wanted = {
        "things": {"Keys": [key("1"), key("2"), key("3")]},
        "others": {"Keys": [key()], "ConsistentRead": True},
    }
    reports = consumed(db, "BatchGetItem", RequestItems=wanted)
    assert sorted(reports, key=lambda each: str(each["TableName"])) == [report(1, "others"), report(2.5)]
    writes = {
        "things": [
            {"PutRequest": {"Item": key("1") | {"v": text(KB)}}},
            {"DeleteRequest": {"Key": key("2")}},
            {"DeleteRequest": {"Key": key("3")}},
        ],
        "others": [{"PutRequest": {"Item": key() | {"v": text(2 * KB)}}}],
    }
    reports = consumed(db, "BatchWriteItem", RequestItems=writes)
    assert sorted(reports, key=lambda each: str(each["TableName"])) == [
        report(2, "others"),
        report(5 + 5 + 1),
    ]


def test_index_entries_are_charged_by_what_they_project(indexed: Requests) -> None:
    big, g, sort = text(3 * KB - 200), {"S": "q"}, {"S": "r"}
    assert put(indexed, v=big) == report(3)
    assert put(indexed, v=big, g=g) == report(3, gall=3, gkeys=1, gsome=1)
    assert put(indexed, v=big, g=g, l=sort) == report(3, gall=3, lall=3, lkeys=1)
    assert put(indexed, v=big, g=g, l=sort, c={"S": "x" * 1500}) == report(5, gall=5, gsome=2, lall=5)
    assert put(indexed, v=big, g=g, l=sort, c={"S": "y"}) == report(5, gall=5, gsome=2, lall=5)
    assert put(indexed, v=big, g=g, l=sort, c={"S": "y"}) == report(3)
    deleted = consumed(indexed, "DeleteItem", TableName="things", Key=key())
    assert deleted == report(3, gall=3, gkeys=1, gsome=1, lall=3, lkeys=1)


def test_index_entry_that_moves_is_deleted_and_put(indexed: Requests) -> None:
    put(indexed, v=text(2 * KB - 200), g={"S": "q"}, l={"S": "r"})
    moved = update(indexed, "SET g = :g", {":g": {"S": "z"}})
    assert moved == report(2, gall=4, gkeys=2, gsome=2, lall=2)
    assert update(indexed, "SET l = :l", {":l": {"S": "z"}}) == report(2, gall=2, lall=4, lkeys=2)
    assert update(indexed, "REMOVE g") == report(2, gall=2, gkeys=1, gsome=1, lall=2)


def test_query_of_an_index_is_charged_to_the_index(indexed: Requests) -> None:
    for sort in "123":
        indexed.put(**key(sort), v=text(3 * KB), g={"S": "q"}, l={"S": sort})
    by_g = {"KeyConditionExpression": "g = :g", "ExpressionAttributeValues": {":g": {"S": "q"}}}
    assert consumed(indexed, "Query", TableName="things", IndexName="gall", **by_g) == report(0, gall=1.5)
    assert consumed(indexed, "Query", TableName="things", IndexName="gkeys", **by_g) == report(0, gkeys=0.5)
    assert consumed(indexed, "Scan", TableName="things", IndexName="gsome") == report(0, gsome=0.5)
    by_pk = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}
    query = {"TableName": "things", "IndexName": "lall", "ConsistentRead": True, **by_pk}
    assert consumed(indexed, "Query", **query) == report(0, lall=3)
    missing = by_pk | {"ExpressionAttributeValues": {":p": {"S": "nobody"}}}
    assert consumed(indexed, "Query", TableName="things", IndexName="lall", **missing) == report(0, lall=0.5)


def test_what_a_local_index_lacks_is_fetched_item_by_item(indexed: Requests) -> None:
    for sort in "123":
        indexed.put(**key(sort), v=text(5 * KB), l={"S": sort})
    query = {
        "TableName": "things",
        "IndexName": "lkeys",
        "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}},
    }
    assert consumed(indexed, "Query", **query) == report(0, lkeys=0.5)
    fetched = query | {"Select": "ALL_ATTRIBUTES"}
    assert consumed(indexed, "Query", **fetched) == report(3 * 2 / 2, lkeys=0.5)
    assert consumed(indexed, "Query", **fetched, ConsistentRead=True) == report(3 * 2, lkeys=1)
    assert consumed(indexed, "Query", **fetched, Limit=1) == report(2 / 2, lkeys=0.5)
    assert consumed(indexed, "Query", **query, ProjectionExpression="v") == report(3 * 2 / 2, lkeys=0.5)
    assert consumed(indexed, "Query", **query, FilterExpression="v = :p") == report(3 * 2 / 2, lkeys=0.5)


def test_transactions_are_charged_twice_and_say_of_what_kind(indexed: Requests) -> None:
    indexed.create("others")
    indexed.put("others", **key("4"), v=text(2 * KB))
    actions = [
        {"Put": {"TableName": "things", "Item": key("1") | {"v": text(KB + 1), "g": {"S": "q"}}}},
        {"Update": {"TableName": "things", "Key": key("2"), "UpdateExpression": "SET w = :w"}},
        {"Delete": {"TableName": "things", "Key": key("3")}},
        {
            "ConditionCheck": {
                "TableName": "others",
                "Key": key("4"),
                "ConditionExpression": "attribute_exists(pk)",
            }
        },
    ]
    actions[1]["Update"]["ExpressionAttributeValues"] = {":w": {"S": "x"}}
    kind = "WriteCapacityUnits"
    assert consumed(indexed, "TransactWriteItems", TransactItems=actions) == [
        report(2 * (2 + 1 + 1), kind=kind, gall=2, gkeys=1, gsome=1),
        report(2 * 2, "others", kind=kind),
    ]
    gets = [{"Get": {"TableName": "things", "Key": key(sort)}} for sort in "19"]
    gets.append({"Get": {"TableName": "others", "Key": key("4")}})
    kind = "ReadCapacityUnits"
    reads = consumed(indexed, "TransactGetItems", TransactItems=gets)
    assert reads == [report(2 * (1 + 1), kind=kind), report(2 * 1, "others", kind=kind)]


def test_replayed_transaction_is_charged_for_reading_its_items(indexed: Requests) -> None:
    for sort in "123":
        indexed.put(**key(sort), v=text(9 * KB), g={"S": "q"})
    add = {"UpdateExpression": "SET w = :w", "ExpressionAttributeValues": {":w": {"S": "x"}}}
    actions = [
        {"Update": {"TableName": "things", "Key": key("1"), **add}},
        {"Delete": {"TableName": "things", "Key": key("2")}},
        {
            "ConditionCheck": {
                "TableName": "things",
                "Key": key("3"),
                "ConditionExpression": "attribute_exists(pk)",
            }
        },
        {"Put": {"TableName": "things", "Item": key("4") | {"v": text(5 * KB)}}},
    ]
    request = {"TransactItems": actions, "ClientRequestToken": "token"}
    indexed("TransactWriteItems", **request)
    replayed = consumed(indexed, "TransactWriteItems", **request)
    assert replayed == [report(2 * (3 + 1 + 3 + 2), kind="ReadCapacityUnits")]


def test_failed_writes_report_nothing(db: Requests) -> None:
    db.create()
    condition = {"ConditionExpression": "attribute_exists(pk)", "ReturnConsumedCapacity": "TOTAL"}
    assert db.refuse("PutItem", TableName="things", Item=key(), **condition)[0] == (
        "ConditionalCheckFailedException"
    )
    answer = db("PutItem", TableName="things", Item=key(), ReturnConsumedCapacity="NONE")
    assert answer == {}


METRICS = {"ItemCollectionKey": {"pk": {"S": "a"}}, "SizeEstimateRangeGB": [0.0, 1.0]}


def test_item_collections_are_measured_where_there_is_a_local_index(indexed: Requests) -> None:
    size = {"ReturnItemCollectionMetrics": "SIZE"}
    single = {"ItemCollectionMetrics": METRICS}
    assert indexed("PutItem", TableName="things", Item=key(), **size) == single
    assert indexed("UpdateItem", TableName="things", Key=key(), **size) == single
    assert indexed("DeleteItem", TableName="things", Key=key(), **size) == single
    indexed.create("others")
    puts = [{"PutRequest": {"Item": key(sort)}} for sort in "12"]
    both = {"things": puts, "others": puts}
    by_table = {"ItemCollectionMetrics": {"things": [METRICS]}}
    assert indexed("BatchWriteItem", RequestItems=both, **size) == by_table | {"UnprocessedItems": {}}
    actions = [{"Put": {"TableName": name, "Item": key(sort)}} for name in both for sort in "12"]
    assert indexed("TransactWriteItems", TransactItems=actions, **size) == by_table
    assert indexed("PutItem", TableName="others", Item=key(), **size) == {}
