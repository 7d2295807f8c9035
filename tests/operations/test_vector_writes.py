"""What vector indexes refuse of an item, what goes with it, and what its writes cost."""

from typing import Any

import pytest

from dynemu.errors import AwsError
from tests.operations.conftest import Requests
from tests.operations.vector_tables import (
    INVALID,
    TWICE,
    answer,
    check_entries,
    create,
    describe,
    found_keys,
    index,
    schema,
    search,
    vector,
)

REFUSED_ITEMS: list[tuple[dict[str, Any], str]] = [
    (
        {"emb": {"S": "x"}},
        TWICE + "Invalid type for parameter emb, Expected: L, Actual: S. IndexName: vix",
    ),
    (
        {"emb": {"L": vector(1, 2)}},
        TWICE + "Invalid size for parameter emb, Expected: 3, Actual: 2. IndexName: vix",
    ),
    (
        {"emb": {"L": [*vector(1, 2), {"BOOL": True}]}},
        "One or more parameter values were invalid. Invalid type for parameter emb[2], "
        "Expected: 32-bit floating point number, Actual: BOOL. IndexName: vix",
    ),
    (
        {"emb": {"L": vector(1, "3.5E38", 2)}},
        TWICE + "Invalid value for parameter emb[1], Value: 3.5E+38 is outside valid range "
        "[-3.4028235E38, 3.4028235E38]. IndexName: vix",
    ),
    (
        {"emb": {"L": vector("-4" + "0" * 38, 1, 2)}},
        TWICE + "Invalid value for parameter emb[0], Value: -4E+38 is outside valid range "
        "[-3.4028235E38, 3.4028235E38]. IndexName: vix",
    ),
    (
        {"t": {"N": "1"}},
        "One or more parameter values were invalid. Attribute 't' type mismatch. Expected: S, Actual: N. "
        "IndexName: vix",
    ),
    (
        {"t": {"S": ""}},
        "One or more parameter values are not valid. A value specified for a secondary index key is not "
        "supported. The AttributeValue for a key attribute cannot contain an empty string value. "
        "IndexName: vix, IndexKey: t",
    ),
    (
        {"t": {"S": "t" * 2049}},
        INVALID + "Aggregate size for HASH key attributes exceeds the maximum of 2048 bytes",
    ),
    (
        {"c": {"S": "x"}},
        "One or more parameter values were invalid. Attribute 'c' type mismatch. Expected: B, Actual: S. "
        "IndexName: vix",
    ),
    (
        {"c": {"B": "QUFB" * 3414}},
        INVALID + "Size limit exceeded for SearchSchema attribute 'c': maximum 10240 bytes",
    ),
]


@pytest.mark.parametrize(("attributes", "message"), REFUSED_ITEMS)
def test_refused_items(db: Requests, attributes: dict[str, Any], message: str) -> None:
    create(db, index(SearchSchema=schema("t", "c")), t="S", c="B")
    item = {"pk": {"S": "1"}, **attributes}
    assert db.refuse("PutItem", TableName="things", Item=item) == ("ValidationException", message)
    [name] = attributes
    change = {"UpdateExpression": f"SET {name} = :v", "ExpressionAttributeValues": {":v": attributes[name]}}
    key = {"TableName": "things", "Key": {"pk": {"S": "1"}}}
    assert db.refuse("UpdateItem", **key, **change) == ("ValidationException", message)
    batch = {"things": [{"PutRequest": {"Item": item}}]}
    assert db.refuse("BatchWriteItem", RequestItems=batch) == ("ValidationException", message)
    assert db("Scan", TableName="things")["Count"] == 0


def test_refusal_cancels_a_transaction(db: Requests) -> None:
    create(db, index())
    puts = [{"Put": {"TableName": "things", "Item": {"pk": {"S": "1"}, "emb": {"L": vector(1)}}}}]
    with pytest.raises(AwsError) as caught:
        answer(db, "TransactWriteItems", TransactItems=puts)
    assert caught.value.fields["CancellationReasons"] == [
        {
            "Code": "ValidationError",
            "Message": TWICE + "Invalid size for parameter emb, Expected: 3, Actual: 1. IndexName: vix",
        }
    ]


def test_largest_and_smallest_floats_are_taken(db: Requests) -> None:
    create(db, index())
    db.put(pk={"S": "1"}, emb={"L": vector("3.4028235E38", "-3.4028235E38", "1E-130")})
    [result] = db("SearchVectors", **search(1, 0, 0, ProjectionExpression="emb"))["SearchResults"]
    assert result["Item"]["emb"]["L"] == vector("34028235" + "0" * 31, "-34028235" + "0" * 31, 0)


