"""Namespaces in memory that are idle are put away, and come back as they were."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from dynemu.config import Settings
from dynemu.database import Database
from dynemu.engine import namespaces as namespaces_module
from dynemu.engine.checking import check
from dynemu.engine.database import Engine
from dynemu.engine.namespaces import Namespaces
from dynemu.faults import plan_of
from dynemu.http.thread import ServerThread
from dynemu.operations.dispatch import call
from dynemu.storage.spilling import SpillFile


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> Iterator[Namespaces]:
    """Namespaces in memory of which all that are idle are closed when they are looked after."""
    monkeypatch.setattr(namespaces_module, "IDLE_SECONDS", -1.0)
    spaces = Namespaces(Settings())
    spaces.free_idle()
    yield spaces
    spaces.close()


def look_after(spaces: Namespaces) -> set[str]:
    """Do what a server does in a second, the background work too; return what is open then."""
    for _ in range(2):
        spaces.expire()
        while spaces.has_work:
            spaces.work(0.1)
    return set(spaces._open)


def ask(spaces: Namespaces, name: str, operation: str, **request: Any) -> Any:
    answer = call(spaces.get(name), operation, request, "us-east-1", "123456789012")
    return None if answer is None else orjson.loads(orjson.dumps(answer))


WITH_ALL: dict[str, Any] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "g", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-g",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    "BillingMode": "PAY_PER_REQUEST",
}


def test_an_idle_namespace_in_memory_is_put_away_and_comes_back(idle: Namespaces) -> None:
    for number in range(20):
        name = f"space-{number}"
        ask(idle, name, "CreateTable", **WITH_ALL)
        for key in "ab":
            item = {"pk": {"S": key}, "g": {"S": name}}
            ask(idle, name, "PutItem", TableName="things", Item=item)
    assert look_after(idle) == {"default"}
    assert len(idle.names()) == 21
    assert idle.exists("space-7")
    for number in range(20):
        name = f"space-{number}"
        found = ask(idle, name, "Scan", TableName="things", IndexName="by-g")["Items"]
        assert sorted(item["pk"]["S"] for item in found) == ["a", "b"]
        assert {item["g"]["S"] for item in found} == {name}
        engine = idle.get(name)
        assert list(check(engine.store.view(), engine.clock.now())) == []
        stream = ask(idle, name, "DescribeTable", TableName="things")["Table"]["LatestStreamArn"]
        assert ask(idle, name, "DescribeStream", StreamArn=stream)["StreamDescription"]["Shards"]
    look_after(idle)
    idle.branch("space-3", "branched")
    assert ask(idle, "branched", "Scan", TableName="things")["Count"] == 2
    idle.drop("space-3")
    assert not idle.exists("space-3")
    assert ask(idle, "space-3", "ListTables") == {"TableNames": []}


@pytest.mark.parametrize(
    "hold",
    [
        lambda engine: engine.savepoint(),
        lambda engine: engine.clock.advance(5),
        lambda engine: engine.simulate("lagged"),
        lambda engine: engine.add_work(iter(lambda: None, 1)),
        lambda engine: plan_of(engine).add({"kind": "drop"}),
        lambda engine: setattr(engine, "settings", Settings(table_delay=1)),
    ],
    ids=["savepoint", "clock", "consistency", "work", "faults", "table delay"],
)
def test_a_namespace_that_would_lose_something_stays_open(
    idle: Namespaces, hold: Callable[[Engine], Any]
) -> None:
    hold(idle.get("held"))
    idle.expire()
    idle.expire()
    assert "held" in idle._open


def test_a_namespace_with_snapshots_keeps_them(idle: Namespaces) -> None:
    ask(idle, "one", "CreateTable", **WITH_ALL)
    idle.create_snapshot("one", "before")
    ask(idle, "one", "PutItem", TableName="things", Item={"pk": {"S": "a"}})
    store = idle.get("one").store
    assert look_after(idle) == {"default"}
    assert list(store.view().scan(b"", b"\xff" * 8)) == []
    ask(idle, "two", "CreateTable", **WITH_ALL)
    idle.load_snapshot("two", "before", "one")
    assert ask(idle, "two", "Scan", TableName="things")["Count"] == 0
    assert [info.name for info in idle.snapshots("one")] == ["before"]
    assert ask(idle, "one", "Scan", TableName="things")["Count"] == 1
    look_after(idle)
    idle.load_snapshot("one", "before")
    assert ask(idle, "one", "Scan", TableName="things")["Count"] == 0


def test_no_more_than_so_many_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespaces_module, "MOST_IN_MEMORY", 5)
    spaces = Namespaces(Settings())
    spaces.free_idle()
    for number in range(30):
        ask(spaces, f"space-{number}", "CreateTable", **WITH_ALL)
        assert len(spaces._open) <= 5
    assert all(ask(spaces, f"space-{n}", "ListTables")["TableNames"] == ["things"] for n in range(30))
    spaces.close()


def test_those_go_first_that_were_not_used_for_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespaces_module, "MOST_IN_MEMORY", 4)
    spaces = Namespaces(Settings())
    spaces.free_idle()
    for name in ("a", "b", "c", "a", "a"):
        spaces.get(name)
    spaces.get("b").savepoint()
    look_after(spaces)
    spaces.get("a")
    seen = []
    for name in "defgh":
        spaces.get(name)
        seen.append("".join(sorted(set(spaces._open) - {"default"})))
    assert seen == ["abd", "bde", "bef", "bfg", "bgh"]
    spaces.close()


@pytest.mark.parametrize("awaited", ["items", "stream"])
def test_what_begins_to_expire_after_a_long_time_of_nothing_is_noticed(awaited: str) -> None:
    spaces = Namespaces(Settings())
    spaces.free_idle()
    ask(spaces, "one", "CreateTable", **{**WITH_ALL, "StreamSpecification": {"StreamEnabled": False}})
    look_after(spaces)
    assert not spaces._awake
    if awaited == "items":
        ttl = {"AttributeName": "t", "Enabled": True}
        ask(spaces, "one", "UpdateTimeToLive", TableName="things", TimeToLiveSpecification=ttl)
    else:
        stream = WITH_ALL["StreamSpecification"]
        ask(spaces, "one", "UpdateTable", TableName="things", StreamSpecification=stream)
    soon = str(int(spaces.get("one").clock.now()) + 60)
    ask(spaces, "one", "PutItem", TableName="things", Item={"pk": {"S": "a"}, "t": {"N": soon}})
    look_after(spaces)
    spaces.get("one").clock.advance(5 * 3600)
    look_after(spaces)
    if awaited == "items":
        assert ask(spaces, "one", "Scan", TableName="things")["Count"] == 0
    else:
        stream = ask(spaces, "one", "DescribeTable", TableName="things")["Table"]["LatestStreamArn"]
        shards = ask(spaces, "one", "DescribeStream", StreamArn=stream)["StreamDescription"]["Shards"]
        assert len(shards) == 2
    spaces.close()


def test_in_process_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespaces_module, "IDLE_SECONDS", -1.0)
    with Database() as database:
        clock = database.namespace("one").clock
        server = database.use_wire(lambda spaces: ServerThread(spaces, database.answering))
        database.use_wire(look_after)
        clock.freeze(5)
        assert database.namespace("one").clock.now() == 5
        server.stop()


def test_nothing_is_put_away_at_the_end(idle: Namespaces, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(idle, "one", "CreateTable", **WITH_ALL)
    ask(idle, "two", "CreateTable", **WITH_ALL)
    monkeypatch.setattr(SpillFile, "put", refuse)
    idle.drop("one")
    idle.close()


def refuse(*_: Any) -> None:
    raise AssertionError("a store was written that nobody needs")
