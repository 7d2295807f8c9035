"""The actions that statements are: those of the native writes, with what PartiQL sees in another way."""

from typing import Any

from dynemu._core.values import normalise_item, type_of
from dynemu.engine.call import Call
from dynemu.engine.capacity import Consumption
from dynemu.engine.keys import check_index_keys
from dynemu.engine.statements.literals import build_members
from dynemu.engine.statements.opening import Statement
from dynemu.engine.statements.planning import WritePlan
from dynemu.engine.statements.wording import (
    DUPLICATE_ITEM,
    NO_KEY_TYPE,
    SEVERAL_KEYS,
    WRONG_KEY_TYPE,
    malformed,
)
from dynemu.engine.table import Table
from dynemu.engine.transactions import Action
from dynemu.engine.writes import CONDITION_FAILED, TOO_BIG, check_key_untouched
from dynemu.errors import ConditionalCheckFailedException, DuplicateItemException, parameter_error, validation
from dynemu.limits import ITEM_BYTES
from dynemu.storage.base import WriteSet
from partiql import ast

Item = dict[str, Any]

KEY_TYPES = frozenset(("S", "N", "B"))


class Insertion(Action):
    """INSERT: a put of an item that must not be there yet."""

    __slots__ = ()

    def locate(self, call: Call, table: Table) -> None:
        for part in table.key_attributes:
            value = self.item.get(part.name)
            if value is None:
                raise parameter_error(f"Missing the key {part.name} in the item")
            if type_of(value) != part.type:
                raise validation(WRONG_KEY_TYPE.format(part.name))
        super().locate(call, table)

    def apply(self, writes: WriteSet, consumption: Consumption | None) -> None:
        assert self.target is not None
        check_index_keys(self.target.table, self.item)
        if self.target.row is not None:
            raise DuplicateItemException(DUPLICATE_ITEM)
        super().apply(writes, consumption)


class Keyed(Action):
    """What is about one item, whose key the WHERE clause gives: EXISTS by itself."""

    __slots__ = ()

    def locate(self, call: Call, table: Table) -> None:
        for part in table.key_attributes:
            tag = type_of(self.item[part.name])
            if tag not in KEY_TYPES:
                raise validation(NO_KEY_TYPE.format(part.name, tag))
            if tag != part.type:
                raise validation(WRONG_KEY_TYPE.format(part.name))
        super().locate(call, table)


class Change(Keyed):
    """UPDATE, which never creates an item."""

    __slots__ = ()

    def apply(self, writes: WriteSet, consumption: Consumption | None) -> None:
        assert self.target is not None
        check_key_untouched(self.target.table, self.update)
        if self.target.row is None:
            raise ConditionalCheckFailedException(CONDITION_FAILED)
        super().apply(writes, consumption)


class Deletion(Keyed):
    """DELETE, which does not mind when there is no item, whatever its conditions.

    Source: developer guide, "PartiQL delete statements".
    """

    __slots__ = ()

    def apply(self, writes: WriteSet, consumption: Consumption | None) -> None:
        assert self.target is not None
        if self.target.row is None:
            self.condition = None
        super().apply(writes, consumption)


def make_action(statement: Statement, plan: WritePlan) -> Action:
    """Return the action of *statement*. Raises ValidationException for an item that cannot be stored."""
    values = statement.values
    on_failure = statement.request.get("ReturnValuesOnConditionCheckFailure")
    if plan.kind == "Put":
        item = _make_item(statement)
        return Insertion("Put", plan.table.name, item, None, None, {}, on_failure)
    key = {name: values[operand] for name, operand in plan.key}
    for name, operand in plan.repeated:
        if values[operand] != key[name]:
            raise validation(SEVERAL_KEYS.format(name))
    kind = {"Update": Change, "Delete": Deletion}.get(plan.kind, Keyed)
    return kind(plan.kind, plan.table.name, key, plan.condition, plan.update, values, on_failure)


def _make_item(statement: Statement) -> Item:
    """Return the item that an INSERT gives. Raises ValidationException."""
    node = statement.prepared.statement
    assert isinstance(node, ast.Insert)
    if isinstance(node.value, ast.Map):
        item = build_members(node.value, statement.values)
    else:
        given = statement.values[statement.prepared.parameters[0]].get("M")
        if given is None:
            raise malformed("VALUE must be followed by a map")
        item = given
    if normalise_item(item) > ITEM_BYTES:
        raise validation(TOO_BIG)
    return item


def pick_returned(plan: WritePlan, action: Action) -> list[Item]:
    """Return the items that a RETURNING clause asks for, of an *action* that is applied."""
    assert action.target is not None
    image = action.target.pick(plan.returns, plan.update)
    return [image] if image else []
