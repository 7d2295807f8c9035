"""All operations of the API model: valid requests through boto3, and invalid ones as raw JSON.

Requests are made from the model, and answers are held against it as they come off the wire. So an operation
that the service gets is tested as soon as ``make api`` has taken the model over.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from dynemu.operations import OPERATIONS, STREAM_OPERATIONS
from tests.sdk.api_model import MODELS, Operation, Requests, find_faults, load_operations
from tests.wire.peer import HEADERS

MODEL = load_operations()
NAMES = (*OPERATIONS, *STREAM_OPERATIONS)
KEY = {"pk": {"S": "a"}}
REGION = "us-east-1"
INVALID = {"ValidationException", "SerializationException"}

CREATE_TABLE = {
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}
STATEMENT = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "dynamodb:GetItem"}
VECTOR_INDEX = {
    "IndexName": "by-vector",
    "VectorAttribute": {"AttributeName": "vector"},
    "Projection": {"ProjectionType": "ALL"},
    "Dimensions": 2,
    "DistanceFunction": "COSINE",
}
PROVISIONED = {
    "BillingMode": "PROVISIONED",
    "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
}
SETTINGS: dict[str, dict[str, Any]] = {
    "SearchVectors": {"VectorIndexes": [VECTOR_INDEX]},
    "UpdateTableReplicaAutoScaling": PROVISIONED,
}
"""What the table has to be like for an operation."""
REPLICA = {"ReplicaUpdates": [{"Create": {"RegionName": "eu-west-1"}}]}
STEPS: dict[str, tuple[str, ...]] = {
    "CancelBulkOperation": ("StartBulkPutItems",),
    "DeleteBackup": ("CreateBackup",),
    "DeleteResourcePolicy": ("PutResourcePolicy",),
    "DescribeBackup": ("CreateBackup",),
    "DescribeBulkOperation": ("StartBulkPutItems",),
    "DescribeExport": ("UpdateContinuousBackups", "ExportTableToPointInTime"),
    "DescribeGlobalTable": ("CreateGlobalTable",),
    "DescribeGlobalTableSettings": ("CreateGlobalTable",),
    "DescribeImport": ("ImportTable",),
    "DescribeStream": ("PutItem",),
    "DisableKinesisStreamingDestination": ("EnableKinesisStreamingDestination",),
    "ExportTableToPointInTime": ("UpdateContinuousBackups",),
    "GetRecords": ("PutItem", "DescribeStream", "GetShardIterator"),
    "GetResourcePolicy": ("PutResourcePolicy",),
    "GetShardIterator": ("PutItem", "DescribeStream"),
    "ListBackups": ("CreateBackup",),
    "ListBulkOperations": ("StartBulkPutItems",),
    "ListContributorInsights": ("UpdateContributorInsights",),
    "ListExports": ("UpdateContinuousBackups", "ExportTableToPointInTime"),
    "ListGlobalTables": ("CreateGlobalTable",),
    "ListImports": ("ImportTable",),
    "ListTagsOfResource": ("TagResource",),
    "RestoreTableFromBackup": ("CreateBackup",),
    "RestoreTableToPointInTime": ("UpdateContinuousBackups",),
    "UntagResource": ("TagResource",),
    "UpdateGlobalTable": ("CreateGlobalTable",),
    "UpdateGlobalTableSettings": ("CreateGlobalTable",),
    "UpdateKinesisStreamingDestination": ("EnableKinesisStreamingDestination",),
}
"""Operations that are called before another one, so that what it asks for is there."""
LEARNT = ("BackupArn", "BulkOperationArn", "ExportArn", "ImportArn", "ShardId", "ShardIterator")
"""Members of the answers to these, which the next request takes over."""
LATE = ("CancelBulkOperation",)
"""Operations that may come too late for what they are about, which the service calls invalid."""


def first_values(table: str, arn: str, stream: str) -> dict[str, Any]:
    """Return values of members for the requests about *table*."""
    made_up = f"{arn}/{{}}/01700000000000-0123abcd"
    return {
        "TableName": table,
        "TableArn": arn,
        "ResourceArn": arn,
        "GlobalTableName": table,
        "SourceTableName": table,
        "TargetValue": 70,
        "TargetTableName": f"{table}-restored",
        "CreateTableInput.TableName": f"{table}-new",
        "TableCreationParameters.TableName": f"{table}-imported",
        "BackupArn": made_up.format("backup"),
        "ExportArn": made_up.format("export"),
        "ImportArn": made_up.format("import"),
        "BulkOperationArn": made_up.format("bulk"),
        "StreamArn": stream,
        "ShardId": "shardId-00000001700000000000-0123abcd",
        "ShardIteratorType": "TRIM_HORIZON",
        "ShardIterator": f"{stream}|1|made-up",
        "Key": KEY,
        "Item": KEY,
        "KeyConditionExpression": "pk = :v",
        "ExpressionAttributeValues": {":v": {"S": "a"}},
        "Statement": f"SELECT * FROM \"{table}\" WHERE pk = 'a'",
        "AttributeDefinitions": CREATE_TABLE["AttributeDefinitions"],
        "KeySchema": CREATE_TABLE["KeySchema"],
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalTableBillingMode": "PAY_PER_REQUEST",
        "AttributeName": "pk",
        "TimeToLiveSpecification.AttributeName": "expires",
        "TimeToLiveSpecification.Enabled": True,
        "AttributeType": "S",
        "IndexName": "by-vector",
        "SearchVector": [{"N": "1"}, {"N": "0"}],
        "PointInTimeRecoveryEnabled": True,
        "UseLatestRestorableTime": True,
        "RegionName": REGION,
        "CreateReplicaAction.RegionName": "eu-west-1",
        "ReplicaAutoScalingUpdate.RegionName": "eu-west-1",
        "Policy": json.dumps({"Version": "2012-10-17", "Statement": [{**STATEMENT, "Resource": arn}]}),
        "Tag.Key": "owner",
        "InputFormat": "DYNAMODB_JSON",
        "UpdateKinesisStreamingConfiguration.ApproximateCreationDateTimePrecision": "MICROSECOND",
        "S3Bucket": "bucket",
    }


class Wire:
    """Sends requests as they are, with nothing checked on this side."""

    def __init__(self, url: str) -> None:
        self.connection = HTTPConnection(urlsplit(url).netloc, timeout=30)

    def call(self, operation: Operation, request: Any) -> tuple[int, Any]:
        """Return status and body of the answer to *request*."""
        headers = {**HEADERS, "X-Amz-Target": operation.target}
        self.connection.request("POST", "/", json.dumps(request), headers)
        answer = self.connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if body else None


@pytest.fixture(scope="module")
def wire(server_url: str) -> Iterator[Wire]:
    wire = Wire(server_url)
    yield wire
    wire.connection.close()


@pytest.fixture(scope="module")
def clients(server_url: str, credentials: dict[str, str]) -> Iterator[Mapping[str, Any]]:
    """Clients of both services that speak the newest model, whatever botocore is installed."""
    session = botocore.session.Session()
    session.get_component("data_loader").search_paths.insert(0, str(MODELS))
    made = boto3.Session(botocore_session=session)
    config = Config(retries={"total_max_attempts": 1})
    clients = {
        service: made.client(service, endpoint_url=server_url, config=config, **credentials)
        for service in {operation.service for operation in MODEL.values()}
    }
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def make_values(wire: Wire, table_name: str) -> Callable[[str], dict[str, Any]]:
    """Make a table, and what else an operation needs; return values for its request."""

    def make(name: str) -> dict[str, Any]:
        definition = {**CREATE_TABLE, "TableName": table_name, **SETTINGS.get(name, {})}
        status, answer = wire.call(MODEL["CreateTable"], definition)
        described = answer.get("TableDescription", {})
        arn = described.get("TableArn", f"arn:aws:dynamodb:{REGION}:123456789012:table/{table_name}")
        values = first_values(table_name, arn, described.get("LatestStreamArn", f"{arn}/stream/none"))
        if "ReplicaAutoScaling" in name:
            wire.call(MODEL["UpdateTable"], {"TableName": table_name, **REPLICA})
        if "Kinesis" in name:
            values["StreamArn"] = f"arn:aws:kinesis:{REGION}:123456789012:stream/events"
        for step in STEPS.get(name, ()):
            status, answer = wire.call(MODEL[step], Requests(MODEL[step], values).minimal())
            if status == 200:
                values.update(learn(answer))
        return values

    return make


def learn(answer: Any) -> Iterator[tuple[str, Any]]:
    """Yield the members of *answer*, at any level, that later requests ask for."""
    for name, part in answer.items() if isinstance(answer, dict) else ():
        if name in LEARNT:
            yield name, part
        for inner in part if isinstance(part, list) else [part]:
            yield from learn(inner)


def check_error(operation: Operation, status: int, body: dict[str, Any]) -> None:
    """Check that *body* is an error that the model lists for *operation*, with members that it knows."""
    prefix, _, code = body["__type"].partition("#")
    if operation.name in LATE and code == "ValidationException":
        return
    assert (prefix, code in operation.errors) == ("com.amazonaws.dynamodb.v20120810", True), body
    assert status == 400, body
    assert isinstance(body["message" if "message" in body else "Message"], str)
    more = {name: part for name, part in body.items() if name not in ("__type", "message", "Message")}
    assert list(find_faults(operation.shapes, code, more)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_minimal_request_is_answered_in_shape(
    clients: Mapping[str, Any], make_values: Callable[[str], dict[str, Any]], name: str
) -> None:
    operation = MODEL[name]
    client = clients[operation.service]
    answers: list[tuple[int, bytes]] = []
    request = Requests(operation, make_values(name)).minimal()

    def keep(http_response: Any, **_: Any) -> None:
        answers.append((http_response.status_code, http_response.content))

    event = f"after-call.{operation.service}.{name}"
    client.meta.events.register(event, keep)
    try:
        client._make_api_call(name, request)
    except ClientError as error:
        assert error.response["Error"]["Code"] != "UnknownOperationException"
    finally:
        client.meta.events.unregister(event, keep)
    ((status, body),) = answers
    if status != 200:
        check_error(operation, status, json.loads(body))
    elif operation.output is None:
        assert body == b""
    else:
        assert list(find_faults(operation.shapes, operation.output, json.loads(body))) == []


def test_faults_of_an_answer_are_found() -> None:
    shapes = MODEL["DescribeTable"].shapes
    table = {"TableStatus": "READY", "ItemCount": "1", "KeySchema": [{"KeyType": "HASH"}], "Colour": "red"}
    assert list(find_faults(shapes, "DescribeTableOutput", {"Table": table})) == [
        ".Table.TableStatus: 'READY' is none of " + str(shapes["TableStatus"]["enum"]),
        ".Table.ItemCount: '1' is no long",
        ".Table.KeySchema[0]: AttributeName is missing",
        ".Table: Colour is unknown",
    ]
    assert list(find_faults(shapes, "AttributeValue", {"B": "abc"})) == [".B: Incorrect padding"]


def test_invalid_requests_are_made_at_every_level() -> None:
    requests = Requests(MODEL["BatchGetItem"], {"Key": KEY})
    assert requests.minimal() == {"RequestItems": {"aaa": {"Keys": [KEY]}}}
    assert dict(requests.without_required()) == {
        "no RequestItems": {},
        "no RequestItems.0.Keys": {"RequestItems": {"aaa": {}}},
    }
    beyond = dict(requests.out_of_range())
    assert [what.partition(" = ")[0] for what in beyond] == [
        "RequestItems",
        "RequestItems",
        "RequestItems.0.Keys",
        "RequestItems.0.Keys",
        "RequestItems.0.AttributesToGet",
        "RequestItems.0.AttributesToGet.0",
        "RequestItems.0.ExpressionAttributeNames.0",
        "ReturnConsumedCapacity",
    ]
    assert beyond["RequestItems.0.AttributesToGet = []"] == {
        "RequestItems": {"aaa": {"Keys": [KEY], "AttributesToGet": []}}
    }
    wrong = dict(requests.of_wrong_type())
    assert wrong["RequestItems.0.Keys.0.0.S = 1"] == {"RequestItems": {"aaa": {"Keys": [{"pk": {"S": 1}}]}}}


@pytest.fixture(scope="module")
def refused(wire: Wire) -> Callable[[Operation, Iterator[tuple[str, Any]]], list[str]]:
    """Return which of the requests are answered as if they were valid, or with another error."""

    def run(operation: Operation, requests: Iterator[tuple[str, Any]]) -> list[str]:
        wrong = []
        for what, request in requests:
            status, body = wire.call(operation, request)
            code = (body or {}).get("__type", "").partition("#")[2]
            if status != 400 or code not in INVALID:
                wrong.append(f"{what}: {status} {str(body)[:160]}")
        return wrong

    return run


@pytest.fixture(scope="module")
def requests_of(wire: Wire) -> Callable[[str], Requests]:
    table = "table-of-invalid-requests"
    wire.call(MODEL["CreateTable"], {**CREATE_TABLE, "TableName": table})
    recovery = {"PointInTimeRecoveryEnabled": True}
    wire.call(
        MODEL["UpdateContinuousBackups"], {"TableName": table, "PointInTimeRecoverySpecification": recovery}
    )
    arn = f"arn:aws:dynamodb:{REGION}:123456789012:table/{table}"
    values = first_values(table, arn, f"{arn}/stream/2024-01-01T00:00:00.000")
    return lambda name: Requests(MODEL[name], values)


@pytest.mark.parametrize("name", NAMES)
def test_a_request_without_a_required_member_is_refused(refused: Any, requests_of: Any, name: str) -> None:
    assert refused(MODEL[name], requests_of(name).without_required()) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_member_out_of_range_is_refused(refused: Any, requests_of: Any, name: str) -> None:
    assert refused(MODEL[name], requests_of(name).out_of_range()) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_member_of_a_wrong_type_is_refused(refused: Any, requests_of: Any, name: str) -> None:
    assert refused(MODEL[name], requests_of(name).of_wrong_type()) == []
