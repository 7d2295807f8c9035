"""Items that a vector index refuses, where one write set is for many items: nothing of them is kept."""

from pathlib import Path
from typing import Any

from tests.operations.conftest import Requests
from tests.operations.transfers import lines, scan
from tests.operations.vector_tables import check_entries, create, found_keys, index, vector

GOOD: dict[str, Any] = {"pk": {"S": "good"}, "emb": {"L": vector(1, 2, 3)}}
BAD: dict[str, Any] = {"pk": {"S": "bad"}, "emb": {"L": vector(1, 2)}}
SOURCE = {"S3Bucket": "data", "S3KeyPrefix": "in"}


def check_only_the_good_one_is_there(db: Requests) -> None:
    assert scan(db) == [GOOD]
    assert found_keys(db, 1, 2, 3) == ["good"]
    check_entries(db)


def put(item: dict[str, Any]) -> dict[str, Any]:
    return {"Statement": "INSERT INTO things VALUE {'pk': ?, 'emb': ?}", "Parameters": list(item.values())}


def test_batch_of_statements(db: Requests) -> None:
    create(db, index())
    answer = db("BatchExecuteStatement", Statements=[put(BAD), put(GOOD)])
    bad, good = answer["Responses"]
    assert bad["Error"]["Code"] == "ValidationError"
    assert good == {"TableName": "things"}
    check_only_the_good_one_is_there(db)


def test_bulk_operation(db: Requests, bucket: Path) -> None:
    create(db, index())
    (bucket / "in").write_bytes(lines({"Item": BAD}, {"Item": GOOD}))
    begun = db(
        "StartBulkPutItems",
        TableName="things",
        InputS3Configuration={**SOURCE, "InputFormat": "DYNAMODB_JSON"},
        OutputS3Configuration={"S3Bucket": "data", "OutputType": []},
    )["BulkOperationDescription"]
    ended = db("DescribeBulkOperation", BulkOperationArn=begun["BulkOperationArn"])
    described = ended["BulkOperationDescription"]
    assert (described["ProcessedItemCount"], described["FailedItemCount"]) == (2, 1)
    size = len("pk") + len("good")
    vector_size = len("emb") + 3 * 4
    (usage,) = described["BulkOperationUsage"]
    assert usage["VectorIndexes"] == {"vix": {"BulkPutVectorBytes": size + vector_size}}
    assert usage["BulkPutBytes"] == usage["Table"]["BulkPutBytes"]
    check_only_the_good_one_is_there(db)
