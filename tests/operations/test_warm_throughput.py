"""Warm throughput of tables and indexes: it goes up, and never down."""

from typing import Any

import pytest

from tests.operations.conftest import Requests

INVALID = "One or more parameter values were invalid: "
ON_DEMAND = {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}
ARN_PAGE = (
    "See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
    "#on-demand-capacity-mode-initial"
)


def units(read: int, write: int) -> dict[str, int]:
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def warm(read: int, write: int) -> dict[str, Any]:
    return {"ReadUnitsPerSecond": read, "WriteUnitsPerSecond": write}


def index(**more: Any) -> dict[str, Any]:
    return {
        "IndexName": "gix",
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
        **more,
    }


def create(db: Requests, **more: Any) -> Any:
    return db(
        "CreateTable",
        TableName="things",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "g", "AttributeType": "S"},
        ],
        **more,
    )


def create_provisioned(db: Requests) -> None:
    gsi = index(ProvisionedThroughput=units(2, 2))
    create(db, ProvisionedThroughput=units(5, 5), GlobalSecondaryIndexes=[gsi])


def update(db: Requests, **more: Any) -> Any:
    return db("UpdateTable", TableName="things", **more)


def update_index(**more: Any) -> list[dict[str, Any]]:
    return [{"Update": {"IndexName": "gix", **more}}]


def shown(db: Requests) -> tuple[Any, Any]:
    """Return the warmth of the table and of its index."""
    table = db("DescribeTable", TableName="things")["Table"]
    return table["WarmThroughput"], table["GlobalSecondaryIndexes"][0]["WarmThroughput"]


def test_provisioned_table_is_as_warm_as_its_most_units_ever(db: Requests) -> None:
    create_provisioned(db)
    assert shown(db) == (warm(5, 5) | {"Status": "ACTIVE"}, warm(2, 2) | {"Status": "ACTIVE"})
    update(db, ProvisionedThroughput=units(9, 3))
    update(db, ProvisionedThroughput=units(1, 4))
    update(db, GlobalSecondaryIndexUpdates=update_index(ProvisionedThroughput=units(1, 7)))
    update(db, GlobalSecondaryIndexUpdates=update_index(ProvisionedThroughput=units(3, 1)))
    assert shown(db) == (warm(9, 5) | {"Status": "ACTIVE"}, warm(3, 7) | {"Status": "ACTIVE"})


def test_warmth_of_on_demand_stays_when_units_are_provisioned_again(db: Requests) -> None:
    create_provisioned(db)
    update(db, BillingMode="PAY_PER_REQUEST")
    assert shown(db) == (ON_DEMAND, ON_DEMAND)
    update(
        db,
        BillingMode="PROVISIONED",
        ProvisionedThroughput=units(1, 1),
        GlobalSecondaryIndexUpdates=update_index(ProvisionedThroughput=units(1, 1)),
    )
    assert shown(db) == (ON_DEMAND, ON_DEMAND)


def test_units_above_the_warmth_that_was_asked_for(db: Requests) -> None:
    create(
        db,
        ProvisionedThroughput=units(5, 5),
        WarmThroughput=warm(10, 10),
        GlobalSecondaryIndexes=[index(ProvisionedThroughput=units(1, 1))],
    )
    update(db, ProvisionedThroughput=units(20, 6))
    assert shown(db)[0] == warm(20, 10) | {"Status": "ACTIVE"}


def test_index_gets_warmer_but_never_colder(db: Requests) -> None:
    create(db, BillingMode="PAY_PER_REQUEST", GlobalSecondaryIndexes=[index()])
    same = update(db, GlobalSecondaryIndexUpdates=update_index(WarmThroughput=warm(12000, 4000)))
    assert same["TableDescription"]["TableStatus"] == "ACTIVE"
    answer = update(
        db, GlobalSecondaryIndexUpdates=update_index(WarmThroughput={"ReadUnitsPerSecond": 12001})
    )
    (entry,) = answer["TableDescription"]["GlobalSecondaryIndexes"]
    assert entry["IndexStatus"] == "ACTIVE"
    assert entry["WarmThroughput"] == ON_DEMAND | {"Status": "UPDATING"}
    assert shown(db) == (ON_DEMAND, ON_DEMAND | {"ReadUnitsPerSecond": 12001})
    colder = update_index(WarmThroughput={"ReadUnitsPerSecond": 12000})
    assert db.refuse("UpdateTable", TableName="things", GlobalSecondaryIndexUpdates=colder) == (
        "ValidationException",
        INVALID + "Requested ReadUnitsPerSecond for WarmThroughput for index gix is lower than current "
        "WarmThroughput, decreasing WarmThroughput is not supported",
    )


@pytest.mark.parametrize("name", ["gix", "ghost"])
def test_warmth_of_an_index_must_say_something(db: Requests, name: str) -> None:
    empty = [{"Update": {"IndexName": name, "WarmThroughput": {}}}]
    assert db.refuse("UpdateTable", TableName="missing", GlobalSecondaryIndexUpdates=empty) == (
        "ValidationException",
        INVALID + "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond "
        f"specified for index: {name}",
    )


def test_empty_warmth_of_a_table_is_no_change(db: Requests) -> None:
    create(db, BillingMode="PAY_PER_REQUEST", GlobalSecondaryIndexes=[index(WarmThroughput={})])
    answer = update(db, WarmThroughput={}, DeletionProtectionEnabled=True)
    assert answer["TableDescription"]["DeletionProtectionEnabled"] is True
    assert shown(db) == (ON_DEMAND, ON_DEMAND)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            {
                "BillingMode": "PAY_PER_REQUEST",
                "GlobalSecondaryIndexes": [index(WarmThroughput=warm(1, 4000))],
            },
            "Requested ReadUnitsPerSecond for WarmThroughput for index gix is lower than initial throughput "
            f"for OnDemand. {ARN_PAGE}",
        ),
        (
            {
                "ProvisionedThroughput": units(5, 5),
                "WarmThroughput": warm(5, 4),
                "GlobalSecondaryIndexes": [index(ProvisionedThroughput=units(1, 1))],
            },
            "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than WriteCapacityUnits of "
            "ProvisionedThroughput",
        ),
    ],
)
def test_new_table_cannot_be_colder_than_its_units(db: Requests, settings: Any, problem: str) -> None:
    request = {
        "TableName": "things",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "g", "AttributeType": "S"},
        ],
    }
    assert db.refuse("CreateTable", **request, **settings) == ("ValidationException", INVALID + problem)
