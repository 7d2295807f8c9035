"""UpdateContinuousBackups, DescribeContinuousBackups, and what of history is kept for them."""

from dataclasses import replace
from typing import Any

import pytest

from dynemu.engine.history_rows import bytes_id, history_bytes
from tests.operations.conftest import Requests

DAY = 86_400
START = 1_700_000_000
OFF = {
    "ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
    }
}


def update(db: Requests, enabled: bool = True, **more: Any) -> Any:
    specification = {"PointInTimeRecoveryEnabled": enabled, **more}
    return db("UpdateContinuousBackups", TableName="things", PointInTimeRecoverySpecification=specification)


def describe(db: Requests) -> Any:
    return db("DescribeContinuousBackups", TableName="things")


def shown(earliest: float, latest: float, days: int = 35) -> Any:
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {
                "PointInTimeRecoveryStatus": "ENABLED",
                "RecoveryPeriodInDays": days,
                "EarliestRestorableDateTime": earliest,
                "LatestRestorableDateTime": latest,
            },
        }
    }


def restored(db: Requests, time: float) -> Any:
    """Return the items of the table at *time*."""
    name = f"copy-{db.clock.time}-{time}"
    db("RestoreTableToPointInTime", SourceTableName="things", TargetTableName=name, RestoreDateTime=time)
    items = db("Scan", TableName=name)["Items"]
    db("DeleteTable", TableName=name)
    return sorted(items, key=lambda item: item["pk"]["S"])


def test_recovery_is_turned_on_and_off(db: Requests) -> None:
    db.create(range=None)
    assert describe(db) == OFF
    assert update(db, False) == OFF
    assert update(db) == shown(START, START)
    db.clock.time += 60
    assert describe(db) == shown(START, START + 60)
    assert update(db) == shown(START, START + 60)
    assert update(db, False) == OFF
    assert describe(db) == OFF
    db.clock.time += 60
    assert update(db, RecoveryPeriodInDays=7) == shown(START + 120, START + 120, 7)


def test_period_moves_the_earliest_time(db: Requests) -> None:
    db.create(range=None)
    update(db, RecoveryPeriodInDays=2)
    db.clock.time += 3 * DAY
    assert describe(db) == shown(START + DAY, START + 3 * DAY, 2)
    assert update(db, RecoveryPeriodInDays=1) == shown(START + 2 * DAY, START + 3 * DAY, 1)
    assert update(db, RecoveryPeriodInDays=35) == shown(START + 2 * DAY, START + 3 * DAY, 35)


@pytest.mark.parametrize("days", [0, 36])
def test_periods_that_aws_refuses(db: Requests, days: int) -> None:
    db.create(range=None)
    with pytest.raises(Exception, match=f"Value '{days}' at .*ecoveryPeriodInDays"):
        update(db, RecoveryPeriodInDays=days)


def test_unknown_table(db: Requests) -> None:
    missing = ("TableNotFoundException", "Table not found: things")
    assert db.refuse("DescribeContinuousBackups", TableName="things") == missing
    specification = {"PointInTimeRecoveryEnabled": True}
    request = {"TableName": "things", "PointInTimeRecoverySpecification": specification}
    assert db.refuse("UpdateContinuousBackups", **request) == missing


def test_table_that_is_being_created(db: Requests) -> None:
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db.create(range=None)
    specification = {"PointInTimeRecoveryEnabled": True}
    request = {"TableName": "things", "PointInTimeRecoverySpecification": specification}
    assert describe(db) == OFF
    assert db.refuse("UpdateContinuousBackups", **request) == (
        "ContinuousBackupsUnavailableException",
        "Backups are being enabled for the table: things. Please retry later",
    )
    restore = {"SourceTableName": "things", "TargetTableName": "copy", "UseLatestRestorableTime": True}
    assert db.refuse("RestoreTableToPointInTime", **restore) == (
        "PointInTimeRecoveryUnavailableException",
        "Point in time recovery is not enabled for table 'things'",
    )
    db.clock.time += 10
    update(db)


def test_table_that_is_being_deleted(db: Requests) -> None:
    db.create(range=None)
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db("DeleteTable", TableName="things")
    specification = {"PointInTimeRecoveryEnabled": True}
    request = {"TableName": "things", "PointInTimeRecoverySpecification": specification}
    assert db.refuse("UpdateContinuousBackups", **request) == (
        "TableNotFoundException",
        "Table not found: things",
    )


def test_recovery_survives_changes_of_the_table(db: Requests) -> None:
    db.create(range=None)
    update(db)
    db.clock.time += 10
    db("UpdateTable", TableName="things", DeletionProtectionEnabled=True)
    db(
        "UpdateTimeToLive",
        TableName="things",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "t"},
    )
    assert describe(db) == shown(START, START + 10)
    db.put(pk={"S": "a"})
    assert restored(db, START) == []
    assert restored(db, START + 10) == [{"pk": {"S": "a"}}]


