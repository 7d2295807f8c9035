"""Rolling back while something goes on: pages of a scan, readers of a stream, the filling of an index."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from dynemu.database import Database
from dynemu.engine.checking import check
from dynemu.engine.database import Engine
from dynemu.engine.namespaces import Namespaces
from dynemu.operations.dispatch import call

TABLE: dict[str, Any] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}
DEPTH = 100


@pytest.fixture(params=["memory", "disk"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with Database(None if request.param == "memory" else tmp_path / "data") as opened:
        opened.call("CreateTable", TABLE)
        yield opened


def put(database: Database, *names: str) -> None:
    for name in names:
        database.call("PutItem", {"TableName": "things", "Item": {"pk": {"S": name}, "g": {"S": "x"}}})


def keys(database: Database) -> set[str]:
    return {item["pk"]["S"] for item in database.call("Scan", {"TableName": "things"})["Items"]}


def test_savepoints_nest_a_hundred_deep(database: Database) -> None:
    for depth in range(DEPTH):
        assert database.savepoint(f"at-{depth}") == f"at-{depth}"
        put(database, str(depth))
    for depth in range(DEPTH - 1, 0, -7):
        database.rollback(f"at-{depth}")
        assert keys(database) == {str(number) for number in range(depth)}
        assert database.check() == []
        with pytest.raises(KeyError, match=f"There is no savepoint called at-{depth + 1}"):
            database.rollback(f"at-{depth + 1}")
    database.rollback("at-0")
    assert keys(database) == set()


def test_a_scan_goes_on_behind_a_rollback(database: Database) -> None:
    put(database, *(f"before-{number}" for number in range(20)))
    database.savepoint()
    put(database, *(f"after-{number}" for number in range(20)))
    page = database.call("Scan", {"TableName": "things", "Limit": 25})
    database.rollback()
    found = {item["pk"]["S"] for item in page["Items"]}
    while "LastEvaluatedKey" in page:
        more = {"Limit": 5, "ExclusiveStartKey": page["LastEvaluatedKey"]}
        page = database.call("Scan", {"TableName": "things", **more})
        assert all(item["pk"]["S"].startswith("before") for item in page["Items"])
        found |= {item["pk"]["S"] for item in page["Items"]}
    assert {f"before-{number}" for number in range(20)} <= found


@pytest.mark.parametrize(
    ("mark", "go_back"),
    [
        (lambda database: database.savepoint("mark"), lambda database: database.rollback("mark")),
        (lambda database: database.snapshot("mark"), lambda database: database.restore("mark")),
    ],
    ids=["savepoint", "snapshot"],
)
def test_a_reader_of_a_stream_sees_what_comes_after(
    database: Database, mark: Callable[[Database], Any], go_back: Callable[[Database], Any]
) -> None:
    put(database, "one")
    arn = database.call("DescribeTable", {"TableName": "things"})["Table"]["LatestStreamArn"]
    (shard,) = database.call("DescribeStream", {"StreamArn": arn})["StreamDescription"]["Shards"]
    place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = database.call("GetShardIterator", place)["ShardIterator"]
    mark(database)
    for _ in range(2):
        put(database, "two", "three", "four")
        read = database.call("GetRecords", {"ShardIterator": iterator})
        iterator = read["NextShardIterator"]
        assert {record["dynamodb"]["Keys"]["pk"]["S"] for record in read["Records"]} >= {"two", "four"}
        go_back(database)
        assert keys(database) == {"one"}
    assert database.call("GetRecords", {"ShardIterator": iterator})["Records"] == []
    assert database.check() == []


# An index that is being filled, without the slices that a Database does at once


@pytest.fixture
def spaces(database: Database) -> Namespaces:
    return database.use_wire(lambda namespaces: namespaces)


def ask(engine: Engine, operation: str, **request: Any) -> Any:
    answer = call(engine, operation, request, "us-east-1", "123456789012")
    return None if answer is None else orjson.loads(orjson.dumps(answer))


def start_index(engine: Engine) -> None:
    names = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "g")]
    keys = [{"AttributeName": "g", "KeyType": "HASH"}]
    index = {"IndexName": "by-g", "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}
    updates = [{"Create": index}]
    ask(
        engine,
        "UpdateTable",
        TableName="things",
        AttributeDefinitions=names,
        GlobalSecondaryIndexUpdates=updates,
    )


def finish(engine: Engine) -> None:
    while engine.has_work:
        engine.work(1.0)
    assert list(check(engine.store.view(), engine.clock.now())) == []


def test_going_back_to_before_an_index_stops_its_filling(database: Database, spaces: Namespaces) -> None:
    put(database, *map(str, range(1000)))
    engine = spaces.get("default")
    engine.savepoint("before")
    start_index(engine)
    engine.work(0.0001)
    assert engine.has_work
    engine.rollback("before")
    finish(engine)
    assert "GlobalSecondaryIndexes" not in ask(engine, "DescribeTable", TableName="things")["Table"]
    start_index(engine)
    finish(engine)
    assert ask(engine, "Scan", TableName="things", IndexName="by-g", Select="COUNT")["Count"] == 1000


def test_going_back_into_the_filling_of_an_index_goes_on_with_it(
    database: Database, spaces: Namespaces
) -> None:
    put(database, *map(str, range(1000)))
    engine = spaces.get("default")
    start_index(engine)
    engine.work(0.0001)
    engine.savepoint("half")
    finish(engine)
    ask(engine, "DeleteItem", TableName="things", Key={"pk": {"S": "7"}})
    ask(engine, "PutItem", TableName="things", Item={"pk": {"S": "new"}, "g": {"S": "y"}})
    engine.rollback("half")
    assert engine.has_work
    ask(engine, "PutItem", TableName="things", Item={"pk": {"S": "late"}, "g": {"S": "x"}})
    finish(engine)
    assert ask(engine, "Scan", TableName="things", IndexName="by-g", Select="COUNT")["Count"] == 1001
