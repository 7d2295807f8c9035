"""What Terraform's AWS provider asks of the service for a table with everything on, in its order, by boto3.

The resources are aws_dynamodb_table with replicas, aws_dynamodb_resource_policy,
aws_dynamodb_contributor_insights and aws_dynamodb_kinesis_streaming_destination. CDK and Pulumi read the same
members. Every answer is looked at for what the service documents, as the provider does.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

REGION, REPLICA, OTHER = "us-east-1", "eu-west-1", "us-west-2"
ACCOUNT = "123456789012"
POLLS = 500
TAGS = {"team": "ducks", "stage": "test"}
STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/changes"

Connect = Callable[[str], Any]


@pytest.fixture(scope="module")
def connect(server_url: str, credentials: dict[str, str]) -> Iterator[Connect]:
    """Make a client for a region; the provider has one for each region of a table."""
    made: dict[str, Any] = {}
    with ExitStack() as stack:

        def connect(region: str) -> Any:
            if region not in made:
                config = Config(retries={"total_max_attempts": 1})
                made[region] = boto3.client(
                    "dynamodb",
                    endpoint_url=server_url,
                    config=config,
                    **{**credentials, "region_name": region},
                )
                stack.callback(made[region].close)
            return made[region]

        yield connect


def wait(read: Callable[[], Any], wanted: Any) -> None:
    """Ask until *read* returns *wanted*, as the provider's waiters do."""
    seen = None
    for _ in range(POLLS):
        seen = read()
        if seen == wanted:
            return
    raise AssertionError(f"{seen} and not {wanted}")


