"""Vector indexes: how they come, are kept up to date, and go; what they refuse and what their writes cost."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dynemu.config import Settings
from dynemu.engine import backfill, jobs
from dynemu.engine.database import Engine
from dynemu.errors import AwsError
from dynemu.storage.rocks import RocksStore
from tests.operations.conftest import ManualClock, Requests
from tests.operations.vector_tables import (
    INVALID,
    TWICE,
    added,
    answer,
    check_entries,
    create,
    describe,
    dropped,
    found_keys,
    index,
    schema,
    search,
    vector,
)

LIMIT = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
IN_USE = "Attempt to change a resource which is still in use: "


TYPES = {"t": "S", "c": "N"}


def description(status: str = "ACTIVE", items: int = 0, size: int = 0, **more: Any) -> dict[str, Any]:
    """Return what is shown of the index that ``index()`` defines."""
    return {
        **index(),
        "IndexArn": "arn:aws:dynamodb:eu-central-1:123456789012:table/things/index/vix",
        "IndexStatus": status,
        "ItemCount": items,
        "IndexSizeBytes": size,
        **more,
    }


def test_table_is_created_with_an_index(db: Requests) -> None:
    definition = index(SearchSchema=schema("t", "c"))
    shown = db(
        "CreateTable",
        TableName="things",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in (("pk", "S"), *TYPES.items())
        ],
        BillingMode="PAY_PER_REQUEST",
        VectorIndexes=[definition],
    )["TableDescription"]
    assert shown["VectorIndexes"] == [description("CREATING", SearchSchema=schema("t", "c"))]
    assert describe(db) == description(SearchSchema=schema("t", "c"))


def test_index_is_active_with_its_table(db: Requests) -> None:
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    create(db, index())
    assert describe(db) == description("CREATING")
    db.clock.time += 10
    assert describe(db) == description()


def test_size_counts_four_bytes_for_each_dimension(db: Requests) -> None:
    create(db, index())
    db.put(pk={"S": "1"}, emb={"L": vector(1, 2, 3)}, v={"S": "abc"})
    db.put(pk={"S": "2"}, v={"S": "no vector"})
    assert describe(db) == description(items=1, size=(2 + 1) + (3 + 12) + (1 + 3))


CONFLICT = "Conflicting attribute definition for 'emb'. "


@pytest.mark.parametrize(
    ("indexes", "attributes", "message"),
    [
        ([], {}, "List of VectorIndexes is empty"),
        ([index(dimensions=4097)], {}, "Number of dimensions must be between 1 and 4096 inclusive."),
        ([index(f"vix{n}") for n in range(6)], {}, "VectorIndex count exceeds the per-table limit of 5"),
        ([index(), index()], {}, "Duplicate index name: vix"),
        (
            [index(SearchSchema=schema("t"))],
            {},
            "One element in SearchSchema is not defined in attribute definitions",
        ),
        (
            [index(), index("vix2", 4)],
            {},
            CONFLICT + "All VectorIndexes on the same vector attribute must use the same dimensions.",
        ),
        (
            [index()],
            {"emb": "S"},
            CONFLICT
            + "An attribute cannot be defined in AttributeDefinitions when used as a VectorAttribute.",
        ),
        (
            [index(SearchSchema=schema("t") + schema("u"))],
            {"t": "S", "u": "S"},
            "Value '2' at 'SearchSchema' failed to satisfy constraint: "
            "Member must have HASH count less than or equal to 1",
        ),
        (
            [index(SearchSchema=schema("", *(f"a{n}" for n in range(21))))],
            {f"a{n}": "S" for n in range(21)},
            "Value '21' at 'SearchSchema' failed to satisfy constraint: "
            "Member must have INLINE_FILTER count less than or equal to 20",
        ),
        (
            [index(Projection={"ProjectionType": "INCLUDE"})],
            {},
            "ProjectionType is INCLUDE, but NonKeyAttributes is not specified",
        ),
        (
            [index()],
            {"c": "S"},
            "Number of attributes in KeySchema does not exactly match number of attributes defined in "
            "AttributeDefinitions",
        ),
    ],
)
def test_refused_definitions(
    db: Requests, indexes: list[dict[str, Any]], attributes: dict[str, str], message: str
) -> None:
    with pytest.raises(AwsError) as caught:
        create(db, *indexes, **attributes)
    assert (caught.value.code, caught.value.message) == ("ValidationException", INVALID + message)


def test_index_needs_an_on_demand_table(db: Requests) -> None:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    refusal = (
        "ValidationException",
        INVALID + "Vector indexes are only supported for PAY_PER_REQUEST tables",
    )
    definition = {
        "TableName": "things",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "ProvisionedThroughput": units,
    }
    assert db.refuse("CreateTable", **definition, VectorIndexes=[index()]) == refusal
    db("CreateTable", **definition)
    assert db.refuse("UpdateTable", **added(index())) == refusal
    db("UpdateTable", **added(index()), BillingMode="PAY_PER_REQUEST")
    assert describe(db) == description()
    change = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": units}
    assert db.refuse("UpdateTable", TableName="things", **change) == refusal


def test_wrong_members_are_named_where_they_are(db: Requests) -> None:
    code, message = db.refuse(
        "CreateTable",
        TableName="things",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        VectorIndexes=[index(Dimensions=0, DistanceFunction="L2", Projection=None)],
    )
    assert code == "ValidationException"
    assert message is not None
    assert message.startswith("3 validation errors detected: ")
    assert "Value null at 'vectorIndexes.1.member.projection' failed to satisfy constraint" in message
    assert "Member must satisfy enum value set: [DOT_PRODUCT, COSINE, EUCLIDEAN]" in message


def test_added_index_holds_the_items_there_are(db: Requests) -> None:
    db.create(range=None)
    db.put(pk={"S": "1"}, emb={"L": vector(1, 0, 0)})
    db.put(pk={"S": "2"}, emb={"L": vector(1, 0)})
    db.put(pk={"S": "3"}, emb={"S": "no list"})
    db.put(pk={"S": "4"}, emb={"L": [*vector(1, 0), {"S": "x"}]})
    db.put(pk={"S": "5"}, emb={"L": vector(1, 0, "1E39")})
    shown = answer(db, "UpdateTable", **added(index()))["TableDescription"]
    assert shown["TableStatus"] == "UPDATING"
    assert shown["VectorIndexes"] == [description("CREATING", Backfilling=False)]
    assert describe(db) == description(items=1, size=(2 + 1) + (3 + 12))
    assert found_keys(db, 0, 0, 1) == ["1"]


def test_item_that_was_left_out_may_still_change(db: Requests) -> None:
    db.create(range=None)
    db.put(pk={"S": "1"}, emb={"S": "no list"})
    db("UpdateTable", **added(index()))
    change = {
        "TableName": "things",
        "Key": {"pk": {"S": "1"}},
        "ExpressionAttributeValues": {":v": {"N": "1"}},
    }
    db("UpdateItem", UpdateExpression="SET v = :v", **change)
    assert found_keys(db, 1, 1, 1) == []
    assert db.refuse("UpdateItem", UpdateExpression="SET emb = :v", **change) == (
        "ValidationException",
        TWICE + "Invalid type for parameter emb, Expected: L, Actual: N. IndexName: vix",
    )


def test_filling_goes_on_while_items_change(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "SLICE_ROWS", 7)
    db.create(range=None)
    chance = random.Random(5)

    def change() -> None:
        item: dict[str, Any] = {"pk": {"S": str(chance.randrange(60))}, "v": {"S": "v" * chance.randrange(9)}}
        if chance.random() < 0.8:
            item["emb"] = {"L": vector(*(chance.randrange(9) for _ in range(3)))}
        if chance.random() < 0.8:
            item["t"] = {"S": chance.choice("abc")}
        if chance.random() < 0.6:
            item["c"] = {"N": str(chance.randrange(5))}
        if chance.random() < 0.3:
            answer(db, "DeleteItem", TableName="things", Key={"pk": item["pk"]})
        else:
            answer(db, "PutItem", TableName="things", Item=item)

    for _ in range(120):
        change()
    projections = ({"ProjectionType": "ALL"}, {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["v"]})
    for number, projection in enumerate((*projections, {"ProjectionType": "KEYS_ONLY"})):
        name = f"vix{number}"
        definition = index(name, Projection=projection, SearchSchema=schema("t" if number else "", "c"))
        answer(db, "UpdateTable", **added(definition, t="S", c="N"))
        [slices] = jobs.pending_work(db.engine, set())
        for _ in slices:
            shown = describe(db, name)
            assert shown is not None
            assert (shown["IndexStatus"], shown["Backfilling"]) == ("CREATING", True)
            for _ in range(3):
                change()
        check_entries(db)
    for _ in range(60):
        change()
    check_entries(db)


def fill(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    """Create a table and begin to add an index that takes a few slices to fill."""
    db.create(range=None)
    for number in range(5):
        db.put(pk={"S": str(number)}, emb={"L": vector(number, 1, 1)})
    monkeypatch.setattr(backfill, "SLICE_ROWS", 2)
    answer(db, "UpdateTable", **added(index()))


def test_index_cannot_be_searched_before_it_is_full(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(db, monkeypatch)
    with pytest.raises(AwsError, match=r"^Cannot search backfilling vector index: vix$"):
        answer(db, "SearchVectors", **search(1, 1, 1))
    assert db("ListTables") == {"TableNames": ["things"]}
    assert len(found_keys(db, 1, 1, 1)) == 5


def test_filling_goes_on_after_a_restart(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(db, monkeypatch)
    db.engine = Engine(db.engine.store, db.engine.settings, db.clock)
    assert db.engine.has_work
    assert db("ListTables") == {"TableNames": ["things"]}
    check_entries(db)
    assert len(found_keys(db, 1, 1, 1)) == 5


def test_only_one_index_comes_or_goes_at_a_time(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(operation: str, **request: Any) -> tuple[str, str | None]:
        with pytest.raises(AwsError) as caught:
            answer(db, operation, **request)
        return caught.value.code, caught.value.message

    fill(db, monkeypatch)
    keys = [{"AttributeName": "g", "KeyType": "HASH"}]
    create_global = {"IndexName": "gix", "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}
    definitions = [{"AttributeName": "g", "AttributeType": "S"}]
    global_update = {
        "GlobalSecondaryIndexUpdates": [{"Create": create_global}],
        "AttributeDefinitions": definitions,
    }
    assert refuse("UpdateTable", **added(index("other"))) == ("LimitExceededException", LIMIT)
    assert refuse("UpdateTable", TableName="things", **global_update) == ("LimitExceededException", LIMIT)
    assert refuse("UpdateTable", **added(index())) == (
        "ResourceInUseException",
        IN_USE + "Index is being created.  Table: things Index: vix",
    )
    assert refuse("DeleteTable", TableName="things") == (
        "ResourceInUseException",
        IN_USE + "Cannot delete table while indexes are being created, updated, or deleted.",
    )
    db("ListTables")
    assert refuse("UpdateTable", **added(index("one")), **global_update) == ("LimitExceededException", LIMIT)
    two = {"VectorIndexUpdates": [{"Create": index("one")}, {"Create": index("two")}]}
    assert refuse("UpdateTable", TableName="things", **two) == ("LimitExceededException", LIMIT)


def test_index_that_is_being_filled_can_be_dropped(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(db, monkeypatch)
    shown = answer(db, "UpdateTable", **dropped())["TableDescription"]
    assert shown["VectorIndexes"][0]["IndexStatus"] == "DELETING"
    table = db("DescribeTable", TableName="things")["Table"]
    assert "VectorIndexes" not in table
    assert db.engine.store.view().counts(257) == (0, 0)
    check_entries(db)


def test_index_cannot_be_dropped_while_it_is_allocated(db: Requests) -> None:
    db.create(range=None)
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db("UpdateTable", **added(index()))
    assert describe(db) == description("CREATING", Backfilling=False)
    assert db.refuse("UpdateTable", **dropped()) == (
        "ResourceInUseException",
        IN_USE
        + "Index creation is in resource allocation phase. Retry deletion during backfilling phase or when "
        "the index is active. Table: things Index: vix",
    )
    db.put(pk={"S": "1"}, emb={"L": vector(1, 0, 0)})
    db.clock.time += 10
    db("UpdateTable", **dropped())
    assert describe(db) == description("DELETING")
    db.clock.time += 10
    assert describe(db) is None


def test_dropped_index_takes_its_attributes_along(db: Requests) -> None:
    create(
        db, index(SearchSchema=schema("t", "c")), index("kept", SearchSchema=schema("", "c")), t="S", c="N"
    )
    db.put(pk={"S": "1"}, t={"S": "a"}, c={"N": "1"}, emb={"L": vector(1, 0, 0)})
    db("UpdateTable", **dropped())
    table = db("DescribeTable", TableName="things")["Table"]
    assert [part["AttributeName"] for part in table["AttributeDefinitions"]] == ["c", "pk"]
    assert found_keys(db, 1, 0, 0, name="kept") == ["1"]
    assert db.refuse("SearchVectors", **search(1, 0, 0)) == (
        "ValidationException",
        "The table does not have the specified index: vix",
    )
    db.put(pk={"S": "2"}, t={"N": "5"}, emb={"L": vector(1, 0, 0)})
    check_entries(db)


def test_table_takes_its_entries_along(db: Requests) -> None:
    create(db, index())
    db.put(pk={"S": "1"}, emb={"L": vector(1, 0, 0)})
    db("DeleteTable", TableName="things")
    create(db, index())
    assert found_keys(db, 1, 0, 0) == []
    assert list(db.engine.store.view().scan((256).to_bytes(4, "big"), (258).to_bytes(4, "big"))) == []


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"VectorIndexUpdates": []}, "ValidationException", INVALID + "List of VectorIndexUpdates is empty"),
        (
            {"VectorIndexUpdates": [{}]},
            "ValidationException",
            INVALID + "One of VectorIndexUpdate.Create, VectorIndexUpdate.Delete must not be null",
        ),
        (
            {"VectorIndexUpdates": [{"Create": index("new"), "Delete": {"IndexName": "vix"}}]},
            "ValidationException",
            INVALID + "Only one vector index action is allowed per VectorIndexUpdate object",
        ),
        (
            {"VectorIndexUpdates": [{"Delete": {"IndexName": "vix"}}, {"Delete": {"IndexName": "vix"}}]},
            "ValidationException",
            INVALID + "Only one vector index update per index is allowed simultaneously. Index: vix",
        ),
        (added(index()), "ValidationException", "Attempting to create an index which already exists"),
        (
            added(index("new", VectorAttribute={"AttributeName": "pk"})),
            "ValidationException",
            INVALID + "Attributes cannot be redefined. Please check that your attribute has the same type as "
            "previously defined. Existing schema: Schema:[SchemaElement: key{pk:S:HASH}] "
            "New schema: VectorIndexSchema:[VectorAttribute: key{pk:L:3}]",
        ),
        (
            added(index("new", SearchSchema=schema("pk"))),
            "ValidationException",
            INVALID + "One element in SearchSchema is not defined in attribute definitions",
        ),
        (
            dropped("none"),
            "ResourceNotFoundException",
            "Requested resource not found: Index none for table things",
        ),
    ],
)
def test_refused_updates(db: Requests, changes: dict[str, Any], code: str, message: str) -> None:
    create(db, index())
    assert db.refuse("UpdateTable", **{"TableName": "things", **changes}) == (code, message)
    assert describe(db) == description()


def test_sixth_index_is_refused(db: Requests) -> None:
    create(db, *(index(f"vix{number}") for number in range(5)))
    assert db.refuse("UpdateTable", **added(index())) == (
        "LimitExceededException",
        "Subscriber limit exceeded: Number of vector secondary indexes exceeds per-table limit of 5",
    )


def test_other_reads_refuse_the_index(db: Requests) -> None:
    create(db, index())
    condition = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "1"}}}
    assert db.refuse("Query", TableName="things", IndexName="vix", **condition) == (
        "ValidationException",
        "Query operation not supported on this index type.",
    )
    assert db.refuse("Scan", TableName="things", IndexName="vix") == (
        "ValidationException",
        "Scan operation not supported on this index type",
    )


def test_index_is_there_after_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    first = Requests(Engine(RocksStore(tmp_path / "store"), Settings(), clock), clock)
    create(first, index(SearchSchema=schema("", "c"), DistanceFunction="EUCLIDEAN"), c="S")
    first.put(pk={"S": "1"}, emb={"L": vector(1, 2, 3)}, c={"S": "x"})
    shown = describe(first)
    first.engine.close()
    second = Requests(Engine(RocksStore(tmp_path / "store"), Settings(), clock), clock)
    assert describe(second) == shown
    assert found_keys(second, 1, 2, 3) == ["1"]
    second.put(pk={"S": "2"}, emb={"L": vector(1, 2, 4)}, c={"S": "x"})
    assert found_keys(second, 1, 2, 4) == ["2", "1"]
    second.engine.close()
