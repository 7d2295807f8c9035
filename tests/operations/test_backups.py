"""CreateBackup, DescribeBackup, ListBackups, DeleteBackup."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from dynemu.engine.commit import until_committed
from dynemu.engine.history_rows import bytes_id
from dynemu.storage.base import FIRST_TABLE_ID, HISTORY
from tests.operations.conftest import Requests

ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/things"
NO_SUCH = f"{ARN}/backup/01700000000000-00000000"
INVALID = "ValidationException"
BUSY = (
    "BackupInUseException",
    "There is another ongoing conflicting backup control plane operation on the table. "
    "The backup is either being created, deleted or restored to a table.",
)
RECOVERY = {"PointInTimeRecoveryEnabled": True}


def back_up(db: Requests, name: str = "first", table: str = "things") -> Any:
    return db("CreateBackup", TableName=table, BackupName=name)["BackupDetails"]


def names(db: Requests, **request: Any) -> list[str]:
    return [backup["BackupName"] for backup in db("ListBackups", **request)["BackupSummaries"]]


def kept_rows(db: Requests) -> Counter[str]:
    """Count the rows of tables, indexes and history."""
    found: Counter[str] = Counter()
    rows = until_committed(lambda: db.engine.store.view().scan(HISTORY, b"\xff" * 8))
    for key, _ in rows:
        if key < HISTORY[:3] + b"\x08":
            found["history"] += 1
        elif int.from_bytes(key[:4], "big") >= FIRST_TABLE_ID:
            found["table"] += 1
    return found


def test_backup_is_described(db: Requests) -> None:
    db.create(
        attributes={"g": "S", "l": "N"},
        LocalSecondaryIndexes=[
            {
                "IndexName": "local",
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "l", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "global",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
                "OnDemandThroughput": {"MaxReadRequestUnits": 7},
            }
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "abc"},
        OnDemandThroughput={"MaxWriteRequestUnits": 9},
    )
    db(
        "UpdateTimeToLive",
        TableName="things",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "t"},
    )
    db.put(pk={"S": "a"}, sk={"S": "b"})
    details = back_up(db)
    arn = details.pop("BackupArn")
    assert arn.startswith(f"{ARN}/backup/01700000000000-")
    assert details == {
        "BackupName": "first",
        "BackupSizeBytes": 6,
        "BackupStatus": "CREATING",
        "BackupType": "USER",
        "BackupCreationDateTime": 1_700_000_000.0,
    }
    db.put(pk={"S": "a"}, sk={"S": "c"})
    pk, none = {"AttributeName": "pk", "KeyType": "HASH"}, {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    described = db("DescribeBackup", BackupArn=arn)["BackupDescription"]
    table_id = described["SourceTableDetails"].pop("TableId")
    assert table_id == db("DescribeTable", TableName="things")["Table"]["TableId"]
    assert described == {
        "BackupDetails": {**details, "BackupArn": arn, "BackupStatus": "AVAILABLE"},
        "SourceTableDetails": {
            "TableName": "things",
            "TableArn": ARN,
            "TableSizeBytes": 6,
            "ItemCount": 1,
            "KeySchema": [pk, {"AttributeName": "sk", "KeyType": "RANGE"}],
            "TableCreationDateTime": 1_700_000_000.0,
            "ProvisionedThroughput": none,
            "BillingMode": "PAY_PER_REQUEST",
            "OnDemandThroughput": {"MaxWriteRequestUnits": 9},
        },
        "SourceTableFeatureDetails": {
            "LocalSecondaryIndexes": [
                {
                    "IndexName": "local",
                    "KeySchema": [pk, {"AttributeName": "l", "KeyType": "RANGE"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "global",
                    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                    "ProvisionedThroughput": none,
                    "OnDemandThroughput": {"MaxReadRequestUnits": 7},
                }
            ],
            "StreamDescription": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
            "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "t"},
            "SSEDescription": {
                "Status": "ENABLED",
                "SSEType": "KMS",
                "KMSMasterKeyArn": "arn:aws:kms:eu-central-1:123456789012:key/abc",
            },
        },
    }


def test_deleted_backup_is_described_once_more(db: Requests) -> None:
    db.create(range=None)
    arn = back_up(db)["BackupArn"]
    described = db("DescribeBackup", BackupArn=arn)["BackupDescription"]
    described["BackupDetails"]["BackupStatus"] = "DELETED"
    assert db("DeleteBackup", BackupArn=arn) == {"BackupDescription": described}
    for operation in ("DescribeBackup", "DeleteBackup"):
        assert db.refuse(operation, BackupArn=arn) == ("BackupNotFoundException", f"Backup not found: {arn}")
    assert db("ListBackups") == {"BackupSummaries": []}


@pytest.mark.parametrize("arn", [NO_SUCH, f"{ARN}/backup/{'y' * 40}"])
def test_unknown_backup(db: Requests, arn: str) -> None:
    for operation in ("DescribeBackup", "DeleteBackup"):
        assert db.refuse(operation, BackupArn=arn) == ("BackupNotFoundException", f"Backup not found: {arn}")
    assert db.refuse("RestoreTableFromBackup", BackupArn=arn, TargetTableName="other") == (
        "BackupNotFoundException",
        f"Backup not found: {arn}",
    )


@pytest.mark.parametrize(
    ("arn", "refused"),
    [
        ("x" * 37, (INVALID, "Invalid Backup ARN")),
        (ARN + "/export/01700000000000-12345678", (INVALID, "Invalid Backup ARN")),
        (NO_SUCH.replace("dynamodb", "dynamic"), (INVALID, "Invalid Request: BackupArn is not valid")),
        (
            NO_SUCH.replace("eu-central-1", "mars-west-1"),
            (INVALID, "Invalid Request: BackupArn is not valid"),
        ),
        (NO_SUCH.replace("arn:aws:", "arn:aws-cn:"), (INVALID, "Invalid Request: BackupArn is not valid")),
        (NO_SUCH.replace("123456789012", "999999999999"), ("AccessDeniedException", "Access is denied")),
    ],
)
def test_what_is_no_arn_of_a_backup_here(db: Requests, arn: str, refused: tuple[str, str]) -> None:
    db.create(range=None)
    assert db.refuse("DescribeBackup", BackupArn=arn) == refused
    assert db.refuse("DeleteBackup", BackupArn=arn) == refused
    assert db.refuse("RestoreTableFromBackup", BackupArn=arn, TargetTableName="other") == refused


def test_bounds_and_starts_of_lists(db: Requests) -> None:
    assert db.refuse("ListBackups", TimeRangeLowerBound=2, TimeRangeUpperBound=1) == (
        INVALID,
        "One or more parameter values were invalid: "
        "Time range lower bound must be less than or equal to upper bound",
    )
    elsewhere = NO_SUCH.replace("eu-central-1", "us-east-1")
    assert db.refuse("ListBackups", ExclusiveStartBackupArn=elsewhere) == (
        INVALID,
        "Invalid Request: The supplied ExclusiveStartBackupArn does not match the region",
    )
    assert db("ListBackups", ExclusiveStartBackupArn=NO_SUCH) == {"BackupSummaries": []}


def test_unknown_table(db: Requests) -> None:
    request = {"TableName": "things", "BackupName": "first"}
    assert db.refuse("CreateBackup", **request) == ("TableNotFoundException", "Table not found: things")


def test_names_that_aws_refuses(db: Requests) -> None:
    code, message = db.refuse("CreateBackup", TableName="things", BackupName="a b")
    assert code == "ValidationException"
    assert message is not None
    assert "[a-zA-Z0-9_.-]+" in message
    assert db.refuse("DescribeBackup", BackupArn="short")[0] == "ValidationException"


def test_table_can_be_named_by_its_arn(db: Requests) -> None:
    db.create(range=None)
    back_up(db, table=ARN)
    assert names(db, TableName=ARN) == ["first"]


def test_backups_are_listed_by_table_and_time(db: Requests) -> None:
    for table in ("things", "others"):
        db.create(table, range=None)
    for place in range(5):
        back_up(db, f"things-{place}")
        back_up(db, f"others-{place}", "others")
        db.clock.time += 1.5
    expected = [f"{table}-{place}" for table in ("others", "things") for place in range(5)]
    assert names(db) == expected
    assert names(db, TableName="things") == expected[5:]
    assert names(db, TableName="nothing") == []
    assert names(db, TableName="thing") == []
    first = 1_700_000_000
    assert names(db, TableName="things", TimeRangeLowerBound=first + 1.5) == expected[6:]
    assert names(db, TableName="things", TimeRangeUpperBound=first + 1.5) == expected[5:6]
    bounds = {"TimeRangeLowerBound": first + 1, "TimeRangeUpperBound": first + 4}
    assert names(db, **bounds) == [expected[place] for place in (1, 2, 6, 7)]


def test_backups_are_listed_in_pages(db: Requests) -> None:
    db.create(range=None)
    for place in range(5):
        back_up(db, f"backup-{place}")
        db.clock.time += 1
    seen: list[str] = []
    start: dict[str, str] = {}
    for _ in range(3):
        page = db("ListBackups", Limit=2, **start)
        seen += [backup["BackupName"] for backup in page["BackupSummaries"]]
        start = {"ExclusiveStartBackupArn": page.get("LastEvaluatedBackupArn")}
    assert seen == [f"backup-{place}" for place in range(5)]
    assert start == {"ExclusiveStartBackupArn": None}
    assert "LastEvaluatedBackupArn" not in db("ListBackups", Limit=5)


def test_summary_of_a_backup(db: Requests) -> None:
    db.create(range=None)
    details = back_up(db)
    (summary,) = db("ListBackups", TableName="things")["BackupSummaries"]
    described = db("DescribeTable", TableName="things")["Table"]
    source = {"TableName": "things", "TableArn": ARN, "TableId": described["TableId"]}
    assert summary == {**details, **source, "BackupStatus": "AVAILABLE"}


def test_deleted_table_with_recovery_leaves_a_system_backup(db: Requests) -> None:
    db.create(range=None)
    db.put(pk={"S": "a"})
    db("UpdateContinuousBackups", TableName="things", PointInTimeRecoverySpecification=RECOVERY)
    db.clock.time += 10
    db("DeleteTable", TableName="things")
    assert names(db) == []
    assert names(db, BackupType="ALL") == ["things$DeletedTableBackup"]
    (summary,) = db("ListBackups", BackupType="SYSTEM")["BackupSummaries"]
    assert summary["BackupType"] == "SYSTEM"
    assert summary["BackupCreationDateTime"] == 1_700_000_010
    assert summary["BackupExpiryDateTime"] == 1_700_000_010 + 35 * 86_400
    db("RestoreTableFromBackup", BackupArn=summary["BackupArn"], TargetTableName="things")
    assert db("Scan", TableName="things")["Items"] == [{"pk": {"S": "a"}}]


def test_system_backup_expires(db: Requests) -> None:
    db.create(range=None)
    db.put(pk={"S": "a"})
    db("UpdateContinuousBackups", TableName="things", PointInTimeRecoverySpecification=RECOVERY)
    db("DeleteTable", TableName="things")
    db.clock.time += 35 * 86_400 - 1
    db.engine.sweep()
    (summary,) = db("ListBackups", BackupType="SYSTEM")["BackupSummaries"]
    db.clock.time += 1
    assert names(db, BackupType="SYSTEM") == []
    assert db.refuse("DescribeBackup", BackupArn=summary["BackupArn"])[0] == "BackupNotFoundException"
    assert kept_rows(db) == {"table": 1}
    db.clock.time += 60
    db.engine.sweep()
    assert kept_rows(db) == {}


def test_backups_of_another_service_are_none(db: Requests) -> None:
    db.create(range=None)
    back_up(db)
    assert names(db, BackupType="AWS_BACKUP") == []
    assert names(db, BackupType="USER") == ["first"]


def test_what_backups_keep_goes_with_the_last_one(db: Requests) -> None:
    db.create(range=None)
    db.put(pk={"S": "a"})
    arns = [back_up(db, name)["BackupArn"] for name in ("first", "second")]
    db.put(pk={"S": "a"}, n={"N": "1"})
    db("DeleteTable", TableName="things")
    assert kept_rows(db)["table"] == 1
    db("DeleteBackup", BackupArn=arns[0])
    assert kept_rows(db)["table"] == 1
    db("DeleteBackup", BackupArn=arns[1])
    assert kept_rows(db) == {}
    view = db.engine.store.view()
    assert [view.counts(256), view.counts(bytes_id(256))] == [(0, 0), (0, 0)]


def test_table_without_backups_records_nothing(db: Requests) -> None:
    db.create(range=None)
    db.put(pk={"S": "a"})
    arn = back_up(db)["BackupArn"]
    db.put(pk={"S": "a"}, n={"N": "1"})
    assert kept_rows(db)["history"] > 0
    db("DeleteBackup", BackupArn=arn)
    db.put(pk={"S": "a"}, n={"N": "2"})
    assert kept_rows(db) == {"table": 1}


def test_backup_takes_its_time(db: Requests) -> None:
    db.create(range=None)
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    arn = back_up(db)["BackupArn"]
    described = db("DescribeBackup", BackupArn=arn)["BackupDescription"]["BackupDetails"]
    assert described["BackupStatus"] == "CREATING"
    assert db.refuse("DeleteBackup", BackupArn=arn) == BUSY
    assert db.refuse("RestoreTableFromBackup", BackupArn=arn, TargetTableName="other") == BUSY
    db.clock.time += 10
    assert names(db) == ["first"]
    db("DeleteBackup", BackupArn=arn)


def test_tables_that_cannot_be_backed_up_now(db: Requests) -> None:
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db.create(range=None)
    request = {"TableName": "things", "BackupName": "first"}
    assert db.refuse("CreateBackup", **request) == (
        "ContinuousBackupsUnavailableException",
        "Backups are being enabled for the table: things. Please retry later",
    )
    db.clock.time += 10
    db("DeleteTable", TableName="things")
    assert db.refuse("CreateBackup", **request) == ("TableInUseException", "Table is being deleted: things")
