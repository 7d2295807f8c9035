"""Life cycle of tables: how a definition comes to be, changes with time, and goes."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from dynemu._core.keys import successor
from dynemu.engine import table_settings as settings
from dynemu.engine.definitions import define_index, define_keys
from dynemu.engine.policy_documents import new_policy, parse_policy
from dynemu.engine.stream_life import stop_stream
from dynemu.engine.vector_definitions import new_vector_indexes
from dynemu.errors import ResourceInUseException, ResourceNotFoundException, validation
from dynemu.model import Index, KeyAttribute, TableSchema, with_status
from dynemu.storage.base import META, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

Members = dict[str, Any]

GONE = META + b"gone/"
"""Rows, by table name, for definitions that only wait for the end of a deletion to be removed."""


def settled(schema: TableSchema | None, now: float) -> TableSchema | None:
    """Return what holds of *schema* at *now*: itself, what follows it, or None when the table is gone."""
    while schema is not None and schema.settles_at is not None and schema.settles_at <= now:
        schema = schema.next
    return schema


def find_schema(call: "Call", name: str) -> TableSchema | None:
    """Return the definition of the table called *name* as it is now, or None."""
    table = call.catalogue.find(call.view, name)
    return None if table is None else settled(table.schema, call.now)


def get_schema(call: "Call", name: str) -> TableSchema:
    """Return the definition of the table called *name* as it is now.

    Raises: ResourceNotFoundException, in the words of the table operations.
    """
    schema = find_schema(call, name)
    if schema is None:
        raise ResourceNotFoundException(f"Requested resource not found: Table: {name} not found")
    return schema


def in_use(detail: str) -> ResourceInUseException:
    """Return the error for a change that has to wait for another one."""
    return ResourceInUseException(f"Attempt to change a resource which is still in use: {detail}")


def check_name_is_free(call: "Call", name: str) -> None:
    """Raise ResourceInUseException when there is a table called *name*."""
    schema = find_schema(call, name)
    if schema is None:
        return
    if schema.status == "CREATING":
        raise in_use(f"Table is being created: {name}")
    raise ResourceInUseException(f"Table already exists: {name}")


def start_transition(call: "Call", writes: WriteSet, shown: TableSchema, then: TableSchema) -> TableSchema:
    """Store that a table is as *shown* for the configured delay and as *then* afterwards.

    Returns: the definition to describe in the answer.
    """
    delay = call.settings.table_delay
    if delay > 0:
        shown = replace(shown, settles_at=call.now + delay, next=then)
        call.catalogue.put(call.view, writes, shown)
    else:
        call.catalogue.put(call.view, writes, then)
    return shown


def new_schema(call: "Call", name: str, request: Members, first_id: int) -> TableSchema:
    """Return the definition, in status ACTIVE, of the table that a checked CreateTable request asks for.

    Its own id is *first_id*; its indexes have the ids after it, vector indexes the last ones.
    """
    types = {part["AttributeName"]: part["AttributeType"] for part in request["AttributeDefinitions"]}
    ranges = define_keys(request["KeySchema"], types, "RANGE")
    billing = request.get("BillingMode") or settings.PROVISIONED
    view = settings.stream_view(request.get("StreamSpecification"))
    return TableSchema(
        id=first_id,
        name=name,
        hash=define_keys(request["KeySchema"], types, "HASH")[0],
        range=ranges[0] if ranges else None,
        attributes=tuple(KeyAttribute(part, kind) for part, kind in types.items()),
        created=call.now,
        uuid=str(UUID(bytes=call.random, version=4)),
        region=call.region,
        account=call.account,
        indexes=_new_indexes(request, types, first_id + 1),
        vector_indexes=new_vector_indexes(request, types, first_id + count_ids(request)),
        billing=billing,
        on_demand_since=call.now if billing == settings.ON_DEMAND else None,
        throughput=settings.new_throughput(request.get("ProvisionedThroughput")),
        on_demand=settings.present(request.get("OnDemandThroughput")),
        warm=settings.present(request.get("WarmThroughput")),
        protected=bool(request.get("DeletionProtectionEnabled")),
        table_class=request.get("TableClass"),
        sse=settings.encryption(request.get("SSESpecification"), call.region, call.account),
        stream_view=view,
        stream_label=None if view is None else settings.stream_label(call.now),
        tags=settings.tags_of(request.get("Tags")),
        extra=_remembered(request, call.now),
    )


def count_ids(request: Members) -> int:
    """Return how many ids a table needs: one for itself and one for each index of the CreateTable request."""
    kinds = ("LocalSecondaryIndexes", "GlobalSecondaryIndexes", "VectorIndexes")
    return 1 + sum(len(request.get(kind) or ()) for kind in kinds)


def _new_indexes(request: Members, types: dict[str, str], first_id: int) -> tuple[Index, ...]:
    local = request.get("LocalSecondaryIndexes") or ()
    indexes = [
        define_index(index, types, first_id + place, is_global=False) for place, index in enumerate(local)
    ]
    for place, index in enumerate(request.get("GlobalSecondaryIndexes") or (), len(local)):
        indexes.append(new_global_index(index, types, first_id + place))
    return tuple(indexes)


def new_global_index(members: Members, types: dict[str, str], index_id: int) -> Index:
    """Return the definition, in status ACTIVE, of a global index of a request, with its throughput."""
    return replace(
        define_index(members, types, index_id, is_global=True),
        throughput=settings.new_throughput(members.get("ProvisionedThroughput")),
        on_demand=settings.present(members.get("OnDemandThroughput")),
        warm=settings.present(members.get("WarmThroughput")),
    )


def _remembered(request: Members, now: float) -> dict[str, Any]:
    described = {}
    mode = request.get("GlobalTableSettingsReplicationMode")
    if mode is not None:
        described["GlobalTableSettingsReplicationMode"] = mode
    extra: dict[str, Any] = {"described": described} if described else {}
    if request.get("ResourcePolicy") is not None:
        extra["policy"] = new_policy(parse_policy(request["ResourcePolicy"]), now)
    return extra


def as_created(schema: TableSchema) -> TableSchema:
    """Return *schema* while it is being created."""
    if not (schema.indexes or schema.vector_indexes):
        return with_status(schema, "CREATING")
    return replace(
        schema,
        status="CREATING",
        indexes=tuple(replace(index, status="CREATING") for index in schema.indexes),
        vector_indexes=tuple(replace(index, status="CREATING") for index in schema.vector_indexes),
    )


def drop_rows(writes: WriteSet, ids: list[int]) -> None:
    """Add to *writes* that every row of the tables and indexes with these *ids* goes, with their counts."""
    for row_id in ids:
        start = row_id.to_bytes(4, "big")
        writes.ranges.append((start, successor(start)))


def check_deletable(schema: TableSchema) -> None:
    """Raise ResourceInUseException or ValidationException when the table cannot be deleted now."""
    check_is_open(schema)
    if schema.protected:
        raise validation(
            "Resource cannot be deleted as it is currently protected against deletion. "
            "Disable deletion protection first."
        )
    leaving = schema.leaving or schema.leaving_vectors
    if leaving or any(index.status != "ACTIVE" for index in schema.all_indexes):
        raise in_use("Cannot delete table while indexes are being created, updated, or deleted.")
    if schema.settles_at is not None:
        raise in_use(f"Table: {schema.name} is in the process of being updated.")


def check_is_open(schema: TableSchema) -> None:
    """Raise ResourceInUseException while the table is being created or deleted."""
    if schema.status == "CREATING":
        raise in_use(f"Table is being created: {schema.name}")
    if schema.status == "DELETING":
        raise in_use(f"Table is being deleted: {schema.name}")


def delete_table(
    call: "Call", writes: WriteSet, schema: TableSchema, *, rows_stay: bool = False
) -> TableSchema:
    """Add to *writes* that the table goes with all its rows; its name is free after the configured delay.

    *rows_stay*: something else needs the rows of the table itself: see ``retention``.
    Returns: the definition to describe in the answer.
    """
    shown = with_status(schema, "DELETING")
    delay = call.settings.table_delay
    if delay > 0:
        call.catalogue.put(call.view, writes, replace(shown, settles_at=call.now + delay, next=None))
        writes.puts.append((GONE + schema.name.encode(), b""))
    else:
        call.catalogue.delete(call.view, writes, schema.name)
    drop_rows(writes, [*(() if rows_stay else (schema.id,)), *(index.id for index in schema.all_indexes)])
    stop_stream(call, writes, schema)
    return shown
