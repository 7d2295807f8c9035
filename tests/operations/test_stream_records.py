"""What is recorded in streams: every way of writing, every view type, nothing where nothing changed."""

from typing import Any

import pytest

from tests.operations.conftest import Requests
from tests.stream_reading import all_records

NOW = 1_700_000_000
OLD = {"pk": {"S": "a"}, "sk": {"S": "1"}, "v": {"N": "1"}}
NEW = {"pk": {"S": "a"}, "sk": {"S": "1"}, "v": {"N": "22"}}
KEYS = {"pk": {"S": "a"}, "sk": {"S": "1"}}


def stream_of(db: Requests, table: str = "things") -> str:
    return str(db("DescribeTable", TableName=table)["Table"]["LatestStreamArn"])


def create(db: Requests, view: str = "NEW_AND_OLD_IMAGES", **more: Any) -> str:
    """Create the table ``things`` with a stream and return its ARN."""
    db.create(StreamSpecification={"StreamEnabled": True, "StreamViewType": view}, **more)
    return stream_of(db)


def update(db: Requests, expression: str, **values: Any) -> None:
    names = {"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}}
    db(
        "UpdateItem",
        TableName="things",
        Key=KEYS,
        UpdateExpression=expression,
        **(names if values else {}),
    )


def events(records: list[Any]) -> list[tuple[str, str]]:
    return [(record["eventName"], record["dynamodb"]["Keys"]["sk"]["S"]) for record in records]


def expected(view: str, event: str, place: int, old: Any, new: Any, size: int) -> dict[str, Any]:
    """Return the record *place* of a stream, without its id."""
    images = {"NewImage": new if "NEW" in view else None, "OldImage": old if "OLD" in view else None}
    return {
        "eventName": event,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": NOW,
            "Keys": KEYS,
            **{name: image for name, image in images.items() if image is not None},
            "SequenceNumber": str(10**20 + place),
            "SizeBytes": size,
            "StreamViewType": view,
        },
    }


@pytest.mark.parametrize(
    ("view", "sizes"),
    [
        ("KEYS_ONLY", (6, 6, 6)),
        ("NEW_IMAGE", (15, 15, 6)),
        ("OLD_IMAGE", (6, 15, 15)),
        ("NEW_AND_OLD_IMAGES", (15, 24, 15)),
    ],
)
def test_a_record_holds_what_its_view_type_says(db: Requests, view: str, sizes: tuple[int, ...]) -> None:
    arn = create(db, view)
    db.clock.time += 0.9
    db.put(**OLD)
    db.put(**NEW)
    db("DeleteItem", TableName="things", Key=KEYS)
    records = all_records(db, arn)
    ids = [record.pop("eventID") for record in records]
    assert records == [
        expected(view, "INSERT", 1, None, OLD, sizes[0]),
        expected(view, "MODIFY", 2, OLD, NEW, sizes[1]),
        expected(view, "REMOVE", 3, NEW, None, sizes[2]),
    ]
    assert all(len(each) == 32 and int(each, 16) for each in ids)
    assert len(set(ids)) == 3
    assert [record["eventID"] for record in all_records(db, arn)] == ids


def test_what_changes_nothing_is_not_recorded(db: Requests) -> None:
    arn = create(db)
    db.put(**OLD)
    db.put(**OLD)
    db.put(**dict(reversed(OLD.items())))
    update(db, "SET v = :v", v={"N": "1.0"})
    update(db, "REMOVE w")
    db("UpdateItem", TableName="things", Key=KEYS)
    db("DeleteItem", TableName="things", Key={"pk": {"S": "a"}, "sk": {"S": "2"}})
    missing = {"pk": {"S": "a"}, "sk": {"S": "3"}}
    db("UpdateItem", TableName="things", Key=missing, UpdateExpression="REMOVE v")
    db.refuse("PutItem", TableName="things", Item=NEW, ConditionExpression="attribute_not_exists(pk)")
    assert [record["dynamodb"]["NewImage"] for record in all_records(db, arn)] == [OLD]


def test_same_length_is_not_the_same_item(db: Requests) -> None:
    arn = create(db)
    for number in "123":
        db.put(**KEYS, v={"N": number})
    assert [event for event, _ in events(all_records(db, arn))] == ["INSERT", "MODIFY", "MODIFY"]


def test_the_same_bytes_in_another_order_are_not_the_same_item(db: Requests) -> None:
    arn = create(db)
    for number in ("12", "21"):
        db.put(**KEYS, v={"N": number})
    assert [event for event, _ in events(all_records(db, arn))] == ["INSERT", "MODIFY"]


