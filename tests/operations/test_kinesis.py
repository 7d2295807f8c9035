"""Kinesis streaming destinations, which are remembered only."""

from dataclasses import replace
from typing import Any

import pytest

from tests.operations.conftest import ACCOUNT, REGION, Requests

ONE = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/one"
TWO = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/two"
STATE = "Table is not in a valid state to enable Kinesis Streaming Destination: "
NOT_FREE = (
    "ValidationException",
    STATE
    + "EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.",
)
NOT_ACTIVE = (
    "ValidationException",
    STATE + "KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.",
)
NO_UPDATE = (
    "ValidationException",
    f"{STATE}Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. "
    f"TableName: things, kdsArn: {ONE}",
)
MICRO = {"ApproximateCreationDateTimePrecision": "MICROSECOND"}


@pytest.fixture
def slow(db: Requests) -> Requests:
    """Requests to an engine whose destinations change within ten seconds."""
    db.create()
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    return db


def change(db: Requests, action: str, stream: str = ONE, **more: Any) -> Any:
    return db(f"{action}KinesisStreamingDestination", TableName="things", StreamArn=stream, **more)


def refuse(db: Requests, action: str, stream: str = ONE, **more: Any) -> tuple[str, str | None]:
    return db.refuse(f"{action}KinesisStreamingDestination", TableName="things", StreamArn=stream, **more)


def entries(db: Requests) -> list[dict[str, str]]:
    answer = db("DescribeKinesisStreamingDestination", TableName="things")
    assert answer.keys() == {"TableName", "KinesisDataStreamDestinations"}
    assert answer["TableName"] == "things"
    listed: list[dict[str, str]] = answer["KinesisDataStreamDestinations"]
    return listed


def statuses(db: Requests) -> list[tuple[str, str]]:
    return [(entry["StreamArn"].rpartition("/")[2], entry["DestinationStatus"]) for entry in entries(db)]


def test_destination_is_enabled_and_disabled(db: Requests) -> None:
    db.create()
    assert entries(db) == []
    assert change(db, "Enable") == {
        "TableName": "things",
        "StreamArn": ONE,
        "DestinationStatus": "ENABLING",
        "EnableKinesisStreamingConfiguration": {},
    }
    assert entries(db) == [{"StreamArn": ONE, "DestinationStatus": "ACTIVE"}]
    disabling = {"TableName": "things", "StreamArn": ONE, "DestinationStatus": "DISABLING"}
    assert change(db, "Disable") == disabling
    assert entries(db) == [{"StreamArn": ONE, "DestinationStatus": "DISABLED"}]
    assert refuse(db, "Disable") == NOT_ACTIVE


def test_statuses_follow_the_delay(slow: Requests) -> None:
    change(slow, "Enable", EnableKinesisStreamingConfiguration=MICRO)
    assert entries(slow) == [{"StreamArn": ONE, "DestinationStatus": "ENABLING", **MICRO}]
    assert refuse(slow, "Enable") == refuse(slow, "Enable", TWO) == NOT_FREE
    assert refuse(slow, "Disable") == NOT_ACTIVE
    assert refuse(slow, "Update", UpdateKinesisStreamingConfiguration=MICRO) == NO_UPDATE
    slow.clock.time += 10
    assert statuses(slow) == [("one", "ACTIVE")]
    change(slow, "Disable")
    assert statuses(slow) == [("one", "DISABLING")]
    assert change(slow, "Disable")["DestinationStatus"] == "DISABLING"
    assert refuse(slow, "Enable") == NOT_FREE
    slow.clock.time += 10
    assert statuses(slow) == [("one", "DISABLED")]


def test_table_has_one_live_destination_and_remembers_others(db: Requests) -> None:
    db.create()
    change(db, "Enable", ONE)
    assert refuse(db, "Enable", ONE) == refuse(db, "Enable", TWO) == NOT_FREE
    change(db, "Disable", ONE)
    change(db, "Enable", TWO)
    assert statuses(db) == [("two", "ACTIVE"), ("one", "DISABLED")]
    change(db, "Disable", TWO)
    change(db, "Enable", ONE)
    assert statuses(db) == [("one", "ACTIVE"), ("two", "DISABLED")]


def test_arn_of_something_else_cannot_be_enabled(db: Requests) -> None:
    db.create()
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/things"
    assert change(db, "Enable", table)["DestinationStatus"] == "ENABLING"
    failed = {
        "StreamArn": table,
        "DestinationStatus": "ENABLE_FAILED",
        "DestinationStatusDescription": "User does not have a permission to use kinesis stream",
    }
    assert entries(db) == [failed]
    change(db, "Enable", table)
    change(db, "Enable", ONE)
    assert entries(db) == [{"StreamArn": ONE, "DestinationStatus": "ACTIVE"}, failed]


