"""Backups, restores and point-in-time recovery through boto3, which cuts times to whole seconds."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest


@pytest.fixture
def table(client: Any, table_name: str) -> Iterator[str]:
    client.create_table(
        TableName=table_name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    client.get_waiter("table_exists").wait(TableName=table_name)
    for place in range(10):
        client.put_item(TableName=table_name, Item={"pk": {"S": str(place)}})
    yield table_name
    client.delete_table(TableName=table_name)


def restored(client: Any, answer: Any) -> int:
    """Wait for a restored table, delete it, and return how many items it had."""
    name = answer["TableDescription"]["TableName"]
    assert answer["TableDescription"]["RestoreSummary"]["RestoreInProgress"] is True
    client.get_waiter("table_exists").wait(TableName=name)
    count: int = client.scan(TableName=name)["Count"]
    client.delete_table(TableName=name)
    return count


def test_backup_is_made_listed_restored_and_deleted(client: Any, table: str) -> None:
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    details = client.create_backup(TableName=table, BackupName="nightly")["BackupDetails"]
    arn = details["BackupArn"]
    assert details["BackupCreationDateTime"] > before
    client.delete_item(TableName=table, Key={"pk": {"S": "1"}})
    answer = client.restore_table_from_backup(TargetTableName=f"{table}-copy", BackupArn=arn)
    assert restored(client, answer) == 10
    pages = client.get_paginator("list_backups").paginate(TableName=table, TimeRangeLowerBound=before)
    assert [backup["BackupArn"] for page in pages for backup in page["BackupSummaries"]] == [arn]
    client.delete_backup(BackupArn=arn)
    with pytest.raises(client.exceptions.BackupNotFoundException):
        client.describe_backup(BackupArn=arn)


def test_what_was_written_a_moment_ago_can_be_restored(client: Any, table: str) -> None:
    client.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    client.put_item(TableName=table, Item={"pk": {"S": "new"}})
    described = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    recovery = described["PointInTimeRecoveryDescription"]
    assert recovery["EarliestRestorableDateTime"] <= recovery["LatestRestorableDateTime"]
    latest = {"RestoreDateTime": recovery["LatestRestorableDateTime"]}
    for when in (latest, {"RestoreDateTime": datetime.now(timezone.utc)}, {"UseLatestRestorableTime": True}):
        answer = client.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=f"{table}-copy", **when
        )
        assert restored(client, answer) == 11
    with pytest.raises(client.exceptions.InvalidRestoreTimeException):
        client.restore_table_to_point_in_time(
            SourceTableName=table,
            TargetTableName=f"{table}-copy",
            RestoreDateTime=datetime.now(timezone.utc) - timedelta(hours=1),
        )