BLOB = {"S": "x" * 2000}
MEASURED = [
    (8, "ALL", "a1", {}, 1024.0),
    (8, "ALL", "a2", {"blob": BLOB}, 2051.0),
    (1024, "ALL", "b1", {}, 4111.0),
    (2048, "ALL", "b1", {}, 8207.0),
    (1024, "ALL", "b2", {"blob": BLOB}, 6115.0),
    (1024, "KEYS_ONLY", "k1", {"blob": BLOB}, 4111.0),
    (1024, "ALL", "pred-g", {"a": {"S": "1"}, "bb": {"S": "22"}, "ccc": {"S": "333"}}, 4127.0),
]
"""Dimensions, projection, key, further attributes, and the bytes that the service counted for a put."""


def cost(answered: Any) -> Any:
    """Return what is reported for vector indexes."""
    return answered["ConsumedCapacity"].get("VectorIndexes")


@pytest.mark.parametrize(("dimensions", "projection", "key", "more", "size"), MEASURED)
def test_writes_cost_the_bytes_of_the_entry(
    db: Requests, dimensions: int, projection: str, key: str, more: dict[str, Any], size: float
) -> None:
    definition = index(
        dimensions=dimensions, Projection={"ProjectionType": projection}, SearchSchema=schema("tenant")
    )
    create(db, definition, tenant="S")
    item = {"pk": {"S": key}, "tenant": {"S": "t1"}, "emb": {"L": vector(*[0.1] * dimensions)}, **more}
    request = {"TableName": "things", "ReturnConsumedCapacity": "INDEXES"}
    written = {"vix": {"VectorWriteRequestBytes": size}}
    assert cost(db("PutItem", Item=item, **request)) == written
    assert cost(db("PutItem", Item=item, **request)) is None
    moved = {**item, "tenant": {"S": "t9"}}
    assert cost(db("PutItem", Item=moved, **request)) == {"vix": {"VectorWriteRequestBytes": 2 * size}}
    assert cost(db("DeleteItem", Key={"pk": {"S": key}}, **request)) == written
    assert cost(db("DeleteItem", Key={"pk": {"S": key}}, **request)) is None


def test_only_what_is_projected_costs(db: Requests) -> None:
    create(db, index(), index("keys", Projection={"ProjectionType": "KEYS_ONLY"}))
    db.put(pk={"S": "1"}, emb={"L": vector(1, 2, 3)})
    change = {
        "TableName": "things",
        "Key": {"pk": {"S": "1"}},
        "UpdateExpression": "SET v = :v",
        "ExpressionAttributeValues": {":v": {"S": "x"}},
    }
    assert cost(db("UpdateItem", **change, ReturnConsumedCapacity="INDEXES")) == {
        "vix": {"VectorWriteRequestBytes": 1024.0}
    }
    total = db("UpdateItem", **change, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]
    assert total == {"TableName": "things", "CapacityUnits": 1.0}
    check_entries(db)


def test_batches_and_transactions_report_their_bytes(db: Requests) -> None:
    create(db, index())
    items = [{"pk": {"S": str(number)}, "emb": {"L": vector(number, 1, 1)}} for number in range(3)]
    batch = db(
        "BatchWriteItem",
        RequestItems={"things": [{"PutRequest": {"Item": item}} for item in items]},
        ReturnConsumedCapacity="INDEXES",
    )
    three = {"vix": {"VectorWriteRequestBytes": 3072.0}}
    assert [capacity["VectorIndexes"] for capacity in batch["ConsumedCapacity"]] == [three]
    deletes = [{"Delete": {"TableName": "things", "Key": {"pk": item["pk"]}}} for item in items]
    done = db("TransactWriteItems", TransactItems=deletes, ReturnConsumedCapacity="INDEXES")
    assert [capacity["VectorIndexes"] for capacity in done["ConsumedCapacity"]] == [three]
    assert [capacity["CapacityUnits"] for capacity in done["ConsumedCapacity"]] == [6.0]
    check_entries(db)


def test_item_without_its_partition_is_not_indexed(db: Requests) -> None:
    create(db, index(SearchSchema=schema("t", "c")), t="S", c="S")
    scope = {"SearchConditionExpression": "t = :t", "ExpressionAttributeValues": {":t": {"S": "a"}}}
    db.put(pk={"S": "1"}, emb={"L": vector(1, 2, 3)}, t={"S": "a"})
    assert found_keys(db, 1, 2, 3, **scope) == ["1"]
    db("UpdateItem", TableName="things", Key={"pk": {"S": "1"}}, UpdateExpression="REMOVE t")
    assert found_keys(db, 1, 2, 3, **scope) == []
    shown = describe(db)
    assert shown is not None
    assert (shown["ItemCount"], shown["IndexSizeBytes"]) == (0, 0)


def test_expired_item_leaves_the_index(db: Requests) -> None:
    create(db, index())
    specification = {"Enabled": True, "AttributeName": "ends"}
    db("UpdateTimeToLive", TableName="things", TimeToLiveSpecification=specification)
    for key, seconds in (("1", -1), ("2", 1)):
        ends = {"N": str(int(db.clock.time) + seconds)}
        db.put(pk={"S": key}, emb={"L": vector(1, 0, 0)}, ends=ends)
    assert db.engine.sweep() == 1
    assert found_keys(db, 1, 0, 0) == ["2"]
    check_entries(db)