def test_recovery_goes_on_while_the_table_is_updated(db: Requests) -> None:
    db.create(range=None)
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db("UpdateTable", TableName="things", SSESpecification={"Enabled": True})
    update(db)
    db.clock.time += 20
    db.engine.settings = replace(db.engine.settings, table_delay=0.0)
    db.put(pk={"S": "a"})
    assert restored(db, START + 19) == []
    assert restored(db, START + 20) == [{"pk": {"S": "a"}}]


def test_what_terraform_does_with_a_new_table(db: Requests) -> None:
    db.create(range=None)
    arn = db("DescribeTable", TableName="things")["Table"]["TableArn"]
    assert describe(db) == OFF
    update(db)
    described = describe(db)["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert described["PointInTimeRecoveryStatus"] == "ENABLED"
    assert db("DescribeTimeToLive", TableName="things") == {
        "TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}
    }
    assert db("DescribeContinuousBackups", TableName=arn) == describe(db)
    db("DeleteTable", TableName="things")
    assert db.refuse("DescribeTable", TableName="things")[0] == "ResourceNotFoundException"


def test_history_out_of_the_period_goes(db: Requests) -> None:
    db.create(range=None)
    update(db, RecoveryPeriodInDays=1)
    for place in range(48):
        db.put(pk={"S": "a"}, n={"N": str(place)})
        db.clock.time += 3600
    assert db.engine.store.view().counts(bytes_id(256))[0] == 48
    db.engine.sweep()
    now = db.clock.time
    assert db.engine.store.view().counts(bytes_id(256))[0] == 23
    assert describe(db) == shown(now - DAY, now, 1)
    for place in (24, 30, 47):
        assert restored(db, START + place * 3600) == [{"pk": {"S": "a"}, "n": {"N": str(place)}}]
    update(db, RecoveryPeriodInDays=35)
    assert describe(db) == shown(now - DAY, now)


def test_history_is_bounded_in_bytes(db: Requests) -> None:
    db.engine.settings = replace(db.engine.settings, history_bytes=20_000)
    db.create(range=None)
    update(db)
    for place in range(300):
        db.put(pk={"S": str(place % 3)}, n={"N": str(place)}, text={"S": "x" * 100})
        db.clock.time += 1
        if place % 20 == 0:
            db.engine.sweep()
            assert history_bytes(db.engine.store.view(), 256) <= 20_000
    db.engine.sweep()
    described = describe(db)["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    earliest = described["EarliestRestorableDateTime"]
    assert START + 150 < earliest < START + 290
    for time in (earliest, earliest + 1, START + 290):
        newest = int(time - START)
        numbers = [int(item["n"]["N"]) for item in restored(db, time)]
        assert sorted(numbers) == [newest - 2, newest - 1, newest]
    request = {"SourceTableName": "things", "TargetTableName": "late", "RestoreDateTime": earliest - 1}
    assert db.refuse("RestoreTableToPointInTime", **request)[0] == "InvalidRestoreTimeException"


def test_backup_keeps_one_row_of_each_item_however_much_changes(db: Requests) -> None:
    db.engine.settings = replace(db.engine.settings, history_bytes=1000)
    db.create(range=None)
    for place in range(3):
        db.put(pk={"S": str(place)}, n={"N": "-1"})
    arn = db("CreateBackup", TableName="things", BackupName="old")["BackupDetails"]["BackupArn"]
    for place in range(100):
        db.put(pk={"S": str(place % 5)}, n={"N": str(place)})
    db.engine.sweep()
    assert history_bytes(db.engine.store.view(), 256) < 1000
    db("RestoreTableFromBackup", BackupArn=arn, TargetTableName="copy")
    items = db("Scan", TableName="copy")["Items"]
    assert sorted(item["pk"]["S"] for item in items) == ["0", "1", "2"]
    assert {item["n"]["N"] for item in items} == {"-1"}


def test_history_of_a_deleted_backup_goes_while_others_are_kept(db: Requests) -> None:
    db.create(range=None)
    arns = []
    for place in range(3):
        db.put(pk={"S": "a"}, n={"N": str(place)})
        backup = db("CreateBackup", TableName="things", BackupName=f"backup-{place}")["BackupDetails"]
        arns.append(backup["BackupArn"])
        db.clock.time += 1
    db.put(pk={"S": "a"}, n={"N": "3"})
    before = history_bytes(db.engine.store.view(), 256)
    db("DeleteBackup", BackupArn=arns[1])
    db.engine.sweep()
    assert history_bytes(db.engine.store.view(), 256) * 3 == before * 2
    for place in (0, 2):
        db("RestoreTableFromBackup", BackupArn=arns[place], TargetTableName=f"copy-{place}")
        assert db("Scan", TableName=f"copy-{place}")["Items"] == [{"pk": {"S": "a"}, "n": {"N": str(place)}}]
