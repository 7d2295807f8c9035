"""Time to live: turned on and off, and what it deletes."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from dynemu._core.codec import decode_row
from dynemu.database import Database
from dynemu.engine import backfill, jobs, ttl
from dynemu.engine.database import Engine
from dynemu.engine.expiry import expiry_second, queue_key
from dynemu.operations.dispatch import call
from dynemu.storage.base import EXPIRY, View, WriteSet
from tests.operations.conftest import ACCOUNT, REGION, Requests

NOW = 1_700_000_000
YEAR = 365 * 86_400
TABLE = {"TableName": "things"}
KEY = {"pk": {"S": "1"}}
MODIFIED = "Time to live has been modified multiple times within a fixed interval"
IN_USE = "Attempt to change a resource which is still in use: "


@pytest.fixture
def things(db: Requests) -> Requests:
    """Requests to an engine with the table ``things``, whose items expire by ``ttl``."""
    db.create(range=None)
    switch(db)
    return db


def specification(attribute: str, enabled: bool) -> dict[str, Any]:
    return {"TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": attribute}}


def switch(db: Requests, attribute: str = "ttl", *, on: bool = True, table: str = "things") -> Any:
    return db("UpdateTimeToLive", TableName=table, **specification(attribute, on))


def refuse_switch(db: Requests, attribute: str = "ttl", *, on: bool = True) -> tuple[str, str | None]:
    return db.refuse("UpdateTimeToLive", **TABLE, **specification(attribute, on))


def describe(db: Requests) -> Any:
    return db("DescribeTimeToLive", **TABLE)["TimeToLiveDescription"]


def answer(db: Requests, operation: str, **request: Any) -> Any:
    """Call *operation* without doing background work."""
    return call(db.engine, operation, request, REGION, ACCOUNT)


def put(db: Requests, key: object, expires: object = None, **more: Any) -> None:
    item = {"pk": {"S": str(key)}, **more}
    db.put(**item if expires is None else {**item, "ttl": {"N": str(expires)}})


def keys(db: Requests) -> set[str]:
    """Return the keys of all items of the table."""
    return {item["pk"]["S"] for item in db("Scan", **TABLE)["Items"]}


def rows(db: Requests) -> View:
    """Return the rows as they are, from a store that makes no trouble."""
    store: Any = db.engine.store
    view: View = getattr(store, "inner", store).view()
    return view


def queued(db: Requests) -> set[bytes]:
    """Return the keys of all queue rows."""
    return {key for key, _ in rows(db).scan(EXPIRY + bytes((0, 0, 0, 1)), EXPIRY + b"\xff")}


def check_queue(db: Requests, attribute: str = "ttl") -> None:
    """Compare the queue with the items of the table."""
    view = rows(db)
    table = db.engine.catalogue.find(view, "things")
    assert table is not None
    items = [(key, decode_row(row)) for key, row in view.scan(table.codec.start, table.codec.end)]
    seconds = [(key, expiry_second(item, attribute)) for key, item in items]
    assert queued(db) == {queue_key(key, second) for key, second in seconds if second is not None}


# Turning it on and off


def test_it_is_off_by_default(db: Requests) -> None:
    db.create()
    assert describe(db) == {"TimeToLiveStatus": "DISABLED"}


def test_it_goes_on_and_off(db: Requests) -> None:
    db.create()
    assert switch(db) == specification("ttl", True)
    assert describe(db) == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    assert switch(db, on=False) == specification("ttl", False)
    assert describe(db) == {"TimeToLiveStatus": "DISABLED"}
    assert switch(db, "other") == specification("other", True)
    assert describe(db) == {"TimeToLiveStatus": "ENABLED", "AttributeName": "other"}


def test_no_change_is_refused(db: Requests) -> None:
    db.create()
    assert refuse_switch(db, on=False) == ("ValidationException", "TimeToLive is already disabled")
    switch(db)
    assert refuse_switch(db) == ("ValidationException", "TimeToLive is already enabled")
    other = (
        "ValidationException",
        "TimeToLive is active on a different AttributeName: current AttributeName is ttl",
    )
    assert refuse_switch(db, "other") == other
    assert refuse_switch(db, "other", on=False) == other


def test_table_is_named_by_its_arn_too(db: Requests) -> None:
    db.create()
    arn = db("DescribeTable", **TABLE)["Table"]["TableArn"]
    switch(db, table=arn)
    assert db("DescribeTimeToLive", TableName=arn)["TimeToLiveDescription"]["AttributeName"] == "ttl"


@pytest.mark.parametrize("name", ["ab", "missing", "a" * 300])
def test_table_that_is_not_there(db: Requests, name: str) -> None:
    error = db.refuse("UpdateTimeToLive", TableName=name, **specification("ttl", True))
    assert error == ("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")


def test_table_that_is_not_there_is_not_described(db: Requests) -> None:
    assert db.refuse("DescribeTimeToLive", **TABLE) == (
        "ResourceNotFoundException",
        "Requested resource not found: Table: things not found",
    )


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (
            specification("ttl", True),
            "Value null at 'tableName' failed to satisfy constraint: Member must not be null",
        ),
        (
            {"TableName": "a b", **specification("ttl", True)},
            "Value 'a b' at 'tableName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ),
        (
            TABLE,
            "Value null at 'timeToLiveSpecification' failed to satisfy constraint: Member must not be null",
        ),
        (
            {**TABLE, "TimeToLiveSpecification": {"AttributeName": "ttl"}},
            "Value null at 'timeToLiveSpecification.enabled' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            {**TABLE, **specification("", True)},
            "Value '' at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        ),
        (
            {**TABLE, **specification("t" * 256, True)},
            f"Value '{'t' * 256}' at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: "
            "Member must have length less than or equal to 255",
        ),
    ],
)
def test_constraints(db: Requests, request_: dict[str, Any], problem: str) -> None:
    expected = ("ValidationException", f"1 validation error detected: {problem}")
    assert db.refuse("UpdateTimeToLive", **request_) == expected


def test_enabled_is_no_string(db: Requests) -> None:
    request = {"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": "true"}}
    assert db.refuse("UpdateTimeToLive", **TABLE, **request)[0] == "SerializationException"


# A change that takes its time


@pytest.fixture
def slow(db: Requests) -> Requests:
    """Requests to an engine whose tables change within ten seconds, with an active table."""
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db.create(range=None)
    assert refuse_switch(db) == ("ResourceInUseException", IN_USE + "Table things is being created")
    assert db.refuse("DescribeTimeToLive", TableName="things") == (
        "ValidationException",
        "Cannot describe time to live while table is in CREATING state: Current table state is CREATING",
    )
    db.clock.time += 10
    return db


def test_table_that_is_deleted_tells_nothing(slow: Requests) -> None:
    slow("DeleteTable", TableName="things")
    assert slow.refuse("DescribeTimeToLive", TableName="things") == (
        "ValidationException",
        "Cannot describe time to live while table is in DELETING state: Current table state is DELETING",
    )


def test_change_takes_its_time(slow: Requests) -> None:
    switch(slow)
    assert describe(slow) == {"TimeToLiveStatus": "ENABLING", "AttributeName": "ttl"}
    assert refuse_switch(slow) == ("ValidationException", "TimeToLive is already enabled")
    assert refuse_switch(slow, on=False) == ("ValidationException", MODIFIED)
    slow.clock.time += 10
    assert describe(slow) == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    switch(slow, on=False)
    assert describe(slow) == {"TimeToLiveStatus": "DISABLING"}
    assert refuse_switch(slow, on=False) == ("ValidationException", "TimeToLive is already disabled")
    assert refuse_switch(slow) == ("ValidationException", MODIFIED)
    slow.clock.time += 10
    assert describe(slow) == {"TimeToLiveStatus": "DISABLED"}
    switch(slow)


def test_change_lasts_while_the_table_is_updated(slow: Requests) -> None:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    slow("UpdateTable", **TABLE, BillingMode="PROVISIONED", ProvisionedThroughput=units)
    switch(slow)
    put(slow, 1, NOW)
    for _ in range(2):
        slow.clock.time += 10
        assert describe(slow) == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    assert slow("DescribeTable", **TABLE)["Table"]["TableStatus"] == "ACTIVE"
    assert slow.engine.sweep() == 1


def test_queue_goes_with_a_table_that_is_being_deleted(slow: Requests) -> None:
    switch(slow)
    put(slow, 1, NOW)
    slow("DeleteTable", **TABLE)
    assert refuse_switch(slow, on=False) == (
        "ResourceInUseException",
        IN_USE + "Table is being deleted: things",
    )
    assert slow.engine.sweep() == 0
    assert queued(slow) == set()


# What expires


@pytest.mark.parametrize(
    "value",
    [
        {"N": str(NOW - 1)},
        {"N": str(NOW - 1) + ".5"},
        {"N": f"{NOW - 1}e0"},
        {"N": "16999999e2"},
        {"N": str(NOW - 5 * YEAR + 1)},
    ],
)
def test_past_second_expires(things: Requests, value: dict[str, Any]) -> None:
    things.put(pk={"S": "1"}, ttl=value)
    things.clock.time += 0.25
    assert things.engine.sweep() == 1
    assert keys(things) == set()


@pytest.mark.parametrize(
    "value",
    [
        {"N": str(NOW)},
        {"N": str(NOW) + ".5"},
        {"N": str(NOW + 1)},
        {"N": str(NOW * 1000)},
        {"N": "9e125"},
        {"N": str(NOW - 5 * YEAR - 1)},
        {"N": "0"},
        {"N": "1e-9"},
        {"N": "-1"},
        {"N": f"-{NOW - 1}"},
        {"S": str(NOW - 1)},
        {"L": [{"N": str(NOW - 1)}]},
        {"M": {"ttl": {"N": str(NOW - 1)}}},
        {"NS": [str(NOW - 1)]},
        {"NULL": True},
    ],
)
def test_anything_else_stays(things: Requests, value: dict[str, Any]) -> None:
    things.put(pk={"S": "1"}, ttl=value, other={"N": str(NOW - 1)})
    assert things.engine.sweep() == 0
    assert keys(things) == {"1"}
    check_queue(things)


def test_second_has_to_be_over(things: Requests) -> None:
    put(things, 1, NOW + 60)
    things.clock.time += 60
    assert things.engine.sweep() == 0
    things.clock.time += 0.001
    assert things.engine.sweep() == 1


def test_range_key_may_be_the_attribute(db: Requests) -> None:
    db.create(range="ttl:N")
    switch(db)
    put(db, 1, NOW - 1)
    put(db, 1, NOW + 1)
    assert db.engine.sweep() == 1
    assert [item["ttl"]["N"] for item in db("Scan", **TABLE)["Items"]] == [str(NOW + 1)]


def test_expired_item_is_there_until_it_is_swept(things: Requests) -> None:
    put(things, 1, NOW - 100)
    assert keys(things) == {"1"}
    assert things("GetItem", **TABLE, Key=KEY)["Item"]["ttl"] == {"N": str(NOW - 100)}
    query = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "1"}}}
    assert things("Query", **TABLE, **query)["Count"] == 1
    assert things.engine.sweep() == 1
    assert things("GetItem", **TABLE, Key=KEY) == {}
    assert things("Query", **TABLE, **query)["Count"] == 0
    assert things.engine.sweep() == 0


def test_index_rows_and_counts_go_too(db: Requests) -> None:
    db.create(
        range=None,
        attributes={"g": "S"},
        GlobalSecondaryIndexes=[
            {
                "IndexName": "gix",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    switch(db)
    for number in range(4):
        put(db, number, NOW - 1 if number < 3 else NOW + 1, g={"S": "x"})
    assert db.engine.sweep() == 3
    table = db("DescribeTable", **TABLE)["Table"]
    assert (table["ItemCount"], table["GlobalSecondaryIndexes"][0]["ItemCount"]) == (1, 1)
    assert db("Scan", **TABLE, IndexName="gix")["Items"] == [{"pk": {"S": "3"}, "g": {"S": "x"}}]


def test_table_without_time_to_live_keeps_everything(db: Requests) -> None:
    db.create(range=None)
    put(db, 1, NOW - 1)
    assert db.engine.sweep() == 0
    assert keys(db) == {"1"}


# The queue


def test_every_write_keeps_the_queue(things: Requests) -> None:
    put(things, 1, NOW + 10)
    put(things, 1, NOW + 20)
    put(things, 2, NOW + 30, v={"S": "x"})
    put(things, 3)
    check_queue(things)
    update = {"UpdateExpression": "SET #t = :t", "ExpressionAttributeNames": {"#t": "ttl"}}
    things("UpdateItem", **TABLE, Key=KEY, **update, ExpressionAttributeValues={":t": {"N": str(NOW + 5)}})
    check_queue(things)
    things("UpdateItem", **TABLE, Key={"pk": {"S": "2"}}, UpdateExpression="REMOVE v")
    check_queue(things)
    puts = [{"PutRequest": {"Item": {"pk": {"S": str(n)}, "ttl": {"N": str(NOW + n)}}}} for n in (3, 4, 5)]
    things("BatchWriteItem", RequestItems={"things": [*puts, {"DeleteRequest": {"Key": KEY}}]})
    check_queue(things)
    actions = [
        {"Put": {**TABLE, "Item": {"pk": {"S": "6"}, "ttl": {"N": str(NOW + 6)}}}},
        {"Delete": {**TABLE, "Key": {"pk": {"S": "5"}}}},
        {
            "Update": {
                **TABLE,
                "Key": {"pk": {"S": "4"}},
                "UpdateExpression": "REMOVE #t",
                "ExpressionAttributeNames": {"#t": "ttl"},
            }
        },
    ]
    things("TransactWriteItems", TransactItems=actions)
    check_queue(things)
    assert len(queued(things)) == 3
    things.clock.time += 100
    assert things.engine.sweep() == 3
    assert keys(things) == {"4"}
    assert queued(things) == set()


def test_renewed_item_stays(things: Requests) -> None:
    put(things, 1, NOW + 10)
    things.clock.time += 9
    put(things, 1, NOW + 20)
    things.clock.time += 9
    assert things.engine.sweep() == 0
    things.clock.time += 9
    assert things.engine.sweep() == 1


def test_what_is_put_already_expired_is_found(things: Requests) -> None:
    put(things, 1, NOW - 10)
    assert things.engine.sweep() == 1
    things.clock.time += 1000
    put(things, 2, NOW + 900)
    assert things.engine.sweep() == 1
    put(things, 3, NOW - YEAR)
    assert things.engine.sweep() == 1


def test_clock_may_be_put_back(things: Requests) -> None:
    put(things, 1, NOW - 4 * YEAR)
    put(things, 2, NOW + 1)
    things.clock.time += 2 * YEAR
    assert things.engine.sweep() == 1
    assert keys(things) == {"1"}
    things.clock.time -= 2 * YEAR
    assert things.engine.sweep() == 1
    assert queued(things) == set()


def test_row_of_the_queue_that_fits_no_item_is_dropped(things: Requests) -> None:
    put(things, 1, NOW + 1000)
    store: Any = things.engine.store
    store = getattr(store, "inner", store)
    [key] = queued(things)
    stray = WriteSet()
    stray.puts += [(queue_key(key[4:8] + key[16:], NOW - 1), b""), (key[:8] + bytes(7) + b"\x01gone", b"")]
    stray.puts.append((queue_key(key[4:8] + b"nobody", NOW - 1), b""))
    store.commit(stray)
    assert things.engine.sweep() == 0
    assert keys(things) == {"1"}
    long_gone = key[:8] + bytes(7) + b"\x01gone"
    assert queued(things) == {key, long_gone}
    tidied = WriteSet()
    tidied.deletes.append(long_gone)
    store.commit(tidied)


def test_queue_goes_with_the_table(things: Requests) -> None:
    put(things, 1, NOW - 1)
    things("DeleteTable", **TABLE)
    things.create(range=None)
    put(things, 2, NOW - 1)
    assert things.engine.sweep() == 0
    assert queued(things) == set()
    assert not things.engine.sweeper.has_queues()
    switch(things)
    assert things.engine.sweep() == 1


def test_queue_goes_when_it_is_turned_off(things: Requests) -> None:
    put(things, 1, NOW - 1)
    switch(things, on=False)
    assert queued(things) == set()
    assert things.engine.sweep() == 0
    switch(things, "other")
    put(things, 2, NOW - 1, other={"N": str(NOW - 2)})
    assert things.engine.sweep() == 1
    assert keys(things) == {"1"}


# Background work


def test_full_table_gets_its_queue_in_slices(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "SLICE_ROWS", 7)
    db.create(range=None)
    for number in range(60):
        put(db, number, NOW + number if number % 3 else None)
    chance = Random(5)
    answer(db, "UpdateTimeToLive", **TABLE, **specification("ttl", True))
    [filling] = jobs.pending_work(db.engine, set())
    [(_, marker)] = rows(db).scan(jobs.FILLING, jobs.FILLING + b"\xff")
    for _ in filling:
        assert (
            answer(db, "DescribeTimeToLive", **TABLE)["TimeToLiveDescription"]["TimeToLiveStatus"]
            == "ENABLING"
        )
        [(_, state)] = rows(db).scan(jobs.FILLING, jobs.FILLING + b"\xff")
        # A slice that a store refused is done again before anything else is written.
        for _ in range(0 if state == marker else 3):
            item = {"pk": {"S": str(chance.randrange(90))}, "ttl": {"N": str(NOW + chance.randrange(90))}}
            if chance.random() < 0.3:
                answer(db, "DeleteItem", **TABLE, Key={"pk": item["pk"]})
            else:
                answer(db, "PutItem", **TABLE, Item=item)
        marker = state
    assert describe(db) == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    check_queue(db)
    db.clock.time += 1000
    assert db.engine.sweep() > 20
    check_queue(db)


def test_filling_goes_on_after_a_restart(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "SLICE_ROWS", 5)
    db.create(range=None)
    for number in range(20):
        put(db, number, NOW - 1)
    answer(db, "UpdateTimeToLive", **TABLE, **specification("ttl", True))
    db.engine = Engine(db.engine.store, db.engine.settings, db.clock)
    assert db.engine.has_work
    assert db.engine.sweep() == 20
    assert db.engine.sweep() == 0
    assert keys(db) == set()


def test_filling_ends_when_it_is_turned_off(db: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "SLICE_ROWS", 5)
    db.create(range=None)
    for number in range(20):
        put(db, number, NOW - 1)
    answer(db, "UpdateTimeToLive", **TABLE, **specification("ttl", True))
    answer(db, "UpdateTimeToLive", **TABLE, **specification("ttl", False))
    assert db.engine.sweep() == 0
    assert queued(db) == set()
    assert len(keys(db)) == 20


def test_item_rewritten_while_the_queue_is_filled_expires(
    db: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "SLICE_ROWS", 1)
    db.create(range=None)
    for number in range(8):
        put(db, number, NOW - 1)
    answer(db, "UpdateTimeToLive", **TABLE, **specification("ttl", True))
    for number in range(8):
        item = {"pk": {"S": str(number)}, "ttl": {"N": str(NOW - 1 - number % 2)}, "v": {"S": "new"}}
        answer(db, "PutItem", **TABLE, Item=item)
    assert db.engine.sweep() == 8


def slices(db: Requests) -> Iterator[None]:
    return db.engine.sweeper.slices()


def test_many_items_are_deleted_in_slices(things: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ttl, "SLICE_ROWS", 10)
    things.create("others", range=None)
    switch(things, table="others")
    for number in range(35):
        put(things, number, NOW - 50 + number)
        things.put("others", pk={"S": str(number)}, ttl={"N": str(NOW - number)})
    left = [70, *(sum(rows(things).counts(number)[0] for number in (256, 257)) for _ in slices(things))]
    assert {before - after for before, after in pairwise(left)} <= {0, 4, 5, 10}
    assert left[-1] == 1
    assert things.engine.sweeper.deleted == 69
    assert queued(things) != set()
    things.clock.time += 1
    assert things.engine.sweep() == 1
    assert queued(things) == set()


def test_big_items_make_short_slices(things: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ttl, "SLICE_BYTES", 1000)
    for number in range(9):
        put(things, number, NOW - 1, v={"S": "x" * 400})
    left = [9, *(rows(things).counts(256)[0] for _ in slices(things))]
    assert {before - after for before, after in pairwise(left)} <= {0, 3}
    assert left[-1] == 0


def test_work_is_queued_when_there_may_be_some(db: Requests) -> None:
    db.create(range=None)
    db.engine.sweep()
    db.engine.expire()
    assert not db.engine.has_work
    switch(db)
    put(db, 1, NOW - 1)
    db.engine.expire()
    db.engine.expire()
    assert db.engine.has_work
    while db.engine.has_work:
        db.engine.work(0.1)
    assert keys(db) == set()


def test_sweep_that_failed_is_done_again(things: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    put(things, 1, NOW - 1)
    commit = backfill.commit

    def fail(store: Any, writes: WriteSet, now: float) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(backfill, "commit", fail)
    with pytest.raises(OSError, match="no space left"):
        things.engine.sweep()
    monkeypatch.setattr(backfill, "commit", commit)
    assert things.engine.sweep() == 1


def test_queue_is_found_after_a_restart(things: Requests) -> None:
    put(things, 1, NOW - 1)
    things.engine = Engine(things.engine.store, things.engine.settings, things.clock)
    assert things.engine.sweep() == 1


def test_database_in_a_process_sweeps_as_time_goes_by() -> None:
    with Database() as database:
        database.clock.freeze(NOW)
        database.call(
            "CreateTable",
            {
                **TABLE,
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )
        database.call("UpdateTimeToLive", {**TABLE, **specification("ttl", True)})
        for number in (10, 20):
            item = {"pk": {"S": str(number)}, "ttl": {"N": str(NOW + number)}}
            database.call("PutItem", {**TABLE, "Item": item})
        database.clock.advance(15)
        assert database.call("Scan", TABLE)["Count"] == 1
        database.clock.advance(5.5)
        assert database.sweep() == 1
        assert database.call("Scan", TABLE)["Count"] == 0
    with pytest.raises(ValueError, match="closed"):
        database.sweep()
