"""What requests about global indexes are answered when attributes are missing from them or empty."""

from typing import Any

import pytest

KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}
BY_KIND = {
    "IndexName": "by_kind",
    "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "KEYS_ONLY"},
}


@pytest.fixture
def things(db: Any) -> Any:
    db.create(attributes={"kind": "S"}, GlobalSecondaryIndexes=[BY_KIND])
    db.put(**KEY, kind={"S": "x"}, size={"N": "1"})
    return db


def test_a_scan_may_filter_by_what_its_index_lacks(things: Any) -> None:
    request = {
        "TableName": "things",
        "IndexName": "by_kind",
        "FilterExpression": "#n = :v",
        "ExpressionAttributeNames": {"#n": "size"},
        "ExpressionAttributeValues": {":v": {"N": "1"}},
    }
    answer = things("Scan", **request)
    assert (answer["Count"], answer["ScannedCount"]) == (0, 1)


def test_a_query_may_not_filter_by_what_its_index_lacks(things: Any) -> None:
    refused = things.refuse(
        "Query",
        TableName="things",
        IndexName="by_kind",
        KeyConditionExpression="kind = :k",
        FilterExpression="#n = :v",
        ExpressionAttributeNames={"#n": "size"},
        ExpressionAttributeValues={":k": {"S": "x"}, ":v": {"N": "1"}},
    )
    assert refused == (
        "ValidationException",
        "One or more parameter values were invalid: Secondary index by_kind does not project one or more "
        "filter attributes: [size]",
    )


def test_an_empty_index_key_refuses_a_transaction_as_a_whole(things: Any) -> None:
    put = {"TableName": "things", "Item": {**KEY, "kind": {"S": ""}}}
    update = {
        "TableName": "things",
        "Key": KEY,
        "UpdateExpression": "SET kind = :v",
        "ExpressionAttributeValues": {":v": {"S": ""}},
    }
    for action in ({"Put": put}, {"Update": update}):
        code, message = things.refuse("TransactWriteItems", TransactItems=[action])
        assert code == "ValidationException"
        assert message.startswith("One or more parameter values are not valid. ")


def test_actions_may_hold_maps_without_entries_where_no_expression_is(things: Any) -> None:
    names: dict[str, Any] = {"ExpressionAttributeNames": {}}
    get = {"Get": {"TableName": "things", "Key": KEY, **names}}
    assert things("TransactGetItems", TransactItems=[get])["Responses"][0]["Item"]["kind"] == {"S": "x"}
    delete = {"TableName": "things", "Key": KEY, **names, "ExpressionAttributeValues": {}}
    assert things("TransactWriteItems", TransactItems=[{"Delete": delete}]) == {}