def test_updates_are_recorded(db: Requests) -> None:
    arn = create(db)
    update(db, "SET v = :v", v={"N": "1"})
    update(db, "ADD v :v", v={"N": "21"})
    records = [record["dynamodb"] for record in all_records(db, arn)]
    assert [record["NewImage"] for record in records] == [OLD, NEW]
    assert records[1]["OldImage"] == OLD


def test_batches_and_transactions_are_recorded(db: Requests) -> None:
    arn = create(db)

    def item(number: int) -> dict[str, Any]:
        return {"pk": {"S": "a"}, "sk": {"S": str(number)}}

    puts = [{"PutRequest": {"Item": item(number)}} for number in (1, 2)]
    db("BatchWriteItem", RequestItems={"things": puts})
    db(
        "BatchWriteItem",
        RequestItems={
            "things": [{"DeleteRequest": {"Key": item(1)}}, {"DeleteRequest": {"Key": item(9)}}],
        },
    )
    on = {"TableName": "things"}
    change = {"UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}
    actions: list[Any] = [
        {"Put": {**on, "Item": item(3)}},
        {"Update": {**on, "Key": item(2), **change}},
        {"ConditionCheck": {**on, "Key": item(7), "ConditionExpression": "attribute_not_exists(pk)"}},
    ]
    db("TransactWriteItems", TransactItems=actions)
    db("TransactWriteItems", TransactItems=[{"Delete": {**on, "Key": item(3)}}])
    failing = {**on, "Key": item(2), "ConditionExpression": "attribute_not_exists(pk)"}
    db.refuse("TransactWriteItems", TransactItems=[actions[0], {"ConditionCheck": failing}])
    records = all_records(db, arn)
    assert sorted(events(records[:2])) == [("INSERT", "1"), ("INSERT", "2")]
    assert events(records[2:3]) == [("REMOVE", "1")]
    assert sorted(events(records[3:5])) == [("INSERT", "3"), ("MODIFY", "2")]
    assert events(records[5:]) == [("REMOVE", "3")]


def test_expiry_is_recorded_as_the_services_own_deed(db: Requests) -> None:
    arn = create(db)
    specification = {"Enabled": True, "AttributeName": "ttl"}
    db("UpdateTimeToLive", TableName="things", TimeToLiveSpecification=specification)
    item = {**KEYS, "ttl": {"N": str(NOW + 10)}}
    db.put(**item)
    db.clock.time += 11
    assert db.engine.sweep() == 1
    inserted, removed = all_records(db, arn)
    assert "userIdentity" not in inserted
    assert removed["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    assert (removed["eventName"], removed["dynamodb"]["OldImage"]) == ("REMOVE", item)


def test_keys_of_every_type(db: Requests) -> None:
    arn = create(db, "KEYS_ONLY", hash="pk:B", range="sk:N")
    keys = [{"pk": {"B": "AAEC/w=="}, "sk": {"N": number}} for number in ("-0.50", "1e3", "0")]
    for key in keys:
        db.put(**key)
    numbers = [record["dynamodb"]["Keys"] for record in all_records(db, arn)]
    assert numbers == [{"pk": {"B": "AAEC/w=="}, "sk": {"N": number}} for number in ("-0.5", "1000", "0")]


def test_indexes_and_other_tables_add_nothing(db: Requests) -> None:
    db.create("others", range=None)
    db.put("others", pk={"S": "before"})
    index = {
        "IndexName": "by-v",
        "KeySchema": [{"AttributeName": "v", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    arn = create(db, attributes={"v": "N"}, GlobalSecondaryIndexes=[index])
    db.put(**OLD)
    db.put("others", pk={"S": "after"})
    assert events(all_records(db, arn)) == [("INSERT", "1")]


def test_streams_of_two_tables_in_one_transaction(db: Requests) -> None:
    first = create(db)
    enabled = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    db.create("others", StreamSpecification=enabled)
    puts = [{"Put": {"TableName": name, "Item": OLD}} for name in ("things", "others")]
    db("TransactWriteItems", TransactItems=puts)
    (one,), (other,) = all_records(db, first), all_records(db, stream_of(db, "others"))
    assert (one["dynamodb"]["NewImage"], other["dynamodb"]["Keys"]) == (OLD, KEYS)
    assert one["eventID"] != other["eventID"]
