"""Replicas of a table, version 2019.11.21: added, changed and taken away by UpdateTable.

Nothing is copied: one server has one set of tables, which every region reads. A replica is remembered with
what a region may have for itself, and passes through CREATING, UPDATING and DELETING with its table.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynemu.engine import replica_keys
from dynemu.engine.replica_checks import (
    busy,
    check_create,
    check_delete,
    check_disassociate,
    check_join,
    check_source,
    check_stays_whole,
    check_unprotected,
    check_update,
)
from dynemu.engine.replica_requests import (
    ReplicaRequest,
    check_regions,
    parse_replica_request,
)
from dynemu.engine.replica_views import MODE, Replica, local_region, replicas_of, seen_from
from dynemu.engine.stream_life import start_stream
from dynemu.engine.tables import start_transition
from dynemu.model import TableSchema
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

Members = dict[str, Any]

STREAM = "NEW_AND_OLD_IMAGES"
"""View type of the stream that a table without one gets with its first replica."""
_GROUP = ("replicas", "witnesses", "strong", "may_leave", "scaling")
"""What a definition remembers only as long as the table has replicas."""


def update_replicas(call: "Call", writes: WriteSet, schema: TableSchema, request: Members) -> TableSchema:
    """Add to *writes* what a checked request changes of the replicas of *schema*.

    Returns: the definition to describe in the answer, which names the replicas as they were before.
    Raises: ValidationException, ResourceInUseException.
    """
    asked = parse_replica_request(request)
    local = local_region(schema, call.region)
    check_regions(asked, local)
    _CHECKS[asked.kind](call, schema, asked, local)
    if schema.settles_at is not None:
        raise busy()
    if asked.kind == "Create" and schema.stream_view is None and not asked.strong:
        schema = start_stream(call, writes, replace(schema, stream_view=STREAM))
    shown, then = _CHANGES[asked.kind](call, schema, asked, local)
    start_transition(call, writes, shown, then)
    extra = shown.extra if asked.kind == "Create" else schema.extra
    before = {name: schema.extra.get(name) or [] for name in ("replicas", "witnesses")}
    return replace(shown, extra={**extra, **before})


def with_own(schema: TableSchema, region: str, **own: Any) -> TableSchema:
    """Return *schema*, now and afterwards, with what its replica in *region* has for itself."""
    replicas = [
        {**replica, **own} if replica["region"] == region else replica for replica in replicas_of(schema)
    ]
    following = None if schema.next is None else with_own(schema.next, region, **own)
    return replace(schema, extra={**schema.extra, "replicas": replicas}, next=following)


def _create(
    call: "Call", schema: TableSchema, asked: ReplicaRequest, local: str
) -> tuple[TableSchema, TableSchema]:
    added = [_new_replica(call, schema, action, local) for action in asked.actions]
    described = {name: value for name, value in schema.extra.get("described", {}).items() if name != MODE}
    extra: dict[str, Any] = {**schema.extra, "described": described}
    if asked.strong:
        extra["strong"] = True
    extra["witnesses"] = [
        {"region": action["RegionName"], "status": "ACTIVE"} for action in asked.witness.values()
    ]
    then = replace(schema, extra={**extra, "replicas": [*replicas_of(schema), *added]})
    shown = with_status(then, [replica["region"] for replica in added], "CREATING")
    shown.extra["witnesses"] = [{**witness, "status": "CREATING"} for witness in extra["witnesses"]]
    return replace(shown, status="UPDATING"), then


def _new_replica(call: "Call", schema: TableSchema, action: Members, local: str) -> Replica:
    region = action["RegionName"]
    replica = {"region": region, "status": "ACTIVE", "source": local, "added": call.now}
    return _with_settings(schema, replica, action, call.now)


def with_status(schema: TableSchema, regions: list[str], status: str) -> TableSchema:
    """Return *schema* with the replicas in *regions* in another status."""
    replicas = [
        {**replica, "status": status} if replica["region"] in regions else replica
        for replica in replicas_of(schema)
    ]
    return replace(schema, extra={**schema.extra, "replicas": replicas})


def _with_settings(schema: TableSchema, replica: Replica, action: Members, now: float) -> Replica:
    """Return *replica* after an action; an override that says what the table says is none."""
    changed = {**replica, **_overrides(action, schema.throughput.read, schema.on_demand)}
    indexes = dict(replica.get("indexes") or {})
    by_name = {index.name: index for index in schema.indexes if index.is_global}
    for override in action.get("GlobalSecondaryIndexes") or ():
        index = by_name.get(override["IndexName"])
        if index is not None:
            own = _overrides(override, index.throughput.read, index.on_demand)
            indexes[index.name] = {**indexes.get(index.name, {}), **own}
    if indexes:
        changed["indexes"] = indexes
    if action.get("TableClassOverride") is not None:
        changed["class"], changed["class_changed"] = action["TableClassOverride"], now
    key = replica_keys.key_of(schema, replica["region"], action.get("KMSMasterKeyId"))
    if key is not None:
        changed["kms"] = key
    return changed


def _overrides(members: Members, reads: int, maximum: dict[str, int] | None) -> Replica:
    own: Replica = {}
    units = (members.get("ProvisionedThroughputOverride") or {}).get("ReadCapacityUnits")
    if units is not None:
        own["reads"] = None if units == reads else units
    limit = (members.get("OnDemandThroughputOverride") or {}).get("MaxReadRequestUnits")
    if limit is not None:
        own["maximum"] = None if limit in (-1, (maximum or {}).get("MaxReadRequestUnits")) else limit
    return own


def _update(
    call: "Call", schema: TableSchema, asked: ReplicaRequest, local: str
) -> tuple[TableSchema, TableSchema]:
    actions = {action["RegionName"]: action for action in asked.actions}
    replicas = [
        _with_settings(schema, replica, actions[replica["region"]], call.now)
        if replica["region"] in actions
        else replica
        for replica in replicas_of(schema)
    ]
    then = replace(schema, extra={**schema.extra, "replicas": replicas})
    if schema.region in actions and schema.sse is not None:
        then = replace(then, sse=replica_keys.changed_encryption(schema, actions[schema.region]))
    return replace(with_status(schema, asked.regions, "UPDATING"), status="UPDATING"), then


def _delete(
    call: "Call", schema: TableSchema, asked: ReplicaRequest, local: str
) -> tuple[TableSchema, TableSchema]:
    shown = replace(with_status(schema, asked.regions, "DELETING"), status="UPDATING")
    if asked.witness:
        shown.extra["witnesses"] = [
            {**witness, "status": "DELETING"} for witness in schema.extra["witnesses"]
        ]
    # NOTE: when the region goes in which the table began, its table goes on in the region of the request.
    stays = seen_from(schema, local) if schema.region in asked.regions else schema
    return shown, without_replicas(stays, asked.regions)


def without_replicas(schema: TableSchema, regions: list[str]) -> TableSchema:
    """Return *schema* without its replicas in *regions*; without the last one it is no global table."""
    kept = [replica for replica in replicas_of(schema) if replica["region"] not in regions]
    extra = {**schema.extra, "replicas": kept}
    if not kept:
        extra = {name: value for name, value in extra.items() if name not in _GROUP}
    return replace(schema, extra=extra)


def join_global_table(call: "Call", writes: WriteSet, name: str, request: Members) -> TableSchema:
    """Add to *writes* the replica of a multi-account global table that a CreateTable request asks for.

    Returns: the definition to describe in the answer, from the region of the request.
    Raises: ValidationException, ResourceInUseException.
    """
    schema = check_join(call, name, request)
    added = {"region": call.region, "status": "ACTIVE", "source": schema.region, "added": call.now}
    added["arn"] = f"arn:aws:dynamodb:{call.region}:{schema.account}:table/{name}"
    then = replace(schema, extra={**schema.extra, "replicas": [*replicas_of(schema), added]})
    if schema.stream_view is None:
        then = start_stream(call, writes, replace(then, stream_view=STREAM))
    shown = replace(with_status(then, [call.region], "CREATING"), status="UPDATING")
    start_transition(call, writes, shown, then)
    return shown


def delete_replica(call: "Call", writes: WriteSet, schema: TableSchema) -> TableSchema | None:
    """Add to *writes* that the replica in the region of a DeleteTable request goes.

    Returns: the definition to describe in the answer; None when it is the table itself that has to go.
    Raises: ValidationException, ResourceInUseException.
    """
    check_stays_whole(schema)
    local = local_region(schema, call.region)
    check_source(schema, local, call.now)
    if local == schema.region:
        return None
    check_unprotected(schema, local)
    if schema.settles_at is not None:
        raise busy()
    shown = replace(with_status(schema, [local], "DELETING"), status="UPDATING")
    start_transition(call, writes, shown, without_replicas(schema, [local]))
    return seen_from(shown, local)


def _disassociate(
    call: "Call", schema: TableSchema, asked: ReplicaRequest, local: str
) -> tuple[TableSchema, TableSchema]:
    gone = [local]
    if local == schema.region:
        gone = [replica["region"] for replica in replicas_of(schema)]
    return replace(schema, status="UPDATING"), without_replicas(schema, gone)


_CHECKS = {
    "Create": check_create,
    "Update": check_update,
    "Delete": check_delete,
    "Disassociate": check_disassociate,
}
_CHANGES = {"Create": _create, "Update": _update, "Delete": _delete, "Disassociate": _disassociate}
