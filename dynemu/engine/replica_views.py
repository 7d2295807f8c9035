"""What AWS shows of the replicas of a table, from the region that asks.

Every region reads the same table here. What a region has for itself, as the service does, is kept in
``TableSchema.extra["replicas"]``, one member for each region but the table's own:

    {"region": "eu-west-1", "status": "ACTIVE", "source": "us-east-1", "added": 1700000000.0,
     "kms": "arn:…", "reads": 5, "maximum": 100, "class": "STANDARD", "class_changed": 1700000000.0,
     "indexes": {"gix": {"reads": 5, "maximum": 100}}, "protected": true}

Everything from ``kms`` on is there only when it was set.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from dynemu.model import TableSchema, Throughput

Replica = dict[str, Any]
Description = dict[str, Any]

VERSION = "2019.11.21"
DEFAULT_MODE = "ENABLED_WITH_OVERRIDES"
MODE = "GlobalTableSettingsReplicationMode"


def replicas_of(schema: TableSchema) -> list[Replica]:
    """Return the replicas of *schema* in the order of their creation; the table's own region has none."""
    replicas: list[Replica] = schema.extra.get("replicas") or []
    return replicas


def find_replica(schema: TableSchema, region: str) -> Replica | None:
    """Return the replica in *region*, or None."""
    return next((replica for replica in replicas_of(schema) if replica["region"] == region), None)


def local_region(schema: TableSchema, region: str) -> str:
    """Return the region of the group in which a request from *region* finds the table."""
    return region if find_replica(schema, region) is not None else schema.region


def add_replicas(description: Description, schema: TableSchema) -> None:
    """Add to *description*, which is otherwise complete, what AWS shows of a table with replicas."""
    if "replicas" not in schema.extra:
        return
    mode = description.setdefault(MODE, DEFAULT_MODE)
    description["GlobalTableVersion"] = VERSION
    description["Replicas"] = [_describe(replica, description, mode) for replica in replicas_of(schema)]
    if schema.extra.get("strong"):
        description["MultiRegionConsistency"] = "STRONG"
    else:
        description["DisassociationProtectionEnabled"] = not schema.extra.get("may_leave", False)
    if schema.extra.get("witnesses"):
        description["GlobalTableWitnesses"] = [
            {"RegionName": witness["region"], "WitnessStatus": witness["status"]}
            for witness in schema.extra["witnesses"]
        ]


def _describe(replica: Replica, table: Description, mode: str) -> Description:
    shown: Description = {
        "RegionName": replica["region"],
        "ReplicaStatus": replica["status"],
        "WarmThroughput": _warmth(table["WarmThroughput"], replica),
        MODE: mode,
    }
    if replica.get("arn") is not None:
        shown["ReplicaArn"] = replica["arn"]
    if replica.get("kms") is not None:
        shown["KMSMasterKeyId"] = replica["kms"]
    shown.update(_overrides(replica))
    indexes = table.get("GlobalSecondaryIndexes")
    if indexes:
        shown["GlobalSecondaryIndexes"] = [_describe_index(replica, index) for index in indexes]
    if replica.get("class") is not None:
        shown["ReplicaTableClassSummary"] = {
            "TableClass": replica["class"],
            "LastUpdateDateTime": round(replica["class_changed"], 3),
        }
    return shown


def _describe_index(replica: Replica, index: Description) -> Description:
    own = (replica.get("indexes") or {}).get(index["IndexName"], {})
    return {
        "IndexName": index["IndexName"],
        "WarmThroughput": _warmth(index["WarmThroughput"], own),
        **_overrides(own),
    }


def _overrides(own: Replica) -> Description:
    shown: Description = {}
    if own.get("reads") is not None:
        shown["ProvisionedThroughputOverride"] = {"ReadCapacityUnits": own["reads"]}
    if own.get("maximum") is not None:
        shown["OnDemandThroughputOverride"] = {"MaxReadRequestUnits": own["maximum"]}
    return shown


def _warmth(warm: Description, own: Replica) -> Description:
    reads = max(warm["ReadUnitsPerSecond"], own.get("reads") or 0)
    return {**warm, "ReadUnitsPerSecond": reads}


def seen_from(schema: TableSchema, region: str) -> TableSchema:
    """Return *schema* as its replica in *region* shows it; itself when there is no replica in *region*."""
    replica = find_replica(schema, region)
    if replica is None:
        return schema
    home = {"region": schema.region, "status": "ACTIVE"}
    if schema.sse is not None:
        home["kms"] = schema.sse["KMSMasterKeyArn"]
    others = [other for other in replicas_of(schema) if other is not replica]
    return replace(
        schema,
        region=region,
        uuid=str(uuid5(UUID(schema.uuid), region)),
        created=replica.get("added", schema.created),
        status=_status(schema, replica),
        protected=replica.get("protected", False),
        table_class=replica.get("class") or schema.table_class,
        sse=schema.sse and {**schema.sse, "KMSMasterKeyArn": replica.get("kms")},
        throughput=_throughput(schema.throughput, replica),
        on_demand=_maximum(schema.on_demand, replica),
        extra={**schema.extra, "replicas": [home, *others]},
    )


def _status(schema: TableSchema, replica: Replica) -> str:
    status: str = replica["status"]
    return status if status in ("CREATING", "DELETING") else schema.status


def _throughput(units: Throughput, replica: Replica) -> Throughput:
    return units if replica.get("reads") is None else replace(units, read=replica["reads"])


def _maximum(maximum: dict[str, int] | None, replica: Replica) -> dict[str, int] | None:
    if replica.get("maximum") is None:
        return maximum
    return {**(maximum or {}), "MaxReadRequestUnits": replica["maximum"]}
