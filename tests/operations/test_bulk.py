"""StartBulkPutItems and the operations around it: items of a bucket into a table that is there."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from dynemu.engine import backfill
from dynemu.engine.transfer import inputs, outputs
from dynemu.errors import AwsError
from tests.operations.conftest import ACCOUNT, REGION, Requests
from tests.operations.transfers import (
    ARN,
    COMPRESSIONS,
    EVERY_TYPE,
    NOW,
    answer,
    files,
    item,
    items,
    lines,
    restart,
    scan,
    slices,
)
from tests.operations.vector_tables import added, index

BOTH = ["ERROR", "CONDITION_CHECK_FAILURE"]
INDEX = {
    "IndexName": "by-number",
    "KeySchema": [{"AttributeName": "number", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "KEYS_ONLY"},
}


@pytest.fixture
def things(db: Requests, bucket: Path) -> Requests:
    """Requests to an engine with the empty table ``things``."""
    db.create(range=None, attributes={"number": "N"}, GlobalSecondaryIndexes=[INDEX])
    return db


def request(format: str = "DYNAMODB_JSON", compression: str | None = None, **more: Any) -> dict[str, Any]:
    source = {"S3Bucket": "data", "S3KeyPrefix": "in", "InputFormat": format}
    if compression is not None:
        source["InputCompressionType"] = compression
    output = {"S3Bucket": "data", "S3KeyPrefix": "out", "OutputType": BOTH}
    return {"TableName": "things", "InputS3Configuration": source, "OutputS3Configuration": output, **more}


def describe(db: Requests, begun: Any) -> Any:
    """Return the description now of what StartBulkPutItems answered, after all background work."""
    arn = begun["BulkOperationDescription"]["BulkOperationArn"]
    return db("DescribeBulkOperation", BulkOperationArn=arn)["BulkOperationDescription"]


def put_all(db: Requests, format: str = "DYNAMODB_JSON", **more: Any) -> Any:
    return describe(db, db("StartBulkPutItems", **request(format, **more)))


def counts(description: Any) -> tuple[str, int, int]:
    """Return the status, and the items processed and failed."""
    return (
        description["BulkOperationStatus"],
        description["ProcessedItemCount"],
        description["FailedItemCount"],
    )


def report(bucket: Path, description: Any) -> list[Any]:
    """Return the lines of a report."""
    name = description["BulkOperationArn"].rpartition("/")[2]
    manifest = (bucket / "out" / "AWSDynamoDB" / name / "manifest-files.json").read_bytes()
    found: list[Any] = []
    for line in manifest.splitlines():
        content = (bucket / json.loads(line)["dataFileS3Key"]).read_bytes()
        found += map(json.loads, gzip.decompress(content).splitlines())
    return found


def refuse(db: Requests, operation: str, **request: Any) -> tuple[str, str | None]:
    """Return the error of *operation*, called without background work."""
    with pytest.raises(AwsError) as caught:
        answer(db, operation, **request)
    return caught.value.code, caught.value.message


def test_a_bulk_operation_puts_items(things: Requests, bucket: Path) -> None:
    things.put(**item(1, old={"BOOL": True}))
    things.put(**item(9))
    (bucket / "in-1").write_bytes(items(1, 2))
    (bucket / "in-2").write_bytes(items(3))
    begun = things("StartBulkPutItems", **request(ClientToken="token", MaxWriteRequestUnits=2048))[
        "BulkOperationDescription"
    ]
    name = begun["BulkOperationArn"].rpartition("/")[2]
    assert name[:15] == "01700000000000-"
    table_id = things("DescribeTable", TableName="things")["Table"]["TableId"]
    nothing = {"BulkPutBytes": 0}
    expected = {
        "BulkOperationArn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:bulk-operation/{name}",
        "BulkOperationStatus": "IN_PROGRESS",
        "TableDetails": [{"TableName": "things", "TableId": table_id}],
        "ClientToken": "token",
        "InputS3Configuration": request()["InputS3Configuration"],
        "OutputS3Configuration": request()["OutputS3Configuration"],
        "MaxWriteRequestUnits": 2048,
        "PerformanceTier": "STANDARD",
        "StartTime": NOW,
        "ProcessedItemCount": 0,
        "ProcessedInputBytes": 0,
        "FailedItemCount": 0,
        "BulkOperationUsage": [{"TableName": "things", "BulkPutBytes": 0, "Table": nothing}],
    }
    assert begun == expected
    size = 2 + 6 + 6 + 2
    usage = {
        "TableName": "things",
        "BulkPutBytes": 6 * size,
        "Table": {"BulkPutBytes": 3 * size},
        "GlobalSecondaryIndexes": {"by-number": {"BulkPutBytes": 3 * size}},
    }
    assert describe(things, {"BulkOperationDescription": begun}) == expected | {
        "BulkOperationStatus": "COMPLETED",
        "EndTime": NOW,
        "ProcessedItemCount": 3,
        "ProcessedInputBytes": len(items(1, 2, 3)),
        "TotalInputBytes": len(items(1, 2, 3)),
        "BulkOperationUsage": [usage],
    }
    assert scan(things) == [item(1), item(2), item(3), item(9)]
    indexed = things("Scan", TableName="things", IndexName="by-number")
    assert indexed["Count"] == 4


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_every_type(things: Requests, bucket: Path, compression: str) -> None:
    everything = {**EVERY_TYPE, "number": {"N": "1"}}
    (bucket / "in").write_bytes(COMPRESSIONS[compression](lines({"Item": everything})))
    assert counts(put_all(things, compression=compression)) == ("COMPLETED", 1, 0)
    assert scan(things) == [everything]


CONDITION = {
    "ConditionExpression": "attribute_not_exists(#k) OR #v < :v",
    "ExpressionAttributeNames": {"#k": "pk", "#v": "version"},
    "ExpressionAttributeValues": {":v": {"N": "5"}},
}
ION_CONDITION = (
    b'ConditionExpression:"attribute_not_exists(#k) OR #v < :v",'
    b"ExpressionAttributeNames:{'#k':\"pk\",'#v':\"version\"},ExpressionAttributeValues:{':v':5.}"
)


@pytest.mark.parametrize("format", ["DYNAMODB_JSON", "ION"])
def test_conditions_of_items(things: Requests, bucket: Path, format: str) -> None:
    for number, version in ((1, "4"), (2, "5")):
        things.put(**item(number, version={"N": version}))
    new = {"DYNAMODB_JSON": lines(*({"Item": item(number), **CONDITION} for number in (1, 2, 3)))}
    new["ION"] = b"".join(
        b'{Item:{pk:"item %d",number:%d.},%s}\n' % (number, number, ION_CONDITION) for number in (1, 2, 3)
    )
    (bucket / "in").write_bytes(new[format])
    described = put_all(things, format)
    assert counts(described) == ("COMPLETED", 3, 0)
    assert scan(things) == [item(1), item(2, version={"N": "5"}), item(3)]
    assert report(bucket, described) == [
        {
            "outputType": "CONDITION_CHECK_FAILURE",
            "itemS3Pointer": {"bucket": "data", "key": "in", "itemIndex": 1},
            "errorMessages": ["The conditional request failed"],
            "Item": item(2),
            "ExistingItem": item(2, version={"N": "5"}),
        }
    ]


def test_what_is_refused_is_reported(things: Requests, bucket: Path) -> None:
    wrong = [
        {"Item": {"number": {"N": "1"}}},
        {"Item": item(4, big={"S": "x" * 409_600})},
        {"Item": {"pk": {"S": "a"}, "number": {"S": "not a number"}}},
        {"Item": item(5), "ConditionExpression": "attribute_exists("},
        {"Item": item(6), "ConditionExpression": 1},
        {"Item": item(7), "ExpressionAttributeNames": {"#a": "b"}},
    ]
    (bucket / "in").write_bytes(items(1) + lines(*wrong) + items(2))
    described = put_all(things)
    assert counts(described) == ("COMPLETED_WITH_ERRORS", 8, 6)
    found = report(bucket, described)
    assert [line["outputType"] for line in found] == ["ERROR"] * 6
    assert [line["itemS3Pointer"]["itemIndex"] for line in found] == [1, 2, 3, 4, 5, 6]
    assert [line["errorMessages"] for line in found[:3]] == [
        ["One or more parameter values were invalid: Missing the key pk in the item"],
        ["Item size has exceeded the maximum allowed size"],
        [
            "One or more parameter values were invalid: Type mismatch for Index Key number Expected: N "
            "Actual: S IndexName: by-number"
        ],
    ]
    assert found[0]["Item"] == wrong[0]["Item"]
    assert scan(things) == [item(1), item(2)]


def test_what_is_no_record_stops_its_object(things: Requests, bucket: Path) -> None:
    (bucket / "in-1").write_bytes(items(1) + b"{broken\n" + items(2))
    (bucket / "in-2").write_bytes(items(3))
    described = put_all(things)
    assert counts(described) == ("COMPLETED_WITH_ERRORS", 3, 1)
    assert described["ProcessedInputBytes"] == described["TotalInputBytes"]
    assert report(bucket, described) == [
        {
            "outputType": "ERROR",
            "itemS3Pointer": {"bucket": "data", "key": "in-1", "itemIndex": 1},
            "errorMessages": ["The record is not valid JSON."],
        }
    ]
    assert scan(things) == [item(1), item(3)]


@pytest.mark.parametrize("wanted", [[], ["ERROR"], ["CONDITION_CHECK_FAILURE"]])
def test_only_the_wanted_kinds_are_reported(things: Requests, bucket: Path, wanted: list[str]) -> None:
    failing = {"Item": item(1), "ConditionExpression": "attribute_exists(pk)"}
    (bucket / "in").write_bytes(lines({"Item": {}}, failing))
    output = {**request()["OutputS3Configuration"], "OutputType": wanted}
    described = put_all(things, OutputS3Configuration=output)
    assert counts(described) == ("COMPLETED_WITH_ERRORS", 2, 1)
    if wanted:
        assert [line["outputType"] for line in report(bucket, described)] == wanted
    else:
        assert list(files(bucket)) == ["in"]


def test_items_that_were_put_expire(things: Requests, bucket: Path) -> None:
    (bucket / "in").write_bytes(items(1, ttl={"N": str(int(NOW) + 5)}))
    things(
        "UpdateTimeToLive",
        TableName="things",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"},
    )
    put_all(things)
    things.clock.time += 10
    assert things.engine.sweep() == 1
    assert scan(things) == []


def test_the_same_key_again_is_put_again(things: Requests, bucket: Path) -> None:
    once = {"ConditionExpression": "attribute_not_exists(pk)"}
    (bucket / "in").write_bytes(lines({"Item": item(1), **once}, {"Item": item(1), **once}) + items(1))
    described = put_all(things)
    assert counts(described) == ("COMPLETED", 3, 0)
    assert len(report(bucket, described)) == 1


@pytest.mark.parametrize("compression", ["NONE", "GZIP"])
def test_a_bulk_operation_goes_on_after_restarts(
    things: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch, compression: str
) -> None:
    monkeypatch.setattr(inputs, "SLICE_RECORDS", 4)
    monkeypatch.setattr(outputs, "FILE_BYTES", 400)
    failing = [{"Item": item(1), "ConditionExpression": "attribute_not_exists(pk)"}, {"Item": {}}]
    for number in range(3):
        content = items(*range(10 * number, 10 * number + 10)) + lines(*failing * 5)
        (bucket / f"in-{number}").write_bytes(COMPRESSIONS[compression](content))
    begun = answer(things, "StartBulkPutItems", **request(compression=compression))
    while things.engine.has_work:
        slices(things, 1)
        restart(things)
    described = describe(things, begun)
    assert counts(described) == ("COMPLETED_WITH_ERRORS", 60, 15)
    assert len(report(bucket, described)) == 30
    assert len(scan(things)) == 30
    assert not [key for key in files(bucket) if ".dynemu-" in key]
    if compression == "NONE":
        assert described["ProcessedInputBytes"] == described["TotalInputBytes"]


def test_requests_go_on_meanwhile(things: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "SLICE_RECORDS", 5)
    (bucket / "in").write_bytes(items(*range(40)))
    answer(things, "StartBulkPutItems", **request())
    for number in range(100, 110):
        answer(things, "PutItem", TableName="things", Item=item(number))
        slices(things, 1)
    assert len(scan(things)) == 50


def test_cancelling(things: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "SLICE_RECORDS", 5)
    (bucket / "in").write_bytes(lines({"Item": {}}) + items(*range(40)))
    begun = answer(things, "StartBulkPutItems", **request())
    slices(things, 2)
    arn = begun["BulkOperationDescription"]["BulkOperationArn"]
    cancelled = {"BulkOperationArn": arn, "BulkOperationStatus": "CANCELLING"}
    for _ in range(2):
        assert answer(things, "CancelBulkOperation", BulkOperationArn=arn) == cancelled
    status = answer(things, "DescribeBulkOperation", BulkOperationArn=arn)["BulkOperationDescription"]
    assert status["BulkOperationStatus"] == "CANCELLING"
    assert "EndTime" not in status
    things("ListTables")
    described = describe(things, begun)
    assert counts(described) == ("CANCELLED", 10, 1)
    assert described["FailureCode"] == "UserCancelled"
    assert described["EndTime"] == NOW
    assert len(report(bucket, described)) == 1
    assert len(scan(things)) == 9
    assert things.refuse("CancelBulkOperation", BulkOperationArn=arn) == (
        "ValidationException",
        f"Bulk operation cannot be cancelled because its status is CANCELLED: {arn}",
    )


def test_deleting_the_table_ends_it(things: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "SLICE_RECORDS", 5)
    (bucket / "in").write_bytes(items(*range(40)))
    begun = answer(things, "StartBulkPutItems", **request())
    slices(things, 1)
    answer(things, "DeleteTable", TableName="things")
    things.create(range=None)
    described = describe(things, begun)
    assert counts(described) == ("FAILED", 5, 0)
    assert described["FailureCode"] == "ResourceNotFound"
    assert scan(things) == []


@pytest.mark.parametrize("member", ["InputS3Configuration", "OutputS3Configuration"])
def test_without_a_bucket_nothing_is_put(things: Requests, bucket: Path, member: str) -> None:
    (bucket / "in").write_bytes(items(1))
    described = put_all(things, **{member: {**request()[member], "S3Bucket": "other"}})
    assert counts(described) == ("FAILED", 0, 0)
    assert described["FailureCode"] == "S3NoSuchBucket"
    assert scan(things) == []


def test_a_report_stays_in_its_bucket(things: Requests, bucket: Path) -> None:
    (bucket / "in").write_bytes(lines({"Item": {}}))
    output = {**request()["OutputS3Configuration"], "S3KeyPrefix": "../../out"}
    described = put_all(things, OutputS3Configuration=output)
    assert (described["BulkOperationStatus"], described["FailureCode"]) == ("FAILED", "S3AccessDenied")
    assert list(files(bucket.parent.parent / "s3")) == ["data/in"]


def test_a_token_stands_for_one_operation(things: Requests, bucket: Path) -> None:
    first = put_all(things, ClientToken="token")
    assert things("StartBulkPutItems", **request(ClientToken="token")) == {"BulkOperationDescription": first}
    assert things.refuse("StartBulkPutItems", **request("ION", ClientToken="token")) == (
        "IdempotentParameterMismatchException",
        "DynamoDB rejected the request because you retried a request with a different payload but with an "
        "idempotent token that was already used.",
    )
    things.clock.time += 8 * 3600
    assert put_all(things, ClientToken="token")["BulkOperationArn"] != first["BulkOperationArn"]


def test_lists_begin_with_the_latest(things: Requests, bucket: Path) -> None:
    arns = []
    for _ in range(12):
        things.clock.time += 1
        arns.append(put_all(things)["BulkOperationArn"])
    page = things("ListBulkOperations")
    assert [each["BulkOperationArn"] for each in page["BulkOperationsSummaryList"]] == arns[:1:-1]
    assert page["BulkOperationsSummaryList"][0] == {
        "BulkOperationArn": arns[-1],
        "BulkOperationStatus": "COMPLETED",
        "StartTime": NOW + 12,
        "EndTime": NOW + 12,
    }
    rest = things("ListBulkOperations", MaxResults=5, NextToken=page["NextToken"])
    assert [each["BulkOperationArn"] for each in rest["BulkOperationsSummaryList"]] == [arns[1], arns[0]]
    assert "NextToken" not in rest


def test_what_is_not_there(things: Requests, bucket: Path) -> None:
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:bulk-operation/01700000000000-00000000"
    gone = ("ResourceNotFoundException", f"Requested resource not found: Bulk operation: {arn} not found")
    assert things.refuse("DescribeBulkOperation", BulkOperationArn=arn) == gone
    assert things.refuse("CancelBulkOperation", BulkOperationArn=arn) == gone
    assert things.refuse("StartBulkPutItems", **request(TableName=ARN + "nothing")) == (
        "ResourceNotFoundException",
        "Requested resource not found: Table: nothing not found",
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"OutputS3Configuration": {"OutputType": ["ERROR"]}},
            "Value null at 'outputS3Configuration.s3Bucket' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            {"InputS3Configuration": {"S3Bucket": "data", "InputFormat": "CSV"}},
            "Value 'CSV' at 'inputS3Configuration.inputFormat' failed to satisfy constraint: "
            "Member must satisfy enum value set: [DYNAMODB_JSON, ION]",
        ),
        (
            {"MaxWriteRequestUnits": 1023},
            "Value '1023' at 'maxWriteRequestUnits' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1024",
        ),
    ],
)
def test_wrong_requests(things: Requests, bucket: Path, wrong: dict[str, Any], message: str) -> None:
    refused = things.refuse("StartBulkPutItems", **{**request(), **wrong})
    assert refused == ("ValidationException", f"1 validation error detected: {message}")


def test_not_while_an_index_is_created(
    things: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "SLICE_ROWS", 1)
    for number in (1, 2):
        things.put(**item(number))
    answer(
        things,
        "UpdateTable",
        TableName="things",
        AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "N"}],
        GlobalSecondaryIndexUpdates=[{"Create": {**INDEX, "IndexName": "another"}}],
    )
    assert refuse(things, "StartBulkPutItems", **request())[0] == "ResourceInUseException"
    things("ListTables")
    assert counts(put_all(things, TableName=ARN + "things"))[0] == "COMPLETED"


def test_not_while_a_vector_index_is_created(
    things: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "SLICE_ROWS", 1)
    for number in (1, 2):
        things.put(**item(number))
    answer(things, "UpdateTable", **added(index()))
    assert refuse(things, "StartBulkPutItems", **request())[0] == "ResourceInUseException"


def test_not_while_the_table_is_created(things: Requests, bucket: Path) -> None:
    answer(things, "ImportTable", **import_request())
    assert refuse(things, "StartBulkPutItems", **request(TableName="other")) == (
        "ResourceInUseException",
        "Attempt to change a resource which is still in use: Table is being created: other",
    )


def import_request() -> dict[str, Any]:
    return {
        "S3BucketSource": {"S3Bucket": "data"},
        "InputFormat": "ION",
        "TableCreationParameters": {
            "TableName": "other",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    }
