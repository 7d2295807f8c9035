"""Earlier states of a table, as backups, restores and exports read them."""

from functools import partial
from random import Random
from typing import Any

import pytest

from dynemu._core.codec import decode_row
from dynemu.engine.changes import next_number
from dynemu.engine.commit import until_committed
from dynemu.engine.history import changes_between, number_at, read_rows_at
from dynemu.engine.history_rows import Cursor, bytes_id, millisecond
from tests.operations.conftest import Requests

TABLE = 256
STEPS = 120


class Log:
    """Random changes of a table that has its history recorded, and what it held before each of them."""

    def __init__(self, db: Requests, keys: int) -> None:
        self.db = db
        self.random = Random(1)
        self.keys = keys
        self.items: dict[str, str] = {}
        self.states: dict[int, dict[str, str]] = {}
        self.times: dict[int, float] = {}
        """When the change with this number was made."""
        self.changed: dict[int, str] = {}

    def step(self, place: int) -> None:
        number = until_committed(lambda: next_number(self.db.engine.store.view()))
        self.states[number] = dict(self.items)
        self.times[number] = self.db.clock.time
        key = str(self.random.randrange(self.keys))
        self.changed[number] = key
        if key in self.items and self.random.random() < 0.3:
            del self.items[key]
            self.db("DeleteItem", TableName="things", Key={"pk": {"S": key}})
        else:
            self.items[key] = str(place)
            self.db.put(pk={"S": key}, n={"N": str(place)})
        self.db.clock.time += self.random.choice((0.0, 0.0005, 1.0))

    def state_at(self, number: int) -> dict[str, str]:
        """Return the state before the first change of this table with *number* or a later one."""
        later = [other for other in self.states if other >= number]
        return self.states[min(later)] if later else self.items


@pytest.fixture(params=[2, 40])
def log(db: Requests, request: pytest.FixtureRequest) -> Log:
    log = Log(db, request.param)
    db.create(range=None)
    db("CreateTable", **other_table())
    for place in range(20):
        db.put(pk={"S": str(place % log.keys)}, n={"N": "-1"})
        log.items[str(place % log.keys)] = "-1"
    for name in ("things", "others"):
        specification = {"PointInTimeRecoveryEnabled": True}
        db("UpdateContinuousBackups", TableName=name, PointInTimeRecoverySpecification=specification)
    for place in range(STEPS):
        log.step(place)
        if place % 3 == 0:
            db.put("others", pk={"S": str(place)})
    return log


def other_table() -> dict[str, Any]:
    return {
        "TableName": "others",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }


def item_of(row: bytes | None) -> tuple[str, str] | None:
    if row is None:
        return None
    item = decode_row(row)
    return item["pk"]["S"], item["n"]["N"]


def rows_at(log: Log, number: int, limit: int) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    start: bytes | None = None
    while True:
        begin = start
        rows, start = until_committed(
            lambda: read_rows_at(log.db.engine.store.view(), TABLE, number, begin, limit)  # noqa: B023
        )
        assert len(rows) <= limit
        found += rows
        if start is None:
            return found


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_rows_of_every_state(log: Log, limit: int) -> None:
    for number, expected in log.states.items():
        rows = rows_at(log, number, limit)
        assert rows == sorted(rows)
        assert dict(filter(None, (item_of(row) for _, row in rows))) == expected


def test_rows_end_where_they_are_long(log: Log) -> None:
    number = min(log.states)
    view = log.db.engine.store.view()
    rows, rest = until_committed(lambda: read_rows_at(view, TABLE, number, None, 1000, 1))
    assert len(rows) == 1
    following, _ = until_committed(lambda: read_rows_at(view, TABLE, number, rest, 1000, 1))
    assert following[0][0] > rows[0][0]


def test_number_of_a_time(log: Log) -> None:
    view = log.db.engine.store.view()
    first = min(log.times)
    for time in (*log.times.values(), *(time + 0.1 for time in log.times.values())):
        number = until_committed(lambda: number_at(view, TABLE, time))  # noqa: B023
        later = [other for other, made in log.times.items() if millisecond(made) > millisecond(time)]
        assert log.state_at(number) == log.state_at(min(later, default=max(log.times) + 1))
    assert until_committed(lambda: number_at(view, TABLE, log.times[first] - 1)) == first


@pytest.mark.parametrize("limit", [1, 4, 1000])
def test_changes_between_states(log: Log, limit: int) -> None:
    numbers = sorted(log.states)
    for _ in range(10):
        first, last = sorted(log.random.sample(numbers, 2))
        expected = {}
        for number in numbers:
            if first <= number < last:
                expected[log.changed[number]] = log.times[number]
        found = {}
        for change in changes(log, first, last, limit):
            old, new = item_of(change.old_row), item_of(change.new_row)
            key = next((item[0] for item in (old, new) if item is not None), None)
            if key is None:
                continue
            found[key] = change.time
            assert log.states[first].get(key) == (None if old is None else old[1])
            assert log.states[last].get(key) == (None if new is None else new[1])
        for key in set(expected) - set(found):  # came and went between both
            assert key not in log.states[first]
            assert key not in log.states[last]
        assert found == {key: expected[key] for key in found}


def changes(log: Log, first: int, last: int, limit: int) -> list[Any]:
    found: list[Any] = []
    start: bytes | None = None
    while True:
        begin = start
        page, start = until_committed(
            lambda: changes_between(log.db.engine.store.view(), TABLE, first, last, begin, limit)  # noqa: B023
        )
        found += page
        if start is None:
            return found


def test_an_item_that_changes_often_is_jumped_over(db: Requests) -> None:
    db.create(range=None)
    arn = db("CreateBackup", TableName="things", BackupName="first")["BackupDetails"]["BackupArn"]
    for place in range(1000):
        db.put(pk={"S": "a"}, n={"N": str(place)})
    db.put(pk={"S": "b"})
    view = db.engine.store.view()
    reads = Counting(view)

    def walk(number: int) -> set[Any]:
        reads.rows = 0
        cursor = Cursor(reads, TABLE, TABLE.to_bytes(4, "big"), number)
        seen = set()
        while cursor.row_key is not None:
            seen.add(cursor.entry and cursor.entry.number)
            cursor.advance()
        return seen

    for number in (1, 2, 500, 1000):
        assert until_committed(partial(walk, number)) == {number, 1001}
        assert reads.rows < 60
    db("DeleteBackup", BackupArn=arn)
    assert view.counts(bytes_id(TABLE)) == (0, 0)


def test_a_page_looks_at_its_part_of_the_history_only(db: Requests) -> None:
    db.create(range=None)
    for place in range(200):
        if place == 100:
            db("CreateBackup", TableName="things", BackupName="first")
        db.put(pk={"S": str(place % 100)}, n={"N": str(place)})
    reads = Counting(db.engine.store.view())
    for number in (1, 101):
        start: bytes | None = None
        for _ in range(3):
            reads.rows, begin = 0, start
            rows, start = until_committed(lambda: read_rows_at(reads, TABLE, number, begin, 5))  # noqa: B023
            assert len(rows) == 5
            assert reads.rows < 15


class Counting:
    """A view that counts the rows scanned."""

    def __init__(self, view: Any) -> None:
        self.view = view
        self.rows = 0

    def scan(self, start: bytes, end: bytes, reverse: bool = False) -> Any:
        for row in self.view.scan(start, end, reverse):
            self.rows += 1
            yield row
