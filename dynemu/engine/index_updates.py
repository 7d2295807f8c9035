"""GlobalSecondaryIndexUpdates: indexes added, changed and dropped.

Source of texts: recorded answers, topic update_table; API reference, UpdateTable.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynemu.engine import table_settings as settings
from dynemu.engine.backfill import stop_filling
from dynemu.engine.definitions import (
    check_attribute_names,
    check_new_global_index,
    check_projected_count,
)
from dynemu.engine.describe import kept_warmth, warmth
from dynemu.engine.tables import drop_rows, new_global_index
from dynemu.errors import (
    LimitExceededException,
    ResourceNotFoundException,
    parameter_error,
    validation,
)
from dynemu.limits import GSI_COUNT
from dynemu.model import Index, KeyAttribute, TableSchema
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call
    from dynemu.engine.table_updates import Update

Members = dict[str, Any]

ACTIONS = ("Update", "Create", "Delete")
ONE_AT_A_TIME = (
    "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
)
_UNCHANGED = (
    "The provisioned throughput for the index {name} will not change. The requested value equals the current "
    "value. Current ReadCapacityUnits provisioned for the index {name}: {read}. Requested ReadCapacityUnits: "
    "{read}. Current WriteCapacityUnits provisioned for the index {name}: {write}. Requested "
    "WriteCapacityUnits: {write}. Refer to the Amazon DynamoDB Developer Guide for current limits and how to "
    "request higher limits."
)


def check_actions(updates: list[Members]) -> None:
    """Raise ValidationException for index updates that no table could take."""
    seen: set[str] = set()
    for update in updates:
        chosen = [action for action in ACTIONS if update.get(action) is not None]
        if not chosen:
            names = ", ".join(f"GlobalSecondaryIndexUpdate.{action}" for action in ACTIONS)
            raise parameter_error(f"One of {names} must not be null")
        if len(chosen) > 1:
            raise parameter_error(
                "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object"
            )
        members = update[chosen[0]]
        name = members["IndexName"]
        if name in seen:
            raise parameter_error(
                f"Only one global secondary index update per index is allowed simultaneously. Index: {name}"
            )
        seen.add(name)
        settings.check_units(members.get("ProvisionedThroughput"), name)
        if chosen == ["Update"] and members.get("WarmThroughput") is not None:
            settings.check_any_warmth(members["WarmThroughput"], name)


def change_indexes(call: "Call", writes: WriteSet, update: "Update", request: Members) -> None:
    """Apply the index updates of a request to *update*."""
    updates = request.get("GlobalSecondaryIndexUpdates") or ()
    moves = [action for action in updates if action.get("Update") is None]
    changing = being_created(update.then)
    cancels = len(moves) == 1 and (moves[0].get("Delete") or {}).get("IndexName") in changing
    if len(moves) > 1 or (moves and changing and not cancels):
        raise LimitExceededException(ONE_AT_A_TIME)
    if request.get("BillingMode") == settings.PROVISIONED and update.shown.status == "UPDATING":
        _check_all_have_units(update.then, updates)
    for action in updates:
        if action.get("Update") is not None:
            _change(update, action["Update"], call.now)
    for action in moves:
        if action.get("Create") is not None:
            _add(call, writes, update, action["Create"], request.get("AttributeDefinitions") or [])
        else:
            _drop(writes, update, action["Delete"]["IndexName"])


def being_created(table: TableSchema) -> list[str]:
    """Return the names of the indexes of *table*, vector indexes too, that are being created."""
    return [index.name for index in table.all_indexes if index.status == "CREATING"]


def _check_all_have_units(table: TableSchema, updates: Any) -> None:
    given = {
        action["Update"]["IndexName"]
        for action in updates
        if (action.get("Update") or {}).get("ProvisionedThroughput") is not None
    }
    for index in table.indexes:
        if index.is_global and index.throughput.read == 0 and index.name not in given:
            raise parameter_error(f"ProvisionedThroughput must be specified for index: {index.name}")


def _get_global(table: TableSchema, name: str, verb: str) -> Index:
    index = next((index for index in table.indexes if index.name == name), None)
    if index is None:
        raise ResourceNotFoundException(f"Requested resource not found: Index {name} for table {table.name}")
    if not index.is_global:
        raise validation(f"Cannot {verb} an index that is not a GlobalSecondaryIndex: {name}")
    return index


def _replace_index(table: TableSchema, name: str, change: Callable[[Index], Index]) -> TableSchema:
    return replace(
        table, indexes=tuple(change(index) if index.name == name else index for index in table.indexes)
    )


def _change(update: "Update", members: Members, now: float) -> None:
    name = members["IndexName"]
    index = _get_global(update.then, name, "update")
    units = members.get("ProvisionedThroughput")
    asked = settings.present(members.get("OnDemandThroughput"))
    warm = settings.present(members.get("WarmThroughput"))
    on_demand = update.then.billing == settings.ON_DEMAND
    if on_demand and (units is not None or (asked is None and warm is None)):
        raise parameter_error(
            f"The only Updates for index: {name} when TableThroughputMode is PAY_PER_REQUEST can be to "
            "OnDemandThroughput, WarmThroughput"
        )
    if not on_demand and asked is not None:
        raise parameter_error(
            f"{min(asked)} for OnDemandThroughput for index: {name} cannot be specified when the table "
            "BillingMode is PROVISIONED"
        )
    if not on_demand and units is None and warm is None:
        raise parameter_error(
            f"Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: {name}"
        )
    settings.check_maximum(asked, -1, name)
    settings.check_warmer(warm, warmth(update.then, index), name)
    changed = replace(
        index,
        throughput=index.throughput if units is None else _changed_units(index, units, now),
        on_demand=_merged_maximum(index, asked),
        warm={**kept_warmth(update.then, index), **(warm or {})},
    )
    update.then = _replace_index(update.then, name, lambda _: changed)
    shown = replace(index, on_demand=changed.on_demand)
    if warm is None and index.status == "ACTIVE":
        shown = replace(shown, status="UPDATING")
    elif warm is not None:
        shown = replace(shown, warm={**warmth(update.shown, index), "Status": "UPDATING"})
    update.shown = _replace_index(update.shown, name, lambda _: shown)


def _changed_units(index: Index, units: Members, now: float) -> Any:
    old = index.throughput
    new = settings.changed_throughput(old, units, now)
    if (old.read, old.write) == (new.read, new.write):
        raise validation(_UNCHANGED.format(name=index.name, read=old.read, write=old.write))
    return new


def _merged_maximum(index: Index, asked: Members | None) -> Members | None:
    merged = {**(index.on_demand or {}), **(asked or {})}
    return {name: value for name, value in merged.items() if value != -1} or None


def _add(
    call: "Call", writes: WriteSet, update: "Update", members: Members, definitions: list[Members]
) -> None:
    name, table = members["IndexName"], update.then
    if any(index.name == name for index in table.all_indexes):
        raise validation("Attempting to create an index which already exists")
    if not definitions:
        raise parameter_error(f"AttributeDefinitions is not specified for index: {name}")
    check_attribute_names(definitions)
    check_new_global_index(members, definitions)
    _check_added_throughput(table, members)
    if sum(index.is_global for index in table.indexes) >= GSI_COUNT:
        raise LimitExceededException(
            "Subscriber limit exceeded: Number of global secondary indexes exceeds "
            f"per-table limit of {GSI_COUNT}"
        )
    types = {part["AttributeName"]: part["AttributeType"] for part in definitions}
    # NOTE: an attribute that the table has already keeps its type, whatever the request says.
    types.update({part.name: part.type for part in table.attributes})
    index = new_global_index(members, types, call.catalogue.allocate_ids(call.view, writes, 1))
    index = replace(index, status="CREATING", backfilling=True)
    check_projected_count(count_projected(table) + len(index.included))
    update.set(indexes=(*table.indexes, index))
    update.set(attributes=used_attributes(update.then, types))
    update.show_updating()
    update.added = index


def _check_added_throughput(table: TableSchema, members: Members) -> None:
    name, units = members["IndexName"], members.get("ProvisionedThroughput")
    if table.billing == settings.ON_DEMAND and units is not None:
        raise parameter_error(
            f"Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: {name} when "
            "BillingMode is PAY_PER_REQUEST"
        )
    if table.billing == settings.PROVISIONED and units is None:
        raise parameter_error(
            f"Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: {name}"
        )
    settings.check_on_demand(members.get("OnDemandThroughput"), table.billing, name)
    settings.check_warm(members.get("WarmThroughput"), table.billing, units, name)


def _drop(writes: WriteSet, update: "Update", name: str) -> None:
    table = update.then
    index = _get_global(table, name, "delete")
    kept = tuple(other for other in table.indexes if other is not index)
    types = {part.name: part.type for part in table.attributes}
    update.shown = replace(
        update.shown, indexes=kept, leaving=(replace(index, status="DELETING", backfilling=False),)
    )
    update.show_updating()
    update.then = replace(table, indexes=kept)
    update.then = replace(update.then, attributes=used_attributes(update.then, types))
    stop_filling(writes, index)
    drop_rows(writes, [index.id])


def count_projected(table: TableSchema) -> int:
    """Return how many attributes the indexes of *table* have against its limit; see ``projected_count``."""
    vectors = sum(1 + len(index.filters) for index in table.vector_indexes)
    return vectors + sum(len(index.included) for index in table.all_indexes)


def used_attributes(table: TableSchema, types: dict[str, str]) -> tuple[KeyAttribute, ...]:
    """Return the attributes that the keys of *table* and its indexes use, those it has already first."""
    keys = [table.hash, *((table.range,) if table.range else ())]
    for index in table.indexes:
        keys += [*index.hash, *index.range]
    for vectors in table.vector_indexes:
        keys += [*vectors.hash, *vectors.filters]
    used = {part.name for part in keys}
    order = dict.fromkeys([*(part.name for part in table.attributes), *types])
    return tuple(KeyAttribute(name, types[name]) for name in order if name in used)
