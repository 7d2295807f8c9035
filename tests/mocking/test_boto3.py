"""boto3 in process: clients and resources whenever they were made, events, retries, other services."""

import threading
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError
from moto import mock_aws

import dynemu
from tests.mocking.tables import NAME, TABLE, count, item, put

QUICK = Config(retries={"mode": "standard", "total_max_attempts": 3})


def made_before() -> Any:
    return boto3.client("dynamodb", "eu-west-1", aws_access_key_id="AKIA", aws_secret_access_key="secret")


def test_the_default_session_needs_no_settings() -> None:
    with dynemu.mock():
        client = boto3.client("dynamodb")
        client.create_table(**TABLE)
        assert client.meta.region_name == "us-east-1"
        assert client.describe_table(TableName=NAME)["Table"]["TableArn"].startswith(
            "arn:aws:dynamodb:us-east-1:123456789012:"
        )


def test_a_client_made_before_is_answered_too() -> None:
    client = made_before()
    with dynemu.mock():
        arn = client.create_table(**TABLE)["TableDescription"]["TableArn"]
    assert arn == "arn:aws:dynamodb:eu-west-1:123456789012:table/films"
    with pytest.raises(HTTPClientError):
        client.list_tables()


def test_sessions_and_resources_see_one_database() -> None:
    with dynemu.mock(region="eu-central-1") as database:
        films = boto3.resource("dynamodb").create_table(**TABLE)
        films.wait_until_exists()
        films.put_item(Item={"pk": "1", "title": "Vagabond"})
        own = boto3.Session("key", "secret", region_name="eu-central-1").client("dynamodb")
        assert own.get_item(TableName=NAME, Key=item("1"))["Item"] == item("1", title="Vagabond")
        assert films.meta.client.meta.region_name == "eu-central-1"
        assert database.call("Scan", {"TableName": NAME})["Count"] == 1


def test_settings_of_the_environment_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    with dynemu.mock():
        assert boto3.client("dynamodb").meta.region_name == "ap-south-1"
        assert boto3.client("dynamodb", "eu-west-3").meta.region_name == "eu-west-3"
        assert boto3.client("dynamodb", config=Config(region_name="eu-west-2")).meta.region_name == (
            "eu-west-2"
        )


def test_an_endpoint_of_ones_own_is_answered_here() -> None:
    with dynemu.mock() as database:
        client = boto3.client("dynamodb", endpoint_url="http://localhost:8000")
        client.create_table(**TABLE)
        other = boto3.client("dynamodb", endpoint_url="http://localhost:8000/ns/other")
        assert other.list_tables()["TableNames"] == []
        assert database.namespaces() == ["default", "other"]


