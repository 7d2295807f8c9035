"""Batches and transactions."""

from typing import Any

import pytest

from dynemu.engine.commit import until_committed
from dynemu.errors import TransactionCanceledException


def key(number: int) -> dict[str, Any]:
    return {"pk": {"S": "a"}, "sk": {"S": f"{number:03}"}}


def put(number: int, **more: Any) -> dict[str, Any]:
    return {"PutRequest": {"Item": {**key(number), **more}}}


def test_batch_write_then_batch_get(db: Any) -> None:
    db.create()
    db.put(**key(99))
    answer = db(
        "BatchWriteItem",
        RequestItems={
            "things": [*(put(number) for number in range(24)), {"DeleteRequest": {"Key": key(99)}}]
        },
    )
    assert answer == {"UnprocessedItems": {}}
    found = db("BatchGetItem", RequestItems={"things": {"Keys": [key(number) for number in (3, 99, 1)]}})
    assert found["UnprocessedKeys"] == {}
    assert sorted(item["sk"]["S"] for item in found["Responses"]["things"]) == ["001", "003"]


def test_batch_write_refuses_all_when_one_is_bad(db: Any) -> None:
    db.create()
    code, _ = db.refuse(
        "BatchWriteItem", RequestItems={"things": [put(1), {"PutRequest": {"Item": {"pk": {"S": "a"}}}}]}
    )
    assert code == "ValidationException"
    assert db("Scan", TableName="things")["Count"] == 0


def test_batch_get_leaves_what_passes_16_mb_for_the_next_request(db: Any) -> None:
    db.create()
    for number in range(45):
        db.put(**key(number), v={"S": "x" * 390_000})
    wanted: dict[str, Any] = {
        "things": {"Keys": [key(number) for number in range(45)], "ConsistentRead": True}
    }
    found = 0
    rounds = 0
    while wanted:
        answer = db("BatchGetItem", RequestItems=wanted)
        found += len(answer["Responses"]["things"])
        wanted = answer["UnprocessedKeys"]
        rounds += 1
        assert all(part["ConsistentRead"] is True for part in wanted.values())
    assert (found, rounds) == (45, 2)


def test_transaction_is_all_or_nothing_and_gives_a_reason_for_each_action(db: Any) -> None:
    db.create()
    db.put(**key(1), n={"N": "5"})
    with pytest.raises(TransactionCanceledException) as caught:
        db(
            "TransactWriteItems",
            TransactItems=[
                {"Put": {"TableName": "things", "Item": key(2)}},
                {
                    "Update": {
                        "TableName": "things",
                        "Key": key(1),
                        "UpdateExpression": "SET n = n - :x",
                        "ConditionExpression": "n >= :x",
                        "ExpressionAttributeValues": {":x": {"N": "6"}},
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                    }
                },
                {"Delete": {"TableName": "things", "Key": {"pk": {"S": "a"}}}},
            ],
        )
    assert caught.value.to_body()["CancellationReasons"] == [
        {"Code": "None"},
        {
            "Code": "ConditionalCheckFailed",
            "Message": "The conditional request failed",
            "Item": {**key(1), "n": {"N": "5"}},
        },
        {"Code": "ValidationError", "Message": "The provided key element does not match the schema"},
    ]
    assert db("Scan", TableName="things")["Items"] == [{**key(1), "n": {"N": "5"}}]


def add_one(token: str, by: str = "1") -> dict[str, Any]:
    return {
        "ClientRequestToken": token,
        "TransactItems": [
            {
                "Update": {
                    "TableName": "things",
                    "Key": key(1),
                    "UpdateExpression": "ADD n :x",
                    "ExpressionAttributeValues": {":x": {"N": by}},
                }
            }
        ],
    }


def count(db: Any) -> str:
    value: str = db("GetItem", TableName="things", Key=key(1))["Item"]["n"]["N"]
    return value


def test_a_token_makes_a_transaction_happen_once_for_ten_minutes(db: Any) -> None:
    db.create()
    db("TransactWriteItems", **add_one("t1"))
    db.clock.time += 599
    db("TransactWriteItems", **add_one("t1"))
    assert count(db) == "1"
    assert (
        db.refuse("TransactWriteItems", **add_one("t1", by="2"))[0] == "IdempotentParameterMismatchException"
    )
    db.clock.time += 2
    db("TransactWriteItems", **add_one("t1", by="2"))
    assert count(db) == "3"


def test_expired_tokens_are_forgotten(db: Any) -> None:
    db.create()
    for number in range(30):
        db("TransactWriteItems", **add_one(f"t{number}"))
    db.clock.time += 601
    for number in range(30, 40):
        db("TransactWriteItems", **add_one(f"t{number}"))
    rows = until_committed(lambda: list(db.engine.store.view().scan(b"\0\0\0\3", b"\0\0\0\4")))
    assert len(rows) == 2 * 10


def test_transact_get_answers_in_order_with_gaps(db: Any) -> None:
    db.create()
    db.put(**key(1), v={"S": "x"}, w={"S": "y"})
    answer = db(
        "TransactGetItems",
        TransactItems=[
            {"Get": {"TableName": "things", "Key": key(2)}},
            {"Get": {"TableName": "things", "Key": key(1), "ProjectionExpression": "v"}},
        ],
    )
    assert answer == {"Responses": [{}, {"Item": {"v": {"S": "x"}}}]}


def test_one_item_by_the_name_and_by_the_arn_of_its_table(db: Any) -> None:
    db.create(range=None)
    db.put(pk={"S": "a"})
    arn = db("DescribeTable", TableName="things")["Table"]["TableArn"]
    requests = {
        "things": [{"DeleteRequest": {"Key": {"pk": {"S": "a"}}}}],
        arn: [{"PutRequest": {"Item": {"pk": {"S": "a"}, "n": {"N": "1"}}}}],
    }
    assert db.refuse("BatchWriteItem", RequestItems=requests) == (
        "ValidationException",
        "Provided list of item keys contains duplicates",
    )
    assert db("Scan", TableName="things")["Items"] == [{"pk": {"S": "a"}}]
    assert db("DescribeTable", TableName="things")["Table"]["ItemCount"] == 1
