"""Settings that a restore takes over from the source, or from the request."""

from typing import Any

import pytest

from tests.operations.conftest import Requests
from tests.operations.test_restores import INDEXES, PARTS, REQUEST, back_up, from_backup, items_of

LOCAL, GLOBAL = INDEXES["LocalSecondaryIndexes"], INDEXES["GlobalSecondaryIndexes"]
UNITS = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
SHOWN = {"NumberOfDecreasesToday": 0, **UNITS}
NO_UNITS = {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/abc"
OTHER_KEY: dict[str, Any] = {
    **GLOBAL[0],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
}


@pytest.fixture
def backup(db: Requests) -> str:
    """ARN of a backup of an on-demand table with two indexes."""
    db.create(
        **INDEXES,
        OnDemandThroughput={"MaxReadRequestUnits": 5},
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "abc"},
    )
    db.put(pk={"S": "a"}, sk={"S": "b"}, g={"S": "x"}, l={"N": "1"})
    return back_up(db)


def described(db: Requests, backup: str, **overrides: Any) -> Any:
    from_backup(db, backup, **overrides)
    return db("DescribeTable", TableName="copy")["Table"]


def refused(db: Requests, backup: str, **overrides: Any) -> tuple[str, str | None]:
    return db.refuse("RestoreTableFromBackup", BackupArn=backup, TargetTableName="copy", **overrides)


def test_settings_of_the_source(db: Requests, backup: str) -> None:
    source = db("DescribeTable", TableName="things")["Table"]
    table = described(db, backup)
    for member in ("OnDemandThroughput", "SSEDescription", "AttributeDefinitions", "KeySchema"):
        assert table[member] == source[member]
    for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        for index in source[member]:
            index["IndexArn"] = index["IndexArn"].replace("things", "copy")
        assert table[member] == source[member]


def test_units_of_a_provisioned_source(db: Requests) -> None:
    db.create(
        range=None,
        attributes={"g": "S"},
        GlobalSecondaryIndexes=[{**GLOBAL[0], "ProvisionedThroughput": UNITS}],
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 2},
    )
    arn = back_up(db)
    assert refused(db, arn, GlobalSecondaryIndexOverride=GLOBAL) == (
        "ValidationException",
        f"{REQUEST}Must specify provisioned throughput for index global",
    )
    override = [{**GLOBAL[0], "ProvisionedThroughput": UNITS}]
    table = described(db, arn, GlobalSecondaryIndexOverride=override)
    assert table["ProvisionedThroughput"] == {
        "NumberOfDecreasesToday": 0,
        "ReadCapacityUnits": 1,
        "WriteCapacityUnits": 2,
    }
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] == SHOWN
    assert "BillingModeSummary" not in table
    db("DeleteTable", TableName="copy")
    table = described(db, arn, BillingModeOverride="PAY_PER_REQUEST")
    assert table["ProvisionedThroughput"] == NO_UNITS
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] == NO_UNITS
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_indexes_can_get_other_names(db: Requests, backup: str) -> None:
    table = described(
        db,
        backup,
        GlobalSecondaryIndexOverride=[{**GLOBAL[0], "IndexName": "global-2"}],
        LocalSecondaryIndexOverride=[{**LOCAL[0], "IndexName": "local-2"}],
    )
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["global-2"]
    assert [index["IndexName"] for index in table["LocalSecondaryIndexes"]] == ["local-2"]
    assert len(items_of(db, TableName="copy", IndexName="global-2")) == 1
    assert len(items_of(db, TableName="copy", IndexName="local-2")) == 1


def test_provisioned_out_of_an_on_demand_table(db: Requests, backup: str) -> None:
    table = described(
        db,
        backup,
        BillingModeOverride="PROVISIONED",
        ProvisionedThroughputOverride=UNITS,
        GlobalSecondaryIndexOverride=[{**GLOBAL[0], "ProvisionedThroughput": UNITS}],
    )
    assert table["ProvisionedThroughput"] == SHOWN
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] == SHOWN
    assert "OnDemandThroughput" not in table


def test_maximum_units_and_encryption(db: Requests, backup: str) -> None:
    table = described(
        db,
        backup,
        OnDemandThroughputOverride={"MaxWriteRequestUnits": 8},
        SSESpecificationOverride={"Enabled": False},
    )
    assert table["OnDemandThroughput"] == {"MaxWriteRequestUnits": 8}
    assert "SSEDescription" not in table
    db("DeleteTable", TableName="copy")
    other = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "def"}
    table = described(db, backup, SSESpecificationOverride=other)
    assert table["SSEDescription"]["KMSMasterKeyArn"] == KEY_ARN.replace("abc", "def")


