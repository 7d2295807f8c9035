"""boto3's client of DynamoDB Streams, read in the way of the Kinesis Client Library's adapter."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.conftest import run_server

SHARDS = 3
KEYS = 30


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a server whose streams have several shards."""
    with run_server(tmp_path_factory.mktemp("streams") / "log", "--stream-shards", str(SHARDS)) as url:
        yield url


@pytest.fixture
def client(url: str, make_client: Callable[[str], Any]) -> Any:
    return make_client(url)


@pytest.fixture
def streams(url: str, credentials: dict[str, str]) -> Iterator[Any]:
    config = Config(retries={"total_max_attempts": 1})
    made = boto3.client("dynamodbstreams", endpoint_url=url, config=config, **credentials)
    yield made
    made.close()


@pytest.fixture
def stream(client: Any, table_name: str) -> str:
    """ARN of the stream of a table called *table_name*."""
    described = client.create_table(
        TableName=table_name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    client.get_waiter("table_exists").wait(TableName=table_name)
    return str(described["TableDescription"]["LatestStreamArn"])


class Worker:
    """Leases shards as the adapter's worker does: parents to their end, then their children."""

    def __init__(self, streams: Any, stream: str) -> None:
        self.streams = streams
        self.stream = stream
        self.ended: set[str] = set()
        self.iterators: dict[str, str] = {}
        self.records: list[Any] = []

    def find_shards(self) -> list[Any]:
        """Return the shards of all pages."""
        shards: list[Any] = []
        request: dict[str, Any] = {"StreamArn": self.stream, "Limit": 2}
        while True:
            description = self.streams.describe_stream(**request)["StreamDescription"]
            shards += description["Shards"]
            if "LastEvaluatedShardId" not in description:
                return shards
            request["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]

    def lease(self) -> None:
        """Begin every shard that has no parent left to read."""
        shards = self.find_shards()
        known = {shard["ShardId"] for shard in shards}
        for shard in shards:
            name, parent = shard["ShardId"], shard.get("ParentShardId")
            is_ready = parent not in known or parent in self.ended
            if is_ready and name not in self.iterators and name not in self.ended:
                answer = self.streams.get_shard_iterator(
                    StreamArn=self.stream, ShardId=name, ShardIteratorType="TRIM_HORIZON"
                )
                self.iterators[name] = answer["ShardIterator"]

    def read(self) -> int:
        """Read a page of every shard; return the number of records."""
        count = 0
        for name, token in list(self.iterators.items()):
            answer = self.streams.get_records(ShardIterator=token, Limit=7)
            self.records += answer["Records"]
            count += len(answer["Records"])
            if answer.get("NextShardIterator") is None:
                del self.iterators[name]
                self.ended.add(name)
            else:
                self.iterators[name] = answer["NextShardIterator"]
        return count

    def read_all(self) -> None:
        """Read until there is nothing more for now."""
        ended = -1
        while self.read() or len(self.ended) > ended:
            ended = len(self.ended)
            self.lease()


def write(client: Any, table: str, counter: int) -> None:
    for key in range(KEYS):
        item = {"pk": {"S": str(key)}, "n": {"N": str(counter)}, "b": {"B": b"\x00\xff"}}
        client.put_item(TableName=table, Item=item)


def test_a_worker_reads_all_shards_to_the_end(
    client: Any, streams: Any, stream: str, table_name: str
) -> None:
    worker = Worker(streams, stream)
    worker.lease()
    writer = threading.Thread(target=lambda: [write(client, table_name, counter) for counter in range(3)])
    writer.start()
    worker.read_all()
    writer.join()
    client.update_table(TableName=table_name, StreamSpecification={"StreamEnabled": False})
    client.put_item(TableName=table_name, Item={"pk": {"S": "unseen"}})
    worker.read_all()
    assert worker.iterators == {}
    assert len(worker.ended) == SHARDS
    changes: dict[str, list[int]] = {}
    for record in worker.records:
        change = record["dynamodb"]
        changes.setdefault(change["Keys"]["pk"]["S"], []).append(int(change["NewImage"]["n"]["N"]))
    assert changes == {str(key): [0, 1, 2] for key in range(KEYS)}


def test_members_of_a_record(client: Any, streams: Any, stream: str, table_name: str) -> None:
    write(client, table_name, 1)
    worker = Worker(streams, stream)
    worker.lease()
    worker.read_all()
    record = worker.records[0]
    change = record["dynamodb"]
    assert record["eventName"] == "INSERT"
    assert record["awsRegion"] == "us-east-1"
    assert change["NewImage"]["b"] == {"B": b"\x00\xff"}
    age = datetime.now(timezone.utc) - change["ApproximateCreationDateTime"]
    assert -1 < age.total_seconds() < 60
    assert record["eventSource"] == "aws:dynamodb"


def test_streams_are_listed(streams: Any, stream: str, table_name: str) -> None:
    (found,) = streams.list_streams(TableName=table_name)["Streams"]
    assert (found["StreamArn"], found["TableName"]) == (stream, table_name)


def test_errors_have_classes(streams: Any, stream: str) -> None:
    with pytest.raises(streams.exceptions.ResourceNotFoundException):
        streams.describe_stream(StreamArn=stream[:-1] + "x")
    shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
    with pytest.raises(streams.exceptions.TrimmedDataAccessException):
        streams.get_shard_iterator(
            StreamArn=stream, ShardId=shard, ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber="0" * 21
        )


def test_reading_from_a_time_on(client: Any, streams: Any, stream: str, table_name: str) -> None:
    write(client, table_name, 1)
    count = 0
    for shard in streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]:
        token = streams.get_shard_iterator(
            StreamArn=stream,
            ShardId=shard["ShardId"],
            ShardIteratorType="AT_TIMESTAMP",
            Timestamp=datetime(2020, 1, 1, tzinfo=timezone.utc),
        )["ShardIterator"]
        count += len(streams.get_records(ShardIterator=token)["Records"])
    assert count == KEYS
