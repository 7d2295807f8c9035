"""What UpdateTable answers about a table whose last change is still under way.

Source of texts: recordings of the service, of October 2026, by what was under way and what came next.
"""

from typing import Any

from dynemu.engine.tables import in_use
from dynemu.errors import ResourceInUseException
from dynemu.model import Index, TableSchema, VectorIndex

Members = dict[str, Any]


def busy_error(schema: TableSchema, request: Members) -> ResourceInUseException:
    """Return the error of a *request* that changes *schema*, which has not settled."""
    actions = _index_actions(request)
    shown = (*schema.all_indexes, *schema.leaving, *schema.leaving_vectors)
    problems = (_busy_index(schema, index, action) for index in shown for action in actions)
    problem = (
        next((text for text in problems if text), None)
        or _table_problem(schema, request)
        or (_new_index_problem(schema) if actions else None)
    )
    return in_use(problem or f"Table is being updated: {schema.name}")


def _index_actions(request: Members) -> list[Members]:
    """Return the members of all updates of indexes in *request*."""
    return [*(request.get("GlobalSecondaryIndexUpdates") or ()), *(request.get("VectorIndexUpdates") or ())]


def _busy_index(schema: TableSchema, index: Index | VectorIndex, action: Members) -> str | None:
    """Return what is wrong with *action* when it is about *index* and that is changing."""
    changed, dropped = action.get("Update"), action.get("Delete")
    if (changed or dropped or {}).get("IndexName") != index.name:
        return None
    where = f"Table: {schema.name} Index: {index.name}"
    if index.status == "CREATING" and dropped:
        return (
            "Index creation is in resource allocation phase. Retry deletion during backfilling phase or when "
            f"the index is active. {where}"
        )
    verb = {"UPDATING": "updated", "DELETING": "deleted"}.get(index.status)
    return None if verb is None else f"Index is being {verb}. {where}"


def _table_problem(schema: TableSchema, request: Members) -> str | None:
    leaving = [index.name for index in (*schema.leaving, *schema.leaving_vectors)]
    coming = [index.name for index in schema.all_indexes if index.status == "CREATING"]
    if request.get("ProvisionedThroughput") or request.get("BillingMode"):
        if leaving:
            names = ", ".join(leaving)
            return (
                "Can't change table IOPS when an index is being deleted. "
                f"Table: {schema.name} Indexes: [{names}]"
            )
        return f"Table IOPS are currently being updated. Table: {schema.name}"
    if request.get("OnDemandThroughput") and (leaving or coming):
        what, names = ("deletion", leaving) if leaving else ("creation", coming)
        return (
            f"OnDemandThroughput cannot be updated while index {what} is in progress for indexes: "
            f"[{', '.join(names)}]"
        )
    if request.get("StreamSpecification") and coming:
        return "Can't change stream status when an index is being created"
    return None


def _new_index_problem(schema: TableSchema) -> str | None:
    after = schema.next
    if after is None:
        return None
    if after.table_class != schema.table_class:
        return "Can't create or delete an index when a table class update is in progress."
    if after.throughput != schema.throughput:
        return f"Can't create or delete indexes while table IOPS are being updated. Table: {schema.name}"
    return None
