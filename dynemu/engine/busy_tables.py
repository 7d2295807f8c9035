"""What UpdateTable answers about a table whose last change is still under way.

Source of texts: recordings of the service, of October 2026, by what was under way and what came next.
"""

from typing import Any, TypeAlias

from dynemu.engine.tables import in_use
from dynemu.errors import AwsError, LimitExceededException
from dynemu.model import Index, TableSchema, VectorIndex

Members = dict[str, Any]
AnyIndex: TypeAlias = "Index | VectorIndex"


def busy_error(schema: TableSchema, request: Members) -> AwsError:
    """Return the error of a *request* that changes *schema*, which has not settled."""
    changing = [
        index
        for index in (*schema.all_indexes, *schema.leaving, *schema.leaving_vectors)
        if index.status != "ACTIVE"
    ]
    actions = _index_actions(request)
    named = [
        text for index in changing for kind, name in actions if (text := _told(schema, index, kind, name))
    ]
    problem = next(iter(named), None) or _table_problem(schema, request, changing)
    if problem is not None:
        return in_use(problem)
    if any(kind != "Update" for kind, _ in actions):
        if any(index.status != "UPDATING" for index in changing):
            return LimitExceededException(
                "Subscriber limit exceeded: "
                "Only 1 online index can be created or deleted simultaneously per table"
            )
        return in_use(_new_index_problem(schema) or f"Table is being updated: {schema.name}")
    return in_use(f"Table is being updated: {schema.name}")


def _index_actions(request: Members) -> list[tuple[str, str]]:
    """Return what *request* does to indexes: ``Create``, ``Update`` or ``Delete``, and the name of each."""
    updates = [
        *(request.get("GlobalSecondaryIndexUpdates") or ()),
        *(request.get("VectorIndexUpdates") or ()),
    ]
    return [
        (kind, members["IndexName"])
        for update in updates
        for kind, members in update.items()
        if members is not None
    ]


def _told(schema: TableSchema, index: AnyIndex, kind: str, name: str) -> str | None:
    """Return what is wrong with doing *kind* to the index called *name*, when that is *index*."""
    if name != index.name:
        return None
    where = f"Table: {schema.name} Index: {name}"
    if index.status != "CREATING":
        verb = "updated" if index.status == "UPDATING" else "deleted"
        return f"Index is being {verb}. {where}"
    if kind == "Delete":
        return (
            "Index creation is in resource allocation phase. Retry deletion during backfilling phase or when "
            f"the index is active. {where}"
        )
    return f"Index is being created but is not backfilling yet. {where}" if kind == "Update" else None


def _table_problem(schema: TableSchema, request: Members, changing: list[AnyIndex]) -> str | None:
    """Return what is wrong with changing members of the table itself."""
    leaving = [index.name for index in changing if index.status == "DELETING"]
    coming = [index.name for index in changing if index.status == "CREATING"]
    verb, noun, names = ("deleted", "deletion", leaving) if leaving else ("created", "creation", coming)
    shown = f"[{', '.join(names)}]"
    after = schema.next or schema
    if request.get("ProvisionedThroughput") or request.get("BillingMode"):
        if names:
            return (
                f"Can't change table IOPS when an index is being {verb}. "
                f"Table: {schema.name} Indexes: {shown}"
            )
        return f"Table IOPS are currently being updated. Table: {schema.name}"
    if request.get("OnDemandThroughput") and names:
        return f"OnDemandThroughput cannot be updated while index {noun} is in progress for indexes: {shown}"
    if request.get("StreamSpecification"):
        if coming:
            return "Can't change stream status when an index is being created"
        if after.throughput != schema.throughput:
            return "Can't enable or disable stream while table IOPS are being updated"
    if request.get("TableClass") and after.table_class != schema.table_class:
        return "Can't update table class when a table class update is in progress"
    return None


def _new_index_problem(schema: TableSchema) -> str | None:
    after = schema.next or schema
    if after.table_class != schema.table_class:
        return "Can't create or delete an index when a table class update is in progress."
    if after.throughput != schema.throughput:
        return f"Can't create or delete indexes while table IOPS are being updated. Table: {schema.name}"
    return None
