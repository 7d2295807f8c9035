"""What differs between two snapshots or namespaces, in memory and on disk."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dynemu.database import Database
from dynemu.engine import differences
from dynemu.engine.differences import Comparison, as_text
from dynemu.engine.namespaces import Namespaces

PLACES: dict[str, Callable[[Path], Database]] = {
    "memory": lambda path: Database(),
    "disk": lambda path: Database(path / "data"),
}


@pytest.fixture(params=PLACES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with PLACES[request.param](tmp_path) as opened:
        yield opened


def create(database: Database, name: str = "things", kind: str = "S", **more: Any) -> None:
    database.call(
        "CreateTable",
        {
            "TableName": name,
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": kind}],
            "BillingMode": "PAY_PER_REQUEST",
            **more,
        },
    )


def put(database: Database, key: str, kind: str = "S", **attributes: Any) -> None:
    database.call("PutItem", {"TableName": "things", "Item": {"pk": {kind: key}, **attributes}})


def delete(database: Database, key: str) -> None:
    database.call("DeleteItem", {"TableName": "things", "Key": {"pk": {"S": key}}})


def compare(database: Database, old: str | None, new: str | None = None, **more: Any) -> Any:
    """Return what differs from snapshot *old* to snapshot *new*; None: to what there is now."""

    def run(namespaces: Namespaces) -> Any:
        stores = [namespaces.copy(database.name, name) for name in (old, new)]
        comparison = Comparison(*stores, **more)
        for _ in comparison.slices():
            pass
        for store in stores:
            store.close()
        return comparison.result

    return database.use_wire(run)


def test_nothing_differs(database: Database) -> None:
    create(database)
    put(database, "1")
    database.snapshot("one")
    assert compare(database, "one") == {"same": True, "listed": 0, "tables": []}
    put(database, "1", v={"S": "x"})
    put(database, "1")
    assert compare(database, "one")["same"]


def test_items_that_differ_are_listed_with_both_images(database: Database) -> None:
    create(database)
    for number in range(3):
        put(database, str(number), v={"N": "1"})
    database.snapshot("one")
    put(database, "0", v={"N": "2"})
    delete(database, "1")
    put(database, "new", v={"N": "3"})
    result = compare(database, "one")
    (table,) = result.pop("tables")
    assert result == {"same": False, "listed": 3}
    changes = sorted(table.pop("changes"), key=lambda change: change["change"])
    assert table == {
        "name": "things",
        "change": "changed",
        "settings": {},
        "items": {"added": 1, "removed": 1, "changed": 1},
    }
    old, new, gone = (
        {"pk": {"S": key}, "v": {"N": number}} for key, number in (("0", "1"), ("0", "2"), ("1", "1"))
    )
    assert changes == [
        {
            "change": "added",
            "key": {"pk": {"S": "new"}},
            "from": None,
            "to": {"pk": {"S": "new"}, "v": {"N": "3"}},
        },
        {"change": "changed", "key": {"pk": {"S": "0"}}, "from": old, "to": new},
        {"change": "removed", "key": {"pk": {"S": "1"}}, "from": gone, "to": None},
    ]


def test_the_order_of_attributes_makes_no_difference(database: Database) -> None:
    create(database)
    put(database, "1", a={"S": "x"}, b={"SS": ["1", "2"]})
    database.snapshot("one")
    put(database, "1", b={"SS": ["2", "1"]}, a={"S": "x"})
    assert compare(database, "one")["same"]


def test_tables_are_added_and_removed(database: Database) -> None:
    create(database)
    put(database, "1")
    database.snapshot("one")
    database.call("DeleteTable", {"TableName": "things"})
    create(database, "others")
    tables = compare(database, "one")["tables"]
    assert [(table["name"], table["change"], table["items"]) for table in tables] == [
        ("others", "added", {"added": 0, "removed": 0, "changed": 0}),
        ("things", "removed", {"added": 0, "removed": 1, "changed": 0}),
    ]
    assert tables[1]["changes"][0]["from"] == {"pk": {"S": "1"}}


def test_settings_differ(database: Database) -> None:
    create(database)
    database.snapshot("one")
    database.call("UpdateTable", {"TableName": "things", "DeletionProtectionEnabled": True})
    database.call(
        "UpdateTable",
        {
            "TableName": "things",
            "AttributeDefinitions": [{"AttributeName": "g", "AttributeType": "S"}],
            "GlobalSecondaryIndexUpdates": [
                {
                    "Create": {
                        "IndexName": "by-g",
                        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                }
            ],
        },
    )
    (table,) = compare(database, "one")["tables"]
    assert table["settings"]["DeletionProtectionEnabled"] == {"from": False, "to": True}
    assert table["settings"]["index by-g"]["from"] is None
    assert table["items"] == {"added": 0, "removed": 0, "changed": 0}


def test_a_table_that_was_made_again_is_compared_by_its_items(database: Database) -> None:
    create(database)
    put(database, "1")
    put(database, "2")
    database.snapshot("one")
    database.call("DeleteTable", {"TableName": "things"})
    create(database)
    put(database, "2")
    put(database, "3")
    (table,) = compare(database, "one")["tables"]
    assert (table["settings"], table["items"]) == ({}, {"added": 1, "removed": 1, "changed": 0})


def test_a_table_with_other_keys_has_no_item_in_common(database: Database) -> None:
    create(database)
    put(database, "1")
    database.snapshot("one")
    database.call("DeleteTable", {"TableName": "things"})
    create(database, kind="N")
    put(database, "1", "N")
    (table,) = compare(database, "one")["tables"]
    assert table["items"] == {"added": 1, "removed": 1, "changed": 0}
    assert "AttributeDefinitions" in table["settings"]


def test_many_items_are_counted_and_few_are_listed(database: Database) -> None:
    create(database)
    for number in range(0, 1500, 25):
        batch = [{"PutRequest": {"Item": {"pk": {"S": str(number + place)}}}} for place in range(25)]
        database.call("BatchWriteItem", {"RequestItems": {"things": batch}})
    database.snapshot("full")
    for number in range(100, 1500, 100):
        put(database, str(number), v={"S": "x"})
    delete(database, "7")
    put(database, "9999")
    result = compare(database, "full", limit=5)
    (table,) = result["tables"]
    assert table["items"] == {"added": 1, "removed": 1, "changed": 14}
    assert (result["listed"], len(table["changes"])) == (5, 5)
    assert compare(database, "full", limit=0)["tables"][0]["changes"] == []
    backwards = compare(database, None, "full")["tables"][0]
    assert backwards["items"] == {"added": 1, "removed": 1, "changed": 14}


def test_large_items_are_counted_and_some_are_listed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(differences, "LISTED_BYTES", 1000)
    create(database)
    database.snapshot("one")
    for number in range(10):
        put(database, str(number), v={"S": "x" * 300})
    (table,) = compare(database, "one")["tables"]
    assert (table["items"]["added"], len(table["changes"])) == (10, 3)


def test_differences_as_text(database: Database) -> None:
    create(database)
    put(database, "1")
    database.snapshot("one")
    assert as_text(compare(database, "one")) == "no differences\n"
    put(database, "2")
    put(database, "3")
    database.call("UpdateTable", {"TableName": "things", "DeletionProtectionEnabled": True})
    lines = as_text(compare(database, "one", limit=1)).splitlines()
    assert lines[:2] == [
        "table things changed: items 2 added",
        "  DeletionProtectionEnabled: false -> true",
    ]
    key = lines[2].removeprefix("  added ")
    assert lines[3:] == [f"    + {key}", "  and 1 more"]
