"""UpdateTable: everything but the filling of new indexes."""

from typing import Any

import pytest

from tests.operations.conftest import Requests

INVALID = "One or more parameter values were invalid: "
ON_DEMAND = "PAY_PER_REQUEST"


def units(read: int, write: int) -> dict[str, int]:
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def create(db: Requests, *, provisioned: bool = False, index: bool = False, **more: Any) -> None:
    names = ["pk", "gk"] if index else ["pk"]
    throughput = {"ProvisionedThroughput": units(5, 5)} if provisioned else {}
    if index:
        keys = [{"AttributeName": "gk", "KeyType": "HASH"}]
        entry = {"IndexName": "gix", "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}, **throughput}
        more["GlobalSecondaryIndexes"] = [entry]
    db(
        "CreateTable",
        TableName="things",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        **(throughput or {"BillingMode": ON_DEMAND}),
        **more,
    )


def update(db: Requests, **changes: Any) -> dict[str, Any]:
    description: dict[str, Any] = db("UpdateTable", TableName="things", **changes)["TableDescription"]
    return description


def describe(db: Requests) -> dict[str, Any]:
    description: dict[str, Any] = db("DescribeTable", TableName="things")["Table"]
    return description


def change_index(**members: Any) -> dict[str, Any]:
    return {"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "gix", **members}}]}


def test_answer_has_the_old_units_and_the_next_description_the_new_ones(db: Requests) -> None:
    create(db, provisioned=True)
    db.clock.time += 60
    times = {"LastIncreaseDateTime": db.clock.time, "LastDecreaseDateTime": db.clock.time}
    answer = update(db, ProvisionedThroughput=units(10, 4))
    assert answer["TableStatus"] == "UPDATING"
    assert answer["ProvisionedThroughput"] == units(5, 5) | times | {"NumberOfDecreasesToday": 1}
    table = describe(db)
    assert table["TableStatus"] == "ACTIVE"
    assert table["ProvisionedThroughput"] == units(10, 4) | times | {"NumberOfDecreasesToday": 1}


def test_decreases_are_counted_by_day(db: Requests) -> None:
    create(db, provisioned=True)
    update(db, ProvisionedThroughput=units(4, 4))
    update(db, ProvisionedThroughput=units(3, 3))
    assert describe(db)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 2
    db.clock.time += 86_400
    update(db, ProvisionedThroughput=units(2, 2))
    assert describe(db)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1


def test_billing_mode_goes_there_and_back(db: Requests) -> None:
    create(db, provisioned=True, index=True)
    answer = update(db, BillingMode=ON_DEMAND)
    assert answer["TableStatus"] == "UPDATING"
    table = describe(db)
    since = {"LastUpdateToPayPerRequestDateTime": db.clock.time}
    assert table["BillingModeSummary"] == {"BillingMode": ON_DEMAND, **since}
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 0

    back = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": units(7, 8)}
    assert db.refuse("UpdateTable", TableName="things", **back) == (
        "ValidationException",
        INVALID + "ProvisionedThroughput must be specified for index: gix",
    )
    update(db, **back, **change_index(ProvisionedThroughput=units(1, 2)))
    table = describe(db)
    assert table["BillingModeSummary"] == {"BillingMode": "PROVISIONED", **since}
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 8
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 2


def test_on_demand_table_remembers_its_last_increase(db: Requests) -> None:
    create(db, provisioned=True)
    update(db, ProvisionedThroughput=units(9, 9))
    increased = {"LastIncreaseDateTime": db.clock.time}
    update(db, ProvisionedThroughput=units(8, 8))
    db.clock.time += 5
    no_units = {"NumberOfDecreasesToday": 0, **units(0, 0), **increased}
    answer = update(db, BillingMode=ON_DEMAND)
    assert answer["ProvisionedThroughput"] == {**no_units, "LastDecreaseDateTime": db.clock.time}
    assert describe(db)["ProvisionedThroughput"] == no_units


def test_units_of_an_index_change(db: Requests) -> None:
    create(db, provisioned=True, index=True)
    answer = update(db, **change_index(ProvisionedThroughput=units(7, 7)))
    assert answer["TableStatus"] == "ACTIVE"
    assert answer["GlobalSecondaryIndexes"][0]["IndexStatus"] == "UPDATING"
    assert answer["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    [index] = describe(db)["GlobalSecondaryIndexes"]
    assert index["IndexStatus"] == "ACTIVE"
    assert index["ProvisionedThroughput"]["ReadCapacityUnits"] == 7


def test_maximum_units_are_merged_and_taken_away(db: Requests) -> None:
    create(db)
    update(db, OnDemandThroughput={"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 20})
    answer = update(db, OnDemandThroughput={"MaxReadRequestUnits": -1})
    assert answer["OnDemandThroughput"] == {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 20}
    assert describe(db)["OnDemandThroughput"] == {"MaxWriteRequestUnits": 20}
    update(db, OnDemandThroughput={"MaxWriteRequestUnits": -1})
    assert "OnDemandThroughput" not in describe(db)


def test_table_gets_warmer_but_never_colder(db: Requests) -> None:
    create(db)
    answer = update(db, WarmThroughput={"ReadUnitsPerSecond": 13000})
    cold = {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000}
    assert answer["WarmThroughput"] == cold | {"Status": "UPDATING"}
    assert describe(db)["WarmThroughput"] == cold | {"ReadUnitsPerSecond": 13000, "Status": "ACTIVE"}
    assert db.refuse("UpdateTable", TableName="things", WarmThroughput={"ReadUnitsPerSecond": 12500}) == (
        "ValidationException",
        INVALID + "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than current "
        "WarmThroughput, decreasing WarmThroughput is not supported",
    )


def test_stream_is_turned_on_and_off(db: Requests) -> None:
    create(db)
    on = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    off = {"StreamEnabled": False}
    answer = update(db, StreamSpecification=on)
    assert answer["StreamSpecification"] == on
    first = answer["LatestStreamArn"]
    assert describe(db)["LatestStreamArn"] == first
    assert db.refuse("UpdateTable", TableName="things", StreamSpecification=on) == (
        "ValidationException",
        "Table already has an enabled stream: TableName: things",
    )
    update(db, StreamSpecification=off)
    table = describe(db)
    assert "StreamSpecification" not in table
    assert table["LatestStreamArn"] == first
    assert db.refuse("UpdateTable", TableName="things", StreamSpecification=off) == (
        "ValidationException",
        "Table has no stream to disable: TableName: things",
    )
    db.clock.time += 1
    assert update(db, StreamSpecification=on)["LatestStreamArn"] != first


def test_encryption_is_turned_on_and_off(db: Requests) -> None:
    create(db)
    assert update(db, SSESpecification={"Enabled": True})["SSEDescription"] == {"Status": "UPDATING"}
    sse = describe(db)["SSEDescription"]
    assert (sse["Status"], sse["SSEType"]) == ("ENABLED", "KMS")
    same = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": sse["KMSMasterKeyArn"]}
    assert db.refuse("UpdateTable", TableName="things", SSESpecification=same)[0] == "ValidationException"
    assert update(db, SSESpecification={"Enabled": False})["SSEDescription"] == sse | {"Status": "UPDATING"}
    assert "SSEDescription" not in describe(db)
    assert db.refuse("UpdateTable", TableName="things", SSESpecification={"Enabled": False}) == (
        "ValidationException",
        INVALID + "Table is already encrypted by default",
    )


def test_deletion_protection_acts_at_once(db: Requests) -> None:
    create(db)
    answer = update(db, DeletionProtectionEnabled=True)
    assert (answer["TableStatus"], answer["DeletionProtectionEnabled"]) == ("ACTIVE", True)
    assert db.refuse("DeleteTable", TableName="things") == (
        "ValidationException",
        "Resource cannot be deleted as it is currently protected against deletion. "
        "Disable deletion protection first.",
    )
    update(db, DeletionProtectionEnabled=False)
    db("DeleteTable", TableName="things")


def test_class_that_was_never_set_stays_unsaid(db: Requests) -> None:
    create(db)
    update(db, TableClass="STANDARD")
    assert "TableClassSummary" not in describe(db)
    assert "TableClassSummary" not in update(db, TableClass="STANDARD_INFREQUENT_ACCESS")
    assert describe(db)["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}


STREAM = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
NEW_INDEX = {
    "AttributeDefinitions": [{"AttributeName": "x", "AttributeType": "S"}],
    "GlobalSecondaryIndexUpdates": [
        {
            "Create": {
                "IndexName": "new",
                "KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        }
    ],
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"DeletionProtectionEnabled": True, "StreamSpecification": STREAM},
            "DeletionProtection modification must be the only operation in the request",
        ),
        (
            {"SSESpecification": {"Enabled": True}, "TableClass": "STANDARD"},
            "Server-Side Encryption modification must be the only operation in the request",
        ),
        (
            {"ProvisionedThroughput": units(1, 1), "StreamSpecification": STREAM},
            "You cannot modify stream status while updating table IOPS",
        ),
        (
            {**NEW_INDEX, "ProvisionedThroughput": units(1, 1)},
            "You cannot create or delete index while updating table IOPS",
        ),
        (
            {**NEW_INDEX, "StreamSpecification": STREAM},
            "You cannot create or delete index while changing stream status",
        ),
        (
            {"OnDemandThroughput": {"MaxReadRequestUnits": 5}, "StreamSpecification": STREAM},
            "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request",
        ),
        (
            {"GlobalSecondaryIndexUpdates": [], "DeletionProtectionEnabled": True},
            "List of GlobalSecondaryIndexUpdates is empty",
        ),
        (
            {"OnDemandThroughput": {"MaxWriteRequestUnits": 5}},
            "MaxWriteRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is "
            "PROVISIONED",
        ),
        (
            {"StreamSpecification": {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"}},
            "If stream is being disabled, then UpdateViewType must not be specified",
        ),
        (
            {
                "GlobalSecondaryIndexUpdates": [
                    {"Delete": {"IndexName": "gix"}},
                    *change_index()["GlobalSecondaryIndexUpdates"],
                ]
            },
            "Only one global secondary index update per index is allowed simultaneously. Index: gix",
        ),
        (
            {
                "GlobalSecondaryIndexUpdates": [
                    {"Delete": {"IndexName": "gix"}, **NEW_INDEX["GlobalSecondaryIndexUpdates"][0]}
                ]
            },
            "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object",
        ),
        (
            NEW_INDEX,
            "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: new",
        ),
    ],
)
def test_refused_changes(db: Requests, changes: dict[str, Any], message: str) -> None:
    create(db, provisioned=True, index=True)
    before = describe(db)
    assert db.refuse("UpdateTable", TableName="things", **changes) == (
        "ValidationException",
        INVALID + message,
    )
    assert describe(db) == before


def test_index_of_no_table_is_not_found(db: Requests) -> None:
    create(db, provisioned=True)
    assert db.refuse(
        "UpdateTable", TableName="things", **change_index(ProvisionedThroughput=units(1, 1))
    ) == (
        "ResourceNotFoundException",
        "Requested resource not found: Index gix for table things",
    )
