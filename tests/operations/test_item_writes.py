"""PutItem, UpdateItem and DeleteItem through the one door."""

from typing import Any

import pytest

KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}


def test_put_then_get_gives_the_item_with_canonical_values(db: Any) -> None:
    db.create()
    db.put(
        **KEY,
        n={"N": "+001.50"},
        set={"SS": ["b", "a"]},
        ns={"NS": ["10", "9.0"]},
        deep={"M": {"l": {"L": [{"N": "1e2"}]}}},
    )
    assert db("GetItem", TableName="things", Key=KEY) == {
        "Item": {
            **KEY,
            "n": {"N": "1.5"},
            "set": {"SS": ["a", "b"]},
            "ns": {"NS": ["9", "10"]},
            "deep": {"M": {"l": {"L": [{"N": "100"}]}}},
        }
    }


def test_put_returns_the_item_it_replaced(db: Any) -> None:
    db.create()
    db.put(**KEY, v={"S": "old"})
    answer = db("PutItem", TableName="things", Item={**KEY, "v": {"S": "new"}}, ReturnValues="ALL_OLD")
    assert answer == {"Attributes": {**KEY, "v": {"S": "old"}}}


def test_failed_condition_writes_nothing_and_shows_the_item_when_asked(db: Any) -> None:
    db.create()
    db.put(**KEY, v={"N": "1"})
    request = {
        "TableName": "things",
        "Item": {**KEY, "v": {"N": "2"}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    assert db.refuse("PutItem", **request) == (
        "ConditionalCheckFailedException",
        "The conditional request failed",
    )
    with pytest.raises(Exception) as caught:
        db("PutItem", **request, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.to_body()["Item"] == {**KEY, "v": {"N": "1"}}
    assert db("GetItem", TableName="things", Key=KEY)["Item"]["v"] == {"N": "1"}


def test_update_creates_a_missing_item_unless_it_only_removes(db: Any) -> None:
    db.create()
    gone = {"pk": {"S": "a"}, "sk": {"S": "2"}}
    db(
        "UpdateItem",
        TableName="things",
        Key=KEY,
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    assert (
        db("UpdateItem", TableName="things", Key=gone, UpdateExpression="REMOVE x", ReturnValues="ALL_NEW")
        == {}
    )
    assert db("Scan", TableName="things")["Items"] == [{**KEY, "n": {"N": "1"}}]


@pytest.mark.parametrize(
    ("wanted", "attributes"),
    [
        ("ALL_OLD", {**KEY, "m": {"M": {"a": {"N": "1"}, "b": {"N": "2"}}}, "gone": {"S": "x"}}),
        ("ALL_NEW", {**KEY, "m": {"M": {"a": {"N": "6"}, "b": {"N": "2"}}}}),
        ("UPDATED_OLD", {"m": {"M": {"a": {"N": "1"}}}, "gone": {"S": "x"}}),
        ("UPDATED_NEW", {"m": {"M": {"a": {"N": "6"}}}}),
    ],
)
def test_update_returns_the_attributes_asked_for(db: Any, wanted: str, attributes: Any) -> None:
    db.create()
    db.put(**KEY, m={"M": {"a": {"N": "1"}, "b": {"N": "2"}}}, gone={"S": "x"})
    answer = db(
        "UpdateItem",
        TableName="things",
        Key=KEY,
        UpdateExpression="SET m.a = m.a + :v REMOVE gone",
        ExpressionAttributeValues={":v": {"N": "5"}},
        ReturnValues=wanted,
    )
    assert answer == {"Attributes": attributes}


def test_update_of_a_key_attribute_is_refused(db: Any) -> None:
    db.create()
    assert db.refuse(
        "UpdateItem",
        TableName="things",
        Key=KEY,
        UpdateExpression="SET sk = :v",
        ExpressionAttributeValues={":v": {"S": "2"}},
    ) == (
        "ValidationException",
        "One or more parameter values were invalid: "
        "Cannot update attribute sk. This attribute is part of the key",
    )


def test_update_past_400_kb_is_refused_and_leaves_the_item(db: Any) -> None:
    db.create()
    db.put(**KEY, v={"S": "x" * 300_000})
    code, message = db.refuse(
        "UpdateItem",
        TableName="things",
        Key=KEY,
        UpdateExpression="SET w = :w",
        ExpressionAttributeValues={":w": {"S": "x" * 120_000}},
    )
    assert (code, message) == (
        "ValidationException",
        "Item size to update has exceeded the maximum allowed size",
    )
    assert "w" not in db("GetItem", TableName="things", Key=KEY)["Item"]


def test_delete_returns_what_it_deleted_and_is_fine_without(db: Any) -> None:
    db.create()
    db.put(**KEY, v={"S": "x"})
    assert db("DeleteItem", TableName="things", Key=KEY, ReturnValues="ALL_OLD") == {
        "Attributes": {**KEY, "v": {"S": "x"}}
    }
    assert db("DeleteItem", TableName="things", Key=KEY, ReturnValues="ALL_OLD") == {}
    assert db("Scan", TableName="things")["Count"] == 0


def test_a_key_with_another_attribute_does_not_match_the_schema(db: Any) -> None:
    db.create()
    for operation in ("GetItem", "DeleteItem", "UpdateItem"):
        assert db.refuse(operation, TableName="things", Key={**KEY, "x": {"S": "1"}}) == (
            "ValidationException",
            "The provided key element does not match the schema",
        )


def test_counts_follow_every_write(db: Any) -> None:
    db.create()
    db.put(**KEY, v={"S": "12345"})
    db.put(**{**KEY, "sk": {"S": "2"}})
    db.put(**KEY, v={"S": "123"})
    db("DeleteItem", TableName="things", Key={**KEY, "sk": {"S": "2"}})
    table = db("DescribeTable", TableName="things")["Table"]
    assert (table["ItemCount"], table["TableSizeBytes"]) == (1, 2 + 1 + 2 + 1 + 1 + 3)
