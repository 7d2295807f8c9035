"""Imports into tables with vector indexes."""

from pathlib import Path

from tests.operations.conftest import Requests
from tests.operations.test_vector_refusals import BAD, GOOD, SOURCE, check_only_the_good_one_is_there
from tests.operations.transfers import lines
from tests.operations.vector_tables import create, found_keys, index

PARAMETERS = {
    "TableName": "things",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
    "VectorIndexes": [index()],
}


def test_import(db: Requests, bucket: Path) -> None:
    (bucket / "in").write_bytes(lines({"Item": BAD}, {"Item": GOOD}))
    begun = db(
        "ImportTable",
        S3BucketSource=SOURCE,
        InputFormat="DYNAMODB_JSON",
        TableCreationParameters=PARAMETERS,
    )["ImportTableDescription"]
    assert begun["TableCreationParameters"] == PARAMETERS
    ended = db("DescribeImport", ImportArn=begun["ImportArn"])["ImportTableDescription"]
    assert (ended["ImportedItemCount"], ended["ErrorCount"]) == (1, 1)
    (described,) = db("DescribeTable", TableName="things")["Table"]["VectorIndexes"]
    assert (described["IndexName"], described["IndexStatus"]) == ("vix", "ACTIVE")
    check_only_the_good_one_is_there(db)
    db("DeleteTable", TableName="things")


def test_an_import_that_fails_leaves_no_index(db: Requests, bucket: Path) -> None:
    db(
        "ImportTable",
        S3BucketSource={"S3Bucket": "other"},
        InputFormat="DYNAMODB_JSON",
        TableCreationParameters=PARAMETERS,
    )
    assert db("ListTables") == {"TableNames": []}
    create(db, index())
    assert found_keys(db, 1, 2, 3) == []