class Table:
    """A table and what hangs on it, as the provider creates, reads, changes and destroys it."""

    def __init__(self, connect: Connect, name: str) -> None:
        self.connect = connect
        self.client = connect(REGION)
        self.name = name
        self.arn = self.arn_in(REGION)

    def arn_in(self, region: str) -> str:
        return f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{self.name}"

    def describe(self, region: str = REGION) -> dict[str, Any]:
        described: dict[str, Any] = self.connect(region).describe_table(TableName=self.name)["Table"]
        return described

    def recovery(self, region: str = REGION) -> dict[str, Any]:
        answer = self.connect(region).describe_continuous_backups(TableName=self.name)
        recovery: dict[str, Any] = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        return recovery

    def expiry(self) -> dict[str, Any]:
        expiry: dict[str, Any] = self.client.describe_time_to_live(TableName=self.name)[
            "TimeToLiveDescription"
        ]
        return expiry

    def tags(self, region: str = REGION) -> dict[str, str]:
        tags: dict[str, str] = {}
        request = {"ResourceArn": self.arn_in(region)}
        while True:
            page = self.connect(region).list_tags_of_resource(**request)
            tags.update({tag["Key"]: tag["Value"] for tag in page["Tags"]})
            if "NextToken" not in page:
                return tags
            request["NextToken"] = page["NextToken"]

    def indexes(self) -> dict[str, str]:
        """Return the states of the indexes by name."""
        found = self.describe().get("GlobalSecondaryIndexes", [])
        return {index["IndexName"]: index["IndexStatus"] for index in found}

    def replicas(self) -> dict[str, str]:
        """Return the states of the replicas by region."""
        return {
            replica["RegionName"]: replica["ReplicaStatus"] for replica in self.describe().get("Replicas", [])
        }

    def policy(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get_resource_policy(ResourceArn=self.arn)
        return answer

    def insights(self, index: str | None = None) -> str:
        request = {"TableName": self.name} | ({} if index is None else {"IndexName": index})
        status: str = self.client.describe_contributor_insights(**request)["ContributorInsightsStatus"]
        return status

    def destination(self) -> str | None:
        """Return the state of the Kinesis stream, None when there is none."""
        answer = self.client.describe_kinesis_streaming_destination(TableName=self.name)
        found = {
            stream["StreamArn"]: stream["DestinationStatus"]
            for stream in answer["KinesisDataStreamDestinations"]
        }
        return found.get(STREAM)

    def wait_active(self) -> None:
        wait(lambda: self.describe()["TableStatus"], "ACTIVE")
        wait(lambda: self.describe()["WarmThroughput"]["Status"], "ACTIVE")

    def update(self, **changes: Any) -> dict[str, Any]:
        answer = self.client.update_table(TableName=self.name, **changes)
        self.wait_active()
        described: dict[str, Any] = answer["TableDescription"]
        return described

    def create(self) -> None:
        self.client.create_table(**definition(self.name))
        self.wait_active()
        for index in definition(self.name)["GlobalSecondaryIndexes"]:
            wait(lambda name=index["IndexName"]: self.indexes()[name], "ACTIVE")  # type: ignore[misc]
        self.set_expiry(enabled=True)
        self.set_recovery(REGION, enabled=True)
        self.add_replica(REPLICA)

    def set_expiry(self, *, enabled: bool) -> None:
        specification = {"AttributeName": "expires", "Enabled": enabled}
        self.client.update_time_to_live(TableName=self.name, TimeToLiveSpecification=specification)
        wait(lambda: self.expiry()["TimeToLiveStatus"], "ENABLED" if enabled else "DISABLED")

    def set_recovery(self, region: str, *, enabled: bool) -> None:
        specification = {"PointInTimeRecoveryEnabled": enabled}
        self.connect(region).update_continuous_backups(
            TableName=self.name, PointInTimeRecoverySpecification=specification
        )
        status = "ENABLED" if enabled else "DISABLED"
        wait(lambda: self.recovery(region)["PointInTimeRecoveryStatus"], status)

    def add_replica(self, region: str) -> None:
        """Add a replica with the settings that the provider gives to one of which nothing else is said."""
        self.client.update_table(TableName=self.name, ReplicaUpdates=[{"Create": {"RegionName": region}}])
        wait(lambda: self.replicas().get(region), "ACTIVE")
        self.set_recovery(region, enabled=False)
        self.connect(region).update_table(TableName=self.name, DeletionProtectionEnabled=False)
        wait(lambda: self.replicas().get(region), "ACTIVE")
        self.propagate_tags(region)

    def propagate_tags(self, region: str) -> None:
        old = self.tags(region)
        gone = [key for key in old if key not in TAGS]
        if gone:
            self.connect(region).untag_resource(ResourceArn=self.arn_in(region), TagKeys=gone)
        tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
        self.connect(region).tag_resource(ResourceArn=self.arn_in(region), Tags=tags)

    def remove_replica(self, region: str) -> None:
        self.client.update_table(TableName=self.name, ReplicaUpdates=[{"Delete": {"RegionName": region}}])
        wait(lambda: self.replicas().get(region), None)

    def add_policy(self) -> None:
        self.client.put_resource_policy(ResourceArn=self.arn, Policy=json.dumps(policy(self.arn)))

    def set_insights(self, action: str, status: str) -> None:
        for index in (None, "by-owner"):
            request = {"TableName": self.name, "ContributorInsightsAction": action}
            self.client.update_contributor_insights(
                **request | ({} if index is None else {"IndexName": index})
            )
            wait(lambda index=index: self.insights(index), status)  # type: ignore[misc]

    def add_destination(self) -> None:
        self.client.enable_kinesis_streaming_destination(TableName=self.name, StreamArn=STREAM)
        wait(self.destination, "ACTIVE")

    def remove_destination(self) -> None:
        self.client.disable_kinesis_streaming_destination(TableName=self.name, StreamArn=STREAM)
        wait(self.destination, "DISABLED")

    def destroy(self) -> None:
        for region in self.replicas():
            self.remove_replica(region)
        self.client.delete_table(TableName=self.name)
        wait(self.is_there, False)

    def is_there(self) -> bool:
        try:
            self.describe()
        except self.client.exceptions.ResourceNotFoundException:
            return False
        return True


def definition(name: str) -> dict[str, Any]:
    """Return the CreateTable request for a table with everything that it can have from the beginning."""
    attributes = ("pk", "sk", "owner", "time")
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "Tags": [{"Key": key, "Value": value} for key, value in TAGS.items()],
        "AttributeDefinitions": [{"AttributeName": part, "AttributeType": "S"} for part in attributes],
        "DeletionProtectionEnabled": True,
        "LocalSecondaryIndexes": [
            {
                "IndexName": "in-order",
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "time", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-owner",
                "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]},
            }
        ],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "SSESpecification": {"Enabled": True, "SSEType": "KMS"},
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
    }


