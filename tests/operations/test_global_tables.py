"""Global tables of version 2017.11.29: made, changed, described, listed, with their settings."""

from dataclasses import replace
from typing import Any

import pytest

from tests.operations.conftest import ACCOUNT, REGION, Requests

INVALID = "One or more parameter values were invalid: "
STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
ROLE = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
)
OFF = {"AutoScalingDisabled": True, "ScalingPolicies": []}
INDEX = {
    "attributes": {"g": "S"},
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "gix",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


def regions(*names: str) -> list[dict[str, str]]:
    return [{"RegionName": name} for name in names]


def make(db: Requests, *names: str, name: str = "things", **more: Any) -> Any:
    """Create a table and a global table of it, with replicas in the regions *names* or in two of them."""
    db.create(name, range=None, StreamSpecification=STREAM, **more)
    group = regions(*(names or (REGION, "us-east-1")))
    return db("CreateGlobalTable", GlobalTableName=name, ReplicationGroup=group)["GlobalTableDescription"]


def described(db: Requests, name: str = "things") -> Any:
    return db("DescribeGlobalTable", GlobalTableName=name)["GlobalTableDescription"]


def shown(db: Requests, status: str, **statuses: str) -> dict[str, Any]:
    return {
        "ReplicationGroup": [
            {"RegionName": region.replace("_", "-"), "ReplicaStatus": replica}
            for region, replica in statuses.items()
        ],
        "GlobalTableArn": f"arn:aws:dynamodb::{ACCOUNT}:global-table/things",
        "CreationDateTime": db.clock.time,
        "GlobalTableStatus": status,
        "GlobalTableName": "things",
    }


def test_global_table_is_made_of_a_table(db: Requests) -> None:
    assert make(db) == shown(db, "CREATING", eu_central_1="CREATING", us_east_1="CREATING")
    assert described(db) == shown(db, "ACTIVE", eu_central_1="ACTIVE", us_east_1="ACTIVE")


def test_table_of_it_shows_no_replicas_of_the_other_version(db: Requests) -> None:
    make(db)
    table = db("DescribeTable", TableName="things")["Table"]
    assert {"Replicas", "GlobalTableVersion"}.isdisjoint(table)


def test_replicas_come_and_go(db: Requests) -> None:
    make(db)
    updates = [{"Create": {"RegionName": "us-west-2"}}, {"Delete": {"RegionName": "us-east-1"}}]
    answer = db("UpdateGlobalTable", GlobalTableName="things", ReplicaUpdates=updates)
    assert answer["GlobalTableDescription"] == shown(
        db, "UPDATING", eu_central_1="ACTIVE", us_east_1="DELETING", us_west_2="CREATING"
    )
    assert described(db) == shown(db, "ACTIVE", eu_central_1="ACTIVE", us_west_2="ACTIVE")


def test_states_last_as_long_as_those_of_tables(db: Requests) -> None:
    db.create(range=None, StreamSpecification=STREAM)
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    created = db("CreateGlobalTable", GlobalTableName="things", ReplicationGroup=regions("us-east-1"))
    assert described(db) == created["GlobalTableDescription"]
    db.clock.time += 10
    assert described(db)["GlobalTableStatus"] == "ACTIVE"
    updates = [{"Delete": {"RegionName": "us-east-1"}}]
    db("UpdateGlobalTable", GlobalTableName="things", ReplicaUpdates=updates)
    assert described(db)["ReplicationGroup"] == [{"RegionName": "us-east-1", "ReplicaStatus": "DELETING"}]
    db.clock.time += 10
    assert db("ListGlobalTables") == {"GlobalTables": []}


def test_global_table_goes_with_its_last_replica(db: Requests) -> None:
    make(db, "us-east-1")
    updates = [{"Delete": {"RegionName": "us-east-1"}}]
    db("UpdateGlobalTable", GlobalTableName="things", ReplicaUpdates=updates)
    assert db.refuse("DescribeGlobalTable", GlobalTableName="things") == (
        "GlobalTableNotFoundException",
        "Global table not found: Global table with name: 'things' does not exist.",
    )


def test_global_table_goes_with_its_table(db: Requests) -> None:
    make(db)
    db("DeleteTable", TableName="things")
    assert db("ListGlobalTables") == {"GlobalTables": []}


def test_global_tables_are_listed_by_page_and_region(db: Requests) -> None:
    assert db("ListGlobalTables") == {"GlobalTables": []}
    for name, other in (("aaa", "us-east-1"), ("bbb", "us-west-2"), ("ccc", "us-east-1")):
        make(db, REGION, other, name=name)
    everything = db("ListGlobalTables")["GlobalTables"]
    assert everything == [
        {"GlobalTableName": "aaa", "ReplicationGroup": regions(REGION, "us-east-1")},
        {"GlobalTableName": "bbb", "ReplicationGroup": regions(REGION, "us-west-2")},
        {"GlobalTableName": "ccc", "ReplicationGroup": regions(REGION, "us-east-1")},
    ]
    first = db("ListGlobalTables", Limit=2)
    assert first == {"GlobalTables": everything[:2], "LastEvaluatedGlobalTableName": "bbb"}
    rest = db("ListGlobalTables", Limit=2, ExclusiveStartGlobalTableName="bbb")
    assert rest == {"GlobalTables": everything[2:]}
    there = db("ListGlobalTables", RegionName="us-east-1", Limit=1)
    assert there == {"GlobalTables": everything[:1], "LastEvaluatedGlobalTableName": "aaa"}


@pytest.mark.parametrize(
    ("group", "error"),
    [
        ([], ("ValidationException", INVALID + "Global table must have atleast one replica")),
        ([{}], ("ValidationException", INVALID + "ReplicationGroup members must specify RegionName")),
        (regions("us-east-1"), ("TableNotFoundException", "Table not found: things")),
    ],
)
def test_refused_global_tables(db: Requests, group: list[Any], error: tuple[str, str]) -> None:
    assert db.refuse("CreateGlobalTable", GlobalTableName="things", ReplicationGroup=group) == error


def test_regions_of_this_version_are_few(db: Requests) -> None:
    code, message = db.refuse(
        "CreateGlobalTable", GlobalTableName="things", ReplicationGroup=regions("ap-south-1")
    )
    assert code == "ValidationException"
    assert str(message).startswith(
        INVALID + "DynamoDB global tables version 2017.11.29 is not supported in this region 'ap-south-1', "
        "supported regions are : [eu-west-2, "
    )


def test_table_needs_a_stream_of_both_images_and_no_items(db: Requests) -> None:
    db.create(range=None)
    request = {"GlobalTableName": "things", "ReplicationGroup": regions("us-east-1")}
    assert db.refuse("CreateGlobalTable", **request)[0] == "ValidationException"
    db.put(pk={"S": "1"})
    db("UpdateTable", TableName="things", StreamSpecification=STREAM)
    assert db.refuse("CreateGlobalTable", **request)[0] == "ValidationException"
    db("DeleteItem", TableName="things", Key={"pk": {"S": "1"}})
    assert db("CreateGlobalTable", **request)["GlobalTableDescription"]["GlobalTableStatus"] == "CREATING"


def test_what_is_there_is_not_made_again(db: Requests) -> None:
    make(db)
    assert db.refuse("CreateGlobalTable", GlobalTableName="things", ReplicationGroup=regions(REGION)) == (
        "GlobalTableAlreadyExistsException",
        "Global table with name: 'things' already exists.",
    )
    for kind, region, code in (
        ("Create", "us-east-1", "ReplicaAlreadyExistsException"),
        ("Delete", "us-west-2", "ReplicaNotFoundException"),
    ):
        updates = [{kind: {"RegionName": region}}]
        assert db.refuse("UpdateGlobalTable", GlobalTableName="things", ReplicaUpdates=updates)[0] == code


@pytest.mark.parametrize("operation", ["DescribeGlobalTableSettings", "UpdateGlobalTableSettings"])
def test_settings_of_no_global_table(db: Requests, operation: str) -> None:
    assert db.refuse(operation, GlobalTableName="things") == (
        "GlobalTableNotFoundException",
        "Global table with name: 'things' does not exist.",
    )


def test_update_of_no_global_table(db: Requests) -> None:
    updates = [{"Delete": {"RegionName": "us-east-1"}}]
    assert db.refuse("UpdateGlobalTable", GlobalTableName="things", ReplicaUpdates=updates)[0] == (
        "GlobalTableNotFoundException"
    )
    assert db.refuse("UpdateGlobalTable", GlobalTableName="things", ReplicaUpdates=[]) == (
        "ValidationException",
        "One or more parameter values were invalid",
    )


def test_settings_are_those_of_the_table(db: Requests) -> None:
    make(db, "us-east-1", **INDEX)
    capacity = {
        "ProvisionedReadCapacityUnits": 0,
        "ProvisionedReadCapacityAutoScalingSettings": OFF,
        "ProvisionedWriteCapacityUnits": 0,
        "ProvisionedWriteCapacityAutoScalingSettings": OFF,
    }
    assert db("DescribeGlobalTableSettings", GlobalTableName="things") == {
        "GlobalTableName": "things",
        "ReplicaSettings": [
            {
                "RegionName": "us-east-1",
                "ReplicaStatus": "ACTIVE",
                "ReplicaBillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
                **{f"Replica{name}": value for name, value in capacity.items()},
                "ReplicaGlobalSecondaryIndexSettings": [
                    {"IndexName": "gix", "IndexStatus": "ACTIVE", **capacity}
                ],
            }
        ],
    }


def test_changed_settings_are_remembered(db: Requests) -> None:
    make(db, **INDEX)
    scaling = {
        "MinimumUnits": 1,
        "MaximumUnits": 9,
        "ScalingPolicyUpdate": {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70.0}},
    }
    db(
        "UpdateGlobalTableSettings",
        GlobalTableName="things",
        GlobalTableBillingMode="PROVISIONED",
        GlobalTableProvisionedWriteCapacityUnits=7,
        GlobalTableGlobalSecondaryIndexSettingsUpdate=[
            {"IndexName": "gix", "ProvisionedWriteCapacityUnits": 8}
        ],
        ReplicaSettingsUpdate=[
            {
                "RegionName": "us-east-1",
                "ReplicaProvisionedReadCapacityUnits": 5,
                "ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate": scaling,
                "ReplicaTableClass": "STANDARD_INFREQUENT_ACCESS",
            }
        ],
    )
    here, there = db("DescribeGlobalTableSettings", GlobalTableName="things")["ReplicaSettings"]
    for settings in (here, there):
        assert settings["ReplicaProvisionedWriteCapacityUnits"] == 7
        [index] = settings["ReplicaGlobalSecondaryIndexSettings"]
        assert index["ProvisionedWriteCapacityUnits"] == 8
    assert there["ReplicaProvisionedReadCapacityUnits"] == 5
    assert there["ReplicaTableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert here["ReplicaProvisionedReadCapacityAutoScalingSettings"] == OFF
    assert there["ReplicaProvisionedReadCapacityAutoScalingSettings"] == {
        "MinimumUnits": 1,
        "MaximumUnits": 9,
        "AutoScalingRoleArn": ROLE,
        "ScalingPolicies": [
            {
                "PolicyName": "DynamoDBReadCapacityUtilization:table/things",
                "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70.0},
            }
        ],
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ReplicaSettingsUpdate": [{"RegionName": "us-west-1"}]}, "ReplicaNotFoundException"),
        (
            {"GlobalTableGlobalSecondaryIndexSettingsUpdate": [{"IndexName": "nope"}]},
            "IndexNotFoundException",
        ),
    ],
)
def test_settings_of_what_is_not_there(db: Requests, change: dict[str, Any], code: str) -> None:
    make(db)
    assert db.refuse("UpdateGlobalTableSettings", GlobalTableName="things", **change)[0] == code