def test_indexes_can_be_left_out(db: Requests, backup: str) -> None:
    table = described(db, backup, GlobalSecondaryIndexOverride=[], LocalSecondaryIndexOverride=LOCAL)
    assert "GlobalSecondaryIndexes" not in table
    assert [part["AttributeName"] for part in table["AttributeDefinitions"]] == ["l", "pk", "sk"]
    assert len(items_of(db, TableName="copy", IndexName="local")) == 1
    db("DeleteTable", TableName="copy")
    table = described(db, backup, GlobalSecondaryIndexOverride=GLOBAL, LocalSecondaryIndexOverride=[])
    assert "LocalSecondaryIndexes" not in table
    assert len(items_of(db, TableName="copy", IndexName="global")) == 1


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        ({"GlobalSecondaryIndexOverride": [OTHER_KEY]}, "global"),
        (
            {"GlobalSecondaryIndexOverride": [{**GLOBAL[0], "Projection": {"ProjectionType": "ALL"}}]},
            "global",
        ),
        ({"GlobalSecondaryIndexOverride": LOCAL}, "local"),
        ({"LocalSecondaryIndexOverride": GLOBAL}, "global"),
        (
            {
                "VectorIndexOverride": [
                    {
                        "IndexName": "vector",
                        "VectorAttribute": {"AttributeName": "v"},
                        "Projection": {"ProjectionType": "ALL"},
                        "Dimensions": 3,
                        "DistanceFunction": "COSINE",
                    }
                ]
            },
            "vector",
        ),
    ],
)
def test_indexes_have_to_match(db: Requests, backup: str, overrides: dict[str, Any], name: str) -> None:
    assert refused(db, backup, **overrides) == (
        "ValidationException",
        f"{REQUEST}Index {name} does not match a secondary index that existed in the source table and cannot "
        "be created during the restore operation",
    )


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        (
            {"ProvisionedThroughputOverride": UNITS},
            f"{REQUEST}Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED",
        ),
        (
            {"BillingModeOverride": "PAY_PER_REQUEST", "ProvisionedThroughputOverride": UNITS},
            f"{REQUEST}Cannot override ProvisionedThroughput if BillingMode is overridden to PAY_PER_REQUEST",
        ),
        (
            {"BillingModeOverride": "PROVISIONED"},
            f"{REQUEST}Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED",
        ),
        (
            {"BillingModeOverride": "PROVISIONED", "ProvisionedThroughputOverride": UNITS},
            f"{REQUEST}Must specify provisioned throughput for index global",
        ),
        (
            {
                "BillingModeOverride": "PROVISIONED",
                "ProvisionedThroughputOverride": UNITS,
                "OnDemandThroughputOverride": {"MaxReadRequestUnits": 1},
            },
            f"{REQUEST}Cannot override MaxReadRequestUnits for OnDemandThroughput unless BillingModeOverride "
            "is PAY_PER_REQUEST",
        ),
        (
            {"GlobalSecondaryIndexOverride": [{**GLOBAL[0], "ProvisionedThroughput": UNITS}]},
            f"{REQUEST}Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED for index "
            "global",
        ),
        (
            {
                "BillingModeOverride": "PAY_PER_REQUEST",
                "GlobalSecondaryIndexOverride": [{**GLOBAL[0], "ProvisionedThroughput": UNITS}],
            },
            f"{REQUEST}Cannot override ProvisionedThroughput if BillingMode is overridden to PAY_PER_REQUEST "
            "for index global",
        ),
        (
            {"OnDemandThroughputOverride": {"MaxWriteRequestUnits": 0}},
            f"{REQUEST}Requested MaxWriteRequestUnits for OnDemandThroughput is outside of valid range",
        ),
        (
            {"SSESpecificationOverride": {"Enabled": True, "SSEType": "AES256"}},
            f"{PARTS}SSEType AES256 is not supported",
        ),
    ],
)
def test_overrides_have_to_go_together(
    db: Requests, backup: str, overrides: dict[str, Any], problem: str
) -> None:
    assert refused(db, backup, **overrides) == ("ValidationException", problem)
    assert db("ListTables") == {"TableNames": ["things"]}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"LocalSecondaryIndexOverride": [{**LOCAL[0], "Projection": {}}]},
            "Unknown ProjectionType: null",
        ),
        (
            {"GlobalSecondaryIndexOverride": [*GLOBAL, *GLOBAL]},
            f"Duplicate index name: {GLOBAL[0]['IndexName']}",
        ),
    ],
    ids=("no kind of projection", "twice"),
)
def test_an_override_that_no_table_could_have(
    db: Requests, backup: str, overrides: dict[str, Any], message: str
) -> None:
    assert refused(db, backup, **overrides) == (
        "ValidationException",
        f"One or more parameter values were invalid: {message}",
    )
