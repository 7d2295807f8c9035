"""Indexes added to tables with items, and dropped again."""

import random
from typing import Any

import pytest

from dynemu._core.codec import decode_row, encode_row, row_size
from dynemu._core.fanout import project
from dynemu.engine import backfill, jobs
from dynemu.engine.commit import until_committed
from dynemu.engine.database import Engine
from dynemu.errors import AwsError
from dynemu.operations.dispatch import call
from tests.operations.conftest import ACCOUNT, REGION, Requests


def added(name: str = "gix", projection: dict[str, Any] | None = None, ranges: str = "") -> dict[str, Any]:
    """Return an UpdateTable request for an index with the hash key ``g`` (S), and ``h`` (N) if wanted."""
    keys = [{"AttributeName": "g", "KeyType": "HASH"}]
    keys += [{"AttributeName": part, "KeyType": "RANGE"} for part in ranges]
    create = {"IndexName": name, "KeySchema": keys, "Projection": projection or {"ProjectionType": "ALL"}}
    return {
        "TableName": "things",
        "AttributeDefinitions": [
            {"AttributeName": "g", "AttributeType": "S"},
            {"AttributeName": "h", "AttributeType": "N"},
        ],
        "GlobalSecondaryIndexUpdates": [{"Create": create}],
    }


def answer(db: Requests, operation: str, **request: Any) -> Any:
    """Call *operation* without doing background work."""
    return call(db.engine, operation, request, REGION, ACCOUNT)


def find_index(description: dict[str, Any], name: str = "gix") -> dict[str, Any]:
    indexes: list[dict[str, Any]] = description.get("GlobalSecondaryIndexes", [])
    return next(index for index in indexes if index["IndexName"] == name)


def put_many(db: Requests, count: int) -> None:
    for number in range(count):
        db.put(pk={"S": str(number)}, g={"S": "x"})


def check_indexes(db: Requests) -> None:
    """Compare every row and count of the indexes with the items of the table."""
    until_committed(lambda: compare_indexes(db))


def compare_indexes(db: Requests) -> None:
    view = db.engine.store.view()
    table = db.engine.catalogue.find(view, "things")
    assert table is not None
    items = [decode_row(row) for row in view.values(table.codec.start, table.codec.end)]
    for rows in table.indexes:
        entries = {rows.codec.encode(item): encode_row(project(item, rows.wanted)) for item in items}
        entries.pop(None, None)
        assert dict(view.scan(rows.codec.start, rows.codec.end)) == entries
        assert view.counts(rows.id) == (len(entries), sum(row_size(entry) for entry in entries.values()))


def test_index_of_an_empty_table_is_creating_in_the_answer_only(db: Requests) -> None:
    db.create(range=None)
    description = answer(db, "UpdateTable", **added())["TableDescription"]
    assert description["TableStatus"] == "UPDATING"
    assert find_index(description)["IndexStatus"] == "CREATING"
    assert find_index(description)["Backfilling"] is False
    assert not db.engine.has_work
    index = find_index(db("DescribeTable", TableName="things")["Table"])
    assert index["IndexStatus"] == "ACTIVE"
    assert "Backfilling" not in index


def test_items_without_a_fitting_key_are_left_out(db: Requests) -> None:
    db.create(range=None)
    db.put(pk={"S": "1"}, g={"S": "x"}, v={"N": "1"})
    db.put(pk={"S": "2"})
    db.put(pk={"S": "3"}, g={"N": "5"})
    db.put(pk={"S": "4"}, g={"S": ""})
    db("UpdateTable", **added())
    scanned = db("Scan", TableName="things", IndexName="gix")
    assert scanned["Items"] == [{"pk": {"S": "1"}, "g": {"S": "x"}, "v": {"N": "1"}}]
    assert find_index(db("DescribeTable", TableName="things")["Table"])["ItemCount"] == 1


