"""RestoreTableFromBackup and RestoreTableToPointInTime."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from dynemu.config import Settings
from dynemu.engine import restores
from dynemu.engine.database import Engine
from dynemu.engine.jobs import RESTORING
from dynemu.operations.dispatch import call
from dynemu.storage.rocks import RocksStore
from tests.operations.conftest import ACCOUNT, REGION, ManualClock, Requests

START = 1_700_000_000
ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/things"
PARTS = "One or more parameter values were invalid: "
REQUEST = "Invalid Request: "
INDEXES: dict[str, Any] = {
    "attributes": {"g": "S", "l": "N"},
    "LocalSecondaryIndexes": [
        {
            "IndexName": "local",
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "l", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "global",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n"]},
        }
    ],
}


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(restores, "SLICE_ROWS", 4)
    yield


def enable(db: Requests, enabled: bool = True) -> None:
    specification = {"PointInTimeRecoveryEnabled": enabled}
    db("UpdateContinuousBackups", TableName="things", PointInTimeRecoverySpecification=specification)


def back_up(db: Requests) -> str:
    backup = db("CreateBackup", TableName="things", BackupName="backup")["BackupDetails"]
    return str(backup["BackupArn"])


def from_backup(db: Requests, arn: str, name: str = "copy", **more: Any) -> Any:
    return db("RestoreTableFromBackup", BackupArn=arn, TargetTableName=name, **more)["TableDescription"]


def at_time(db: Requests, time: float | None = None, name: str = "copy", **more: Any) -> Any:
    when = {"UseLatestRestorableTime": True} if time is None else {"RestoreDateTime": time}
    request = {"SourceTableName": "things", "TargetTableName": name, **when, **more}
    return db("RestoreTableToPointInTime", **request)["TableDescription"]


def items_of(db: Requests, **request: Any) -> list[dict[str, Any]]:
    found = []
    while True:
        page = db("Scan", **request)
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            return sorted(found, key=orjson.dumps)
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def test_table_from_a_backup_is_described(db: Requests) -> None:
    db.create(range=None, Tags=[{"Key": "a", "Value": "b"}], TableClass="STANDARD_INFREQUENT_ACCESS")
    db(
        "UpdateTimeToLive",
        TableName="things",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "t"},
    )
    stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    db("UpdateTable", TableName="things", StreamSpecification=stream)
    db("UpdateTable", TableName="things", DeletionProtectionEnabled=True)
    enable(db)
    db.put(pk={"S": "a"})
    arn = back_up(db)
    db.clock.time += 100
    shown = from_backup(db, arn)
    summary = {
        "SourceBackupArn": arn,
        "SourceTableArn": ARN,
        "RestoreDateTime": START,
        "RestoreInProgress": True,
    }
    assert shown["TableStatus"] == "CREATING"
    assert shown["RestoreSummary"] == summary
    described = db("DescribeTable", TableName="copy")["Table"]
    assert described.pop("TableId") == shown["TableId"]
    assert described == {
        "TableName": "copy",
        "TableArn": ARN.replace("things", "copy"),
        "TableStatus": "ACTIVE",
        "ItemCount": 1,
        "TableSizeBytes": 3,
        "CreationDateTime": START + 100,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingModeSummary": {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": START + 100,
        },
        "TableThroughputModeSummary": {
            "TableThroughputMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": START + 100,
        },
        "ProvisionedThroughput": {
            "NumberOfDecreasesToday": 0,
            "ReadCapacityUnits": 0,
            "WriteCapacityUnits": 0,
        },
        "WarmThroughput": {
            "ReadUnitsPerSecond": 12_000,
            "WriteUnitsPerSecond": 4000,
            "Status": "ACTIVE",
        },
        "DeletionProtectionEnabled": False,
    }
    assert db("DescribeTimeToLive", TableName="copy") == {
        "TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}
    }
    continuous = db("DescribeContinuousBackups", TableName="copy")["ContinuousBackupsDescription"]
    assert continuous["PointInTimeRecoveryDescription"] == {"PointInTimeRecoveryStatus": "DISABLED"}


def test_summary_of_a_point_in_time(db: Requests) -> None:
    db.create(range=None)
    enable(db)
    db.clock.time += 100
    summary = {"SourceTableArn": ARN, "RestoreDateTime": START + 50, "RestoreInProgress": True}
    assert at_time(db, START + 50)["RestoreSummary"] == summary
    assert "RestoreSummary" not in db("DescribeTable", TableName="copy")["Table"]
    latest = at_time(db, None, "latest")["RestoreSummary"]
    assert latest == {**summary, "RestoreDateTime": START + 100}


def test_source_can_be_an_arn(db: Requests) -> None:
    db.create(range=None)
    enable(db)
    db.put(pk={"S": "a"})
    db(
        "RestoreTableToPointInTime",
        SourceTableArn=ARN,
        TargetTableName="copy",
        UseLatestRestorableTime=True,
    )
    assert items_of(db, TableName="copy") == [{"pk": {"S": "a"}}]


def test_whole_second_means_all_of_it(db: Requests) -> None:
    db.create(range=None)
    db.clock.time += 0.4
    enable(db)
    for name in ("a", "b"):
        db.clock.time += 0.2
        db.put(pk={"S": name})
    db.clock.time += 1.5
    db.put(pk={"S": "c"})
    db.clock.time += 0.5
    for place, (time, expected) in enumerate(
        [(START, "ab"), (START + 0.65, "a"), (START + 0.8, "ab"), (START + 1, "ab"), (START + 2, "abc")]
    ):
        at_time(db, time, f"copy-{place}")
        assert "".join(item["pk"]["S"] for item in items_of(db, TableName=f"copy-{place}")) == expected


def test_times_that_cannot_be_restored(db: Requests) -> None:
    db.create(range=None)
    request = {"SourceTableName": "things", "TargetTableName": "copy"}
    assert db.refuse("RestoreTableToPointInTime", RestoreDateTime=START, **request) == (
        "PointInTimeRecoveryUnavailableException",
        "Point in time recovery is not enabled for table 'things'",
    )
    enable(db)
    db.clock.time += 100
    for time, shown in ((START - 1, "13:19"), (START + 101, "15:01"), (START - 0.001, "13:19")):
        assert db.refuse("RestoreTableToPointInTime", RestoreDateTime=time, **request) == (
            "InvalidRestoreTimeException",
            f"RestoreDateTime '2023-11-14T22:{shown}Z' must be within EarliestRestorableDateTime "
            "'2023-11-14T22:13:20Z' and LatestRestorableDateTime '2023-11-14T22:15:00Z'",
        )
    enable(db, False)
    enable(db)
    assert db.refuse("RestoreTableToPointInTime", RestoreDateTime=START + 50, **request)[0] == (
        "InvalidRestoreTimeException"
    )


@pytest.mark.parametrize(
    ("request_members", "message"),
    [
        (
            {"UseLatestRestorableTime": True},
            "The parameter 'TableName' is required but was not present in the request",
        ),
        (
            {"SourceTableName": "things", "SourceTableArn": ARN, "UseLatestRestorableTime": True},
            "Invalid Request: Must provide exactly one of: sourceTableArn, sourceTableName",
        ),
        (
            {"SourceTableName": "things", "UseLatestRestorableTime": False},
            "Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be specified, "
            "but not both",
        ),
        (
            {"SourceTableName": "things", "UseLatestRestorableTime": True, "RestoreDateTime": START},
            "Invalid Request: Both RestoreDateTime and UseLatestRestorableTime cannot be set for "
            "point-in-time restore request. Please specify either RestoreDateTime time or "
            "UseLatestRestorableTime",
        ),
        (
            {"SourceTableArn": f"{ARN}/index/ix", "UseLatestRestorableTime": True},
            "One or more parameter values were invalid: sourceTableArn is not a valid ARN",
        ),
        (
            {"SourceTableArn": ARN.replace("123456789012", "999999999999"), "UseLatestRestorableTime": True},
            "This action is only supported by accounts that match the resource owner\u2019s account.",
        ),
    ],
)
def test_requests_that_leave_something_open(
    db: Requests, request_members: dict[str, Any], message: str
) -> None:
    answer = db.refuse("RestoreTableToPointInTime", TargetTableName="copy", **request_members)
    assert answer == ("ValidationException", message)


def test_source_and_target_have_to_be_right(db: Requests) -> None:
    request = {"SourceTableName": "things", "TargetTableName": "things", "UseLatestRestorableTime": True}
    assert db.refuse("RestoreTableToPointInTime", **request) == (
        "TableNotFoundException",
        "Table not found: things",
    )
    db.create(range=None)
    enable(db)
    exists = ("TableAlreadyExistsException", "Table already exists: things")
    assert db.refuse("RestoreTableToPointInTime", **request) == exists
    request = {"BackupArn": back_up(db), "TargetTableName": "things"}
    assert db.refuse("RestoreTableFromBackup", **request) == exists


def test_restored_table_takes_its_time(db: Requests) -> None:
    db.create(**INDEXES)
    db.put(pk={"S": "a"}, sk={"S": "b"}, g={"S": "x"})
    arn = back_up(db)
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    from_backup(db, arn)
    described = db("DescribeTable", TableName="copy")["Table"]
    assert described["TableStatus"] == "CREATING"
    assert described["RestoreSummary"]["RestoreInProgress"] is True
    assert db.refuse("Scan", TableName="copy")[0] == "ResourceNotFoundException"
    assert db.refuse("DeleteTable", TableName="copy")[0] == "ResourceInUseException"
    assert db.refuse("RestoreTableFromBackup", BackupArn=arn, TargetTableName="copy") == (
        "TableInUseException",
        f"Table: copy is already being restored from backup: {arn}",
    )
    db.clock.time += 10
    described = db("DescribeTable", TableName="copy")["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert "RestoreSummary" not in described
    assert described["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"
    assert len(items_of(db, TableName="copy", IndexName="global")) == 1


class Halted:
    """An engine whose background work is done when a test says so."""

    def __init__(self, path: Any) -> None:
        self.path = path
        self.clock = ManualClock()
        self.engine = Engine(RocksStore(path, "wal"), Settings(), self.clock)

    def __call__(self, operation: str, **request: Any) -> Any:
        wire = orjson.loads(orjson.dumps(request))
        return call(self.engine, operation, wire, REGION, ACCOUNT)

    def restart(self) -> None:
        self.engine.close()
        self.engine = Engine(RocksStore(self.path, "wal"), Settings(), self.clock)

    def copy_some(self) -> bool:
        """Do one slice of the restore under way; return whether it was the last."""
        ((key, _),) = list(self.engine.store.view().scan(RESTORING, RESTORING + b"\xff"))
        return restores.restore_slice(self.engine, key)


@pytest.fixture
def halted(tmp_path: Any) -> Iterator[Halted]:
    halted = Halted(tmp_path / "store")
    yield halted
    halted.engine.close()


def fill(halted: Halted) -> str:
    """Make a table of 20 items and a backup of it; return the backup's ARN."""
    db = Requests(halted.engine, halted.clock)
    db.create(range=None)
    for place in range(20):
        db.put(pk={"S": f"{place:02d}"}, n={"N": str(place)})
    return back_up(db)


