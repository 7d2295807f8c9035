"""ExportTableToPointInTime, DescribeExport, ListExports: states of tables, and changes, to a bucket."""

import gzip
import json
from base64 import b64encode
from dataclasses import replace
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from dynemu.engine.transfer import exports, outputs
from tests.operations.conftest import Requests
from tests.operations.transfers import ARN, EVERY_TYPE, NOW, answer, files, item, restart, scan, slices

THINGS = {"TableArn": ARN + "things", "S3Bucket": "data"}
OUTSIDE = (
    "InvalidExportTimeException",
    "Export Time is invalid",
)
DAY = 86_400


@pytest.fixture
def things(db: Requests, bucket: Path) -> Requests:
    """Requests to an engine with the table ``things``, with point-in-time recovery and three items."""
    db.create(range=None)
    db(
        "UpdateContinuousBackups",
        TableName="things",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    db.clock.time += 10
    for number in (1, 2, 3):
        db.put(**item(number))
    db.clock.time += 10
    return db


def export(db: Requests, **more: Any) -> Any:
    """Export and return the description after it."""
    begun = db("ExportTableToPointInTime", **{**THINGS, **more})["ExportDescription"]
    return db("DescribeExport", ExportArn=begun["ExportArn"])["ExportDescription"]


def increment(start: float, end: float | None = None, view: str | None = None) -> dict[str, Any]:
    specification: dict[str, Any] = {"ExportFromTime": start}
    if end is not None:
        specification["ExportToTime"] = end
    if view is not None:
        specification["ExportViewType"] = view
    return {"ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": specification}


def data(bucket: Path, description: Any) -> list[bytes]:
    """Return the lines of all data files that the manifests name, in order; compare checksums on the way."""
    folder = bucket / description["ExportManifest"].rpartition("/")[0]
    for name in ("manifest-summary", "manifest-files"):
        content = (folder / f"{name}.json").read_bytes()
        assert (folder / f"{name}.md5").read_bytes() == b64encode(md5(content).digest())
    summary = json.loads((folder / "manifest-summary.json").read_bytes())
    found: list[bytes] = []
    for line in (bucket / summary["manifestFilesS3Key"]).read_bytes().splitlines():
        entry = json.loads(line)
        content = (bucket / entry["dataFileS3Key"]).read_bytes()
        digest = md5(content).digest()
        assert entry["md5Checksum"] == b64encode(digest).decode()
        assert entry["etag"] == md5(digest).hexdigest() + "-1"
        part = gzip.decompress(content).splitlines()
        assert len(part) == entry["itemCount"]
        found += part
    assert len(found) == summary["itemCount"] == description["ItemCount"]
    return sorted(found)


def records(bucket: Path, description: Any) -> list[Any]:
    """Return the records of an export in JSON."""
    return [json.loads(line) for line in data(bucket, description)]


def numbers(bucket: Path, description: Any) -> list[str]:
    return [record["Item"]["number"]["N"] for record in records(bucket, description)]


def test_a_full_export(things: Requests, bucket: Path) -> None:
    begun = things(
        "ExportTableToPointInTime", **THINGS, S3Prefix="some/prefix", ClientToken="token", ExportTime=NOW + 15
    )["ExportDescription"]
    name = begun["ExportArn"].rpartition("/")[2]
    assert name[:15] == "01700000020000-"
    table_id = things("DescribeTable", TableName="things")["Table"]["TableId"]
    expected = {
        "ExportArn": f"{ARN}things/export/{name}",
        "ExportStatus": "IN_PROGRESS",
        "StartTime": NOW + 20,
        "TableArn": ARN + "things",
        "TableId": table_id,
        "ExportTime": NOW + 15,
        "ClientToken": "token",
        "S3Bucket": "data",
        "S3Prefix": "some/prefix",
        "S3SseAlgorithm": "AES256",
        "ExportFormat": "DYNAMODB_JSON",
        "ExportType": "FULL_EXPORT",
    }
    assert begun == expected
    folder = f"some/prefix/AWSDynamoDB/{name}"
    size = 3 * (2 + 6 + 6 + 2)
    described = things("DescribeExport", ExportArn=begun["ExportArn"])["ExportDescription"]
    assert described == expected | {
        "ExportStatus": "COMPLETED",
        "EndTime": NOW + 20,
        "ExportManifest": f"{folder}/manifest-summary.json",
        "BilledSizeBytes": size,
        "ItemCount": 3,
    }
    assert records(bucket, described) == [{"Item": item(number)} for number in (1, 2, 3)]
    written = files(bucket)
    [data_file] = [key for key in written if key.startswith(f"{folder}/data/")]
    assert len(data_file) == len(f"{folder}/data/") + 26 + len(".json.gz")
    names = ("_started", "manifest-files.json", "manifest-files.md5", "manifest-summary.json")
    assert set(written) == {
        *(f"{folder}/{name}" for name in names),
        f"{folder}/manifest-summary.md5",
        data_file,
    }
    assert written[f"{folder}/_started"] == b""
    assert json.loads(written[f"{folder}/manifest-summary.json"]) == {
        "version": "2020-06-30",
        "exportArn": begun["ExportArn"],
        "startTime": "2023-11-14T22:13:40.000Z",
        "endTime": "2023-11-14T22:13:40.000Z",
        "tableArn": ARN + "things",
        "tableId": table_id,
        "exportTime": "2023-11-14T22:13:35.000Z",
        "s3Bucket": "data",
        "s3Prefix": "some/prefix",
        "s3SseAlgorithm": "AES256",
        "s3SseKmsKeyId": None,
        "manifestFilesS3Key": f"{folder}/manifest-files.json",
        "billedSizeBytes": size,
        "itemCount": 3,
        "outputFormat": "DYNAMODB_JSON",
    }


def test_an_incremental_export(things: Requests, bucket: Path) -> None:
    start = things.clock.time
    things.put(**item(4))
    things.put(**item(1, changed={"BOOL": True}))
    things("DeleteItem", TableName="things", Key={"pk": {"S": "item 2"}})
    things.put(**item(5))
    things("DeleteItem", TableName="things", Key={"pk": {"S": "item 5"}})
    things.clock.time += 5
    things.put(**item(6))
    described = export(things, **increment(start, start + 5))
    assert described["ExportType"] == "INCREMENTAL_EXPORT"
    assert described["IncrementalExportSpecification"] == {
        "ExportFromTime": start,
        "ExportToTime": start + 5,
        "ExportViewType": "NEW_AND_OLD_IMAGES",
    }
    assert "ExportTime" not in described
    when = {"Metadata": {"WriteTimestampMicros": {"N": "1700000020000000"}}}
    keys = [{"Keys": {"pk": {"S": f"item {number}"}}} for number in range(7)]
    assert records(bucket, described) == [
        {**when, **keys[1], "OldImage": item(1), "NewImage": item(1, changed={"BOOL": True})},
        {**when, **keys[2], "OldImage": item(2)},
        {**when, **keys[4], "NewImage": item(4)},
    ]
    summary = json.loads((bucket / described["ExportManifest"]).read_bytes())
    assert summary["version"] == "2023-08-01"
    assert (summary["outputView"], summary["exportType"]) == ("NEW_AND_OLD_IMAGES", "INCREMENTAL_EXPORT")
    assert summary["exportFromTime"] == "2023-11-14T22:13:40.000Z"
    assert summary["exportToTime"] == "2023-11-14T22:13:45.000Z"
    assert "exportTime" not in summary
    assert list((bucket / "AWSDynamoDB" / "data").iterdir())
    newest = export(things, **increment(start, view="NEW_IMAGE"))
    when_last = {"Metadata": {"WriteTimestampMicros": {"N": "1700000025000000"}}}
    assert records(bucket, newest) == [
        {**when, **keys[1], "NewImage": item(1, changed={"BOOL": True})},
        {**when, **keys[2]},
        {**when, **keys[4], "NewImage": item(4)},
        {**when_last, **keys[6], "NewImage": item(6)},
    ]


def test_ion(things: Requests, bucket: Path) -> None:
    start = things.clock.time
    table = {key: value for key, value in EVERY_TYPE.items() if key in ("number", "hundreds", "map", "null")}
    things.put(pk={"S": "a"}, **table, name={"SS": ["a"]}, bin={"BS": ["YQ=="]}, small={"N": "0.0000001"})
    described = export(
        things, ExportFormat="ION", FilterSpecification={"FilterExpression": "attribute_exists(bin)"}
    )
    assert data(bucket, described) == [
        b"$ion_1_0 {Item:{pk:\"a\",number:-12.5,hundreds:6d2,'null':null,"
        b"map:{'a b':\"c\",'null':null,'$1':1.,'it\\x27s \\x5c':{{YQ==}}},"
        b'name:$dynamodb_SS::["a"],bin:$dynamodb_BS::[{{YQ==}}],small:1d-7}}'
    ]
    assert described["ExportFormat"] == "ION"
    assert [key for key in files(bucket) if key.endswith(".ion.gz")]
    things("DeleteItem", TableName="things", Key={"pk": {"S": "item 1"}})
    things.clock.time += 1
    changed = export(things, ExportFormat="ION", **increment(start))
    assert (
        b'$ion_1_0 {Record:{Metadata:{WriteTimestampMicros:170000002d7},Keys:{pk:"item 1"},'
        b'OldImage:{pk:"item 1",number:1.}}}'
    ) in data(bucket, changed)


@pytest.mark.parametrize("format", ["DYNAMODB_JSON", "ION"])
def test_an_export_can_be_imported(
    things: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    monkeypatch.setattr(outputs, "FILE_BYTES", 400)
    monkeypatch.setattr(exports, "PAGE_ROWS", 7)
    for number in range(4, 50):
        things.put(
            **item(number), **{key: EVERY_TYPE[key] for key in EVERY_TYPE if key not in ("pk", "number")}
        )
    described = export(things, ExportFormat=format, S3Prefix="out")
    assert len(data(bucket, described)) == 49
    folder = described["ExportManifest"].rpartition("/")[0]
    assert len(list((bucket / folder / "data").iterdir())) > 1
    imported = things(
        "ImportTable",
        S3BucketSource={"S3Bucket": "data", "S3KeyPrefix": f"{folder}/data/"},
        InputFormat=format,
        InputCompressionType="GZIP",
        TableCreationParameters={
            "TableName": "copies",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )["ImportTableDescription"]["ImportArn"]
    status = things("DescribeImport", ImportArn=imported)["ImportTableDescription"]
    assert (status["ImportStatus"], status["ImportedItemCount"]) == ("COMPLETED", 49)
    assert scan(things, "copies") == scan(things)


def test_writes_go_on_meanwhile(things: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE_ROWS", 5)
    for number in range(4, 40):
        things.put(**item(number))
    expected = sorted(str(number) for number in range(1, 40))
    begun = answer(things, "ExportTableToPointInTime", **THINGS)["ExportDescription"]
    for number in range(1, 60, 2):
        answer(things, "PutItem", TableName="things", Item=item(number, late={"BOOL": True}))
        answer(things, "DeleteItem", TableName="things", Key={"pk": {"S": f"item {number + 1}"}})
        slices(things, 1)
    described = things("DescribeExport", ExportArn=begun["ExportArn"])["ExportDescription"]
    assert sorted(numbers(bucket, described)) == expected


def test_the_table_may_be_deleted_meanwhile(
    things: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PAGE_ROWS", 2)
    begun = answer(things, "ExportTableToPointInTime", **THINGS)["ExportDescription"]
    slices(things, 1)
    answer(things, "DeleteTable", TableName="things")
    described = things("DescribeExport", ExportArn=begun["ExportArn"])
    while described["ExportDescription"]["ExportStatus"] == "IN_PROGRESS":
        described = things("DescribeExport", ExportArn=begun["ExportArn"])
    assert numbers(bucket, described["ExportDescription"]) == ["1", "2", "3"]


@pytest.mark.parametrize("more", [{}, increment(NOW + 10)], ids=["full", "incremental"])
def test_an_export_goes_on_after_restarts(
    things: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]
) -> None:
    monkeypatch.setattr(outputs, "FILE_BYTES", 300)
    monkeypatch.setattr(exports, "PAGE_ROWS", 6)
    monkeypatch.setattr(exports, "PAGE_CHANGES", 6)
    for number in range(4, 40):
        things.put(**item(number))
    begun = answer(things, "ExportTableToPointInTime", **THINGS, **more)["ExportDescription"]
    while things.engine.has_work:
        slices(things, 1)
        restart(things)
    described = things("DescribeExport", ExportArn=begun["ExportArn"])["ExportDescription"]
    assert described["ExportStatus"] == "COMPLETED"
    assert len(data(bucket, described)) == 39
    assert not [key for key in files(bucket) if ".dynemu-" in key]


def test_of_an_empty_table_there_is_an_empty_file(things: Requests, bucket: Path) -> None:
    for number in (1, 2, 3):
        things("DeleteItem", TableName="things", Key={"pk": {"S": f"item {number}"}})
    described = export(things)
    assert (described["ItemCount"], described["BilledSizeBytes"]) == (0, 0)
    assert data(bucket, described) == []
    [name] = [key for key in files(bucket) if "/data/" in key]
    assert gzip.decompress(files(bucket)[name]) == b""


def test_a_filter(things: Requests, bucket: Path) -> None:
    values = {":n": {"N": "2"}, ":pk": {"S": "item 3"}}
    some = export(
        things,
        FilterSpecification={
            "FilterExpression": "#n >= :n",
            "ProjectionExpression": "#n",
            "ExpressionAttributeNames": {"#n": "number"},
            "ExpressionAttributeValues": {":n": values[":n"]},
        },
    )
    assert records(bucket, some) == [{"Item": {"number": {"N": "2"}}}, {"Item": {"number": {"N": "3"}}}]
    one = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": values[":pk"]}}
    assert numbers(bucket, export(things, FilterSpecification=one)) == ["3"]
    changed = export(things, FilterSpecification=one, **increment(NOW + 10))
    assert [record["Keys"]["pk"]["S"] for record in records(bucket, changed)] == ["item 3"]
    assert things.refuse(
        "ExportTableToPointInTime",
        **THINGS,
        FilterSpecification={**one, "FilterExpression": "pk = :pk"},
    ) == (
        "ValidationException",
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: pk",
    )
    assert (
        things.refuse(
            "ExportTableToPointInTime", **THINGS, FilterSpecification={"FilterExpression": "a = :a"}
        )[0]
        == "ValidationException"
    )


@pytest.mark.parametrize("prefix", [None, "", "a", "a/", "a/b c/d"])
def test_prefixes(things: Requests, bucket: Path, prefix: str | None) -> None:
    described = export(things, **({} if prefix is None else {"S3Prefix": prefix}))
    assert described["ExportManifest"].startswith(f"{prefix.rstrip('/')}/AWS" if prefix else "AWS")
    assert numbers(bucket, described) == ["1", "2", "3"]


@pytest.mark.parametrize("prefix", ["..", "../other", "/tmp", "a//b", "a/../../other", "link", "./a"])
def test_nothing_outside_of_the_bucket_is_written(things: Requests, bucket: Path, prefix: str) -> None:
    other = bucket.parent / "other"
    other.mkdir()
    (bucket / "link").symlink_to(other)
    described = export(things, S3Prefix=prefix)
    assert (described["ExportStatus"], described["FailureCode"]) == ("FAILED", "S3AccessDenied")
    assert files(bucket) == {}
    assert files(other) == {}


def test_nothing_is_left_of_what_fails(
    things: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PAGE_ROWS", 1)
    begun = answer(things, "ExportTableToPointInTime", **THINGS)["ExportDescription"]
    slices(things, 1)
    [part] = [key for key in files(bucket) if ".dynemu-" in key]
    (bucket / part).write_bytes(b"")
    things("ListTables")
    described = things("DescribeExport", ExportArn=begun["ExportArn"])["ExportDescription"]
    assert (described["ExportStatus"], described["FailureCode"]) == ("FAILED", "S3InternalError")
    assert [key.rpartition("/")[2] for key in files(bucket)] == ["_started"]


def test_a_file_in_the_way(things: Requests, bucket: Path) -> None:
    (bucket / "a").write_bytes(b"")
    described = export(things, S3Prefix="a")
    assert (described["ExportStatus"], described["FailureCode"]) == ("FAILED", "S3InternalError")


@pytest.mark.parametrize("directory", [True, False])
def test_without_the_bucket_an_export_fails(things: Requests, bucket: Path, directory: bool) -> None:
    if not directory:
        things.engine.settings = replace(things.engine.settings, s3_dir=None)
    described = export(things, S3Bucket="other")
    assert (described["ExportStatus"], described["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
    assert described["FailureMessage"].startswith("The specified bucket does not exist")
    assert "ExportManifest" not in described


def test_recovery_has_to_be_on(db: Requests, bucket: Path) -> None:
    db.create()
    off = (
        "PointInTimeRecoveryUnavailableException",
        "Point in time recovery is not enabled for table 'things'",
    )
    assert db.refuse("ExportTableToPointInTime", **THINGS) == off
    assert db.refuse("ExportTableToPointInTime", **THINGS, **increment(NOW)) == off
    missing = {**THINGS, "TableArn": ARN + "nothing"}
    assert db.refuse("ExportTableToPointInTime", **missing) == (
        "TableNotFoundException",
        f"Table not found: {ARN}nothing",
    )


def test_times_are_within_the_window(things: Requests, bucket: Path) -> None:
    assert numbers(bucket, export(things, ExportTime=NOW + 9)) == []
    assert numbers(bucket, export(things, ExportTime=NOW + 10)) == ["1", "2", "3"]
    for wrong in (NOW - 1, NOW + 21):
        assert things.refuse("ExportTableToPointInTime", **THINGS, ExportTime=wrong) == OUTSIDE
    difference = "Difference between export period from time and export period to time is"
    for wrong, problem in (
        (
            increment(NOW - 1),
            "Incremental export period from time cannot be less than the table creation time : "
            "2023-11-14T22:13:19Z",
        ),
        (
            increment(NOW + 5, NOW + 21),
            "Incremental export period to time cannot be greater than the current time : "
            "2023-11-14T22:13:41Z",
        ),
        (increment(NOW + 21), f"{difference} less than 15 minutes"),
        (increment(NOW + 5, NOW + 5), f"{difference} less than 15 minutes"),
    ):
        refused = things.refuse("ExportTableToPointInTime", **THINGS, **wrong)
        assert refused == ("InvalidExportTimeException", problem)
    things.clock.time += 2 * DAY
    assert things.refuse("ExportTableToPointInTime", **THINGS, **increment(NOW + 5)) == (
        "InvalidExportTimeException",
        f"{difference} greater than 24 hours",
    )
    assert records(bucket, export(things, **increment(NOW, NOW + 10))) == []
    assert len(records(bucket, export(things, **increment(NOW + 10, NOW + 11)))) == 3


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"ExportType": "INCREMENTAL_EXPORT"},
            "Invalid Request: Incremental Export Specification expected when export type is set as "
            "Incremental Export",
        ),
        (
            {"IncrementalExportSpecification": {"ExportFromTime": NOW}},
            "Invalid Request: Export Type expected to be Incremental Export when incremental export "
            "specification is provided",
        ),
        (
            {**increment(NOW), "ExportType": "FULL_EXPORT"},
            "Invalid Request: When Export Type is Full Export , Incremental Export Specification should not "
            "be provided",
        ),
        (
            {"ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": {"ExportToTime": NOW}},
            "Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification",
        ),
        (
            {"S3SseKmsKeyId": "key"},
            "Invalid Request: KMS Key Id is not supported for this encryption type",
        ),
        ({"TableArn": ""}, "Invalid TableArn: Invalid Table ARN"),
        ({"TableArn": "things"}, "One or more parameter values were invalid: tableArn is not a valid ARN"),
        (
            {"ExportFormat": "CSV"},
            "1 validation error detected: Value 'CSV' at 'exportFormat' failed to satisfy constraint: "
            "Member must satisfy enum value set: [DYNAMODB_JSON, ION]",
        ),
    ],
)
def test_wrong_requests(things: Requests, wrong: Any, message: str) -> None:
    refused = things.refuse("ExportTableToPointInTime", **{**THINGS, **wrong})
    assert refused == ("ValidationException", message)
    assert things("ListExports") == {"ExportSummaries": []}


def test_a_token_stands_for_one_export(things: Requests, bucket: Path) -> None:
    wanted = {"FilterExpression": "a < :n", "ExpressionAttributeValues": {":n": {"N": "1.0"}}}
    first = export(things, ClientToken="token", FilterSpecification=wanted)
    again = things("ExportTableToPointInTime", **THINGS, ClientToken="token", FilterSpecification=wanted)
    assert again == {"ExportDescription": first}
    assert things.refuse("ExportTableToPointInTime", **THINGS, ClientToken="token", S3Prefix="other") == (
        "ExportConflictException",
        "Export conflict: Duplicate request detected with conflicting parameters",
    )
    things.clock.time += 8 * 3600
    assert export(things, ClientToken="token")["ExportArn"] != first["ExportArn"]


def test_lists_come_in_pages(things: Requests, bucket: Path) -> None:
    arns = []
    for _ in range(3):
        things.clock.time += 1
        arns.append(export(things)["ExportArn"])
    page = things("ListExports", MaxResults=2)
    assert page["ExportSummaries"] == [
        {"ExportArn": arn, "ExportStatus": "COMPLETED", "ExportType": "FULL_EXPORT"}
        for arn in (arns[2], arns[1])
    ]
    rest = things("ListExports", MaxResults=2, NextToken=page["NextToken"], TableArn=ARN + "things")
    assert [summary["ExportArn"] for summary in rest["ExportSummaries"]] == [arns[0]]
    assert "NextToken" not in rest
    assert things("ListExports", TableArn=ARN + "other") == {"ExportSummaries": []}
    unknown = f"{ARN}things/export/01700000000000-00000000"
    assert things.refuse("DescribeExport", ExportArn=unknown) == (
        "ExportNotFoundException",
        f"Export not found: Export not found: {unknown}",
    )
    for wrong in (ARN + "things", unknown.replace("/export/", "/import/"), "x" * 40):
        refused = things.refuse("DescribeExport", ExportArn=wrong)
        assert refused == ("ValidationException", "Invalid Export ARN")
    foreign = unknown.replace("123456789012", "999999999999")
    assert things.refuse("DescribeExport", ExportArn=foreign) == ("AccessDeniedException", "Access is denied")
    assert things.refuse("ListExports", NextToken="abc") == (
        "ValidationException",
        "Invalid Request: Provided nextToken is invalid: abc",
    )
    things.clock.time += 91 * DAY
    assert things("ListExports") == {"ExportSummaries": []}


def test_nothing_of_an_export_is_kept_in_the_history(things: Requests, bucket: Path) -> None:
    export(things)
    things(
        "UpdateContinuousBackups",
        TableName="things",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )
    store: Any = things.engine.store
    view = getattr(store, "inner", store).view()
    assert list(view.scan((7).to_bytes(4, "big"), (8).to_bytes(4, "big"))) == []