def policy(arn: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "reading",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "dynamodb:GetItem",
                "Resource": arn,
            }
        ],
    }


@pytest.fixture
def table(connect: Connect, table_name: str) -> Table:
    """A table as the provider leaves it after the first apply."""
    made = Table(connect, table_name)
    made.create()
    return made


def test_table_is_read_as_it_was_asked_for(table: Table) -> None:
    read, asked = table.describe(), definition(table.name)
    assert (read["TableArn"], read["TableName"]) == (table.arn, table.name)
    assert read["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert read["DeletionProtectionEnabled"] is True
    assert read["KeySchema"] == asked["KeySchema"]
    assert sorted(part["AttributeName"] for part in read["AttributeDefinitions"]) == sorted(
        part["AttributeName"] for part in asked["AttributeDefinitions"]
    )
    for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        names = ("IndexName", "KeySchema", "Projection")
        assert [{name: index[name] for name in names} for index in read[kind]] == asked[kind]
    assert read["StreamSpecification"] == asked["StreamSpecification"]
    assert read["LatestStreamArn"] == f"{table.arn}/stream/{read['LatestStreamLabel']}"
    assert (read["SSEDescription"]["Status"], read["SSEDescription"]["SSEType"]) == ("ENABLED", "KMS")
    assert read["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"


def test_settings_are_read_in_calls_of_their_own(table: Table) -> None:
    assert table.recovery()["PointInTimeRecoveryStatus"] == "ENABLED"
    assert table.recovery()["RecoveryPeriodInDays"] == 35
    assert table.expiry() == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    assert table.tags() == TAGS


def test_replica_is_read_from_both_regions(table: Table) -> None:
    here, there = table.describe(), table.describe(REPLICA)
    [replica] = here["Replicas"]
    assert (here["GlobalTableVersion"], replica["RegionName"], replica["ReplicaStatus"]) == (
        "2019.11.21",
        REPLICA,
        "ACTIVE",
    )
    assert replica["KMSMasterKeyId"] == there["SSEDescription"]["KMSMasterKeyArn"]
    assert [other["RegionName"] for other in there["Replicas"]] == [REGION]
    assert there["LatestStreamArn"].startswith(f"{table.arn_in(REPLICA)}/stream/")
    assert (there["DeletionProtectionEnabled"], here["DeletionProtectionEnabled"]) == (False, True)
    assert table.recovery(REPLICA)["PointInTimeRecoveryStatus"] == "DISABLED"
    assert table.recovery()["PointInTimeRecoveryStatus"] == "ENABLED"
    assert table.tags(REPLICA) == TAGS


def test_refresh_finds_nothing_changed(table: Table) -> None:
    reads = (table.describe, table.recovery, table.expiry, table.tags, table.indexes, table.replicas)
    first = [read() for read in reads]
    first[1].pop("LatestRestorableDateTime", None)
    second = [read() for read in reads]
    second[1].pop("LatestRestorableDateTime", None)
    assert first == second


def test_indexes_are_replaced_one_by_one(table: Table) -> None:
    table.update(GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-owner"}}])
    wait(table.indexes, {})
    index = {
        "IndexName": "by-time",
        "KeySchema": [{"AttributeName": "time", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    definitions = [
        part for part in definition(table.name)["AttributeDefinitions"] if part["AttributeName"] != "owner"
    ]
    table.update(AttributeDefinitions=definitions, GlobalSecondaryIndexUpdates=[{"Create": index}])
    wait(table.indexes, {"by-time": "ACTIVE"})
    [replica] = table.describe()["Replicas"]
    assert [own["IndexName"] for own in replica["GlobalSecondaryIndexes"]] == ["by-time"]


def test_class_and_protection_and_limits_are_changed(table: Table) -> None:
    table.update(TableClass="STANDARD")
    assert table.describe()["TableClassSummary"]["TableClass"] == "STANDARD"
    table.update(DeletionProtectionEnabled=False)
    assert table.describe()["DeletionProtectionEnabled"] is False
    table.update(OnDemandThroughput={"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 20})
    assert table.describe()["OnDemandThroughput"] == {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 20}


def test_encryption_is_turned_off_in_all_regions(table: Table) -> None:
    table.update(SSESpecification={"Enabled": False})
    wait(lambda: table.describe().get("SSEDescription"), None)
    wait(lambda: table.describe()["Replicas"][0].get("KMSMasterKeyId"), None)


def test_expiry_and_recovery_are_turned_off(table: Table) -> None:
    table.set_expiry(enabled=False)
    table.set_recovery(REGION, enabled=False)
    assert table.expiry() == {"TimeToLiveStatus": "DISABLED"}


def test_tags_are_changed(table: Table) -> None:
    table.client.untag_resource(ResourceArn=table.arn, TagKeys=["team"])
    table.client.tag_resource(ResourceArn=table.arn, Tags=[{"Key": "stage", "Value": "live"}])
    assert table.tags() == {"stage": "live"}


def test_replica_is_moved_to_another_region(table: Table) -> None:
    table.remove_replica(REPLICA)
    assert "GlobalTableVersion" not in table.describe()
    table.add_replica(OTHER)
    assert table.replicas() == {OTHER: "ACTIVE"}


def test_replica_cannot_be_added_twice(table: Table) -> None:
    with pytest.raises(ClientError, match="already existed as tables") as caught:
        table.add_replica(REPLICA)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_stream_stays_on_with_replicas(table: Table) -> None:
    with pytest.raises(ClientError, match="Disabling Stream is not allowed for a Global Table replica"):
        table.update(StreamSpecification={"StreamEnabled": False})


def test_resource_policy_is_put_and_deleted(table: Table) -> None:
    table.add_policy()
    read = table.policy()
    assert json.loads(read["Policy"]) == policy(table.arn)
    assert read["RevisionId"]
    table.client.delete_resource_policy(ResourceArn=table.arn)
    with pytest.raises(ClientError) as caught:
        table.policy()
    assert caught.value.response["Error"]["Code"] == "PolicyNotFoundException"


def test_contributor_insights_are_turned_on_and_off(table: Table) -> None:
    table.set_insights("ENABLE", "ENABLED")
    table.set_insights("DISABLE", "DISABLED")


def test_kinesis_stream_is_added_and_removed(table: Table) -> None:
    table.add_destination()
    table.remove_destination()


def test_everything_is_destroyed(table: Table) -> None:
    table.add_policy()
    table.set_insights("ENABLE", "ENABLED")
    table.add_destination()
    table.update(DeletionProtectionEnabled=False)
    table.remove_destination()
    table.set_insights("DISABLE", "DISABLED")
    table.client.delete_resource_policy(ResourceArn=table.arn)
    table.destroy()
    with pytest.raises(ClientError) as caught:
        table.recovery()
    assert caught.value.response["Error"]["Code"] == "TableNotFoundException"


def test_protected_table_is_not_destroyed(table: Table) -> None:
    table.remove_replica(REPLICA)
    with pytest.raises(ClientError, match="currently protected against deletion"):
        table.destroy()


def test_strong_consistency_with_a_witness(connect: Connect, table_name: str) -> None:
    table = Table(connect, table_name)
    keys = {"AttributeName": "pk", "KeyType": "HASH"}
    table.client.create_table(
        TableName=table.name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[keys],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    table.wait_active()
    table.update(
        MultiRegionConsistency="STRONG",
        ReplicaUpdates=[{"Create": {"RegionName": "us-east-2"}}],
        GlobalTableWitnessUpdates=[{"Create": {"RegionName": OTHER}}],
    )
    wait(table.replicas, {"us-east-2": "ACTIVE"})
    read = table.describe()
    assert read["MultiRegionConsistency"] == "STRONG"
    assert read["GlobalTableWitnesses"] == [{"RegionName": OTHER, "WitnessStatus": "ACTIVE"}]
    table.update(
        ReplicaUpdates=[{"Delete": {"RegionName": "us-east-2"}}],
        GlobalTableWitnessUpdates=[{"Delete": {"RegionName": OTHER}}],
    )
    wait(table.replicas, {})
    table.client.delete_table(TableName=table.name)
    wait(table.is_there, False)