def check_twenty(halted: Halted) -> None:
    items = items_of(Requests(halted.engine, halted.clock), TableName="copy")
    assert items == [{"pk": {"S": f"{place:02d}"}, "n": {"N": str(place)}} for place in range(20)]


@pytest.mark.usefixtures("small_slices")
def test_restore_goes_on_after_a_restart(halted: Halted) -> None:
    arn = fill(halted)
    halted("RestoreTableFromBackup", BackupArn=arn, TargetTableName="copy")
    assert not halted.copy_some()
    assert not halted.copy_some()
    for place in range(10, 30):
        halted("PutItem", TableName="things", Item={"pk": {"S": f"{place:02d}"}})
    halted.restart()
    assert halted.engine.has_work
    described = halted("DescribeTable", TableName="copy")["Table"]
    assert (described["TableStatus"], described["ItemCount"]) == ("CREATING", 8)
    while halted.engine.has_work:
        halted.engine.work(0.1)
    check_twenty(halted)


@pytest.mark.usefixtures("small_slices")
def test_source_may_go_while_it_is_restored(halted: Halted) -> None:
    fill(halted)
    specification = {"PointInTimeRecoveryEnabled": True}
    halted("UpdateContinuousBackups", TableName="things", PointInTimeRecoverySpecification=specification)
    request = {"SourceTableName": "things", "TargetTableName": "copy", "UseLatestRestorableTime": True}
    halted("RestoreTableToPointInTime", **request)
    assert not halted.copy_some()
    halted("DeleteTable", TableName="things")
    for backup in halted("ListBackups", BackupType="ALL")["BackupSummaries"]:
        halted("DeleteBackup", BackupArn=backup["BackupArn"])
    while not halted.copy_some():
        pass
    check_twenty(halted)
    assert list(halted.engine.store.view().scan((256).to_bytes(4, "big"), (257).to_bytes(4, "big"))) == []


