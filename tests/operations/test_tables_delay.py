"""Tables that take their time, as on AWS: the option table_delay."""

from dataclasses import replace
from typing import Any

import pytest

from tests.operations.conftest import Requests

IN_USE = "Attempt to change a resource which is still in use: "
MISSING = ("ResourceNotFoundException", "Requested resource not found: Table: things not found")


@pytest.fixture
def slow(db: Requests) -> Requests:
    """Requests to an engine whose tables change within ten seconds."""
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    return db


def status(db: Requests) -> str:
    found: str = db("DescribeTable", TableName="things")["Table"]["TableStatus"]
    return found


def created(db: Requests, **more: Any) -> Requests:
    db.create(range=None, **more)
    db.clock.time += 10
    return db


def test_new_table_takes_no_items_until_it_is_active(slow: Requests) -> None:
    slow.create(range=None)
    item = {"TableName": "things", "Item": {"pk": {"S": "1"}}}
    assert status(slow) == "CREATING"
    assert slow("ListTables") == {"TableNames": ["things"]}
    assert slow.refuse("PutItem", **item) == ("ResourceNotFoundException", "Requested resource not found")
    for operation in ("DeleteTable", "UpdateTable"):
        request = {"TableName": "things", "BillingMode": "PAY_PER_REQUEST"}
        being_created = ("ResourceInUseException", IN_USE + "Table is being created: things")
        assert slow.refuse(operation, **request) == being_created
    slow.clock.time += 10
    assert status(slow) == "ACTIVE"
    slow("PutItem", **item)


def test_name_of_a_deleted_table_is_free_after_the_delay(slow: Requests) -> None:
    created(slow)
    slow.put(pk={"S": "1"})
    slow("DeleteTable", TableName="things")
    assert status(slow) == "DELETING"
    assert slow("ListTables") == {"TableNames": ["things"]}
    assert slow.refuse("Scan", TableName="things") == (
        "ResourceNotFoundException",
        "Requested resource not found",
    )
    assert slow.refuse("DeleteTable", TableName="things") == (
        "ResourceInUseException",
        IN_USE + "Table is being deleted: things",
    )
    slow.clock.time += 10
    assert slow.refuse("DescribeTable", TableName="things") == MISSING
    assert slow.refuse("Scan", TableName="things")[0] == "ResourceNotFoundException"
    assert slow("ListTables") == {"TableNames": []}
    created(slow)
    assert slow("Scan", TableName="things")["Count"] == 0


def test_definition_of_a_deleted_table_is_removed_in_the_end(slow: Requests) -> None:
    created(slow)
    slow("DeleteTable", TableName="things")
    slow.clock.time += 10
    slow.create("others")
    view = slow.engine.store.view()
    assert slow.engine.catalogue.find(view, "things") is None
    assert slow.engine.catalogue.names(view, None, 10) == ["others"]


