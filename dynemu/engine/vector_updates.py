"""VectorIndexUpdates: vector indexes added and dropped.

Source of texts: answers that the authors of other emulators measured (docs/compatibility.md); where there is
none, the words for global secondary indexes.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynemu.engine.backfill import stop_filling
from dynemu.engine.definitions import check_attribute_names, check_projected_count, projected_count
from dynemu.engine.index_updates import ONE_AT_A_TIME, being_created, count_projected, used_attributes
from dynemu.engine.table_settings import ON_DEMAND
from dynemu.engine.tables import drop_rows, in_use
from dynemu.engine.vector_definitions import (
    check_dimensions,
    check_vector_index,
    define_vector_index,
    only_on_demand,
    vector_attribute,
)
from dynemu.errors import (
    LimitExceededException,
    ResourceNotFoundException,
    parameter_error,
    validation,
)
from dynemu.limits import VECTOR_INDEX_COUNT
from dynemu.model import TableSchema
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call
    from dynemu.engine.table_updates import Update

Members = dict[str, Any]

_ACTIONS = ("Create", "Delete")


def check_vector_actions(updates: list[Members] | None) -> None:
    """Raise ValidationException for vector index updates that no table could take."""
    if updates is None:
        return
    if not updates:
        raise parameter_error("List of VectorIndexUpdates is empty")
    seen: set[str] = set()
    for update in updates:
        chosen = [action for action in _ACTIONS if update.get(action) is not None]
        if not chosen:
            names = ", ".join(f"VectorIndexUpdate.{action}" for action in _ACTIONS)
            raise parameter_error(f"One of {names} must not be null")
        if len(chosen) > 1:
            raise parameter_error("Only one vector index action is allowed per VectorIndexUpdate object")
        name = update[chosen[0]]["IndexName"]
        if name in seen:
            raise parameter_error(
                f"Only one vector index update per index is allowed simultaneously. Index: {name}"
            )
        seen.add(name)


def change_vector_indexes(call: "Call", writes: WriteSet, update: "Update", request: Members) -> None:
    """Apply the vector index updates of a request to *update*."""
    updates = request.get("VectorIndexUpdates") or ()
    created = [action["Create"] for action in updates if action.get("Create") is not None]
    dropped = [action["Delete"]["IndexName"] for action in updates if action.get("Delete") is not None]
    for index in created:
        _check_name(update.then, index["IndexName"])
    _check_alone(update.then, request, dropped)
    if (created or update.then.vector_indexes) and update.then.billing != ON_DEMAND:
        raise only_on_demand()
    for index in created:
        _add(call, writes, update, index, request.get("AttributeDefinitions") or [])
    for name in dropped:
        _drop(writes, update, name)


def _check_name(table: TableSchema, name: str) -> None:
    for index in table.all_indexes:
        if index.name == name and index.status == "CREATING":
            # NOTE: two spaces, as AWS writes it.
            raise in_use(f"Index is being created.  Table: {table.name} Index: {name}")
        if index.name == name:
            raise validation("Attempting to create an index which already exists")


def _check_alone(table: TableSchema, request: Members, dropped: list[str]) -> None:
    """Raise LimitExceededException when more than one index would be on its way."""
    moves = [
        update
        for update in (
            *(request.get("VectorIndexUpdates") or ()),
            *(request.get("GlobalSecondaryIndexUpdates") or ()),
        )
        if update.get("Update") is None
    ]
    changing = being_created(table)
    cancels = len(moves) == 1 and changing == dropped
    if request.get("VectorIndexUpdates") and (len(moves) > 1 or (changing and not cancels)):
        raise LimitExceededException(ONE_AT_A_TIME)


def _add(
    call: "Call", writes: WriteSet, update: "Update", members: Members, definitions: list[Members]
) -> None:
    table = update.then
    check_attribute_names(definitions)
    check_vector_index(members, definitions)
    if len(table.vector_indexes) >= VECTOR_INDEX_COUNT:
        raise LimitExceededException(
            "Subscriber limit exceeded: Number of vector secondary indexes exceeds "
            f"per-table limit of {VECTOR_INDEX_COUNT}"
        )
    _check_vector_is_no_key(table, members)
    known = [(index.attribute, index.dimensions) for index in table.vector_indexes]
    check_dimensions([*known, (vector_attribute(members), members["Dimensions"])])
    check_projected_count(count_projected(table) + projected_count(members))
    types = {part["AttributeName"]: part["AttributeType"] for part in definitions}
    # NOTE: an attribute that the table has already keeps its type, whatever the request says.
    types.update({part.name: part.type for part in table.attributes})
    index = define_vector_index(members, types, call.catalogue.allocate_ids(call.view, writes, 1))
    index = replace(index, status="CREATING", backfilling=True)
    update.set(vector_indexes=(*table.vector_indexes, index))
    update.set(attributes=used_attributes(update.then, types))
    update.show_updating()
    update.added = index


def _check_vector_is_no_key(table: TableSchema, members: Members) -> None:
    name = vector_attribute(members)
    keys = {table.hash: "HASH"}
    if table.range is not None:
        keys[table.range] = "RANGE"
    for part in table.attributes:
        if part.name == name:
            raise parameter_error(
                "Attributes cannot be redefined. Please check that your attribute has the same type as "
                "previously defined. Existing schema: Schema:[SchemaElement: "
                f"key{{{name}:{part.type}:{keys.get(part, 'HASH')}}}] New schema: "
                f"VectorIndexSchema:[VectorAttribute: key{{{name}:L:{members['Dimensions']}}}]"
            )


def _drop(writes: WriteSet, update: "Update", name: str) -> None:
    table = update.then
    index = next((index for index in table.vector_indexes if index.name == name), None)
    if index is None:
        raise ResourceNotFoundException(f"Requested resource not found: Index {name} for table {table.name}")
    kept = tuple(other for other in table.vector_indexes if other is not index)
    types = {part.name: part.type for part in table.attributes}
    leaving = (replace(index, status="DELETING", backfilling=False),)
    update.shown = replace(update.shown, vector_indexes=kept, leaving_vectors=leaving)
    update.show_updating()
    update.then = replace(table, vector_indexes=kept)
    update.then = replace(update.then, attributes=used_attributes(update.then, types))
    stop_filling(writes, index)
    drop_rows(writes, [index.id])