@pytest.mark.usefixtures("small_slices")
def test_backup_in_use_cannot_be_deleted(halted: Halted) -> None:
    arn = fill(halted)
    halted("RestoreTableFromBackup", BackupArn=arn, TargetTableName="copy")
    with pytest.raises(Exception, match=f"Backup is being used to restore table: {arn}"):
        halted("DeleteBackup", BackupArn=arn)
    with pytest.raises(Exception, match=f"Backup is being used to restore another table: {arn}"):
        halted("RestoreTableFromBackup", BackupArn=arn, TargetTableName="another")
    while not halted.copy_some():
        pass
    halted("DeleteBackup", BackupArn=arn)


def test_restores_at_once_are_limited(halted: Halted) -> None:
    arn = fill(halted)
    specification = {"PointInTimeRecoveryEnabled": True}
    halted("UpdateContinuousBackups", TableName="things", PointInTimeRecoverySpecification=specification)
    request = {"SourceTableName": "things", "UseLatestRestorableTime": True}
    for place in range(50):
        halted("RestoreTableToPointInTime", TargetTableName=f"copy-{place}", **request)
    with pytest.raises(Exception, match="Only 50 restore operations can be done simultaneously"):
        halted("RestoreTableFromBackup", BackupArn=arn, TargetTableName="copy")
