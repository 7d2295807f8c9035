"""The clock of a namespace: moved by hand, as JSON, or by the libraries that move time in tests."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from typing import Any

import pytest
import time_machine
from freezegun import freeze_time

import dynemu
from dynemu.database import Database
from dynemu.engine.clock import MovableClock
from dynemu.errors import AwsError

START = 1_700_000_000.0
LAST = 253_402_300_799.0
"""The last second of the year 9999."""
TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
LIVING = {"TableName": "things", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "until"}}


class Base:
    """A clock that a test moves."""

    time = START

    def now(self) -> float:
        return self.time


@pytest.fixture
def base() -> Base:
    return Base()


@pytest.fixture
def clock(base: Base) -> MovableClock:
    return MovableClock(base)


def test_time_goes_on_at_its_rate(base: Base, clock: MovableClock) -> None:
    clock.speed(60)
    base.time += 1
    assert clock.now() == START + 60
    clock.speed(0.5)
    base.time += 1
    assert clock.now() == START + 60.5
    base.time = -1e12
    assert clock.now() == 0
    clock.reset()
    assert clock.now() == base.time


def test_time_stays_within_what_can_be_written(clock: MovableClock) -> None:
    with pytest.raises(ValueError, match="between 1970 and 9999"):
        clock.set(1e12)
    with pytest.raises(ValueError, match="between 1970 and 9999"):
        clock.advance(-1e10)
    with pytest.raises(ValueError, match="does not run backwards"):
        clock.speed(-1)
    assert clock.now() == START


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"set": 1000}, (1000.0, 1.0, "1970-01-01T00:16:40Z")),
        ({"set": "2024-02-29T12:00:00Z"}, (1709208000.0, 1.0, "2024-02-29T12:00:00Z")),
        ({"set": "2024-02-29T12:00:00+02:00"}, (1709200800.0, 1.0, "2024-02-29T10:00:00Z")),
        ({"set": "2024-02-29"}, (1709164800.0, 1.0, "2024-02-29T00:00:00Z")),
        ({"advance": 0.5}, (START + 0.5, 1.0, "2023-11-14T22:13:20.500000Z")),
        ({"freeze": True}, (START, 0.0, "2023-11-14T22:13:20Z")),
        ({"freeze": 10}, (10.0, 0.0, "1970-01-01T00:00:10Z")),
        ({"set": 10, "advance": 5, "rate": 3600}, (15.0, 3600.0, "1970-01-01T00:00:15Z")),
    ],
    ids=str,
)
def test_changes_as_json(clock: MovableClock, change: Any, expected: tuple[float, float, str]) -> None:
    clock.apply(change)
    now, rate, text = expected
    assert clock.to_dict() == {"now": now, "rate": rate, "time": text, "follows": False}
    clock.apply({"reset": True})
    assert clock.to_dict() == {"now": START, "rate": 1.0, "time": "2023-11-14T22:13:20Z", "follows": True}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "A change of the clock is an object with some of reset, set, advance, freeze, rate."),
        ({"rates": 1}, "A change of the clock is an object with some of reset, set, advance, freeze, rate."),
        ([], "A change of the clock is an object with some of reset, set, advance, freeze, rate."),
        ({"advance": "1"}, "The member advance of a change of the clock is a number."),
        ({"advance": 5, "rate": -1}, "Time does not run backwards."),
        ({"advance": 5, "set": "soon"}, "The member set of a change of the clock is no time: soon."),
        ({"reset": 1}, "The member reset of a change of the clock is true or false."),
    ],
    ids=str,
)
def test_what_is_no_change_changes_nothing(clock: MovableClock, change: Any, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        clock.apply(change)
    assert str(caught.value) == sentence
    assert clock.follows


@pytest.fixture
def database() -> Any:
    with dynemu.Database(table_delay=10) as opened:
        opened.clock.freeze(START)
        yield opened


def status(database: Database) -> str:
    return str(database.call("DescribeTable", {"TableName": "things"})["Table"]["TableStatus"])


def test_the_clock_drives_the_states_of_tables(database: Database) -> None:
    database.call("CreateTable", TABLE)
    assert status(database) == "CREATING"
    database.clock.advance(10)
    assert status(database) == "ACTIVE"


def test_the_clock_drives_time_to_live(database: Database) -> None:
    database.call("CreateTable", TABLE)
    database.clock.advance(10)
    database.call("UpdateTimeToLive", LIVING)
    item = {"pk": {"S": "a"}, "until": {"N": str(int(START) + 3600)}}
    database.call("PutItem", {"TableName": "things", "Item": item})
    database.clock.set(START + 3599)
    assert database.call("Scan", {"TableName": "things"})["Count"] == 1
    database.clock.advance(2)
    assert database.call("Scan", {"TableName": "things"})["Count"] == 0


def test_the_clock_drives_idempotency_tokens(database: Database) -> None:
    database.call("CreateTable", TABLE)
    database.clock.advance(10)

    def add(name: str) -> None:
        put = {"Put": {"TableName": "things", "Item": {"pk": {"S": name}}}}
        database.call("TransactWriteItems", {"TransactItems": [put], "ClientRequestToken": "token"})

    add("a")
    with pytest.raises(AwsError, match="idempotent token"):
        add("b")
    database.clock.advance(600)
    add("b")
    assert database.call("Scan", {"TableName": "things"})["Count"] == 2


TRAVELS: dict[str, Callable[[datetime], AbstractContextManager[Any]]] = {
    "freezegun": freeze_time,
    "time-machine": lambda moment: time_machine.travel(moment, tick=False),
}


@pytest.mark.parametrize("travel", TRAVELS.values(), ids=TRAVELS)
def test_libraries_that_move_time_move_the_clock(
    travel: Callable[[datetime], AbstractContextManager[Any]],
) -> None:
    with dynemu.Database() as database:
        moment = datetime(2031, 5, 1, tzinfo=timezone.utc)
        with travel(moment):
            created = database.call("CreateTable", TABLE)["TableDescription"]["CreationDateTime"]
            database.call("UpdateTimeToLive", LIVING)
            until = {"N": str(int(moment.timestamp()) + 60)}
            database.call("PutItem", {"TableName": "things", "Item": {"pk": {"S": "a"}, "until": until}})
            assert database.call("Scan", {"TableName": "things"})["Count"] == 1
        assert created == moment.timestamp()
        with travel(datetime(2031, 5, 1, 0, 2, tzinfo=timezone.utc)):
            assert database.call("Scan", {"TableName": "things"})["Count"] == 0


@pytest.mark.parametrize("change", [{"rate": 1e308}, {"set": LAST, "rate": 1e9}])
def test_time_stands_still_at_its_end(change: dict[str, float]) -> None:
    base = Base()
    clock = MovableClock(base)
    clock.apply(change)
    base.time += 10
    assert (clock.now(), clock.to_dict()["time"]) == (LAST, "9999-12-31T23:59:59Z")
    clock.reset()
    assert clock.now() == base.time


@pytest.mark.parametrize("rate", [float("inf"), float("nan")])
def test_a_rate_is_a_number(rate: float) -> None:
    clock = MovableClock(Base())
    with pytest.raises(ValueError, match="A rate is a number"):
        clock.speed(rate)
    assert clock.follows


def test_a_database_works_at_the_end_of_time() -> None:
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    with Database() as database:
        database.clock.freeze(LAST)
        database.call("CreateTable", {**TABLE, "StreamSpecification": stream})
        database.call("UpdateTimeToLive", LIVING)
        item = {"pk": {"S": "a"}, "until": {"N": str(int(LAST) - 1)}}
        database.call("PutItem", {"TableName": "things", "Item": item})
        assert database.sweep() == 1
        put = {"Put": {"TableName": "things", "Item": {"pk": {"S": "b"}}}}
        database.call("TransactWriteItems", {"TransactItems": [put], "ClientRequestToken": "one"})
        database.call("CreateBackup", {"TableName": "things", "BackupName": "last"})
        arn = database.call("DescribeTable", {"TableName": "things"})["Table"]["LatestStreamArn"]
        database.rotate_shards(arn, split=True)
        assert database.check() == []


@pytest.mark.parametrize("travel", TRAVELS.values(), ids=TRAVELS)
def test_a_database_works_before_the_beginning_of_time(
    travel: Callable[[datetime], AbstractContextManager[Any]],
) -> None:
    with Database() as database:
        database.call("CreateTable", TABLE)
        database.call("UpdateTimeToLive", LIVING)
        with travel(datetime(1969, 7, 20, tzinfo=timezone.utc)):
            put = {"Put": {"TableName": "things", "Item": {"pk": {"S": "b"}, "until": {"N": "1"}}}}
            database.call("TransactWriteItems", {"TransactItems": [put], "ClientRequestToken": "one"})
            assert database.call("Scan", {"TableName": "things"})["Count"] == 1
            created = database.call("CreateTable", {**TABLE, "TableName": "others"})["TableDescription"]
            assert created["CreationDateTime"] == 0
            assert database.check() == []
