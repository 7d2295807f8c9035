"""The database inside a Python process."""

import base64
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import dynemu
from dynemu.errors import AwsError, ConnectionDropped
from dynemu.storage.base import StoreError

TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ITEM = {"pk": {"S": "a"}, "n": {"N": "1.0"}}


def test_answers_in_memory_by_wire_names() -> None:
    with dynemu.Database(region="eu-west-3", account_id="111122223333") as database:
        arn = database.call("CreateTable", TABLE)["TableDescription"]["TableArn"]
        assert arn == "arn:aws:dynamodb:eu-west-3:111122223333:table/things"
        assert database.call("PutItem", {"TableName": "things", "Item": ITEM}) == {}
        answer = database.call("GetItem", {"TableName": "things", "Key": {"pk": {"S": "a"}}})
        assert answer == {"Item": {"pk": {"S": "a"}, "n": {"N": "1"}}}


def test_leaves_the_request_as_it_was() -> None:
    with dynemu.Database() as database:
        database.call("CreateTable", TABLE)
        database.call("PutItem", {"TableName": "things", "Item": ITEM})
    assert ITEM["n"] == {"N": "1.0"}


def test_takes_bytes_for_binary_values() -> None:
    with dynemu.Database() as database:
        database.call("CreateTable", TABLE)
        database.call("PutItem", {"TableName": "things", "Item": {**ITEM, "b": {"B": b"\x00\xff"}}})
        item = database.call("GetItem", {"TableName": "things", "Key": {"pk": {"S": "a"}}})["Item"]
        assert base64.b64decode(item["b"]["B"]) == b"\x00\xff"


def test_an_error_without_a_message_shows_none() -> None:
    with dynemu.Database() as database, pytest.raises(AwsError) as caught:
        database.call("GetItems", {})
    assert (caught.value.code, caught.value.message, str(caught.value)) == (
        "UnknownOperationException",
        None,
        "",
    )


def test_raises_what_aws_answers() -> None:
    with dynemu.Database() as database, pytest.raises(AwsError) as caught:
        database.call("DescribeTable", {"TableName": "nope"})
    assert caught.value.code == "ResourceNotFoundException"
    assert caught.value.to_body() == {
        "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
        "message": "Requested resource not found: Table: nope not found",
    }


@pytest.mark.parametrize("durability", ["none", "wal", "fsync"])
def test_on_a_path_the_data_is_there_again(tmp_path: Path, durability: str) -> None:
    with dynemu.Database(tmp_path / "data", durability=durability) as database:
        database.call("CreateTable", TABLE)
        database.call("PutItem", {"TableName": "things", "Item": ITEM})
    with dynemu.Database(tmp_path / "data") as database:
        assert database.call("Scan", {"TableName": "things"})["Count"] == 1
        assert database.call("DescribeTable", {"TableName": "things"})["Table"]["ItemCount"] == 1


def test_one_process_at_a_time_has_the_directory(tmp_path: Path) -> None:
    first = dynemu.Database(tmp_path)
    with pytest.raises(StoreError, match="in use"):
        dynemu.Database(tmp_path)
    first.close()
    first.close()
    dynemu.Database(tmp_path).close()


def test_two_databases_in_one_process_are_apart() -> None:
    with dynemu.Database() as one, dynemu.Database() as other:
        one.call("CreateTable", TABLE)
        assert other.call("ListTables") == {"TableNames": []}


def test_a_closed_database_says_so() -> None:
    database = dynemu.Database()
    database.close()
    with pytest.raises(ValueError, match="closed"):
        database.call("ListTables")


def test_an_index_on_a_full_table_is_ready_when_the_call_returns() -> None:
    with dynemu.Database() as database:
        database.call("CreateTable", TABLE)
        for number in range(700):
            item: dict[str, Any] = {"pk": {"S": str(number)}, "g": {"S": "x"}}
            database.call("PutItem", {"TableName": "things", "Item": item})
        key = {"AttributeName": "g", "KeyType": "HASH"}
        create = {"IndexName": "by-g", "KeySchema": [key], "Projection": {"ProjectionType": "ALL"}}
        database.call(
            "UpdateTable",
            {
                "TableName": "things",
                "AttributeDefinitions": [{"AttributeName": "g", "AttributeType": "S"}],
                "GlobalSecondaryIndexUpdates": [{"Create": create}],
            },
        )
        assert database.call("Scan", {"TableName": "things", "IndexName": "by-g"})["Count"] == 700


def test_a_directory_stands_for_s3(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "in").write_text('{"Item": {"pk": {"S": "a"}}}')
    parameters = {
        "TableName": "things",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    request = {
        "S3BucketSource": {"S3Bucket": "data"},
        "InputFormat": "DYNAMODB_JSON",
        "TableCreationParameters": parameters,
    }
    with dynemu.Database(s3_dir=tmp_path) as database:
        database.call("ImportTable", request)
        assert database.call("Scan", {"TableName": "things"})["Items"] == [{"pk": {"S": "a"}}]


def test_a_held_back_answer_lets_other_threads_in() -> None:
    with dynemu.Database() as database:
        database.call("CreateTable", TABLE)
        database.faults.add({"kind": "latency", "operation": "PutItem", "seconds": 0.3})
        writer = threading.Thread(
            target=database.call, args=["PutItem", {"TableName": "things", "Item": ITEM}]
        )
        writer.start()
        while database.faults.list()[0]["hit"] == 0:
            pass
        assert database.call("Scan", {"TableName": "things"})["Count"] == 1
        assert writer.is_alive()
        writer.join(10)
        assert not writer.is_alive()


def test_a_lost_connection_is_an_exception() -> None:
    with dynemu.Database() as database:
        database.faults.add({"kind": "drop"})
        with pytest.raises(ConnectionDropped):
            database.call("ListTables")


def test_faults_follow_from_the_seed_of_the_database() -> None:
    def errors(seed: int) -> list[str]:
        with dynemu.Database(seed=seed) as database:
            database.faults.add({"kind": "drop", "probability": 0.5})
            return [_outcome(database) for _ in range(20)]

    assert errors(5) == errors(5)
    assert errors(5) != errors(6)


def _outcome(database: dynemu.Database) -> str:
    try:
        database.call("ListTables")
    except ConnectionDropped:
        return "lost"
    return "answered"


def test_an_error_may_be_late() -> None:
    with dynemu.Database() as database:
        database.faults.add({"kind": "latency", "seconds": 0.05})
        started = time.monotonic()
        with pytest.raises(AwsError):
            database.call("DescribeTable", {"TableName": "nope"})
        assert time.monotonic() - started >= 0.05


def test_a_database_is_behind_when_asked_to_be() -> None:
    read = {"TableName": "things", "Key": {"pk": {"S": "a"}}}
    with dynemu.Database(consistency="adversarial") as database:
        database.clock.freeze()
        database.call("CreateTable", TABLE)
        database.savepoint("empty")
        database.call("PutItem", {"TableName": "things", "Item": ITEM})
        assert database.call("GetItem", read) == {}
        database.simulate("strong")
        assert database.call("GetItem", read) != {}
        database.simulate("adversarial")
        database.call("DeleteItem", read)
        assert database.call("GetItem", read) != {}
        database.rollback("empty")
        assert database.call("GetItem", read) == {}
        with pytest.raises(ValueError, match="Consistency is one of"):
            database.simulate("weak")
    with pytest.raises(ValueError, match="Consistency is one of"):
        dynemu.Database(consistency="weak")
