"""Restores of tables with vector indexes."""

from typing import Any

import pytest

from tests.operations.conftest import Requests
from tests.operations.test_restores import PARTS, back_up, enable, from_backup
from tests.operations.vector_tables import create, index, schema, search, vector

TYPES = {"t": "S", "c": "N"}
WHOLE = index(SearchSchema=schema("t", "c"))


@pytest.fixture
def backup(db: Requests) -> str:
    """ARN of a backup of a table with a vector index."""
    create(db, WHOLE, **TYPES)
    for place in range(5):
        db.put(
            pk={"S": str(place)},
            t={"S": "a"},
            c={"N": str(place)},
            emb={"L": vector(float(place), 1.0, 0.0)},
        )
    db.put(pk={"S": "none"})
    return back_up(db)


def found(db: Requests, table: str) -> list[str]:
    request = search(0.0, 1.0, 0.0)
    request |= {
        "TableName": table,
        "SearchConditionExpression": "t = :t",
        "ExpressionAttributeValues": {":t": {"S": "a"}},
    }
    return [result["Item"]["pk"]["S"] for result in db("SearchVectors", **request)["SearchResults"]]


def test_vector_index_is_restored(db: Requests, backup: str) -> None:
    nearest = found(db, "things")
    assert len(nearest) == 5
    features = db("DescribeBackup", BackupArn=backup)["BackupDescription"]["SourceTableFeatureDetails"]
    assert features == {"VectorIndexes": [WHOLE]}
    source = db("DescribeTable", TableName="things")["Table"]
    db("DeleteItem", TableName="things", Key={"pk": {"S": "1"}})
    from_backup(db, backup)
    assert found(db, "copy") == nearest
    (shown,) = db("DescribeTable", TableName="copy")["Table"]["VectorIndexes"]
    shown["IndexArn"] = shown["IndexArn"].replace("copy", "things")
    assert [shown] == source["VectorIndexes"]
    assert shown["ItemCount"] == 5


def test_vector_index_at_a_point_in_time(db: Requests, backup: str) -> None:
    enable(db)
    request = {"SourceTableName": "things", "TargetTableName": "copy", "UseLatestRestorableTime": True}
    db("RestoreTableToPointInTime", **request, VectorIndexOverride=[WHOLE])
    assert found(db, "copy") == found(db, "things")


def test_vector_index_can_be_left_out(db: Requests, backup: str) -> None:
    from_backup(db, backup, VectorIndexOverride=[])
    table = db("DescribeTable", TableName="copy")["Table"]
    assert "VectorIndexes" not in table
    assert table["AttributeDefinitions"] == [{"AttributeName": "pk", "AttributeType": "S"}]


@pytest.mark.parametrize(
    "override",
    [
        index(),
        {**WHOLE, "Dimensions": 4},
        {**WHOLE, "DistanceFunction": "EUCLIDEAN"},
        index(SearchSchema=schema("t", "other")),
    ],
)
def test_vector_index_has_to_match(db: Requests, backup: str, override: dict[str, Any]) -> None:
    request = {"BackupArn": backup, "TargetTableName": "copy", "VectorIndexOverride": [override]}
    assert db.refuse("RestoreTableFromBackup", **request) == (
        "ValidationException",
        f"Invalid Request: Index {WHOLE['IndexName']} does not match a secondary index that existed in the "
        "source table and cannot be created during the restore operation",
    )


def test_vector_index_needs_an_on_demand_table(db: Requests, backup: str) -> None:
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    request = {"BackupArn": backup, "TargetTableName": "copy", "BillingModeOverride": "PROVISIONED"}
    request["ProvisionedThroughputOverride"] = units
    assert db.refuse("RestoreTableFromBackup", **request) == (
        "ValidationException",
        f"{PARTS}Vector indexes are only supported for PAY_PER_REQUEST tables",
    )
    db("RestoreTableFromBackup", **request, VectorIndexOverride=[])
