"""Auto scaling of a table's replicas, version 2019.11.21: what a request changes, and what AWS shows.

Source of rules and texts: the service's answers as public issues and field notes quote them; API reference,
UpdateTableReplicaAutoScaling and DescribeTableReplicaAutoScaling.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynemu.engine.auto_scaling import DISABLED, check_complete, check_scalable, scaling_settings
from dynemu.engine.replica_requests import quoted
from dynemu.engine.replica_views import replicas_of
from dynemu.engine.tables import find_schema
from dynemu.errors import ResourceNotFoundException, validation
from dynemu.model import TableSchema

if TYPE_CHECKING:
    from dynemu.engine.call import Call

Members = dict[str, Any]
Change = tuple[str, str | None, Members]
"""Name of the index, or nothing for the table; region whose reads scale, or None for writes; the update."""

_MEMBERS = {
    "write": "GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate",
    "read": "ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate",
}


def get_replicated(call: "Call", name: str) -> TableSchema:
    """Return the definition of a table that has replicas. Raises: ResourceNotFoundException."""
    schema = find_schema(call, name)
    if schema is None or not replicas_of(schema):
        raise missing(name)
    return schema


def missing(name: str) -> ResourceNotFoundException:
    """Return the error for a table that is not there, or not a global table."""
    return ResourceNotFoundException(f"Global table with name: '{name}' does not exist.")


def check_scaling_request(request: Members, name: str) -> None:
    """Raise ValidationException for an update that no table could take."""
    failed = f"Failed to update settings for global table with name: {quoted(name)}"
    replicas = request.get("ReplicaUpdates") or []
    regions = [replica["RegionName"] for replica in replicas]
    twice = [region for region in dict.fromkeys(regions) if regions.count(region) > 1]
    if twice:
        listed = quoted("[" + ", ".join(twice) + "]")
        raise validation(f"{failed} because the regions: {listed} were specified more than once.")
    for replica in replicas:
        if not list(_replica_changes(replica)):
            raise validation(
                f"{failed} because at least one update parameter must be specified for region: "
                f"{quoted(replica['RegionName'])}."
            )
    changes = list(scaling_changes(request))
    if not changes:
        raise validation(f"{failed} because at least one update parameter must be specified.")
    for _, _, update in changes:
        check_complete(update, name)


def scaling_changes(request: Members) -> Iterator[Change]:
    """Iterate over the single changes that a request asks for."""
    update = request.get("ProvisionedWriteCapacityAutoScalingUpdate")
    if update is not None:
        yield "", None, update
    for index in request.get("GlobalSecondaryIndexUpdates") or ():
        update = index.get("ProvisionedWriteCapacityAutoScalingUpdate")
        if update is not None:
            yield index.get("IndexName") or "", None, update
    for replica in request.get("ReplicaUpdates") or ():
        yield from _replica_changes(replica)


def _replica_changes(replica: Members) -> Iterator[Change]:
    update = replica.get("ReplicaProvisionedReadCapacityAutoScalingUpdate")
    if update is not None:
        yield "", replica["RegionName"], update
    for index in replica.get("ReplicaGlobalSecondaryIndexUpdates") or ():
        update = index.get("ProvisionedReadCapacityAutoScalingUpdate")
        if update is not None:
            yield index.get("IndexName") or "", replica["RegionName"], update


def update_scaling(call: "Call", schema: TableSchema, request: Members) -> TableSchema:
    """Return *schema* after a checked request.

    Raises: ValidationException, ResourceNotFoundException for a region or index that the table does not have.
    """
    scaling: dict[str, Any] = {name: dict(own) for name, own in schema.extra.get("scaling", {}).items()}
    regions = _regions(schema)
    for index, region, update in scaling_changes(request):
        if index and index not in _index_names(schema):
            raise ResourceNotFoundException(
                f"Requested resource not found: Index {index} for table {schema.name}"
            )
        if region is not None and region not in regions:
            raise missing(schema.name)
        _check_provisioned(schema, region, update)
        metric = "Write" if region is None else "Read"
        check_scalable(update, metric, call.random)
        resource = f"table/{schema.name}" + (f"/index/{index}" if index else "")
        new = scaling_settings(update, metric, resource, call.account)
        own = scaling.setdefault(index, {})
        if region is None:
            own["write"] = new
        else:
            own["read"] = {**own.get("read", {}), region: new}
    return replace(schema, extra={**schema.extra, "scaling": scaling})


def _regions(schema: TableSchema) -> list[str]:
    return sorted([schema.region, *(replica["region"] for replica in replicas_of(schema))])


def _index_names(schema: TableSchema) -> list[str]:
    return [index.name for index in schema.indexes if index.is_global]


def _check_provisioned(schema: TableSchema, region: str | None, update: Members) -> None:
    if schema.billing == "PROVISIONED" or update.get("AutoScalingDisabled"):
        return
    regions = ", ".join(f"'{name.upper()}'" for name in _regions(schema))
    member = _MEMBERS["write" if region is None else "read"]
    raise validation(
        f"Failed to update global table with name \u2018{schema.name}\u2018. Replicas {regions} "
        "BillingMode is PayPerRequest. You must convert table's BillingMode to PROVISIONED to set "
        f"parameters: '{member}'."
    )


def describe_scaling(schema: TableSchema) -> Members:
    """Return the TableAutoScalingDescription of a table with replicas; its own region is among them."""
    scaling = schema.extra.get("scaling", {})
    statuses = {replica["region"]: replica["status"] for replica in replicas_of(schema)}
    return {
        "TableName": schema.name,
        "TableStatus": schema.status,
        "Replicas": [
            {
                "RegionName": region,
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": index.name,
                        "IndexStatus": index.status,
                        **_shown("Provisioned", scaling.get(index.name, {}), region),
                    }
                    for index in schema.indexes
                    if index.is_global
                ],
                **_shown("ReplicaProvisioned", scaling.get("", {}), region),
                "ReplicaStatus": statuses.get(region, "ACTIVE"),
            }
            for region in _regions(schema)
        ],
    }


def _shown(prefix: str, own: Members, region: str) -> Members:
    return {
        f"{prefix}ReadCapacityAutoScalingSettings": own.get("read", {}).get(region) or DISABLED,
        f"{prefix}WriteCapacityAutoScalingSettings": own.get("write") or DISABLED,
    }
