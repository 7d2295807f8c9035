"""Auto scaling settings of a table's replicas: DescribeTableReplicaAutoScaling and its Update."""

from typing import Any

import pytest

from tests.operations.conftest import ACCOUNT, REGION, Requests

ROLE = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
)
OFF = {"AutoScalingDisabled": True, "ScalingPolicies": []}
READS = "ReplicaProvisionedReadCapacityAutoScalingUpdate"
WRITES = "ProvisionedWriteCapacityAutoScalingUpdate"
FAILED = "Failed to update settings for global table with name: \u2018things\u2019"
MISSING = ("ResourceNotFoundException", "Global table with name: 'things' does not exist.")
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


def scaling(low: int = 1, high: int = 10, target: float = 70.0, **policy: Any) -> dict[str, Any]:
    return {
        "MinimumUnits": low,
        "MaximumUnits": high,
        "ScalingPolicyUpdate": {
            **policy,
            "TargetTrackingScalingPolicyConfiguration": {"TargetValue": target},
        },
    }


def settings(policy: str, low: int = 1, high: int = 10, target: float = 70.0) -> dict[str, Any]:
    return {
        "MinimumUnits": low,
        "MaximumUnits": high,
        "AutoScalingRoleArn": ROLE,
        "ScalingPolicies": [
            {"PolicyName": policy, "TargetTrackingScalingPolicyConfiguration": {"TargetValue": target}}
        ],
    }


def make(db: Requests, *, provisioned: bool = True, **more: Any) -> None:
    """Create a table with a replica in us-east-1."""
    db.create(range=None, **more)
    db("UpdateTable", TableName="things", ReplicaUpdates=[{"Create": {"RegionName": "us-east-1"}}])
    if provisioned:
        units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
        updates = [
            {"Update": {"IndexName": index["IndexName"], "ProvisionedThroughput": units}}
            for index in more.get("GlobalSecondaryIndexes", ())
        ]
        request = {"GlobalSecondaryIndexUpdates": updates} if updates else {}
        db(
            "UpdateTable",
            TableName="things",
            BillingMode="PROVISIONED",
            ProvisionedThroughput=units,
            **request,
        )


def described(db: Requests) -> Any:
    return db("DescribeTableReplicaAutoScaling", TableName="things")["TableAutoScalingDescription"]


def change(db: Requests, **request: Any) -> Any:
    return db("UpdateTableReplicaAutoScaling", TableName="things", **request)["TableAutoScalingDescription"]


def replica(region: str, reads: Any = OFF, writes: Any = OFF, indexes: Any = ()) -> dict[str, Any]:
    return {
        "RegionName": region,
        "GlobalSecondaryIndexes": list(indexes),
        "ReplicaProvisionedReadCapacityAutoScalingSettings": reads,
        "ReplicaProvisionedWriteCapacityAutoScalingSettings": writes,
        "ReplicaStatus": "ACTIVE",
    }


def test_every_region_of_the_table_is_described(db: Requests) -> None:
    make(db, provisioned=False)
    assert described(db) == {
        "TableName": "things",
        "TableStatus": "ACTIVE",
        "Replicas": [replica(REGION), replica("us-east-1")],
    }


@pytest.mark.parametrize("there", [True, False])
def test_table_without_replicas_is_no_global_table(db: Requests, there: bool) -> None:
    if there:
        db.create(range=None)
    assert db.refuse("DescribeTableReplicaAutoScaling", TableName="things") == MISSING
    request = {"TableName": "things", WRITES: scaling()}
    assert db.refuse("UpdateTableReplicaAutoScaling", **request) == MISSING


def test_writes_scale_in_all_regions_and_reads_in_one(db: Requests) -> None:
    make(db)
    before = described(db)
    assert change(db, **{WRITES: scaling(2, 20)}) == before
    change(db, ReplicaUpdates=[{"RegionName": "us-east-1", READS: scaling(PolicyName="mine")}])
    writes = settings("DynamoDBWriteCapacityUtilization:table/things", 2, 20)
    assert described(db)["Replicas"] == [
        replica(REGION, writes=writes),
        replica("us-east-1", reads=settings("mine"), writes=writes),
    ]
    change(db, **{WRITES: {"AutoScalingDisabled": True}})
    assert described(db)["Replicas"][0] == replica(REGION)