def test_precision_is_changed_and_forgotten_with_the_destination(slow: Requests) -> None:
    change(slow, "Enable")
    slow.clock.time += 10
    milli = {"ApproximateCreationDateTimePrecision": "MILLISECOND"}
    uuid = slow("DescribeTable", TableName="things")["Table"]["TableId"]
    assert refuse(slow, "Update", UpdateKinesisStreamingConfiguration=milli) == (
        "ValidationException",
        "Invalid Request: Precision is already set to the desired value of MILLISECOND for "
        f"tableId: {uuid}, kdsArn: {ONE}",
    )
    assert change(slow, "Update", UpdateKinesisStreamingConfiguration=MICRO) == {
        "TableName": "things",
        "StreamArn": ONE,
        "DestinationStatus": "UPDATING",
        "UpdateKinesisStreamingConfiguration": MICRO,
    }
    assert entries(slow) == [{"StreamArn": ONE, "DestinationStatus": "UPDATING", **MICRO}]
    assert refuse(slow, "Update", UpdateKinesisStreamingConfiguration=milli) == NO_UPDATE
    slow.clock.time += 10
    assert entries(slow) == [{"StreamArn": ONE, "DestinationStatus": "ACTIVE", **MICRO}]
    change(slow, "Disable")
    slow.clock.time += 10
    change(slow, "Enable")
    assert entries(slow) == [{"StreamArn": ONE, "DestinationStatus": "ENABLING"}]


@pytest.mark.parametrize("configuration", [{}, {"UpdateKinesisStreamingConfiguration": {}}])
def test_update_needs_a_precision(db: Requests, configuration: Any) -> None:
    assert refuse(db, "Update", **configuration) == (
        "ValidationException",
        "Streaming destination cannot be updated with given parameters: UpdateKinesisStreamingConfiguration "
        "cannot be null or contain only null values",
    )


def test_what_was_never_enabled(db: Requests) -> None:
    db.create()
    assert refuse(db, "Disable") == NOT_ACTIVE
    assert refuse(db, "Disable", "not-an-arn") == NOT_ACTIVE
    assert refuse(db, "Update", UpdateKinesisStreamingConfiguration=MICRO) == (
        "ValidationException",
        f"{STATE}No streaming destination with streamArn: {ONE} found for table with tableName: things",
    )
    assert refuse(db, "Disable", EnableKinesisStreamingConfiguration=MICRO) == (
        "ValidationException",
        "Stream cannot be disabled using EnableKinesisStreamingConfiguration parameters",
    )


def test_missing_table_and_broken_constraints(db: Requests) -> None:
    missing = ("ResourceNotFoundException", "Requested resource not found: Table: things not found")
    assert refuse(db, "Enable") == refuse(db, "Disable") == missing
    assert db.refuse("DescribeKinesisStreamingDestination", TableName="things") == missing
    wrong = {"ApproximateCreationDateTimePrecision": "SECOND"}
    assert refuse(db, "Enable", EnableKinesisStreamingConfiguration=wrong) == (
        "ValidationException",
        "1 validation error detected: Value 'SECOND' at "
        "'enableKinesisStreamingConfiguration.approximateCreationDateTimePrecision' failed to satisfy "
        "constraint: Member must satisfy enum value set: [MILLISECOND, MICROSECOND]",
    )


def test_destinations_go_with_the_table(db: Requests) -> None:
    db.create()
    change(db, "Enable")
    table = db("DescribeTable", TableName="things")["Table"]
    assert entries(db) and not any("Kinesis" in name for name in table)
    db("DeleteTable", TableName="things")
    db.create()
    assert entries(db) == []


def test_table_that_is_being_created_has_no_destinations(db: Requests) -> None:
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db.create()
    missing = ("ResourceNotFoundException", "Requested resource not found: Table: things not found")
    assert refuse(db, "Enable") == missing
    assert entries(db) == []


def test_destination_enabled_during_an_update_stays_after_it(slow: Requests) -> None:
    slow("UpdateTable", TableName="things", TableClass="STANDARD_INFREQUENT_ACCESS")
    slow.clock.time += 5
    change(slow, "Enable")
    slow.clock.time += 5
    assert statuses(slow) == [("one", "ENABLING")]
    slow.clock.time += 5
    assert statuses(slow) == [("one", "ACTIVE")]