def test_filling_goes_on_while_items_change(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "SLICE_ROWS", 7)
    db.create(range=None)
    chance = random.Random(11)

    def change() -> None:
        item: dict[str, Any] = {"pk": {"S": str(chance.randrange(60))}, "v": {"S": "v" * chance.randrange(9)}}
        if chance.random() < 0.8:
            item["g"] = {"S": chance.choice("abc")}
        if chance.random() < 0.6:
            item["h"] = {"N": str(chance.randrange(5))}
        if chance.random() < 0.3:
            answer(db, "DeleteItem", TableName="things", Key={"pk": item["pk"]})
        else:
            answer(db, "PutItem", TableName="things", Item=item)

    for _ in range(120):
        change()
    projections = ({"ProjectionType": "ALL"}, {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["v"]})
    for number, projection in enumerate((*projections, {"ProjectionType": "KEYS_ONLY"})):
        answer(db, "UpdateTable", **added(f"gix{number}", projection, "h" if number else ""))
        [slices] = jobs.pending_work(db.engine, set())
        for _ in slices:
            index = find_index(answer(db, "DescribeTable", TableName="things")["Table"], f"gix{number}")
            assert (index["IndexStatus"], index["Backfilling"]) == ("CREATING", True)
            for _ in range(3):
                change()
        check_indexes(db)


def test_index_cannot_be_read_before_it_is_full(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    db.create(range=None)
    put_many(db, 5)
    monkeypatch.setattr(backfill, "SLICE_ROWS", 2)
    answer(db, "UpdateTable", **added())
    with pytest.raises(AwsError, match=r"^Cannot read from backfilling global secondary index: gix$"):
        answer(db, "Scan", TableName="things", IndexName="gix")
    assert db("ListTables") == {"TableNames": ["things"]}
    assert db("Scan", TableName="things", IndexName="gix")["Count"] == 5


def test_filling_goes_on_after_a_restart(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    db.create(range=None)
    put_many(db, 9)
    monkeypatch.setattr(backfill, "SLICE_ROWS", 2)
    answer(db, "UpdateTable", **added())
    db.engine = Engine(db.engine.store, db.engine.settings, db.clock)
    assert db.engine.has_work
    assert db("ListTables") == {"TableNames": ["things"]}
    check_indexes(db)
    assert find_index(db("DescribeTable", TableName="things")["Table"])["IndexStatus"] == "ACTIVE"


def test_only_one_index_comes_or_goes_at_a_time(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = (
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
    )
    db.create(range=None)
    put_many(db, 5)
    monkeypatch.setattr(backfill, "SLICE_ROWS", 2)
    answer(db, "UpdateTable", **added())
    with pytest.raises(AwsError) as caught:
        answer(db, "UpdateTable", **added("other"))
    assert (caught.value.code, caught.value.message) == ("LimitExceededException", limit)
    with pytest.raises(AwsError) as caught:
        answer(db, "DeleteTable", TableName="things")
    assert (caught.value.code, caught.value.message) == (
        "ResourceInUseException",
        "Attempt to change a resource which is still in use: "
        "Cannot delete table while indexes are being created, updated, or deleted.",
    )


def test_index_that_is_being_filled_can_be_dropped(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    db.create(range=None)
    put_many(db, 5)
    monkeypatch.setattr(backfill, "SLICE_ROWS", 2)
    answer(db, "UpdateTable", **added())
    description = answer(
        db, "UpdateTable", TableName="things", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "gix"}}]
    )
    assert find_index(description["TableDescription"])["IndexStatus"] == "DELETING"
    table = db("DescribeTable", TableName="things")["Table"]
    assert "GlobalSecondaryIndexes" not in table
    assert table["AttributeDefinitions"] == [{"AttributeName": "pk", "AttributeType": "S"}]
    assert db.refuse("Scan", TableName="things", IndexName="gix") == (
        "ValidationException",
        "The table does not have the specified index: gix",
    )


def test_index_of_the_same_name_starts_anew(db: Requests) -> None:
    db.create(range=None)
    put_many(db, 3)
    db("UpdateTable", **added())
    db("UpdateTable", TableName="things", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "gix"}}])
    db("DeleteItem", TableName="things", Key={"pk": {"S": "1"}})
    db("UpdateTable", **added())
    assert db("Scan", TableName="things", IndexName="gix")["Count"] == 2
    check_indexes(db)


def test_attribute_of_the_table_keeps_its_type(db: Requests) -> None:
    db.create(range="g:N")
    db.put(pk={"S": "1"}, g={"N": "2"})
    db("UpdateTable", **added())
    table = db("DescribeTable", TableName="things")["Table"]
    assert {"AttributeName": "g", "AttributeType": "N"} in table["AttributeDefinitions"]
    assert find_index(table)["ItemCount"] == 1
