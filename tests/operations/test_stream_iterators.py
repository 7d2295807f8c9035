"""Shard iterators: where they begin, how long they last, what they refuse; pages and trimmed records."""

from base64 import b64decode, b64encode
from typing import Any

import pytest

from tests.operations.conftest import Requests
from tests.operations.test_stream_records import create
from tests.stream_reading import all_shards, iterator, read_on

HOUR = 3600
START = 1_700_000_000
TRIMMED = ("TrimmedDataAccessException", "The data you are trying to access has been trimmed.")
EXPIRED = ("ExpiredIteratorException", "The provided iterator exceeds the maximum age allowed.")
INVALID = "One or more parameter values were invalid: "


@pytest.fixture
def arn(db: Requests) -> str:
    """ARN of a stream with three records, written ten seconds apart; the clock shows 30."""
    arn = create(db, "KEYS_ONLY", range=None)
    put(db, "1", "2", "3")
    return arn


def put(db: Requests, *names: str, seconds: float = 10) -> None:
    for name in names:
        db.put(pk={"S": name})
        db.clock.time += seconds


def names(records: list[Any]) -> list[str]:
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in records]


def only_shard(db: Requests, arn: str) -> str:
    (shard,) = all_shards(db, arn)
    return str(shard["ShardId"])


def read(db: Requests, arn: str, kind: str, **more: Any) -> list[str]:
    return names(read_on(db, iterator(db, arn, only_shard(db, arn), kind, **more)))


def sequence(number: int) -> dict[str, str]:
    return {"SequenceNumber": str(10**20 + number)}


def refuse(db: Requests, arn: str, kind: str, shard: str | None = None, **more: Any) -> Any:
    shard = only_shard(db, arn) if shard is None else shard
    return db.refuse("GetShardIterator", StreamArn=arn, ShardId=shard, ShardIteratorType=kind, **more)


def test_iterator_types(db: Requests, arn: str) -> None:
    assert read(db, arn, "TRIM_HORIZON") == ["1", "2", "3"]
    assert read(db, arn, "LATEST") == []
    assert read(db, arn, "AT_SEQUENCE_NUMBER", **sequence(2)) == ["2", "3"]
    assert read(db, arn, "AFTER_SEQUENCE_NUMBER", **sequence(2)) == ["3"]
    assert read(db, arn, "AFTER_SEQUENCE_NUMBER", **sequence(3)) == []


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-1000, "123"), (0, "123"), (0.5, "23"), (10, "23"), (10.1, "3"), (20, "3"), (21, ""), (30, "")],
)
def test_at_timestamp(db: Requests, arn: str, seconds: float, expected: str) -> None:
    assert read(db, arn, "AT_TIMESTAMP", Timestamp=START + seconds) == list(expected)


def test_an_iterator_at_the_tip_sees_what_comes(db: Requests, arn: str) -> None:
    token = iterator(db, arn, only_shard(db, arn), "LATEST")
    for _ in range(3):
        answer = db("GetRecords", ShardIterator=token)
        assert answer["Records"] == []
        token = answer["NextShardIterator"]
    put(db, "4", "5")
    assert names(read_on(db, token)) == ["4", "5"]


def test_an_empty_shard(db: Requests) -> None:
    arn = create(db, range=None)
    for kind in ("TRIM_HORIZON", "LATEST"):
        answer = db("GetRecords", ShardIterator=iterator(db, arn, only_shard(db, arn), kind))
        assert set(answer) == {"Records", "NextShardIterator"}
        assert answer["Records"] == []


def test_what_is_missing_or_wrong(db: Requests, arn: str) -> None:
    needs = ("ValidationException", INVALID + "SequenceNumber cannot be null")
    assert refuse(db, arn, "AT_SEQUENCE_NUMBER") == needs
    assert refuse(db, arn, "AFTER_SEQUENCE_NUMBER") == needs
    needs = ("ValidationException", INVALID + "Timestamp cannot be null")
    assert refuse(db, arn, "AT_TIMESTAMP") == needs
    future = ("ValidationException", INVALID + "Timestamp cannot be in the future")
    assert refuse(db, arn, "AT_TIMESTAMP", Timestamp=START + 31) == future
    invalid = ("ValidationException", "Invalid SequenceNumber")
    for text in ("x" * 21, "1" + "0" * 39, str(10**20 + 6), "\u0663" * 21):
        assert refuse(db, arn, "AT_SEQUENCE_NUMBER", SequenceNumber=text) == invalid
    missing = ("ResourceNotFoundException", "Requested resource not found: Shard does not exist")
    for shard in ("shardId-" + "0" * 20 + "-" + "0" * 8, "shardId-" + "9" * 20 + "-" + "0" * 8, "x" * 28):
        assert refuse(db, arn, "LATEST", shard) == missing


