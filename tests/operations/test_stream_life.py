"""Streams come and go with their tables: listed, enabled, disabled, trimmed away, found after a restart."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dynemu.config import Settings
from dynemu.database import Database
from dynemu.engine.database import Engine
from dynemu.storage.base import STREAMS
from dynemu.storage.rocks import RocksStore
from tests.operations.conftest import ManualClock, Requests
from tests.operations.test_stream_records import create, stream_of
from tests.stream_reading import all_records, all_shards, iterator, read_on, replay

HOUR = 3600
ON = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
OFF = {"StreamEnabled": False}
PREFIX = "arn:aws:dynamodb:eu-central-1:123456789012:table/"
LABEL = "2023-11-14T22:13:20.000"
LATER = "2023-11-14T22:13:20.001"


def switch(db: Requests, specification: Any) -> Any:
    return db("UpdateTable", TableName="things", StreamSpecification=specification)["TableDescription"]


def status(db: Requests, arn: str) -> str:
    return str(db("DescribeStream", StreamArn=arn)["StreamDescription"]["StreamStatus"])


def listed(db: Requests, **more: Any) -> list[str]:
    return [stream["StreamArn"] for stream in db("ListStreams", **more)["Streams"]]


def names(db: Requests, arn: str) -> list[str]:
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in all_records(db, arn)]


def rows(db: Requests) -> list[bytes]:
    """Return the keys of all rows of streams."""
    store: Any = db.engine.store
    view = getattr(store, "inner", store).view()
    return [key for key, _ in view.scan(STREAMS, STREAMS + b"\xff")]


def test_description_of_a_stream(db: Requests) -> None:
    arn = create(db, "KEYS_ONLY")
    description = db("DescribeStream", StreamArn=arn)["StreamDescription"]
    (shard,) = description.pop("Shards")
    assert description == {
        "StreamArn": f"{PREFIX}things/stream/{LABEL}",
        "StreamLabel": LABEL,
        "StreamStatus": "ENABLED",
        "StreamViewType": "KEYS_ONLY",
        "CreationRequestDateTime": 1_700_000_000.0,
        "TableName": "things",
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    }
    assert set(shard) == {"ShardId", "SequenceNumberRange"}


def test_streams_are_listed_in_pages(db: Requests) -> None:
    for name in ("bbb", "aaa", "aaa.b", "ccc"):
        db.create(name, range=None, StreamSpecification=ON)
    db.create("ddd", range=None)
    arns = [f"{PREFIX}{name}/stream/{LABEL}" for name in ("aaa", "aaa.b", "bbb", "ccc")]
    assert listed(db) == arns
    assert listed(db, TableName="aaa") == [f"{PREFIX}aaa/stream/{LABEL}"]
    assert listed(db, TableName="ddd") == []
    page = db("ListStreams", Limit=3)
    assert page["LastEvaluatedStreamArn"] == arns[2]
    assert page["Streams"][0] == {"StreamArn": arns[0], "TableName": "aaa", "StreamLabel": LABEL}
    rest = db("ListStreams", Limit=3, ExclusiveStartStreamArn=arns[2])
    assert [stream["StreamArn"] for stream in rest["Streams"]] == arns[3:]
    assert "LastEvaluatedStreamArn" not in rest
    assert "LastEvaluatedStreamArn" not in db("ListStreams", Limit=4)
    after = listed(db, TableName="bbb", ExclusiveStartStreamArn=arns[0])
    assert after == [f"{PREFIX}bbb/stream/{LABEL}"]
    assert db.refuse("ListStreams", ExclusiveStartStreamArn="x" * 40)[0] == "ValidationException"


def test_a_disabled_stream_is_read_for_a_day(db: Requests) -> None:
    arn = create(db, range=None)
    db.put(pk={"S": "1"})
    switch(db, OFF)
    db.put(pk={"S": "2"})
    assert status(db, arn) == "DISABLED"
    assert names(db, arn) == ["1"]
    (shard,) = all_shards(db, arn)
    assert "EndingSequenceNumber" in shard["SequenceNumberRange"]
    assert db("DescribeTable", TableName="things")["Table"]["LatestStreamArn"] == arn
    db.clock.time += 24 * HOUR - 1
    assert listed(db) == [arn]
    db.clock.time += 1
    assert listed(db) == []
    assert db.refuse("DescribeStream", StreamArn=arn)[0] == "ResourceNotFoundException"


def test_a_stream_enabled_again_is_another_one(db: Requests) -> None:
    first = create(db, range=None)
    db.put(pk={"S": "1"})
    switch(db, OFF)
    db.put(pk={"S": "2"})
    switch(db, ON)
    second = stream_of(db)
    db.put(pk={"S": "3"})
    # Both began within one millisecond of the clock.
    assert (first[-23:], second[-23:]) == (LABEL, LATER)
    assert (names(db, first), names(db, second)) == (["1"], ["3"])
    assert listed(db) == [first, second]
    assert (status(db, first), status(db, second)) == ("DISABLED", "ENABLED")


def test_the_stream_of_a_deleted_table_is_read_for_a_day(db: Requests) -> None:
    arn = create(db, range=None)
    db.put(pk={"S": "1"})
    db("DeleteTable", TableName="things")
    create(db, range=None)
    db.put(pk={"S": "2"})
    second = stream_of(db)
    assert second != arn
    assert (names(db, arn), names(db, second)) == (["1"], ["2"])
    assert (status(db, arn), status(db, second)) == ("DISABLED", "ENABLED")
    db.clock.time += 24 * HOUR
    assert listed(db) == [second]


def test_states_take_as_long_as_those_of_the_table(db: Requests) -> None:
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    arn = create(db, range=None)
    assert status(db, arn) == "ENABLING"
    db.clock.time += 10
    assert status(db, arn) == "ENABLED"
    switch(db, OFF)
    assert status(db, arn) == "DISABLING"
    db.clock.time += 10
    assert status(db, arn) == "DISABLED"
    described = switch(db, ON)
    again = described["LatestStreamArn"]
    db.put(pk={"S": "1"})
    assert (described["TableStatus"], status(db, again)) == ("UPDATING", "ENABLING")
    db.clock.time += 10
    assert names(db, again) == ["1"]
    db("DeleteTable", TableName="things")
    assert status(db, again) == "DISABLING"
    db.clock.time += 10
    assert status(db, again) == "DISABLED"


def test_rows_of_trimmed_shards_go(db: Requests) -> None:
    arn = create(db, range=None)
    for hour in range(60):
        db.clock.time = 1_700_000_000 + hour * HOUR
        db.put(pk={"S": "1"}, v={"N": str(hour)})
        db.engine.sweep()
    records = all_records(db, arn)
    assert [record["dynamodb"]["NewImage"]["v"]["N"] for record in records] == [
        str(hour) for hour in range(36, 60)
    ]
    shards = all_shards(db, arn)
    assert len(shards) == 7
    assert sum(key[4:5] == b"r" for key in rows(db)) <= 28
    assert sum(key[4:5] == b"s" for key in rows(db)) == len(shards)


def test_nothing_is_left_of_a_stream_in_the_end(db: Requests) -> None:
    create(db, range=None)
    db.put(pk={"S": "1"})
    db.engine.sweep()
    db("DeleteTable", TableName="things")
    db.clock.time += 24 * HOUR - 1
    db.engine.sweep()
    assert rows(db)
    db.clock.time += 61
    db.engine.sweep()
    assert rows(db) == []


def test_a_table_without_a_stream_records_nothing(db: Requests) -> None:
    db.create(range=None)
    db.put(pk={"S": "1"})
    assert rows(db) == []


@pytest.fixture
def reopen(tmp_path: Path) -> Callable[[], Requests]:
    """Open an engine on one and the same directory, with one clock; the last one is closed before."""
    clock = ManualClock()
    opened: list[Engine] = []

    def open_again() -> Requests:
        if opened:
            opened.pop().close()
        opened.append(Engine(RocksStore(tmp_path / "store", "wal"), Settings(), clock))
        return Requests(opened[0], clock)

    return open_again


def test_everything_survives_a_restart(reopen: Callable[[], Requests]) -> None:
    db = reopen()
    arn = create(db, range=None)
    db.put(pk={"S": "1"})
    db.engine.rotate_shards(arn)
    db.put(pk={"S": "2"})
    before = all_records(db, arn)
    shards = all_shards(db, arn)
    token = iterator(db, arn, shards[1]["ShardId"], "LATEST")
    described = db("DescribeStream", StreamArn=arn)
    db = reopen()
    assert db("DescribeStream", StreamArn=arn) == described
    assert all_records(db, arn) == before
    db.put(pk={"S": "3"})
    (after,) = read_on(db, token)
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in (*before, after)]
    assert sorted(set(numbers)) == numbers
    assert len({record["eventID"] for record in (*before, after)}) == 3
    assert len(replay([*before, after])) == 3
    switch(db, OFF)
    db = reopen()
    db.clock.time += 24 * HOUR + 61
    db.engine.sweep()
    assert rows(db) == []
    db.engine.close()


def test_shards_of_a_database_in_a_program() -> None:
    with Database(stream_shards=2) as database:
        request = {
            "TableName": "things",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": ON,
        }
        arn = database.call("CreateTable", request)["TableDescription"]["LatestStreamArn"]
        assert len(database.rotate_shards(arn)) == 2
        split = database.rotate_shards(arn, split=True)
        description = database.call("DescribeStream", {"StreamArn": arn})["StreamDescription"]
        open_ones = [
            shard["ShardId"]
            for shard in description["Shards"]
            if "EndingSequenceNumber" not in shard["SequenceNumberRange"]
        ]
        assert sorted(split) == open_ones
        assert len(open_ones) == 4
    with pytest.raises(ValueError, match="closed"):
        database.rotate_shards(arn)
