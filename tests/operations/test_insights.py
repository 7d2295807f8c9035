"""UpdateContributorInsights, DescribeContributorInsights, ListContributorInsights."""

from dataclasses import replace
from typing import Any

import pytest

from tests.operations.conftest import Requests

BOTH = "ACCESSED_AND_THROTTLED_KEYS"
THROTTLED = "THROTTLED_KEYS"
RULE = "DynamoDBContributorInsights"
STAMP = "1700000000000"
INDEX = {
    "IndexName": "gix",
    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
GSI: dict[str, Any] = {"attributes": {"g": "S"}, "GlobalSecondaryIndexes": [INDEX]}


def update(db: Requests, action: str = "ENABLE", table: str = "things", **more: Any) -> Any:
    return db("UpdateContributorInsights", TableName=table, ContributorInsightsAction=action, **more)


def describe(db: Requests, **more: Any) -> Any:
    return db("DescribeContributorInsights", TableName="things", **more)


def listed(db: Requests, **more: Any) -> list[tuple[str, str | None, str]]:
    """Follow every page and return table, index and status of each summary."""
    found, token = [], None
    while True:
        page = db("ListContributorInsights", **more, **({} if token is None else {"NextToken": token}))
        assert len(page["ContributorInsightsSummaries"]) <= more.get("MaxResults", 100)
        for entry in page["ContributorInsightsSummaries"]:
            found.append((entry["TableName"], entry.get("IndexName"), entry["ContributorInsightsStatus"]))
        token = page.get("NextToken")
        if token is None:
            return found


def test_insights_are_off_until_they_are_turned_on(db: Requests) -> None:
    db.create()
    off = {"TableName": "things", "ContributorInsightsStatus": "DISABLED"}
    assert describe(db) == off
    assert update(db, "DISABLE") == off
    assert update(db) == {
        "TableName": "things",
        "ContributorInsightsStatus": "ENABLING",
        "ContributorInsightsMode": BOTH,
    }
    assert describe(db) == {
        "TableName": "things",
        "ContributorInsightsRuleList": [
            f"{RULE}-{kind}-things-{STAMP}" for kind in ("PKC", "SKC", "PKT", "SKT")
        ],
        "ContributorInsightsStatus": "ENABLED",
        "ContributorInsightsMode": BOTH,
        "LastUpdateDateTime": 1_700_000_000.0,
    }
    db.clock.time += 60
    assert update(db, "DISABLE", ContributorInsightsMode=THROTTLED) == {
        "TableName": "things",
        "ContributorInsightsStatus": "DISABLING",
        "ContributorInsightsMode": BOTH,
    }
    assert describe(db) == {
        "TableName": "things",
        "ContributorInsightsStatus": "DISABLED",
        "ContributorInsightsMode": BOTH,
        "LastUpdateDateTime": 1_700_000_060.0,
    }


def test_mode_changes_by_enabling_again_and_is_not_kept(db: Requests) -> None:
    db.create(range=None)
    update(db)
    db.clock.time += 60
    assert update(db)["ContributorInsightsStatus"] == "ENABLED"
    assert describe(db)["LastUpdateDateTime"] == 1_700_000_000.0
    assert update(db, ContributorInsightsMode=THROTTLED)["ContributorInsightsStatus"] == "ENABLING"
    assert describe(db)["ContributorInsightsRuleList"] == [f"{RULE}-PKT-things-{STAMP}"]
    assert update(db)["ContributorInsightsMode"] == BOTH
    assert describe(db)["ContributorInsightsRuleList"] == [
        f"{RULE}-PKC-things-{STAMP}",
        f"{RULE}-PKT-things-{STAMP}",
    ]


def test_statuses_follow_the_delay(db: Requests) -> None:
    db.create()
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    update(db)
    assert describe(db) == {
        "TableName": "things",
        "ContributorInsightsStatus": "ENABLING",
        "ContributorInsightsMode": BOTH,
        "LastUpdateDateTime": 1_700_000_000.0,
    }
    assert update(db)["ContributorInsightsStatus"] == "ENABLING"
    db.clock.time += 10
    assert describe(db)["ContributorInsightsStatus"] == "ENABLED"
    update(db, "DISABLE")
    assert listed(db) == [("things", None, "DISABLING")]
    db.clock.time += 10
    assert listed(db) == []


def test_index_has_insights_of_its_own(db: Requests) -> None:
    db.create(**GSI)
    enabling = {
        "TableName": "things",
        "IndexName": "gix",
        "ContributorInsightsStatus": "ENABLING",
        "ContributorInsightsMode": BOTH,
    }
    assert update(db, IndexName="gix") == enabling
    assert describe(db)["ContributorInsightsStatus"] == "DISABLED"
    assert describe(db, IndexName="gix")["ContributorInsightsRuleList"] == [
        f"{RULE}-PKC-things-gix-{STAMP}",
        f"{RULE}-PKT-things-gix-{STAMP}",
    ]
    assert listed(db, TableName="things") == [("things", "gix", "ENABLED")]


def test_insights_go_with_their_index(db: Requests) -> None:
    db.create(**GSI)
    update(db, IndexName="gix")
    db("UpdateTable", TableName="things", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "gix"}}])
    missing = (
        "ResourceNotFoundException",
        "Requested resource not found: Index: gix not found for table: things",
    )
    assert db.refuse("DescribeContributorInsights", TableName="things", IndexName="gix") == missing
    assert listed(db) == []
    db(
        "UpdateTable",
        TableName="things",
        AttributeDefinitions=[{"AttributeName": "g", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": INDEX}],
    )
    off = {"TableName": "things", "IndexName": "gix", "ContributorInsightsStatus": "DISABLED"}
    assert describe(db, IndexName="gix") == off


def test_local_index_has_no_insights(db: Requests) -> None:
    local = {
        "IndexName": "lix",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "l", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    db.create(attributes={"l": "S"}, LocalSecondaryIndexes=[local])
    assert db.refuse(
        "UpdateContributorInsights", TableName="things", IndexName="lix", ContributorInsightsAction="ENABLE"
    ) == (
        "ResourceNotFoundException",
        "Requested resource not found: Index: lix not found for table: things",
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_go_through_tables_and_their_indexes(db: Requests, limit: int) -> None:
    for table in ("things", "others", "unused"):
        db.create(table, **GSI)
    expected = []
    for table in ("others", "things"):
        update(db, table=table)
        update(db, table=table, IndexName="gix")
        expected += [(table, None, "ENABLED"), (table, "gix", "ENABLED")]
    assert listed(db, MaxResults=limit) == expected
    assert listed(db, MaxResults=limit, TableName="things") == expected[2:]
    assert listed(db, TableName="unused") == []


def test_mode_is_in_the_summaries(db: Requests) -> None:
    db.create()
    update(db, ContributorInsightsMode=THROTTLED)
    summary = {
        "TableName": "things",
        "ContributorInsightsStatus": "ENABLED",
        "ContributorInsightsMode": THROTTLED,
    }
    assert db("ListContributorInsights") == {"ContributorInsightsSummaries": [summary]}


def test_table_and_index_must_be_there(db: Requests) -> None:
    missing = ("ResourceNotFoundException", "Requested resource not found: Table: things not found")
    enable = {"TableName": "things", "ContributorInsightsAction": "ENABLE"}
    assert db.refuse("UpdateContributorInsights", **enable) == missing
    assert db.refuse("DescribeContributorInsights", TableName="things") == missing
    assert db.refuse("ListContributorInsights", TableName="things") == missing
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db.create()
    state = "Table or Index is not in a valid state to update Key Access Insights: "
    assert db.refuse("UpdateContributorInsights", **enable) == (
        "ValidationException",
        state + "TableStatus must be ACTIVE to enable ContributorInsights.",
    )
    db.clock.time += 10
    db(
        "UpdateTable",
        TableName="things",
        AttributeDefinitions=[{"AttributeName": "g", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": INDEX}],
    )
    assert db.refuse("UpdateContributorInsights", **enable, IndexName="gix") == (
        "ValidationException",
        state + "IndexStatus must be ACTIVE to enable ContributorInsights.",
    )


def test_broken_constraints(db: Requests) -> None:
    broken = "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: Member "
    assert db.refuse("ListContributorInsights", MaxResults=101) == (
        "ValidationException",
        broken + "must have value less than or equal to 100",
    )
    assert db.refuse("DescribeContributorInsights", TableName="things", IndexName="") == (
        "ValidationException",
        "IndexName must be at least 3 characters long and at most 255 characters long",
    )
    assert db.refuse("UpdateContributorInsights", TableName="things", ContributorInsightsAction="ON") == (
        "ValidationException",
        "1 validation error detected: Value 'ON' at 'contributorInsightsAction' failed to satisfy "
        "constraint: Member must satisfy enum value set: [ENABLE, DISABLE]",
    )
    assert db.refuse("ListContributorInsights", NextToken="x") == ("ValidationException", "Invalid NextToken")
