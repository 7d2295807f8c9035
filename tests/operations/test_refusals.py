"""What is wrong with a request, in the service's words, where operations differ or words have changed."""

from typing import Any

import pytest

from dynemu.errors import AwsError
from tests.operations.conftest import ACCOUNT, REGION, Requests

INVALID = "ValidationException"
SHORT = (
    "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: Member must have "
)
NOTHING = (
    "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, "
    "SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, "
    "MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass "
    "is required"
)
INDEX = {
    "IndexName": "gix",
    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
KEY = {"pk": {"S": "a"}}


def table(**members: Any) -> dict[str, Any]:
    """Return a request for a table with one key and *members*."""
    return {
        "TableName": "things",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        **members,
    }


@pytest.mark.parametrize("operation", ["DescribeTable", "DeleteTable", "UpdateTable", "DescribeTimeToLive"])
def test_short_name_of_a_table(db: Requests, operation: str) -> None:
    assert db.refuse(operation, TableName="ab") == (INVALID, SHORT + "length greater than or equal to 3")
    assert db.refuse(operation, TableName="") == (
        INVALID,
        "2 validation errors detected: Value '' at 'tableName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 3; "
        "Value '' at 'tableName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    )


@pytest.mark.parametrize("operation", ["DescribeGlobalTable", "DescribeGlobalTableSettings"])
def test_short_name_of_a_global_table(db: Requests, operation: str) -> None:
    for name in ("", "ab", "x" * 256):
        assert db.refuse(operation, GlobalTableName=name) == (
            INVALID,
            "TableName must be at least 3 characters long and at most 255 characters long",
        )


def test_length_of_a_name_comes_before_its_letters(db: Requests) -> None:
    assert db.refuse("UpdateItem", TableName="a!", Key=KEY) == (
        INVALID,
        "2 validation errors detected: Value 'a!' at 'tableName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 3; "
        "Value 'a!' at 'tableName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    )


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"StreamSpecification": {"StreamEnabled": True}},
            "One or more parameter values were invalid: "
            "Table is being created with a stream enabled, UpdateViewType is required",
        ),
        (
            {"TableClass": "COLD"},
            "Invalid table-class parameter provided. Please try again with a valid table-class value: "
            "[STANDARD, STANDARD_INFREQUENT_ACCESS].",
        ),
        (
            {"GlobalSecondaryIndexes": [{**INDEX, "IndexName": ""}]},
            "2 validation errors detected: Value '' at 'globalSecondaryIndexes.1.member.indexName' failed to "
            "satisfy constraint: Member must have length greater than or equal to 3; "
            "Value '' at 'globalSecondaryIndexes.1.member.indexName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ),
        (
            {"SSESpecification": {"Enabled": True, "KMSMasterKeyId": ""}},
            "1 validation error detected: Value '' at 'sSESpecification.kMSMasterKeyId' failed to satisfy "
            "constraint: Member must have length greater than or equal to 1",
        ),
        (
            {"AttributeDefinitions": [{}]},
            "2 validation errors detected: "
            "Value null at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: "
            "Member must not be null; "
            "Value null at 'attributeDefinitions.1.member.attributeName' failed to satisfy constraint: "
            "Member must not be null",
        ),
    ],
)
def test_new_table(db: Requests, members: dict[str, Any], message: str) -> None:
    assert db.refuse("CreateTable", **table(**members)) == (INVALID, message)


@pytest.mark.parametrize("changes", [{}, {"GlobalSecondaryIndexUpdates": []}])
def test_update_that_changes_nothing(db: Requests, changes: dict[str, Any]) -> None:
    assert db.refuse("UpdateTable", TableName="nothing", **changes) == (INVALID, NOTHING)


def test_index_that_is_there_already(db: Requests) -> None:
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "g")]
    db("CreateTable", **table(AttributeDefinitions=attributes, GlobalSecondaryIndexes=[INDEX]))
    updates = [{"Create": INDEX}]
    assert db.refuse(
        "UpdateTable",
        TableName="things",
        AttributeDefinitions=attributes,
        GlobalSecondaryIndexUpdates=updates,
    ) == (INVALID, "Attempting to create an index which already exists")


def test_select_that_lacks_what_it_selects(db: Requests) -> None:
    db.create(range=None)
    text = "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
    request = {"TableName": "things", "Select": "SPECIFIC_ATTRIBUTES"}
    assert db.refuse("Scan", **request) == (INVALID, text)
    condition = {"KeyConditionExpression": "pk = :k", "ExpressionAttributeValues": {":k": {"S": "a"}}}
    assert db.refuse("Query", **request, **condition) == (INVALID, f"1 validation error detected: {text}")


def test_failed_condition_with_its_item_has_another_key_for_its_text(db: Requests) -> None:
    db.create(range=None)
    db("PutItem", TableName="things", Item=KEY)
    request = {"TableName": "things", "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}
    bodies = []
    for asked in ({}, {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}):
        with pytest.raises(AwsError) as caught:
            db("PutItem", **request, **asked)
        bodies.append(caught.value.to_body())
    kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    text = "The conditional request failed"
    assert bodies == [
        {"__type": kind, "message": text},
        {"__type": kind, "Message": text, "Item": KEY},
    ]


def test_recovery_that_is_turned_off_has_no_period(db: Requests) -> None:
    db.create(range=None)
    off = {"PointInTimeRecoveryEnabled": False, "RecoveryPeriodInDays": 3}
    assert db.refuse("UpdateContinuousBackups", TableName="things", PointInTimeRecoverySpecification=off) == (
        INVALID,
        "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.",
    )


def test_kinesis_stream_without_a_name(db: Requests) -> None:
    db.create(range=None)
    assert db.refuse("EnableKinesisStreamingDestination", TableName="things", StreamArn="") == (
        INVALID,
        "1 validation error detected: Value '' at 'streamArn' failed to satisfy constraint: "
        "Member must have length greater than or equal to 37",
    )


def test_source_of_a_restore_in_another_account(db: Requests) -> None:
    foreign = f"arn:aws:dynamodb:{REGION}:999999999999:table/things/backup/01700000000000-00000000"
    own = foreign.replace("999999999999", ACCOUNT)
    denied = ("AccessDeniedException", "Access is denied")
    assert db.refuse("RestoreTableFromBackup", BackupArn=foreign, TargetTableName="copy") == denied
    missing = ("BackupNotFoundException", f"Backup not found: {own}")
    assert db.refuse("RestoreTableFromBackup", BackupArn=own, TargetTableName="copy") == missing
    assert db.refuse("RestoreTableFromBackup", BackupArn=own, TargetTableName="") == (
        INVALID,
        "TableName must be at least 3 characters long and at most 255 characters long",
    )


def test_new_table_with_a_tag_twice(db: Requests) -> None:
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
    assert db.refuse("CreateTable", **table(Tags=twice)) == (
        INVALID,
        "Duplicate Tag Keys provided as input: Duplicate Tag Key found a",
    )
    assert db("ListTables") == {"TableNames": []}