def test_indexes_scale_for_themselves(db: Requests) -> None:
    make(db, **INDEX)
    change(
        db,
        GlobalSecondaryIndexUpdates=[{"IndexName": "gix", WRITES: scaling()}],
        ReplicaUpdates=[
            {
                "RegionName": REGION,
                "ReplicaGlobalSecondaryIndexUpdates": [
                    {"IndexName": "gix", "ProvisionedReadCapacityAutoScalingUpdate": scaling(3)}
                ],
            }
        ],
    )
    name = "CapacityUtilization:table/things/index/gix"
    writes = settings(f"DynamoDBWrite{name}")
    index = {"IndexName": "gix", "IndexStatus": "ACTIVE"}
    kinds = ("ProvisionedReadCapacityAutoScalingSettings", "ProvisionedWriteCapacityAutoScalingSettings")
    assert described(db)["Replicas"] == [
        replica(
            REGION,
            indexes=[{**index, kinds[0]: settings(f"DynamoDBRead{name}", 3), kinds[1]: writes}],
        ),
        replica("us-east-1", indexes=[{**index, kinds[0]: OFF, kinds[1]: writes}]),
    ]


def test_settings_go_with_the_last_replica(db: Requests) -> None:
    make(db)
    change(db, **{WRITES: scaling()})
    db("UpdateTable", TableName="things", BillingMode="PAY_PER_REQUEST")
    for kind in ("Delete", "Create"):
        db("UpdateTable", TableName="things", ReplicaUpdates=[{kind: {"RegionName": "us-east-1"}}])
    assert described(db)["Replicas"] == [replica(REGION), replica("us-east-1")]


@pytest.mark.parametrize(
    ("update", "message"),
    [
        ({}, " because at least one update parameter must be specified."),
        (
            {"ReplicaUpdates": [{"RegionName": REGION}]},
            f" because at least one update parameter must be specified for region: \u2018{REGION}\u2019.",
        ),
        (
            {"ReplicaUpdates": [{"RegionName": REGION, READS: scaling()}] * 2},
            f" because the regions: \u2018[{REGION}]\u2019 were specified more than once.",
        ),
        (
            {WRITES: {"MinimumUnits": 1}},
            ": Parameters 'MaximumUnits', 'ScalingPolicyUpdate' are required unless auto scaling is being "
            "disabled.",
        ),
        (
            {WRITES: {"AutoScalingDisabled": False}},
            ": Parameters 'MaximumUnits', 'ScalingPolicyUpdate', 'MinimumUnits' are required unless auto "
            "scaling is being disabled.",
        ),
    ],
)
def test_refused_settings(db: Requests, update: dict[str, Any], message: str) -> None:
    refused = db.refuse("UpdateTableReplicaAutoScaling", TableName="things", **update)
    assert refused == ("ValidationException", FAILED + message)


def test_turning_off_takes_no_limits(db: Requests) -> None:
    update = {"TableName": "things", WRITES: {"AutoScalingDisabled": True, "MinimumUnits": 1}}
    assert db.refuse("UpdateTableReplicaAutoScaling", **update) == (
        "ValidationException",
        "Failed to update settings for global table with name \u2018things\u2019: Parameters 'MinimumUnits' "
        "must be left blank when disabling auto scaling.",
    )


@pytest.mark.parametrize(
    ("update", "message"),
    [
        (scaling(5, 4), "Maximum capacity cannot be less than minimum capacity"),
        (
            scaling(target=90.1),
            "For predefined metric type DynamoDBWriteCapacityUtilization, target value must be between "
            "'10.0' and '90.0', but was '90.1'.",
        ),
        (
            scaling(target=0.0),
            "For target tracking scaling, target value must be between '8.51592E-109' and '1.174271E108', "
            "but was '0.0'.",
        ),
    ],
)
def test_limits_and_target_are_in_range(db: Requests, update: dict[str, Any], message: str) -> None:
    make(db)
    code, text = db.refuse("UpdateTableReplicaAutoScaling", TableName="things", **{WRITES: update})
    assert code == "ValidationException"
    assert str(text).startswith(
        f"{message} (Service: AWSApplicationAutoScaling; Status Code: 400; Error Code: ValidationException; "
        "Request ID: "
    )


def test_on_demand_table_does_not_scale(db: Requests) -> None:
    make(db, provisioned=False)
    before = described(db)
    assert db.refuse("UpdateTableReplicaAutoScaling", TableName="things", **{WRITES: scaling()}) == (
        "ValidationException",
        "Failed to update global table with name \u2018things\u2018. Replicas 'EU-CENTRAL-1', 'US-EAST-1' "
        "BillingMode is PayPerRequest. You must convert table's BillingMode to PROVISIONED to set "
        "parameters: 'GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate'.",
    )
    change(db, **{WRITES: {"AutoScalingDisabled": True}})
    assert described(db) == before


def test_unknown_region_and_index_are_not_found(db: Requests) -> None:
    make(db)
    for update in (
        {"ReplicaUpdates": [{"RegionName": "us-west-2", READS: scaling()}]},
        {"GlobalSecondaryIndexUpdates": [{"IndexName": "nope", WRITES: scaling()}]},
    ):
        refused = db.refuse("UpdateTableReplicaAutoScaling", TableName="things", **update)
        assert refused[0] == "ResourceNotFoundException"
