"""Settings of the regions of a global table, version 2017.11.29: remembered and returned.

A replica's document holds what was set for its region or for all of them; the rest is the table's:

    {"status": "ACTIVE", "billing": "PROVISIONED", "class": "STANDARD",
     "reads": 5, "writes": 5, "read": {…}, "write": {…},
     "indexes": {"gix": {"reads": 5, "writes": 5, "read": {…}, "write": {…}}}}

``read`` and ``write`` are auto scaling settings as AWS shows them.
"""

from typing import TYPE_CHECKING

from dynemu.engine.auto_scaling import DISABLED, check_complete, check_scalable, scaling_settings
from dynemu.engine.global_tables import Document, Members, put_global_table
from dynemu.engine.table_settings import ON_DEMAND, UNITS_FOR_ON_DEMAND
from dynemu.engine.tables import find_schema
from dynemu.errors import (
    IndexNotFoundException,
    ReplicaNotFoundException,
    ResourceInUseException,
    parameter_error,
)
from dynemu.model import Index, TableSchema
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call


def describe_settings(call: "Call", name: str, document: Document) -> list[Members]:
    """Return the ReplicaSettingsDescription of every replica of a global table."""
    schema = find_schema(call, name)
    return [_describe(region, replica, schema) for region, replica in document["replicas"].items()]


def _describe(region: str, replica: Document, schema: TableSchema | None) -> Members:
    shown: Members = {"RegionName": region, "ReplicaStatus": replica["status"]}
    if schema is None:
        return shown
    billing = replica.get("billing") or schema.billing
    if billing == ON_DEMAND:
        shown["ReplicaBillingModeSummary"] = {"BillingMode": billing}
    shown.update(_capacity("Replica", replica, schema, billing))
    if replica.get("class") is not None:
        shown["ReplicaTableClassSummary"] = {"TableClass": replica["class"]}
    indexes = [index for index in schema.indexes if index.is_global]
    if indexes:
        shown["ReplicaGlobalSecondaryIndexSettings"] = [
            {
                "IndexName": index.name,
                "IndexStatus": index.status,
                **_capacity("", replica.get("indexes", {}).get(index.name, {}), index, billing),
            }
            for index in indexes
        ]
    return shown


def _capacity(prefix: str, own: Document, part: TableSchema | Index, billing: str) -> Members:
    on_demand = billing == ON_DEMAND
    reads = 0 if on_demand else own.get("reads") or part.throughput.read
    writes = 0 if on_demand else own.get("writes") or part.throughput.write
    return {
        f"{prefix}ProvisionedReadCapacityUnits": reads,
        f"{prefix}ProvisionedReadCapacityAutoScalingSettings": own.get("read") or DISABLED,
        f"{prefix}ProvisionedWriteCapacityUnits": writes,
        f"{prefix}ProvisionedWriteCapacityAutoScalingSettings": own.get("write") or DISABLED,
    }


def update_settings(
    call: "Call", writes: WriteSet, name: str, document: Document, request: Members
) -> Document:
    """Add to *writes* what a request sets for the regions of a global table; return it as it is shown.

    Raises: ValidationException, ReplicaNotFoundException, IndexNotFoundException, ResourceInUseException.
    """
    if document["settles_at"] > call.now:
        raise ResourceInUseException(f"Global table with name: '{name}' is being updated.")
    schema = find_schema(call, name)
    replicas = {region: dict(replica) for region, replica in document["replicas"].items()}
    billing = request.get("GlobalTableBillingMode")
    if billing == ON_DEMAND and request.get("GlobalTableProvisionedWriteCapacityUnits") is not None:
        raise parameter_error(UNITS_FOR_ON_DEMAND)
    for region in replicas:
        if billing is not None:
            replicas[region]["billing"] = billing
        _set(call, replicas[region], _table_changes(request), name, "", "write")
        for index in request.get("GlobalTableGlobalSecondaryIndexSettingsUpdate") or ():
            _set_index(call, replicas[region], schema, index, name, "write")
    for update in request.get("ReplicaSettingsUpdate") or ():
        replica = replicas.get(update["RegionName"])
        if replica is None:
            raise ReplicaNotFoundException(
                f"Replica in region: '{update['RegionName']}' does not exist in global table: '{name}'."
            )
        _set_replica(call, replica, schema, update, name)
    return put_global_table(call, writes, name, {**document, "replicas": replicas}, "UPDATING")


def _table_changes(request: Members) -> Members:
    return {
        "units": request.get("GlobalTableProvisionedWriteCapacityUnits"),
        "scaling": request.get("GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate"),
    }


def _set_replica(
    call: "Call", replica: Document, schema: TableSchema | None, update: Members, name: str
) -> None:
    changes = {
        "units": update.get("ReplicaProvisionedReadCapacityUnits"),
        "scaling": update.get("ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate"),
    }
    _set(call, replica, changes, name, "", "read")
    for index in update.get("ReplicaGlobalSecondaryIndexSettingsUpdate") or ():
        _set_index(call, replica, schema, index, name, "read")
    if update.get("ReplicaTableClass") is not None:
        replica["class"] = update["ReplicaTableClass"]


def _set_index(
    call: "Call", replica: Document, schema: TableSchema | None, update: Members, name: str, kind: str
) -> None:
    index = update["IndexName"]
    if schema is None or all(index != part.name or not part.is_global for part in schema.indexes):
        raise IndexNotFoundException(f"Index: '{index}' does not exist in global table: '{name}'.")
    title = kind.capitalize()
    changes = {
        "units": update.get(f"Provisioned{title}CapacityUnits"),
        "scaling": update.get(f"Provisioned{title}CapacityAutoScalingSettingsUpdate"),
    }
    own = dict(replica.get("indexes", {}).get(index, {}))
    _set(call, own, changes, name, index, kind)
    replica["indexes"] = {**replica.get("indexes", {}), index: own}


def _set(call: "Call", own: Document, changes: Members, name: str, index: str, kind: str) -> None:
    """Set units and auto scaling of one *kind*, ``read`` or ``write``, of a replica or its index."""
    update = changes["scaling"]
    if changes["units"] is not None:
        own[f"{kind}s"] = changes["units"]
    if update is not None:
        title = kind.capitalize()
        check_complete(update, name)
        check_scalable(update, title, call.random)
        resource = f"table/{name}" + (f"/index/{index}" if index else "")
        own[kind] = scaling_settings(update, title, resource, call.account)
