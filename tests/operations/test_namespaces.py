"""Namespaces, savepoints, snapshots and branches through the embedded database, in memory and on disk."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dynemu.database import Database
from dynemu.engine import namespaces
from dynemu.engine.namespaces import KEPT_AUTOMATIC
from dynemu.storage.base import StoreError
from dynemu.storage.places import SnapshotExists, UnknownSnapshot

TABLE = {"TableName": "things"}
PLACES: dict[str, Callable[[Path], Database]] = {
    "memory": lambda path: Database(),
    "disk": lambda path: Database(path / "data"),
}


@pytest.fixture(params=PLACES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with PLACES[request.param](tmp_path) as opened:
        yield opened


def create(database: Database, name: str = "things") -> None:
    database.call(
        "CreateTable",
        {
            "TableName": name,
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "v", "AttributeType": "S"},
            ],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-v",
                    "KeySchema": [{"AttributeName": "v", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )


def put(database: Database, key: str, value: str = "x") -> None:
    database.call("PutItem", {**TABLE, "Item": {"pk": {"S": key}, "v": {"S": value}}})


def contents(database: Database) -> dict[str, str]:
    found = database.call("Scan", TABLE)["Items"]
    by_index = database.call("Scan", {**TABLE, "IndexName": "by-v"})["Items"]
    items = {item["pk"]["S"]: item["v"]["S"] for item in found}
    assert items == {item["pk"]["S"]: item["v"]["S"] for item in by_index}
    assert database.call("DescribeTable", TABLE)["Table"]["ItemCount"] == len(items)
    return items


def tables(database: Database) -> list[str]:
    names: list[str] = database.call("ListTables")["TableNames"]
    return names


def test_rollback_undoes_items_and_tables(database: Database) -> None:
    create(database)
    put(database, "1")
    name = database.savepoint()
    put(database, "1", "changed")
    put(database, "2")
    create(database, "others")
    database.rollback(name)
    assert (contents(database), tables(database)) == ({"1": "x"}, ["things"])
    database.call("DeleteTable", TABLE)
    assert tables(database) == []
    database.rollback()
    assert (contents(database), tables(database)) == ({"1": "x"}, ["things"])


def test_savepoints_nest_and_are_released(database: Database) -> None:
    create(database)
    database.savepoint("outer")
    put(database, "1")
    database.savepoint("inner")
    put(database, "2")
    database.rollback("inner")
    assert contents(database) == {"1": "x"}
    put(database, "3")
    database.release("inner")
    assert contents(database) == {"1": "x", "3": "x"}
    with pytest.raises(KeyError, match="There is no savepoint called inner"):
        database.rollback("inner")
    database.rollback("outer")
    assert contents(database) == {}


def test_rollback_forgets_what_was_set_later(database: Database) -> None:
    create(database)
    database.savepoint("outer")
    database.savepoint("inner")
    database.rollback("outer")
    with pytest.raises(KeyError):
        database.rollback("inner")
    database.release("outer")
    with pytest.raises(KeyError, match="There is no savepoint"):
        database.release()


def test_rollback_forgets_tokens(database: Database) -> None:
    create(database)
    transaction = {
        "ClientRequestToken": "once",
        "TransactItems": [{"Put": {**TABLE, "Item": {"pk": {"S": "1"}, "v": {"S": "x"}}}}],
    }
    database.savepoint()
    database.call("TransactWriteItems", transaction)
    database.rollback()
    assert contents(database) == {}
    database.call("TransactWriteItems", transaction)
    assert contents(database) == {"1": "x"}


def test_snapshots_are_restored_in_any_order(database: Database) -> None:
    create(database)
    for number in range(3):
        database.snapshot(f"with-{number}", f"{number} items")
        put(database, str(number))
    for number in (2, 0, 1, 1):
        database.restore(f"with-{number}")
        assert len(contents(database)) == number
        put(database, "more")
    kept = [(info.name, info.note) for info in database.snapshots() if not info.automatic]
    assert kept == [(f"with-{number}", f"{number} items") for number in range(3)]


def test_savepoints_are_gone_after_a_restore(database: Database) -> None:
    create(database)
    database.snapshot("empty")
    database.savepoint("before")
    put(database, "1")
    database.restore("empty")
    assert contents(database) == {}
    with pytest.raises(KeyError, match="There is no savepoint called before"):
        database.rollback("before")


def test_a_snapshot_is_described(database: Database) -> None:
    create(database)
    for number in range(100):
        put(database, str(number), "x" * 100)
    database.snapshot("full", "for the docs")
    [info] = database.snapshots()
    assert (info.name, info.note, info.automatic) == ("full", "for the docs", False)
    assert info.size > 10_000
    assert 0 <= info.shared <= info.size


def test_names_of_snapshots_are_checked(database: Database) -> None:
    create(database)
    database.snapshot("one")
    with pytest.raises(SnapshotExists, match="There is a snapshot called one already"):
        database.snapshot("one")
    for name in ("", ".", "..", "a/b", ".hidden", "x" * 129, "a\0b"):
        with pytest.raises(ValueError, match="is named with"):
            database.snapshot(name)
        with pytest.raises(ValueError, match="is named with"):
            database.restore(name)
        with pytest.raises(ValueError, match="is named with"):
            database.namespace(name)
    with pytest.raises(UnknownSnapshot, match="There is no snapshot called two"):
        database.restore("two")
    database.delete_snapshot("one")
    with pytest.raises(UnknownSnapshot):
        database.delete_snapshot("one")


def test_the_last_automatic_snapshots_are_kept(database: Database) -> None:
    create(database)
    put(database, "1")
    database.snapshot("mine")
    for _ in range(KEPT_AUTOMATIC + 3):
        database.reset()
    infos = database.snapshots()
    assert [info.name for info in infos if not info.automatic] == ["mine"]
    assert sum(info.automatic for info in infos) == KEPT_AUTOMATIC
    assert tables(database) == []
    database.restore("mine")
    assert contents(database) == {"1": "x"}


def test_a_reset_can_be_taken_back(database: Database) -> None:
    create(database)
    put(database, "1")
    database.reset()
    [info] = database.snapshots()
    database.restore(info.name)
    assert contents(database) == {"1": "x"}


def test_namespaces_do_not_see_each_other(database: Database) -> None:
    create(database)
    put(database, "1")
    other = database.namespace("other")
    assert tables(other) == []
    create(other)
    put(other, "2")
    assert (contents(database), contents(other)) == ({"1": "x"}, {"2": "x"})
    other.snapshot("mine")
    assert database.snapshots() == []
    other.clock.freeze(1.0)
    assert database.clock.now() > 1.0
    assert database.namespaces() == ["default", "other"]
    other.drop()
    assert database.namespaces() == ["default"]
    assert tables(database.namespace("other")) == []


def test_a_branch_goes_its_own_way(database: Database) -> None:
    create(database)
    put(database, "1")
    database.snapshot("early")
    put(database, "2")
    now, early = database.branch("now"), database.branch("early", "early")
    put(now, "3")
    put(early, "4")
    assert contents(database) == {"1": "x", "2": "x"}
    assert contents(now) == {"1": "x", "2": "x", "3": "x"}
    assert contents(early) == {"1": "x", "4": "x"}
    assert [info.name for info in database.snapshots()] == ["early"]
    with pytest.raises(ValueError, match="There is a namespace called now already"):
        database.branch("now")


def test_a_branch_of_nothing_leaves_nothing(database: Database) -> None:
    with pytest.raises(UnknownSnapshot):
        database.branch("other", "nowhere")
    assert database.namespaces() == ["default"]


def test_a_branch_that_fails_half_way_leaves_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(database)
    kind = database.use_wire(lambda spaces: type(spaces._place.snapshots("default")))

    def fail(*_: Any) -> None:
        raise StoreError("no space")

    monkeypatch.setattr(kind, "restore", fail)
    with pytest.raises(StoreError, match="no space"):
        database.branch("other")
    assert database.namespaces() == ["default"]
    monkeypatch.undo()
    assert database.branch("other").call("ListTables") == {"TableNames": ["things"]}


def test_all_of_it_survives_a_restart(tmp_path: Path) -> None:
    with Database(tmp_path / "data") as database:
        create(database)
        put(database, "1")
        database.snapshot("one", "kept")
        put(database, "2")
        create(database.namespace("other"))
    with Database(tmp_path / "data") as database:
        assert contents(database) == {"1": "x", "2": "x"}
        assert database.namespaces() == ["default", "other"]
        assert tables(database.namespace("other")) == ["things"]
        [info] = database.snapshots()
        assert (info.name, info.note) == ("one", "kept")
        database.restore("one")
        assert contents(database) == {"1": "x"}
    with Database(tmp_path / "data") as database:
        assert contents(database) == {"1": "x"}


@pytest.mark.parametrize("crashed", ["before", "between", "after"])
def test_a_restore_that_was_killed_is_finished_or_undone(tmp_path: Path, crashed: str) -> None:
    with Database(tmp_path / "data") as database:
        create(database)
        put(database, "1")
    live = tmp_path / "data" / "namespaces" / "default"
    with Database(tmp_path / "new") as database:
        create(database)
        put(database, "2")
    fresh = live.with_name(".default.new")
    (tmp_path / "new" / "namespaces" / "default").rename(fresh)
    if crashed != "before":
        live.rename(live.with_name(".default.old"))
    if crashed == "after":
        fresh.rename(live)
    with Database(tmp_path / "data") as database:
        assert contents(database) == ({"1": "x"} if crashed == "before" else {"2": "x"})
    assert sorted(path.name for path in live.parent.iterdir()) == ["default"]


def test_the_longest_unused_namespace_is_closed_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(namespaces, "MOST_OPEN", 3)
    with Database(tmp_path / "data") as database:
        others = [database.namespace(name) for name in ("a", "b", "c", "d")]
        for other in others:
            create(other)
            other.savepoint("kept") if other is others[0] else None
        # The default one and the one with a savepoint stay, whatever is used.
        assert sorted(database._namespaces._open) == ["a", "d", "default"]
        for other in others:
            assert tables(other) == ["things"]
        others[0].rollback("kept")


def call_everything(database: Any) -> None:
    database.call("ListTables")


def test_a_closed_database_says_so(database: Database) -> None:
    other = database.namespace("other")
    database.close()
    for closed in (database, other):
        with pytest.raises(ValueError, match="the database is closed"):
            call_everything(closed)


def put_many(database: Database, count: int) -> None:
    for start in range(0, count, 25):
        puts = [
            {"PutRequest": {"Item": {"pk": {"S": f"{number}"}, "v": {"S": "x"}}}}
            for number in range(start, start + 25)
        ]
        database.call("BatchWriteItem", {"RequestItems": {"things": puts}})


@pytest.mark.parametrize("way", ["drop", "delete a snapshot", "load"])
def test_what_is_given_up_in_memory_is_freed_in_slices(way: str) -> None:
    with Database() as database:
        databases = database.use_wire(lambda found: found)
        databases.on_work = lambda: told.append(way)
        told: list[str] = []
        one = database.namespace("one")
        create(one)
        databases.create_snapshot("one", "empty")
        put_many(one, 3000)
        if way == "delete a snapshot":
            databases.create_snapshot("one", "full")
            one.call("DeleteTable", TABLE)
        for _ in range(KEPT_AUTOMATIC if way == "load" else 0):
            databases.load_snapshot("one", "empty")
        while databases.has_work or databases.get("one").store.free():
            databases.work(1.0)
        told.clear()
        if way == "drop":
            databases.drop("one")
        elif way == "load":
            databases.load_snapshot("one", "empty")
        else:
            databases.delete_snapshot("one", "full")
        assert databases.has_work
        assert told
        databases.work(60.0)
        assert not databases.has_work
        database.call("ListTables")


def test_rows_of_a_deleted_table_are_freed_while_nobody_writes() -> None:
    with Database() as database:
        create(database)
        put_many(database, 3000)
        database.call("DeleteTable", TABLE)
        databases = database.use_wire(lambda found: found)
        assert not databases.has_work
        databases.expire()
        assert databases.has_work
        databases.work(60.0)
        assert not databases.has_work
        assert not databases.default.store.free()


def test_the_oldest_automatic_snapshot_can_be_loaded(database: Database) -> None:
    create(database)
    database.snapshot("empty")
    put(database, "1")
    for _ in range(KEPT_AUTOMATIC):
        database.restore("empty")
    automatic = [info.name for info in database.snapshots() if info.automatic]
    assert len(automatic) == KEPT_AUTOMATIC
    database.restore(automatic[0])
    assert list(contents(database)) == ["1"]
    left = [info.name for info in database.snapshots() if info.automatic]
    assert left[:-1] == automatic[1:]