def test_missing_streams(db: Requests, arn: str) -> None:
    shard = only_shard(db, arn)
    missing = arn[:-1] + "9"
    error = ("ResourceNotFoundException", f"Requested resource not found: Stream: {missing} not found")
    assert db.refuse("DescribeStream", StreamArn=missing) == error
    assert refuse(db, missing, "LATEST", shard) == error
    table = arn.partition("/stream/")[0] + " " * 40
    assert db.refuse("DescribeStream", StreamArn=table) == (
        "ValidationException",
        f"Invalid StreamArn: {table}",
    )


def test_an_iterator_lasts_fifteen_minutes(db: Requests, arn: str) -> None:
    token = iterator(db, arn, only_shard(db, arn))
    db.clock.time += 900
    answer = db("GetRecords", ShardIterator=token)
    assert names(answer["Records"]) == ["1", "2", "3"]
    db.clock.time += 1
    assert db.refuse("GetRecords", ShardIterator=token) == EXPIRED
    assert db("GetRecords", ShardIterator=answer["NextShardIterator"])["Records"] == []


def test_forged_iterators_are_refused(db: Requests, arn: str) -> None:
    token = iterator(db, arn, only_shard(db, arn))
    head, _, text = token.rpartition("|")
    raw = b64decode(text)
    changed = bytes((*raw[:20], raw[20] ^ 1, *raw[21:]))
    forged = [
        "x",
        text,
        token[:-4],
        token + "AAAA",
        token.replace("things", "thongs"),
        f"{head}|{b64encode(changed).decode()}",
        f"{head}|{b64encode(raw[:-8] + bytes(8)).decode()}",
        f"{head}|\u00e4\u00f6",
    ]
    for each in forged:
        error = ("ValidationException", "Invalid ShardIterator")
        assert db.refuse("GetRecords", ShardIterator=each) == error


def test_pages_of_records(db: Requests, arn: str) -> None:
    put(db, *"4567")
    for limit in (1, 2, 7, 1000):
        assert names(read_on(db, iterator(db, arn, only_shard(db, arn)), limit)) == list("1234567")
    first = db("GetRecords", ShardIterator=iterator(db, arn, only_shard(db, arn)), Limit=3)
    assert names(first["Records"]) == list("123")


def test_a_page_ends_with_one_megabyte(db: Requests) -> None:
    arn = create(db, "NEW_IMAGE", range=None)
    for number in range(8):
        db.put(pk={"S": str(number)}, v={"S": "x" * 390_000})
    sizes = []
    token = iterator(db, arn, only_shard(db, arn))
    while True:
        answer = db("GetRecords", ShardIterator=token)
        if not answer["Records"]:
            break
        sizes.append(len(answer["Records"]))
        token = answer["NextShardIterator"]
    assert sizes == [3, 3, 2]


def test_records_are_trimmed_after_a_day(db: Requests, arn: str) -> None:
    shard = only_shard(db, arn)
    db.clock.time = START + 3.5 * HOUR
    put(db, "4", seconds=1)
    db.clock.time = START + 24 * HOUR + 10
    old, new = [each["ShardId"] for each in all_shards(db, arn)]
    assert old == shard

    def read_old(kind: str, **more: Any) -> list[str]:
        return names(read_on(db, iterator(db, arn, old, kind, **more)))

    assert read_old("TRIM_HORIZON") == ["3", "4"]
    assert read_old("AT_TIMESTAMP", Timestamp=START) == ["3", "4"]
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        for number in (0, 1, 2):
            assert refuse(db, arn, kind, old, **sequence(number)) == TRIMMED
    assert read_old("AT_SEQUENCE_NUMBER", **sequence(3)) == ["3", "4"]
    db.clock.time = START + 27 * HOUR
    assert read_old("TRIM_HORIZON") == ["4"]
    assert refuse(db, arn, "AT_SEQUENCE_NUMBER", old, **sequence(3)) == TRIMMED
    db.clock.time = START + 27.9 * HOUR
    assert read_old("TRIM_HORIZON") == []
    assert names(read_on(db, iterator(db, arn, new))) == []


def test_a_record_is_trimmed_under_its_iterator(db: Requests, arn: str) -> None:
    db.clock.time = START + 24 * HOUR - 5
    shard = all_shards(db, arn)[0]["ShardId"]
    token = iterator(db, arn, shard)
    db.clock.time += 10
    assert db.refuse("GetRecords", ShardIterator=token) == TRIMMED
    assert names(read_on(db, iterator(db, arn, shard))) == ["2", "3"]


def test_limits_of_the_requests(db: Requests, arn: str) -> None:
    token = iterator(db, arn, only_shard(db, arn))
    error = (
        "ValidationException",
        "1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 1000",
    )
    assert db.refuse("GetRecords", ShardIterator=token, Limit=1001) == error
    assert db.refuse("DescribeStream", StreamArn=arn, Limit=101)[0] == "ValidationException"
    assert db.refuse("DescribeStream", StreamArn="arn:short")[0] == "ValidationException"