def test_units_change_after_the_delay(slow: Requests) -> None:
    created(slow)
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    slow("UpdateTable", TableName="things", BillingMode="PROVISIONED", ProvisionedThroughput=units)
    assert status(slow) == "UPDATING"
    slow.put(pk={"S": "1"})
    more = {"ReadCapacityUnits": 6, "WriteCapacityUnits": 6}
    assert slow.refuse("UpdateTable", TableName="things", ProvisionedThroughput=more) == (
        "ResourceInUseException",
        IN_USE + "Table IOPS are currently being updated. Table: things",
    )
    assert slow.refuse("DeleteTable", TableName="things") == (
        "ResourceInUseException",
        IN_USE + "Table: things is in the process of being updated.",
    )
    slow.clock.time += 10
    slow("UpdateTable", TableName="things", ProvisionedThroughput=more)
    assert (
        slow("DescribeTable", TableName="things")["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    )
    slow.clock.time += 10
    assert (
        slow("DescribeTable", TableName="things")["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"] == 6
    )
    assert status(slow) == "ACTIVE"


def test_deletion_protection_does_not_wait(slow: Requests) -> None:
    created(slow)
    slow(
        "UpdateTable",
        TableName="things",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    slow("UpdateTable", TableName="things", DeletionProtectionEnabled=True)
    for expected in ("UPDATING", "ACTIVE"):
        table = slow("DescribeTable", TableName="things")["Table"]
        assert (table["TableStatus"], table["DeletionProtectionEnabled"]) == (expected, True)
        slow.clock.time += 10


def test_added_index_is_used_after_the_delay(slow: Requests) -> None:
    created(slow)
    slow.put(pk={"S": "1"}, g={"S": "x"})
    create = {
        "IndexName": "gix",
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    slow(
        "UpdateTable",
        TableName="things",
        AttributeDefinitions=[{"AttributeName": "g", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": create}],
    )
    slow.put(pk={"S": "2"}, g={"S": "x"})
    table = slow("DescribeTable", TableName="things")["Table"]
    [index] = table["GlobalSecondaryIndexes"]
    assert (table["TableStatus"], index["IndexStatus"], index["Backfilling"]) == (
        "UPDATING",
        "CREATING",
        False,
    )
    drop = {"TableName": "things", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "gix"}}]}
    assert slow.refuse("UpdateTable", **drop) == (
        "ResourceInUseException",
        IN_USE
        + "Index creation is in resource allocation phase. Retry deletion during backfilling phase or when "
        "the index is active. Table: things Index: gix",
    )
    assert slow.refuse("Scan", TableName="things", IndexName="gix") == (
        "ValidationException",
        "Cannot read from backfilling global secondary index: gix",
    )
    slow.clock.time += 10
    assert slow("Scan", TableName="things", IndexName="gix")["Count"] == 2
    slow("UpdateTable", **drop)
    [index] = slow("DescribeTable", TableName="things")["Table"]["GlobalSecondaryIndexes"]
    assert index["IndexStatus"] == "DELETING"
    slow.put(pk={"S": "3"}, g={"S": "x"})
    slow.clock.time += 10
    table = slow("DescribeTable", TableName="things")["Table"]
    assert "GlobalSecondaryIndexes" not in table
    assert table["ItemCount"] == 3


def index(name: str) -> dict[str, Any]:
    """Return a global index on the attribute of its own name."""
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }


def asking(kind: str, name: str) -> dict[str, Any]:
    """Return members of UpdateTable that create, update or delete an index."""
    wanted = {
        "Create": index(name),
        "Update": {"IndexName": name, "OnDemandThroughput": {"MaxReadRequestUnits": 5}},
        "Delete": {"IndexName": name},
    }
    attributes = [{"AttributeName": part, "AttributeType": "S"} for part in ("pk", "sk", name)]
    return {"AttributeDefinitions": attributes, "GlobalSecondaryIndexUpdates": [{kind: wanted[kind]}]}


UNITS = {"ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 2}}
MAXIMUM = {"OnDemandThroughput": {"MaxReadRequestUnits": 5}}


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        (
            asking("Delete", "old"),
            {"BillingMode": "PROVISIONED", **UNITS},
            "Can't change table IOPS when an index is being deleted. Table: things Indexes: [old]",
        ),
        (
            asking("Delete", "old"),
            MAXIMUM,
            "OnDemandThroughput cannot be updated while index deletion is in progress for indexes: [old]",
        ),
        (
            asking("Delete", "old"),
            asking("Update", "old"),
            "Index is being deleted. Table: things Index: old",
        ),
        (
            asking("Update", "old"),
            asking("Update", "old"),
            "Index is being updated. Table: things Index: old",
        ),
        (
            asking("Create", "new"),
            asking("Delete", "new"),
            "Index creation is in resource allocation phase. Retry deletion during backfilling phase or when "
            "the index is active. Table: things Index: new",
        ),
        (
            asking("Delete", "old"),
            asking("Create", "old"),
            "Index is being deleted. Table: things Index: old",
        ),
        (
            asking("Delete", "old"),
            asking("Delete", "old"),
            "Index is being deleted. Table: things Index: old",
        ),
        (
            asking("Create", "new"),
            asking("Update", "new"),
            "Index is being created but is not backfilling yet. Table: things Index: new",
        ),
        (
            asking("Create", "new"),
            {"BillingMode": "PROVISIONED", **UNITS},
            "Can't change table IOPS when an index is being created. Table: things Indexes: [new]",
        ),
        (
            asking("Create", "new"),
            MAXIMUM,
            "OnDemandThroughput cannot be updated while index creation is in progress for indexes: [new]",
        ),
        (
            asking("Create", "new"),
            {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}},
            "Can't change stream status when an index is being created",
        ),
        (
            {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
            asking("Create", "new"),
            "Can't create or delete an index when a table class update is in progress.",
        ),
        (
            {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
            {"BillingMode": "PROVISIONED", **UNITS},
            "Table IOPS are currently being updated. Table: things",
        ),
        (
            {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
            {"TableClass": "STANDARD"},
            "Can't update table class when a table class update is in progress",
        ),
        ({"TableClass": "STANDARD_INFREQUENT_ACCESS"}, MAXIMUM, "Table is being updated: things"),
    ],
)
def test_second_change_is_told_of_the_first(
    db: Requests, first: dict[str, Any], second: dict[str, Any], problem: str
) -> None:
    db.create(attributes={"old": "S"}, GlobalSecondaryIndexes=[index("old")])
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db("UpdateTable", TableName="things", **first)
    assert db.refuse("UpdateTable", TableName="things", **second) == (
        "ResourceInUseException",
        f"Attempt to change a resource which is still in use: {problem}",
    )


@pytest.mark.parametrize("first", [asking("Create", "new"), asking("Delete", "old")])
@pytest.mark.parametrize("second", [asking("Create", "more"), asking("Delete", "other")])
def test_one_index_comes_or_goes_at_a_time(
    db: Requests, first: dict[str, Any], second: dict[str, Any]
) -> None:
    db.create(attributes={"old": "S", "other": "S"}, GlobalSecondaryIndexes=[index("old"), index("other")])
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db("UpdateTable", TableName="things", **first)
    assert db.refuse("UpdateTable", TableName="things", **second) == (
        "LimitExceededException",
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
    )


def test_no_index_is_made_while_units_change(db: Requests) -> None:
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    db.create(BillingMode="PROVISIONED", ProvisionedThroughput=units)
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db("UpdateTable", TableName="things", **UNITS)
    assert db.refuse("UpdateTable", TableName="things", **asking("Create", "new")) == (
        "ResourceInUseException",
        "Attempt to change a resource which is still in use: "
        "Can't create or delete indexes while table IOPS are being updated. Table: things",
    )
    stream = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}
    assert db.refuse("UpdateTable", TableName="things", **stream) == (
        "ResourceInUseException",
        "Attempt to change a resource which is still in use: "
        "Can't enable or disable stream while table IOPS are being updated",
    )
