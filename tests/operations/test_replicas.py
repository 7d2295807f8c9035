"""Replicas of a table, version 2019.11.21: ReplicaUpdates, witnesses and consistency of UpdateTable."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from dynemu.errors import AwsError
from dynemu.operations.dispatch import call
from tests.operations.conftest import ACCOUNT, REGION, Requests

INVALID = "One or more parameter values were invalid: "
WARM = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"}
MODE = "GlobalTableSettingsReplicationMode"
BUSY = ("ResourceInUseException", "The resource which you are attempting to change is in use.")
STRONG = "global tables with MultiRegionConsistency set to STRONG"
GROUP = (
    "Replicas",
    "GlobalTableVersion",
    MODE,
    "MultiRegionConsistency",
    "GlobalTableWitnesses",
    "DisassociationProtectionEnabled",
)
SOURCE = (
    "ValidationException",
    "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the "
    "table in the last 24 hours.",
)
NEEDS_STRONG = (
    "MultiRegionConsistency must be set as STRONG when GlobalTableWitnessUpdates parameter is present."
)
KEY = "11111111-2222-3333-4444-555555555555"
INDEX = {
    "attributes": {"g": "S"},
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "gix",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


@pytest.fixture
def slow(db: Requests) -> Requests:
    """Requests to an engine whose tables change within ten seconds."""
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    return db


def created(db: Requests, **more: Any) -> Requests:
    db.create(range=None, **more)
    db.clock.time += 10
    return db


def at(db: Requests, region: str, operation: str, **request: Any) -> Any:
    """Return the response of *operation* to a client of *region*."""
    return orjson.loads(orjson.dumps(call(db.engine, operation, request, region, ACCOUNT)))


def update(db: Requests, *actions: tuple[str, Any], **more: Any) -> dict[str, Any]:
    """Update the replicas of the table and return its description."""
    answer: dict[str, Any] = db("UpdateTable", **asking(*actions, **more))
    return answer["TableDescription"]  # type: ignore[no-any-return]


def asking(*actions: tuple[str, Any], **more: Any) -> dict[str, Any]:
    """Return a request; an action is its kind, and its region or all of its members."""
    updates = [
        {kind: {"RegionName": members} if isinstance(members, str) else members} for kind, members in actions
    ]
    return {"TableName": "things", "ReplicaUpdates": updates, **more}


def witness(kind: str, region: str) -> dict[str, Any]:
    return {"GlobalTableWitnessUpdates": [{kind: {"RegionName": region}}]}


def group(table: dict[str, Any]) -> dict[str, Any]:
    """Return what *table* says of its replicas."""
    return {name: table[name] for name in GROUP if name in table}


def described(db: Requests, region: str = REGION) -> dict[str, Any]:
    table: dict[str, Any] = at(db, region, "DescribeTable", TableName="things")["Table"]
    return table


def entry(region: str, status: str = "ACTIVE", **more: Any) -> dict[str, Any]:
    return {
        "RegionName": region,
        "ReplicaStatus": status,
        "WarmThroughput": WARM,
        MODE: "ENABLED_WITH_OVERRIDES",
        **more,
    }


def eventual(*entries: dict[str, Any]) -> dict[str, Any]:
    """Return what an eventually consistent global table shows."""
    return {
        "Replicas": list(entries),
        "GlobalTableVersion": "2019.11.21",
        MODE: "ENABLED_WITH_OVERRIDES",
        "DisassociationProtectionEnabled": True,
    }


def test_table_without_replicas_shows_nothing_of_them(db: Requests) -> None:
    created(db)
    assert group(described(db)) == {}


def test_new_replica_is_remembered(db: Requests) -> None:
    created(db)
    shown = update(db, ("Create", "us-east-1"))
    assert (shown["TableStatus"], group(shown)) == ("UPDATING", eventual())
    table = described(db)
    assert (table["TableStatus"], group(table)) == ("ACTIVE", eventual(entry("us-east-1")))


def test_first_replica_turns_the_stream_on(db: Requests) -> None:
    created(db)
    shown = update(db, ("Create", "us-east-1"))
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert shown["StreamSpecification"] == stream
    assert described(db)["LatestStreamLabel"] == shown["LatestStreamLabel"]
    found = db("DescribeStream", StreamArn=shown["LatestStreamArn"])["StreamDescription"]
    assert (found["StreamStatus"], len(found["Shards"])) == ("ENABLED", 1)
    update(db, ("Delete", "us-east-1"))
    assert described(db)["StreamSpecification"] == stream


def test_another_view_type_of_the_stream_stays(db: Requests) -> None:
    stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    created(db, StreamSpecification=stream)
    update(db, ("Create", "us-east-1"))
    assert described(db)["StreamSpecification"] == stream


def test_stream_stays_on_as_long_as_there_are_replicas(db: Requests) -> None:
    created(db)
    update(db, ("Create", "us-east-1"))
    off = {"TableName": "things", "StreamSpecification": {"StreamEnabled": False}}
    assert db.refuse("UpdateTable", **off) == (
        "ValidationException",
        INVALID + "Disabling Stream is not allowed for a Global Table replica.",
    )
    update(db, ("Delete", "us-east-1"))
    assert db("UpdateTable", **off)["TableDescription"]["TableStatus"] == "UPDATING"


def test_replica_is_created_and_deleted_in_time(slow: Requests) -> None:
    created(slow)
    update(slow, ("Create", "us-east-1"))
    table = described(slow)
    assert (table["TableStatus"], group(table)) == ("UPDATING", eventual(entry("us-east-1", "CREATING")))
    assert described(slow, "us-east-1")["TableStatus"] == "CREATING"
    slow.clock.time += 10
    assert group(described(slow)) == eventual(entry("us-east-1"))
    shown = update(slow, ("Delete", "us-east-1"))
    assert (shown["TableStatus"], group(shown)) == ("UPDATING", eventual(entry("us-east-1")))
    assert group(described(slow)) == eventual(entry("us-east-1", "DELETING"))
    slow.clock.time += 10
    table = described(slow)
    assert (table["TableStatus"], group(table)) == ("ACTIVE", {})


def test_table_takes_no_other_change_while_its_replicas_change(slow: Requests) -> None:
    created(slow)
    update(slow, ("Create", "us-east-1"))
    for request in (
        asking(("Create", "us-west-2")),
        {"TableName": "things", "DeletionProtectionEnabled": True},
        {"TableName": "things", "TableClass": "STANDARD"},
    ):
        assert slow.refuse("UpdateTable", **request) == BUSY
    slow.put(pk={"S": "1"})


def test_every_region_sees_its_own_replica_and_the_same_items(db: Requests) -> None:
    created(db)
    update(db, ("Create", "us-east-1"))
    update(db, ("Create", "us-west-2"))
    home, table = described(db), described(db, "us-east-1")
    assert [replica["RegionName"] for replica in home["Replicas"]] == ["us-east-1", "us-west-2"]
    assert [replica["RegionName"] for replica in table["Replicas"]] == [REGION, "us-west-2"]
    arn = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/things"
    assert (table["TableArn"], table["LatestStreamArn"]) == (
        arn,
        f"{arn}/stream/{home['LatestStreamLabel']}",
    )
    assert table["TableId"] != home["TableId"]
    db.put(pk={"S": "1"})
    assert at(db, "us-east-1", "Scan", TableName="things")["Items"] == [{"pk": {"S": "1"}}]


def test_region_without_replica_sees_the_table_itself(db: Requests) -> None:
    created(db)
    update(db, ("Create", "us-east-1"))
    assert described(db, "sa-east-1") == described(db)


def test_replica_is_added_from_another_one(db: Requests) -> None:
    created(db)
    update(db, ("Create", "us-east-1"))
    at(db, "us-east-1", "UpdateTable", **asking(("Create", "us-west-2")))
    assert group(described(db)) == eventual(entry("us-east-1"), entry("us-west-2"))
    assert db.refuse("UpdateTable", **asking(("Delete", "us-east-1"))) == SOURCE
    update(db, ("Delete", "us-west-2"))
    update(db, ("Delete", "us-east-1"))
    assert group(described(db)) == {}


def test_overrides_are_remembered_until_they_say_what_the_table_says(db: Requests) -> None:
    created(db, OnDemandThroughput={"MaxReadRequestUnits": 50}, **INDEX)
    action = {
        "RegionName": "us-east-1",
        "TableClassOverride": "STANDARD_INFREQUENT_ACCESS",
        "OnDemandThroughputOverride": {"MaxReadRequestUnits": 100},
        "GlobalSecondaryIndexes": [
            {"IndexName": "gix", "OnDemandThroughputOverride": {"MaxReadRequestUnits": 9}},
            {"IndexName": "unknown", "OnDemandThroughputOverride": {"MaxReadRequestUnits": 9}},
        ],
    }
    update(db, ("Create", action))
    changed = {"TableClass": "STANDARD_INFREQUENT_ACCESS", "LastUpdateDateTime": db.clock.time}
    index = {"IndexName": "gix", "WarmThroughput": WARM}
    [replica] = described(db)["Replicas"]
    assert replica == entry(
        "us-east-1",
        OnDemandThroughputOverride={"MaxReadRequestUnits": 100},
        GlobalSecondaryIndexes=[{**index, "OnDemandThroughputOverride": {"MaxReadRequestUnits": 9}}],
        ReplicaTableClassSummary=changed,
    )
    table = described(db, "us-east-1")
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 100}
    assert table["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    same = {"RegionName": "us-east-1", "OnDemandThroughputOverride": {"MaxReadRequestUnits": 50}}
    shown = update(db, ("Update", same))
    assert (shown["TableStatus"], shown["Replicas"]) == ("UPDATING", [replica])
    del replica["OnDemandThroughputOverride"]
    assert described(db)["Replicas"] == [replica]


def test_units_of_a_replica_go_with_provisioned_tables(db: Requests) -> None:
    created(db)
    update(db, ("Create", "us-east-1"))
    override = {"RegionName": "us-east-1", "ProvisionedThroughputOverride": {"ReadCapacityUnits": 7}}
    assert db.refuse("UpdateTable", **asking(("Update", override))) == (
        "ValidationException",
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
        "PAY_PER_REQUEST",
    )
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    db("UpdateTable", TableName="things", BillingMode="PROVISIONED", ProvisionedThroughput=units)
    update(db, ("Update", override))
    assert described(db)["Replicas"][0]["ProvisionedThroughputOverride"] == {"ReadCapacityUnits": 7}
    assert described(db, "us-east-1")["ProvisionedThroughput"]["ReadCapacityUnits"] == 7
    limit = {"RegionName": "us-east-1", "OnDemandThroughputOverride": {"MaxReadRequestUnits": 7}}
    assert db.refuse("UpdateTable", **asking(("Update", limit))) == (
        "ValidationException",
        "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is "
        "PROVISIONED",
    )


def test_provisioned_table_gets_no_replica(db: Requests) -> None:
    created(db)
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    db("UpdateTable", TableName="things", BillingMode="PROVISIONED", ProvisionedThroughput=units)
    assert db.refuse("UpdateTable", **asking(("Create", "us-east-1"))) == (
        "ValidationException",
        "Table write capacity should either be Pay-Per-Request or AutoScaled.",
    )


def test_replicas_of_a_table_with_a_key_have_keys_of_their_own(db: Requests) -> None:
    created(db, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY})
    missing = ("ValidationException", INVALID + "KMSMasterKeyId must be specified for each replica.")
    assert db.refuse("UpdateTable", **asking(("Create", "us-east-1"))) == missing
    managed = {"RegionName": "us-east-1", "KMSMasterKeyId": "alias/aws/dynamodb"}
    assert db.refuse("UpdateTable", **asking(("Create", managed))) == (
        "ValidationException",
        INVALID + "All replica keys must either be Customer Managed CMK or AWS Managed CMK.",
    )
    own = {"RegionName": "us-east-1", "KMSMasterKeyId": KEY}
    update(db, ("Create", own))
    arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{KEY}"
    assert described(db)["Replicas"] == [entry("us-east-1", KMSMasterKeyId=arn)]
    assert described(db, "us-east-1")["SSEDescription"]["KMSMasterKeyArn"] == arn
    assert db.refuse("UpdateTable", **asking(("Update", own))) == missing


def test_keys_are_changed_for_all_regions_at_once(db: Requests) -> None:
    created(db, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY})
    update(db, ("Create", {"RegionName": "us-east-1", "KMSMasterKeyId": KEY}))
    update(
        db,
        ("Update", {"RegionName": "us-east-1", "KMSMasterKeyId": "new"}),
        ("Update", {"RegionName": REGION, "KMSMasterKeyId": "newer"}),
    )
    table = described(db)
    assert table["Replicas"][0]["KMSMasterKeyId"] == f"arn:aws:kms:us-east-1:{ACCOUNT}:key/new"
    assert table["SSEDescription"]["KMSMasterKeyArn"] == f"arn:aws:kms:{REGION}:{ACCOUNT}:key/newer"


def test_key_of_another_region_is_not_found(db: Requests) -> None:
    created(db, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY})
    foreign = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY}"
    code, message = db.refuse(
        "UpdateTable", **asking(("Create", {"RegionName": "us-east-1", "KMSMasterKeyId": foreign}))
    )
    assert code == "ValidationException"
    assert str(message).startswith(
        "KMS validation error for region us-east-1: com.amazonaws.services.kms.model.NotFoundException: "
        f"Invalid arn {REGION} (Service: AWSKMS; "
    )


def test_encryption_with_a_managed_key_reaches_the_replicas(db: Requests) -> None:
    created(db)
    update(db, ("Create", "us-east-1"))
    key = {"RegionName": "us-east-1", "KMSMasterKeyId": "alias/aws/dynamodb"}
    assert db.refuse("UpdateTable", **asking(("Update", key))) == (
        "ValidationException",
        INVALID + "KMSMasterKeyId must be specified for each replica.",
    )
    db("UpdateTable", TableName="things", SSESpecification={"Enabled": True, "SSEType": "KMS"})
    here, there = (
        described(db, region)["SSEDescription"]["KMSMasterKeyArn"] for region in (REGION, "us-east-1")
    )
    assert here != there
    assert described(db)["Replicas"] == [entry("us-east-1", KMSMasterKeyId=there)]
    assert described(db, "us-east-1")["Replicas"] == [entry(REGION, KMSMasterKeyId=here)]


def test_replica_is_protected_for_itself(db: Requests) -> None:
    created(db)
    update(db, ("Create", "us-east-1"))
    at(db, "us-east-1", "UpdateTable", TableName="things", DeletionProtectionEnabled=True)
    assert described(db)["DeletionProtectionEnabled"] is False
    assert described(db, "us-east-1")["DeletionProtectionEnabled"] is True
    protected = (
        "Cannot delete table things in region us-east-1 because it has deletion protection enabled. "
        "Disable deletion protection first."
    )
    assert db.refuse("UpdateTable", **asking(("Delete", "us-east-1"))) == ("ValidationException", protected)
    with pytest.raises(AwsError, match="Cannot delete table things in region us-east-1"):
        at(db, "us-east-1", "DeleteTable", TableName="things")


def test_table_is_deleted_after_its_replicas(db: Requests) -> None:
    created(db)
    update(db, ("Create", "us-east-1"))
    assert db.refuse("DeleteTable", TableName="things") == SOURCE
    update(db, ("Delete", "us-east-1"))
    db("DeleteTable", TableName="things")
    assert db("ListTables") == {"TableNames": []}


def test_table_is_deleted_a_day_after_it_was_a_source(db: Requests) -> None:
    created(db)
    update(db, ("Create", "us-east-1"))
    db.clock.time += 24 * 3600
    db("DeleteTable", TableName="things")
    assert db("ListTables") == {"TableNames": []}


def test_deleting_the_table_in_the_region_of_a_replica_takes_the_replica_away(db: Requests) -> None:
    created(db)
    db.put(pk={"S": "1"})
    update(db, ("Create", "us-east-1"))
    shown = at(db, "us-east-1", "DeleteTable", TableName="things")["TableDescription"]
    assert (shown["TableStatus"], shown["TableArn"]) == (
        "DELETING",
        f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/things",
    )
    assert group(described(db)) == {}
    assert db("Scan", TableName="things")["Count"] == 1


def test_table_goes_on_in_another_region_when_its_own_goes(db: Requests) -> None:
    created(db)
    update(db, ("Create", "us-east-1"))
    with pytest.raises(AwsError, match="has acted as a source region"):
        at(db, "us-east-1", "UpdateTable", **asking(("Delete", REGION)))
    db.clock.time += 24 * 3600
    at(db, "us-east-1", "UpdateTable", **asking(("Delete", REGION)))
    table = described(db)
    assert table["TableArn"] == f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/things"
    assert group(table) == {}


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ([{}], "There are no actions specified in the Replica Update Action of the request."),
        (
            [{"Update": {"RegionName": "us-east-1"}}],
            "There are no actions specified in the Replica Update Action of the request.",
        ),
        (
            [{"Update": {"RegionName": "us-east-1", "GlobalSecondaryIndexes": [{"IndexName": "gix"}]}}],
            "There are no actions specified in the Replica Update Action of the request.",
        ),
        (
            [{"Create": {"RegionName": "us-east-1"}, "Delete": {"RegionName": "us-east-1"}}],
            "Update table operation with more than one type of replica actions not allowed.",
        ),
        (
            [{"Create": {"RegionName": "us-east-1"}}, {"Create": {"RegionName": "us-west-2"}}],
            "Update table operation with more than one create or delete replica actions not allowed",
        ),
        (
            [{"Create": {"RegionName": REGION}}],
            "Cannot add or delete the local region through ReplicaUpdates. "
            "Use CreateTable, DeleteTable, or UpdateTable as required.",
        ),
        (
            [{"Delete": {"RegionName": "us-east-1"}}],
            "Update global table operation failed because one or more replicas were not part of the global "
            "table. Please retry the request without these replicas: [us-east-1].",
        ),
        (
            [{"Update": {"RegionName": "us-east-1", "TableClassOverride": "STANDARD"}}],
            "Update global table operation failed because one or more replicas were not part of the global "
            "table. Please retry the request without these replicas: [us-east-1].",
        ),
        (
            [{"Create": {"RegionName": "us-east-1", "KMSMasterKeyId": KEY}}],
            INVALID + "KMSMasterKeyId must be specified for each replica.",
        ),
    ],
)
def test_refused_updates_of_a_table_without_replicas(
    db: Requests, actions: list[dict[str, Any]], message: str
) -> None:
    created(db)
    before = described(db)
    assert db.refuse("UpdateTable", TableName="things", ReplicaUpdates=actions) == (
        "ValidationException",
        message,
    )
    assert described(db) == before


def test_unknown_region_is_named(db: Requests) -> None:
    created(db)
    code, message = db.refuse("UpdateTable", **asking(("Create", "EU-WEST-1")))
    assert code == "ValidationException"
    assert str(message).startswith(
        "Region EU-WEST-1 is not supported. The latest version of global tables are only supported in the "
        "following regions: [ap-south-2, ap-south-1, eu-south-1, "
    )


def test_replica_that_is_there_is_not_created_again(db: Requests) -> None:
    created(db)
    update(db, ("Create", "us-east-1"), ("Create", "us-east-1"))
    assert db.refuse("UpdateTable", **asking(("Create", "us-east-1"))) == (
        "ValidationException",
        "Failed to create a the new replica of table with name: \u2018things\u2019 because one or more "
        "replicas already existed as tables.",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"DeletionProtectionEnabled": True},
        {"StreamSpecification": {"StreamEnabled": False}},
        {"SSESpecification": {"Enabled": True}},
        {"TableClass": "STANDARD"},
    ],
)
def test_replicas_change_alone(db: Requests, change: dict[str, Any]) -> None:
    created(db)
    assert db.refuse("UpdateTable", **asking(("Create", "us-east-1"), **change)) == (
        "ValidationException",
        INVALID + "Replica modification must be the only operation in the request",
    )
    strong = asking(("Create", "us-east-1"), MultiRegionConsistency="STRONG", **change)
    assert db.refuse("UpdateTable", **strong) == (
        "ValidationException",
        "Requests that modify replicas or witnesses must not also modify other fields",
    )


@pytest.mark.parametrize(
    ("alone", "named"),
    [
        (witness("Create", "us-east-1"), "MultiRegionConsistency, "),
        ({"MultiRegionConsistency": "STRONG"}, ""),
    ],
)
def test_witness_or_consistency_alone_is_no_change(db: Requests, alone: dict[str, Any], named: str) -> None:
    created(db)
    assert db.refuse("UpdateTable", TableName="things", **alone) == (
        "ValidationException",
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
        "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, "
        f"ReplicaTransitRoleArn, {named}DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or "
        "TableClass is required",
    )


STRONG_REPLICAS = ("eu-west-1", "eu-west-2")


def make_strong(db: Requests, **more: Any) -> None:
    created(db, **more)
    update(db, *(("Create", region) for region in STRONG_REPLICAS), MultiRegionConsistency="STRONG")


def test_strong_consistency_takes_three_regions(db: Requests) -> None:
    make_strong(db)
    table = described(db)
    assert group(table) == {
        "Replicas": [entry(region) for region in STRONG_REPLICAS],
        "GlobalTableVersion": "2019.11.21",
        MODE: "ENABLED_WITH_OVERRIDES",
        "MultiRegionConsistency": "STRONG",
    }
    assert "StreamSpecification" not in table
    only = f"Deletion of only one table replica is not supported for {STRONG}."
    assert db.refuse("UpdateTable", **asking(("Delete", "eu-west-1"))) == ("ValidationException", only)
    assert db.refuse("DeleteTable", TableName="things") == ("ValidationException", only)
    update(db, *(("Delete", region) for region in STRONG_REPLICAS))
    assert group(described(db)) == {}
    db("DeleteTable", TableName="things")


def test_witness_takes_the_place_of_a_replica(slow: Requests) -> None:
    created(slow)
    shown = update(
        slow, ("Create", "eu-west-1"), MultiRegionConsistency="STRONG", **witness("Create", "eu-west-2")
    )
    assert (shown["MultiRegionConsistency"], shown["Replicas"]) == ("STRONG", [])
    assert "GlobalTableWitnesses" not in shown
    for status in ("CREATING", "ACTIVE"):
        table = described(slow)
        assert table["Replicas"] == [entry("eu-west-1", status)]
        assert table["GlobalTableWitnesses"] == [{"RegionName": "eu-west-2", "WitnessStatus": status}]
        slow.clock.time += 10
    delete = asking(("Delete", "eu-west-1"))
    assert slow.refuse("UpdateTable", **delete) == (
        "ValidationException",
        "Update table delete operation does not include all witnesses.",
    )
    assert slow.refuse("UpdateTable", **delete, **witness("Delete", "eu-west-3")) == (
        "ValidationException",
        "Update global table operation failed because one or more witnesses were not part of the global "
        "table. Please retry the request without these witnesses: [eu-west-3].",
    )
    slow("UpdateTable", **delete, **witness("Delete", "eu-west-2"))
    table = described(slow)
    assert table["GlobalTableWitnesses"] == [{"RegionName": "eu-west-2", "WitnessStatus": "DELETING"}]
    slow.clock.time += 10
    assert group(described(slow)) == {}


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            asking(("Create", "eu-west-1"), MultiRegionConsistency="STRONG"),
            f"Unsupported replica count for {STRONG}.",
        ),
        (
            asking(("Create", "eu-west-1"), ("Create", "us-west-1"), MultiRegionConsistency="STRONG"),
            f"Unsupported Region(s) specified for {STRONG}: [us-west-1].",
        ),
        (
            asking(("Create", "eu-west-1"), **witness("Create", "eu-west-2")),
            NEEDS_STRONG,
        ),
        (
            asking(
                ("Create", "eu-west-1"), MultiRegionConsistency="EVENTUAL", **witness("Create", "eu-west-2")
            ),
            NEEDS_STRONG,
        ),
        (
            asking(
                ("Create", "eu-west-1"), MultiRegionConsistency="STRONG", **witness("Create", "eu-west-1")
            ),
            "Cannot target multiple regions with the same action",
        ),
        (
            asking(("Create", "eu-west-1"), MultiRegionConsistency="STRONG", **witness("Create", REGION)),
            "Cannot add a witness in the same region as an existing replica when creating a global table "
            "with MultiRegionConsistency set to STRONG.",
        ),
        (
            asking(("Delete", "eu-west-1"), MultiRegionConsistency="STRONG"),
            "Only Replica Create actions are supported when MultiRegionConsistency parameter is provided.",
        ),
        (
            asking(("Delete", "eu-west-1"), **witness("Delete", "eu-west-2")),
            NEEDS_STRONG,
        ),
    ],
)
def test_refused_strong_tables(db: Requests, request_: dict[str, Any], message: str) -> None:
    created(db)
    assert db.refuse("UpdateTable", **request_) == ("ValidationException", message)


def test_consistency_of_a_global_table_stays(db: Requests) -> None:
    make_strong(db)
    for request, message in (
        (
            asking(("Create", "us-east-1")),
            "Cannot add replicas to a global table with strong MultiRegionConsistency",
        ),
        (
            asking(("Create", "us-east-1"), MultiRegionConsistency="EVENTUAL"),
            "MultiRegionConsistency parameter is unsupported on existing global table",
        ),
        (
            asking(("Create", "us-east-1"), MultiRegionConsistency="STRONG"),
            f"Unsupported replica count for {STRONG}.",
        ),
    ):
        assert db.refuse("UpdateTable", **request) == ("ValidationException", message)


def test_strong_table_begins_empty(db: Requests) -> None:
    created(db)
    db.put(pk={"S": "1"})
    request = asking(*(("Create", region) for region in STRONG_REPLICAS), MultiRegionConsistency="STRONG")
    assert db.refuse("UpdateTable", **request) == (
        "ValidationException",
        f"Table must be empty for {STRONG}.",
    )


def test_replica_leaves_once_it_may(db: Requests) -> None:
    created(db)
    leave = asking(("Disassociate", {"RegionName": REGION, "DisassociationMode": "WAIT_FOR_REPLICATION"}))
    assert db.refuse("UpdateTable", **leave)[0] == "ValidationException"
    update(db, ("Create", "us-east-1"))
    assert db.refuse("UpdateTable", **leave) == (
        "ValidationException",
        f"Cannot disassociate table things in region {REGION} because it has disassociation protection "
        "enabled. Disable disassociation protection first.",
    )
    db("UpdateTable", TableName="things", DisassociationProtectionEnabled=False)
    assert described(db)["DisassociationProtectionEnabled"] is False
    shown = db("UpdateTable", **leave)["TableDescription"]
    assert shown["TableStatus"] == "UPDATING"
    assert group(described(db)) == {}


def test_disassociation_protection_changes_alone_and_with_replicas_only(db: Requests) -> None:
    created(db)
    on = {"TableName": "things", "DisassociationProtectionEnabled": True}
    assert db.refuse("UpdateTable", **on) == (
        "ValidationException",
        INVALID + "DisassociationProtectionEnabled can only be specified for a Global Table replica.",
    )
    assert db.refuse("UpdateTable", **on, BillingMode="PAY_PER_REQUEST") == (
        "ValidationException",
        INVALID + "DisassociationProtection modification must be the only operation in the request",
    )


SOURCE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/things"


def test_table_of_another_account_joins_with_a_source(slow: Requests) -> None:
    created(slow, **{MODE: "ENABLED"})
    join = {"TableName": "things", "GlobalTableSourceArn": SOURCE_ARN, MODE: "ENABLED"}
    shown = at(slow, "us-east-1", "CreateTable", **join)["TableDescription"]
    arn = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/things"
    assert (shown["TableStatus"], shown["TableArn"], shown[MODE]) == ("CREATING", arn, "ENABLED")
    assert shown["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    slow.clock.time += 10
    assert described(slow)["Replicas"] == [
        {
            "RegionName": "us-east-1",
            "ReplicaStatus": "ACTIVE",
            "ReplicaArn": arn,
            "WarmThroughput": WARM,
            MODE: "ENABLED",
        }
    ]
    assert slow.refuse("CreateTable", **join) == ("ResourceInUseException", "Table already exists: things")


def test_source_has_to_replicate_its_settings(db: Requests) -> None:
    created(db)
    join = {"TableName": "things", "GlobalTableSourceArn": SOURCE_ARN}
    assert db.refuse("CreateTable", **join) == (
        "ValidationException",
        INVALID + f"{MODE} must be ENABLED when GlobalTableSourceArn is specified",
    )
    with pytest.raises(AwsError, match="of the source table must be ENABLED"):
        at(db, "us-east-1", "CreateTable", **join, **{MODE: "ENABLED"})


def test_settings_replication_is_set_on_regional_tables_only(db: Requests) -> None:
    created(db)
    for mode in ("ENABLED", "DISABLED"):
        db("UpdateTable", TableName="things", **{MODE: mode})
        assert group(described(db)) == {MODE: mode}
    update(db, ("Create", "us-east-1"))
    assert group(described(db)) == eventual(entry("us-east-1"))
    assert db.refuse("UpdateTable", TableName="things", **{MODE: "ENABLED"}) == (
        "ValidationException",
        INVALID + f"{MODE} can only be specified for a Regional Table.",
    )
