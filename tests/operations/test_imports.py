"""ImportTable, DescribeImport, ListImports: tables out of objects in a bucket."""

import gzip
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zstandard
from amazon.ion import simpleion

from dynemu.engine.transfer import inputs
from dynemu.errors import AwsError
from tests.operations.conftest import ACCOUNT, REGION, Requests
from tests.operations.transfers import (
    ARN,
    COMPRESSIONS,
    EVERY_TYPE,
    NOW,
    answer,
    item,
    items,
    lines,
    restart,
    scan,
    slices,
)

INVALID = (
    "Some of the items failed validation checks and were not imported. "
    "Please check CloudWatch error logs for more details."
)
GONE = "The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket)."


def request(format: str = "DYNAMODB_JSON", *, prefix: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a request for an import of the table ``things`` with a hash key."""
    parameters = {
        "TableName": "things",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        **more.pop("parameters", {}),
    }
    source = {"S3Bucket": more.pop("bucket", "data")}
    if prefix is not None:
        source["S3KeyPrefix"] = prefix
    return {
        "S3BucketSource": source,
        "InputFormat": format,
        "TableCreationParameters": parameters,
        **more,
    }


def keyed(*keys: str) -> dict[str, Any]:
    """Return parameters of a table with these keys, given as ``name:type``."""
    parts = [key.split(":") for key in keys]
    return {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in parts],
        "KeySchema": [
            {"AttributeName": name, "KeyType": role}
            for (name, _), role in zip(parts, ("HASH", "RANGE"), strict=False)
        ],
    }


def start(db: Requests, format: str = "DYNAMODB_JSON", **more: Any) -> Any:
    """Import and return the description after it."""
    begun = db("ImportTable", **request(format, **more))["ImportTableDescription"]
    return db("DescribeImport", ImportArn=begun["ImportArn"])["ImportTableDescription"]


def counts(description: Any) -> tuple[str, int, int, int]:
    """Return the status, and the items processed, imported and refused."""
    return (
        description["ImportStatus"],
        description["ProcessedItemCount"],
        description["ImportedItemCount"],
        description["ErrorCount"],
    )


def test_an_import_makes_a_table(db: Requests, bucket: Path) -> None:
    (bucket / "a.json").write_bytes(items(1, 2))
    (bucket / "b").mkdir()
    (bucket / "b" / "c").write_bytes(items(3))
    begun = db("ImportTable", **request(ClientToken="token"))["ImportTableDescription"]
    name = begun["ImportArn"].rpartition("/")[2]
    assert name[:15] == "01700000000000-"
    expected = {
        "ImportArn": f"{ARN}things/import/{name}",
        "ImportStatus": "IN_PROGRESS",
        "TableArn": ARN + "things",
        "TableId": db("DescribeTable", TableName="things")["Table"]["TableId"],
        "ClientToken": "token",
        "S3BucketSource": {"S3Bucket": "data"},
        "InputFormat": "DYNAMODB_JSON",
        "InputCompressionType": "NONE",
        "TableCreationParameters": request()["TableCreationParameters"],
        "CloudWatchLogGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws-dynamodb/imports:*",
        "StartTime": NOW,
        "ErrorCount": 0,
        "ProcessedSizeBytes": 0,
        "ProcessedItemCount": 0,
        "ImportedItemCount": 0,
    }
    assert begun == expected
    ended = {
        "ImportStatus": "COMPLETED",
        "EndTime": NOW,
        "ProcessedSizeBytes": len(items(1, 2, 3)),
        "ProcessedItemCount": 3,
        "ImportedItemCount": 3,
    }
    owned = {"S3BucketOwner": ACCOUNT, "S3Bucket": "data"}
    described = db("DescribeImport", ImportArn=begun["ImportArn"])
    assert described == {"ImportTableDescription": expected | ended | {"S3BucketSource": owned}}
    assert scan(db) == [item(1), item(2), item(3)]
    table = db("DescribeTable", TableName="things")["Table"]
    assert (table["TableStatus"], table["ItemCount"]) == ("ACTIVE", 3)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_every_type_in_json(db: Requests, bucket: Path, compression: str) -> None:
    (bucket / "in").write_bytes(COMPRESSIONS[compression](lines({"Item": EVERY_TYPE})))
    described = start(db, InputCompressionType=compression, parameters=keyed("pk:S", "sk:S"))
    assert counts(described) == ("COMPLETED", 1, 1, 0)
    assert described["ProcessedSizeBytes"] == len(lines({"Item": EVERY_TYPE}))
    assert scan(db) == [EVERY_TYPE]


ION = b"""$ion_1_0 {Item:{pk:"a",n:6d2,set:$dynamodb_SS::["x","y"],blob:{{AP+A}},none:null,yes:true}}
$ion_1_0 {
  // spread over lines
  Item: {pk: 'symbol', f: 2.5e0, i: 12, clob: {{"abc"}}, l: [1., [], {a: "b"}], typed: null.string,
         ns: $dynamodb_NS::[1., 2d3], bs: $dynamodb_BS::[{{YQ==}}], other: some::thing::"text"}
} {Item:{pk:"c"}}"""


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_ion(db: Requests, bucket: Path, compression: str) -> None:
    (bucket / "in").write_bytes(COMPRESSIONS[compression](ION))
    assert counts(start(db, "ION", InputCompressionType=compression)) == ("COMPLETED", 3, 3, 0)
    assert scan(db) == [
        {
            "pk": {"S": "a"},
            "n": {"N": "600"},
            "set": {"SS": ["x", "y"]},
            "blob": {"B": "AP+A"},
            "none": {"NULL": True},
            "yes": {"BOOL": True},
        },
        {"pk": {"S": "c"}},
        {
            "pk": {"S": "symbol"},
            "f": {"N": "2.5"},
            "i": {"N": "12"},
            "clob": {"B": "YWJj"},
            "l": {"L": [{"N": "1"}, {"L": []}, {"M": {"a": {"S": "b"}}}]},
            "typed": {"NULL": True},
            "ns": {"NS": ["1", "2000"]},
            "bs": {"BS": ["YQ=="]},
            "other": {"S": "text"},
        },
    ]


def test_binary_ion(db: Requests, bucket: Path) -> None:
    values = [{"Item": {"pk": "a", "n": Decimal("1.5")}}, {"Item": {"pk": "b", "bytes": b"\0\xff"}}]
    (bucket / "in").write_bytes(simpleion.dumps(values, binary=True, sequence_as_stream=True))
    assert counts(start(db, "ION")) == ("COMPLETED", 2, 2, 0)
    assert scan(db) == [
        {"pk": {"S": "a"}, "n": {"N": "1.5"}},
        {"pk": {"S": "b"}, "bytes": {"B": "AP8="}},
    ]


def test_ion_without_the_compiled_part_of_its_library(
    db: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simpleion, "c_ext", False)
    (bucket / "1").write_bytes(ION)
    (bucket / "2").write_bytes(simpleion.dumps({"Item": {"pk": "binary"}}, binary=True))
    (bucket / "3").write_text('{Item:{pk:"é\U0001f600"}} {Item:')
    assert counts(start(db, "ION")) == ("FAILED", 6, 5, 1)
    assert {"pk": {"S": "é\U0001f600"}} in scan(db)


def test_long_texts_in_ion(db: Requests, bucket: Path) -> None:
    text = "x" * 300_000
    (bucket / "in").write_text(f'{{Item:{{pk:"a",t:"{text}"}}}}')
    assert counts(start(db, "ION")) == ("COMPLETED", 1, 1, 0)
    assert scan(db) == [{"pk": {"S": "a"}, "t": {"S": text}}]


def test_what_is_no_item_in_ion(db: Requests, bucket: Path) -> None:
    records = (
        b'5 {Item:{pk:2020T}} {Item:"a"} {Item:{pk:1}} {Item:{pk:"a"}} {Item:{pk:$dynamodb_SS::[1]}} [bad'
    )
    (bucket / "in").write_bytes(records)
    (bucket / "next").write_bytes(b'{Item:{pk:"b"}}')
    assert counts(start(db, "ION")) == ("FAILED", 8, 2, 6)
    assert scan(db) == [{"pk": {"S": "a"}}, {"pk": {"S": "b"}}]


def test_several_objects_on_a_line(db: Requests, bucket: Path) -> None:
    text = b"\n".join((items(1).strip() + b" " + items(2).strip() + items(3).strip(), b"", items(4).strip()))
    (bucket / "in").write_bytes(text)
    described = start(db)
    assert counts(described) == ("COMPLETED", 4, 4, 0)
    assert described["ProcessedSizeBytes"] == len(text)
    assert scan(db) == [item(1), item(2), item(3), item(4)]


@pytest.mark.parametrize(
    "record",
    [
        "[]",
        "5",
        "null",
        {},
        {"pk": {"S": "no Item"}},
        {"Item": "text"},
        {"Item": []},
        {"Item": {"sk": {"S": "no key"}}},
        {"Item": {"pk": {"N": "1"}}},
        {"Item": {"pk": {"S": ""}}},
        {"Item": {"pk": "no value"}},
        {"Item": {"pk": {"S": "a"}, "set": {"SS": []}}},
        {"Item": {"pk": {"S": "a"}, "number": {"N": "one"}}},
        {"Item": {"pk": {"S": "a"}, "number": {"N": 1}}},
        {"Item": {"pk": {"S": "a"}, "big": {"S": "x" * 409_600}}},
        {"Item": {"pk": {"S": "a"}, "ix": {"N": "1"}}},
    ],
    ids=range(16),
)
def test_what_is_refused_is_counted_and_the_rest_imported(db: Requests, bucket: Path, record: Any) -> None:
    (bucket / "in").write_bytes(items(1) + lines(record) + items(2))
    index = {
        "IndexName": "index",
        "KeySchema": [{"AttributeName": "ix", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    parameters = {
        "AttributeDefinitions": keyed("pk:S", "ix:S")["AttributeDefinitions"],
        "GlobalSecondaryIndexes": [index],
    }
    described = start(db, parameters=parameters)
    assert counts(described) == ("FAILED", 3, 2, 1)
    assert (described["FailureCode"], described["FailureMessage"]) == ("ItemValidationError", INVALID)
    assert scan(db) == [item(1), item(2)]
    assert db("DescribeTable", TableName="things")["Table"]["TableStatus"] == "ACTIVE"


@pytest.mark.parametrize("record", ["{", '{"Item": {"pk": {"S": "\xff"}}', "[" * 5000], ids=range(3))
def test_nothing_is_read_behind_what_is_no_json(db: Requests, bucket: Path, record: str) -> None:
    (bucket / "a").write_bytes(items(1) + lines(record) + items(2))
    (bucket / "b").write_bytes(items(3))
    described = start(db)
    assert counts(described) == ("FAILED", 3, 2, 1)
    assert (described["FailureCode"], described["FailureMessage"]) == ("ItemValidationError", INVALID)
    assert described["ProcessedSizeBytes"] == len(items(1) + lines(record) + items(2) + items(3))
    assert scan(db) == [item(1), item(3)]


def test_an_error_is_logged(db: Requests, bucket: Path, caplog: pytest.LogCaptureFixture) -> None:
    (bucket / "in").write_bytes(items(1) + lines({"Item": {}}))
    with caplog.at_level("INFO", "dynemu.transfer"):
        described = start(db)
    assert (
        '{"itemS3Pointer":{"bucket":"data","key":"in","itemIndex":1},'
        f'"importArn":"{described["ImportArn"]}","errorMessages":'
        '["One or more parameter values were invalid: Missing the key pk in the item"]}'
    ) in caplog.messages


def test_columns_of_csv_are_strings_unless_they_are_keys(db: Requests, bucket: Path) -> None:
    (bucket / "in.csv").write_text('pk,sk,bin,text\r\na,01.50,YQ==,7\n"b,""\n""",2,AA==,\n\nc,-1,YWI=," x"\n')
    parameters = keyed("pk:S", "sk:N", "bin:B")
    parameters["KeySchema"] = parameters["KeySchema"][:2]
    index = {
        "IndexName": "index",
        "KeySchema": [{"AttributeName": "bin", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    described = start(db, "CSV", parameters={**parameters, "GlobalSecondaryIndexes": [index]})
    assert counts(described) == ("COMPLETED", 3, 3, 0)
    assert described["ProcessedSizeBytes"] == (bucket / "in.csv").stat().st_size
    assert scan(db) == [
        {"pk": {"S": "a"}, "sk": {"N": "1.5"}, "bin": {"B": "YQ=="}, "text": {"S": "7"}},
        {"pk": {"S": 'b,"\n"'}, "sk": {"N": "2"}, "bin": {"B": "AA=="}, "text": {"S": ""}},
        {"pk": {"S": "c"}, "sk": {"N": "-1"}, "bin": {"B": "YWI="}, "text": {"S": " x"}},
    ]
    found = db(
        "Query",
        TableName="things",
        IndexName="index",
        KeyConditionExpression="bin = :b",
        ExpressionAttributeValues={":b": {"B": "YQ=="}},
    )
    assert found["Items"] == [{"pk": {"S": "a"}, "sk": {"N": "1.5"}, "bin": {"B": "YQ=="}}]


def test_a_header_list_makes_the_first_line_an_item(db: Requests, bucket: Path) -> None:
    (bucket / "1").write_text("a|b,c\n")
    (bucket / "2").write_text("d|e")
    options = {"Csv": {"Delimiter": "|", "HeaderList": ["pk", "text"]}}
    assert counts(start(db, "CSV", InputFormatOptions=options)) == ("COMPLETED", 2, 2, 0)
    assert scan(db) == [
        {"pk": {"S": "a"}, "text": {"S": "b,c"}},
        {"pk": {"S": "d"}, "text": {"S": "e"}},
    ]


def test_wrong_lines_of_csv(db: Requests, bucket: Path) -> None:
    (bucket / "1").write_bytes(b'pk,n\na,1\nb\nc,2,3\n"d"e,4\n,5\nf,x\n\xff,7\ng,8\n"h')
    (bucket / "2").write_bytes(b"n,pk\n9,i\n")
    (bucket / "3").write_bytes(b"\xff\nx\n")
    (bucket / "4").write_bytes(b"")
    parameters = {
        "AttributeDefinitions": keyed("pk:S", "n:N")["AttributeDefinitions"],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "index",
                "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    }
    assert counts(start(db, "CSV", parameters=parameters)) == ("FAILED", 11, 3, 8)
    assert scan(db) == [
        {"pk": {"S": "a"}, "n": {"N": "1"}},
        {"pk": {"S": "g"}, "n": {"N": "8"}},
        {"pk": {"S": "i"}, "n": {"N": "9"}},
    ]


@pytest.mark.parametrize(
    ("compression", "content"),
    [
        ("GZIP", items(1)),
        ("GZIP", gzip.compress(items(1), mtime=0) + b"garbage"),
        ("ZSTD", items(1)),
        ("ZSTD", zstandard.compress(items(1)) + b"garbage"),
    ],
)
def test_an_object_that_cannot_be_decompressed(
    db: Requests, bucket: Path, compression: str, content: bytes
) -> None:
    (bucket / "1").write_bytes(content)
    (bucket / "2").write_bytes(COMPRESSIONS[compression](items(2)))
    described = start(db, InputCompressionType=compression)
    assert (described["ImportStatus"], described["ErrorCount"]) == ("FAILED", 1)
    assert item(2) in scan(db)


def test_a_truncated_object(db: Requests, bucket: Path) -> None:
    (bucket / "1").write_bytes(gzip.compress(items(*range(300)))[:-100])
    described = start(db, InputCompressionType="GZIP")
    assert (described["ImportStatus"], described["ErrorCount"]) == ("FAILED", 1)
    assert described["ProcessedItemCount"] == described["ImportedItemCount"] + 1


@pytest.mark.parametrize(
    ("library", "format", "compression", "message"),
    [
        (
            "zstandard",
            "CSV",
            "ZSTD",
            "Objects compressed with ZSTD need the package zstandard: pip install 'dynemu[import]'.",
        ),
        (
            "amazon.ion.simpleion",
            "ION",
            "NONE",
            "Objects in Ion format need the package amazon.ion: pip install 'dynemu[import]'.",
        ),
    ],
)
def test_a_package_that_is_not_installed(
    db: Requests,
    bucket: Path,
    monkeypatch: pytest.MonkeyPatch,
    library: str,
    format: str,
    compression: str,
    message: str,
) -> None:
    (bucket / "in").write_bytes(b"{}")
    monkeypatch.setitem(sys.modules, library, None)
    described = start(db, format, InputCompressionType=compression)
    assert described["ImportStatus"] == "FAILED"
    assert (described["FailureCode"], described["FailureMessage"]) == ("UnsupportedInput", message)
    assert db("ListTables") == {"TableNames": []}


@pytest.mark.parametrize(
    ("directory", "reason"),
    [
        (True, "The directory that stands for S3 has no directory 'other'."),
        (False, "No directory stands for S3: see the setting s3_dir."),
    ],
)
def test_without_the_bucket_there_is_no_table(
    db: Requests, bucket: Path, directory: bool, reason: str
) -> None:
    if not directory:
        db.engine.settings = replace(db.engine.settings, s3_dir=None)
    described = start(db, bucket="other")
    assert counts(described) == ("FAILED", 0, 0, 0)
    assert (described["FailureCode"], described["FailureMessage"]) == ("S3NoSuchBucket", f"{GONE} {reason}")
    assert db("ListTables") == {"TableNames": []}
    db.create()


def test_an_empty_bucket_makes_an_empty_table(db: Requests, bucket: Path) -> None:
    assert counts(start(db)) == ("COMPLETED", 0, 0, 0)
    assert scan(db) == []


def test_a_prefix_is_the_beginning_of_a_key(db: Requests, bucket: Path) -> None:
    for name, number in {"a/one": 1, "a/onward/x": 2, "a/two": 3, "one": 4}.items():
        path = bucket / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(items(number))
    start(db, prefix="a/on")
    assert scan(db) == [item(1), item(2)]


@pytest.mark.parametrize(
    "prefix", ["../", "../other/", "/", "a/../../other/", "link", "dir/", ".", "x" * 1024, "a\0/"]
)
def test_nothing_outside_of_the_bucket_is_read(db: Requests, bucket: Path, prefix: str) -> None:
    other = bucket.parent / "other"
    other.mkdir()
    (other / "in").write_bytes(items(1))
    (bucket / "link").symlink_to(other / "in")
    (bucket / "dir").symlink_to(other)
    assert counts(start(db, prefix=prefix)) == ("COMPLETED", 0, 0, 0)


def test_a_bucket_that_is_a_link_is_none(db: Requests, bucket: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (bucket.parent / "linked").symlink_to(tmp_path / "outside")
    assert start(db, bucket="linked")["FailureCode"] == "S3NoSuchBucket"


def test_items_with_one_key_overwrite_each_other(db: Requests, bucket: Path) -> None:
    (bucket / "in").write_bytes(items(1, a={"S": "old"}) + items(2) + items(1, a={"S": "new"}))
    assert counts(start(db)) == ("COMPLETED", 3, 3, 0)
    assert scan(db) == [item(1, a={"S": "new"}), item(2)]
    assert db("DescribeTable", TableName="things")["Table"]["ItemCount"] == 2


def test_the_table_is_being_created_meanwhile(db: Requests, bucket: Path) -> None:
    (bucket / "in").write_bytes(items(*range(120)))
    answer(db, "ImportTable", **request())
    for _ in range(2):
        table = answer(db, "DescribeTable", TableName="things")["Table"]
        assert table["TableStatus"] == "CREATING"
        code, message = refuse(db, "GetItem", TableName="things", Key={"pk": {"S": "item 1"}})
        assert (code, message) == ("ResourceNotFoundException", "Requested resource not found")
        code, message = refuse(db, "DeleteTable", TableName="things")
        assert code == "ResourceInUseException"
        slices(db, 1)
    assert refuse(db, "ImportTable", **request()) == (
        "ResourceInUseException",
        "Attempt to change a resource which is still in use: Table is being created: things",
    )
    slices(db, 10)
    assert len(scan(db)) == 120


def refuse(db: Requests, operation: str, **request: Any) -> tuple[str, str | None]:
    with pytest.raises(AwsError) as caught:
        answer(db, operation, **request)
    return caught.value.code, caught.value.message


def test_the_delay_of_tables_holds_for_imports(db: Requests, bucket: Path) -> None:
    db.engine.settings = replace(db.engine.settings, table_delay=5.0)
    assert start(db)["ImportStatus"] == "COMPLETED"
    assert db("DescribeTable", TableName="things")["Table"]["TableStatus"] == "CREATING"
    db.clock.time += 5
    assert db("DescribeTable", TableName="things")["Table"]["TableStatus"] == "ACTIVE"


FORMATS = {
    "DYNAMODB_JSON": lambda numbers: items(*numbers),
    "CSV": lambda numbers: b"number,pk\n" + b"".join(b"%d,item %d\n" % (n, n) for n in numbers),
    "ION": lambda numbers: b"\n".join(b'{Item:{pk:"item %d",number:"%d"}}' % (n, n) for n in numbers),
}


@pytest.mark.parametrize("compression", ["NONE", "GZIP"])
@pytest.mark.parametrize("format", FORMATS)
def test_an_import_goes_on_after_restarts(
    db: Requests, bucket: Path, monkeypatch: pytest.MonkeyPatch, format: str, compression: str
) -> None:
    monkeypatch.setattr(inputs, "SLICE_RECORDS", 7)
    contents = [FORMATS[format](range(0, 20)), FORMATS[format](()), FORMATS[format](range(20, 33))]
    for number, content in enumerate(contents):
        (bucket / str(number)).write_bytes(COMPRESSIONS[compression](content))
    begun = answer(db, "ImportTable", **request(format, InputCompressionType=compression))
    while db.engine.has_work:
        slices(db, 1)
        restart(db)
    described = db("DescribeImport", ImportArn=begun["ImportTableDescription"]["ImportArn"])
    description = described["ImportTableDescription"]
    assert counts(description) == ("COMPLETED", 33, 33, 0)
    assert len(scan(db)) == db("DescribeTable", TableName="things")["Table"]["ItemCount"] == 33
    if format != "ION":
        assert description["ProcessedSizeBytes"] == sum(map(len, contents))


def test_a_token_stands_for_one_import(db: Requests, bucket: Path) -> None:
    first = answer(db, "ImportTable", **request(ClientToken="token"))["ImportTableDescription"]
    elsewhere = {"S3BucketSource": {"S3Bucket": "data", "S3KeyPrefix": "b"}}
    for source in ({}, elsewhere):
        again = answer(db, "ImportTable", **request(ClientToken="token", **source))
        assert again["ImportTableDescription"] == first
    assert db.refuse("ImportTable", **request("CSV", ClientToken="token")) == (
        "ImportConflictException",
        "Import conflict: Duplicate request detected with conflicting parameters",
    )
    db("ListTables")
    in_use = ("ResourceInUseException", "Table already exists: things")
    assert db.refuse("ImportTable", **request(ClientToken="token")) == in_use
    db("DeleteTable", TableName="things")
    again = db("ImportTable", **request(ClientToken="token"))["ImportTableDescription"]
    assert (again["ImportArn"], again["ImportStatus"]) == (first["ImportArn"], "COMPLETED")
    db("ImportTable", **request())
    assert db.refuse("ImportTable", **request(ClientToken="other")) == in_use
    db.clock.time += 8 * 3600
    assert db.refuse("ImportTable", **request(ClientToken="token")) == in_use


def test_no_more_than_fifty_at_a_time(db: Requests, bucket: Path) -> None:
    for number in range(50):
        answer(db, "ImportTable", **request(parameters={"TableName": f"table-{number}"}))
    assert refuse(db, "ImportTable", **request())[0] == "LimitExceededException"
    db("ListTables")
    db("ImportTable", **request())


def test_lists_come_in_pages(db: Requests, bucket: Path) -> None:
    arns = []
    for number in range(3):
        db.clock.time += 1
        arns.append(start(db, parameters={"TableName": f"table-{number}"})["ImportArn"])
    page = db("ListImports", PageSize=2)
    assert [summary["ImportArn"] for summary in page["ImportSummaryList"]] == [arns[2], arns[1]]
    assert page["ImportSummaryList"][0] == {
        "ImportArn": arns[2],
        "ImportStatus": "COMPLETED",
        "TableArn": ARN + "table-2",
        "S3BucketSource": {"S3Bucket": "data"},
        "CloudWatchLogGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws-dynamodb/imports:*",
        "InputFormat": "DYNAMODB_JSON",
        "StartTime": NOW + 3,
        "EndTime": NOW + 3,
    }
    rest = db("ListImports", PageSize=2, NextToken=page["NextToken"])
    assert [summary["ImportArn"] for summary in rest["ImportSummaryList"]] == [arns[0]]
    assert "NextToken" not in rest
    own = db("ListImports", TableArn=ARN + "table-1")["ImportSummaryList"]
    assert [summary["ImportArn"] for summary in own] == [arns[1]]
    db.clock.time += 91 * 86_400
    assert db("ListImports") == {"ImportSummaryList": []}


@pytest.mark.parametrize(
    ("wrong", "code", "message"),
    [
        (
            {"S3BucketSource": {"S3Bucket": "../x"}},
            "ValidationException",
            "1 validation error detected: Value '../x' at 's3BucketSource.s3Bucket' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: "
            r"^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$",
        ),
        (
            {"InputFormatOptions": {"Csv": {"Delimiter": ";"}}},
            "ValidationException",
            "Invalid Request: Unsupported InputFormatOptions for the given input format: DYNAMODB_JSON.",
        ),
        (
            {"InputCompressionType": "BZIP2"},
            "ValidationException",
            "1 validation error detected: Value 'BZIP2' at 'inputCompressionType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [ZSTD, NONE, GZIP]",
        ),
        (
            {"InputFormat": "XML"},
            "ValidationException",
            "1 validation error detected: Value 'XML' at 'inputFormat' failed to satisfy constraint: "
            "Member must satisfy enum value set: [DYNAMODB_JSON, ION, CSV]",
        ),
        (
            {
                "TableCreationParameters": {
                    **request()["TableCreationParameters"],
                    "BillingMode": "PROVISIONED",
                }
            },
            "ValidationException",
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both "
            "be specified when BillingMode is PROVISIONED",
        ),
    ],
)
def test_wrong_requests(db: Requests, bucket: Path, wrong: Any, code: str, message: str) -> None:
    assert db.refuse("ImportTable", **{**request(), **wrong}) == (code, message)
    assert db("ListTables") == {"TableNames": []}


def test_unknown_imports_and_tokens(db: Requests) -> None:
    arn = f"{ARN}things/import/01700000000000-00000000"
    assert db.refuse("DescribeImport", ImportArn=arn) == (
        "ImportNotFoundException",
        f"Import not found: {arn}",
    )
    for token in ("ff" * 56, "abc"):
        assert db.refuse("ListImports", NextToken=token) == (
            "ValidationException",
            f"Invalid Request: Provided nextToken is invalid: {token}",
        )
    wrong = arn.replace("/import/", "/export/")
    assert db.refuse("DescribeImport", ImportArn=wrong) == ("ValidationException", "Invalid Import ARN")
    foreign = arn.replace(ACCOUNT, "999999999999")
    assert db.refuse("DescribeImport", ImportArn=foreign) == ("AccessDeniedException", "Access is denied")