def test_other_threads_are_answered() -> None:
    with dynemu.mock():
        boto3.client("dynamodb").create_table(**TABLE)
        client = boto3.client("dynamodb")

        def work(number: int) -> None:
            for step in range(20):
                put(client, f"{number}-{step}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert count(client) == 160


def test_mocks_nest_and_end_in_any_order() -> None:
    client = made_before()
    outer, inner = dynemu.mock(), dynemu.mock()
    outer.start()
    client.create_table(**TABLE)
    inner.start()
    assert client.list_tables()["TableNames"] == []
    outer.stop()
    assert client.list_tables()["TableNames"] == []
    with dynemu.mock():
        client.create_table(**TABLE)
    assert client.list_tables()["TableNames"] == []
    inner.stop()
    inner.stop()
    with pytest.raises(HTTPClientError):
        client.list_tables()


def test_a_mock_begins_once() -> None:
    mocked = dynemu.mock()
    with mocked:
        with pytest.raises(RuntimeError, match="active already"):
            mocked.start()
    with mocked as database:
        assert database.call("ListTables") == {"TableNames": []}


def test_a_database_of_ones_own_stays_open() -> None:
    with dynemu.Database() as database:
        with dynemu.mock(database) as given:
            assert given is database
            boto3.client("dynamodb").create_table(**TABLE)
        assert database.call("ListTables")["TableNames"] == [NAME]


def test_what_the_block_raises_passes_and_ends_it() -> None:
    client = made_before()
    with pytest.raises(KeyError), dynemu.mock():
        raise KeyError("mine")
    with pytest.raises(HTTPClientError):
        client.list_tables()


def test_answers_have_the_metadata_of_http() -> None:
    with dynemu.mock():
        client = boto3.client("dynamodb")
        meta = client.list_tables()["ResponseMetadata"]
        with pytest.raises(ClientError) as caught:
            client.describe_table(TableName=NAME)
    assert meta["HTTPStatusCode"] == 200
    assert meta["RetryAttempts"] == 0
    assert meta["HTTPHeaders"]["x-amzn-requestid"] == meta["RequestId"]
    assert set(meta["HTTPHeaders"]) == {
        "server",
        "date",
        "content-type",
        "content-length",
        "connection",
        "x-amzn-requestid",
        "x-amz-crc32",
    }
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert caught.value.response["Error"] == {
        "Message": "Requested resource not found: Table: films not found",
        "Code": "ResourceNotFoundException",
    }


def test_botocore_sends_again_what_failed() -> None:
    with dynemu.mock() as database:
        client = boto3.client("dynamodb", config=QUICK)
        client.create_table(**TABLE)
        database.faults.add({"kind": "throttle", "operation": "PutItem", "times": 1})
        database.faults.add({"kind": "error", "operation": "GetItem", "times": 2})
        database.faults.add({"kind": "drop", "operation": "Scan", "times": 1})
        answer = client.put_item(TableName=NAME, Item=item("1"))
        assert answer["ResponseMetadata"]["RetryAttempts"] == 1
        answer = client.get_item(TableName=NAME, Key=item("1"))
        assert answer["ResponseMetadata"]["RetryAttempts"] == 2
        assert client.scan(TableName=NAME)["ResponseMetadata"]["RetryAttempts"] == 1
        database.faults.add({"kind": "drop", "operation": "ListTables"})
        with pytest.raises(ConnectionClosedError):
            client.list_tables()


def test_paginators_and_waiters_work() -> None:
    with dynemu.mock():
        client = boto3.client("dynamodb")
        client.create_table(**TABLE)
        client.get_waiter("table_exists").wait(TableName=NAME)
        for number in range(10):
            put(client, str(number))
        pages = client.get_paginator("scan").paginate(TableName=NAME, PaginationConfig={"PageSize": 3})
        assert [page["Count"] for page in pages] == [3, 3, 3, 1]
        client.delete_table(TableName=NAME)
        client.get_waiter("table_not_exists").wait(TableName=NAME)


def test_event_hooks_are_called() -> None:
    seen = []
    with dynemu.mock():
        client = boto3.client("dynamodb")

        def add_table(params: dict[str, Any], **_: Any) -> None:
            params.setdefault("TableName", NAME)

        def see(event_name: str, **_: Any) -> None:
            seen.append(event_name)

        events = client.meta.events
        events.register("provide-client-params.dynamodb.DescribeTable", add_table)
        for name in ("before-sign", "before-send", "response-received", "after-call"):
            events.register(f"{name}.dynamodb.DescribeTable", see)
        client.create_table(**TABLE)
        assert client.describe_table()["Table"]["TableName"] == NAME
    assert [name.partition(".")[0] for name in seen] == [
        "before-sign",
        "before-send",
        "response-received",
        "after-call",
    ]


def test_a_hook_may_answer_in_our_place() -> None:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - beside its only use

    class Body:
        def stream(self) -> Any:
            yield b'{"TableNames": ["from-a-hook"]}'

    with dynemu.mock():
        client = boto3.client("dynamodb")
        client.meta.events.register(
            "before-send.dynamodb.ListTables",
            lambda request, **_: AWSResponse(request.url, 200, {}, Body()),
        )
        assert client.list_tables()["TableNames"] == ["from-a-hook"]


def test_time_to_live_is_kept_between_requests() -> None:
    with dynemu.mock() as database:
        client = boto3.client("dynamodb")
        client.create_table(**TABLE)
        client.update_time_to_live(
            TableName=NAME, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"}
        )
        database.clock.freeze(1_800_000_000)
        client.put_item(TableName=NAME, Item={**item("1"), "ends": {"N": "1800000060"}})
        assert count(client) == 1
        database.clock.advance(120)
        assert count(client) == 0


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours first", "moto first"])
def test_moto_answers_what_is_not_dynamodb(ours_first: bool) -> None:
    first, second = (dynemu.mock(), mock_aws()) if ours_first else (mock_aws(), dynemu.mock())
    with first as one, second as two:
        database = one if ours_first else two
        bucket = boto3.client("s3", "us-east-1")
        bucket.create_bucket(Bucket="reels")
        boto3.client("dynamodb", "us-east-1").create_table(**TABLE)
        assert [each["Name"] for each in bucket.list_buckets()["Buckets"]] == ["reels"]
        assert database.call("ListTables")["TableNames"] == [NAME]
        boto3.client("sns", "us-east-1").create_topic(Name="news")


def test_moto_has_its_dynamodb_back_afterwards() -> None:
    with mock_aws():
        with dynemu.mock():
            boto3.client("dynamodb", "us-east-1").create_table(**TABLE)
        assert boto3.client("dynamodb", "us-east-1").list_tables()["TableNames"] == []


def test_presigned_addresses_are_signed_as_ever() -> None:
    with dynemu.mock():
        client = boto3.client("dynamodb")
        url = client.generate_presigned_url("list_tables")
    assert "X-Amz-Signature=" in url


def test_a_client_without_signatures_is_refused_as_over_http() -> None:
    from botocore import UNSIGNED  # noqa: PLC0415 - beside its only use

    with dynemu.mock():
        client = boto3.client("dynamodb", config=Config(signature_version=UNSIGNED))
        with pytest.raises(ClientError, match="MissingAuthenticationToken"):
            client.list_tables()
