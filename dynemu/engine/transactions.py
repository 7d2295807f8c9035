"""The all-or-nothing write of several items, and the reasons why it did not happen."""

from collections.abc import Iterable
from typing import Any

from dynemu._core.codec import row_size
from dynemu.engine.call import Call
from dynemu.engine.capacity import Consumption, read_units, write_units
from dynemu.engine.keys import check_index_keys, get_item_row_key, get_row_key
from dynemu.engine.table import Table
from dynemu.engine.writes import CONDITION_FAILED, Target, check_key_untouched
from dynemu.errors import (
    ConditionalCheckFailedException,
    DuplicateItemException,
    TransactionCanceledException,
    ValidationException,
    validation,
)
from dynemu.storage.base import WriteSet

Item = dict[str, Any]

REPEATED = "Transaction request cannot include multiple operations on one item"


class Action:
    """One action of a transaction: *kind* is ``ConditionCheck``, ``Put``, ``Delete`` or ``Update``."""

    __slots__ = (
        "condition",
        "item",
        "kind",
        "name",
        "on_failure",
        "result",
        "size",
        "target",
        "update",
        "values",
    )

    def __init__(
        self,
        kind: str,
        name: str,
        item: Item,
        condition: Any,
        update: Any,
        values: Item,
        on_failure: str | None,
        size: int = 0,
    ) -> None:
        self.kind = kind
        self.name = name
        self.item = item
        """The item of a Put, else the key."""
        self.condition = condition
        self.update = update
        self.values = values
        self.on_failure = on_failure
        self.size = size
        """Bytes of the item of a Put, 0 when they are not known."""
        self.target: Target | None = None
        self.result: bytes | None = None
        """The row as the transaction leaves it, once it was applied; None when there is none."""

    def locate(self, call: Call, table: Table) -> None:
        """Find the item. Raises ValidationException for a key that does not fit the table."""
        row_key = get_item_row_key(table, self.item) if self.kind == "Put" else get_row_key(table, self.item)
        self.target = Target(call.view, table, row_key)

    def apply(self, writes: WriteSet, consumption: Consumption | None) -> None:
        """Check the condition and add to *writes* what the action changes. Raises AwsError."""
        target = self.target
        assert target is not None
        if self.kind == "Put":
            check_index_keys(target.table, self.item)
        elif self.kind == "Update":
            check_key_untouched(target.table, self.update)
            target.look(self.condition, self.update)
        target.check(self.condition, self.values, self.on_failure)
        if self.kind == "ConditionCheck":
            self.result = target.row
            writes.expects.append((target.row_key, target.row))
            if consumption is not None:
                size = 0 if target.row is None else row_size(target.row)
                consumption.units += write_units(size, size)
            return
        if self.kind == "Update":
            target.update(self.item, self.update, self.values)
            target.write(writes, consumption)
        else:
            target.replace(self.item if self.kind == "Put" else None, writes, consumption, self.size)
        self.result = target.new_row


def write_all(
    call: Call, actions: list[Action], tables: list[Table], consumptions: dict[str, Consumption]
) -> WriteSet:
    """Return the write set of *actions*, whose *tables* are given in the same order.

    Raises: ValidationException for an item that is named twice, TransactionCanceledException with a
    reason for each action when any of them cannot be done.
    """
    reasons: list[Item] = [{"Code": "None"} for _ in actions]
    seen: set[bytes] = set()
    for place, (action, table) in enumerate(zip(actions, tables, strict=True)):
        try:
            action.locate(call, table)
        except ValidationException as error:
            reasons[place] = get_reason(error)
            continue
        assert action.target is not None
        if action.target.row_key in seen:
            raise validation(REPEATED)
        seen.add(action.target.row_key)
    writes = WriteSet()
    for place, (action, table) in enumerate(zip(actions, tables, strict=True)):
        if action.target is None:
            continue
        try:
            action.apply(writes, consumptions.get(table.name))
        except (ValidationException, ConditionalCheckFailedException, DuplicateItemException) as error:
            reasons[place] = get_reason(error)
    check_reasons(reasons)
    for consumption in consumptions.values():
        consumption.units *= 2
    return writes


def get_reason(
    error: ValidationException | ConditionalCheckFailedException | DuplicateItemException,
) -> Item:
    """Return the cancellation reason for what went wrong with one action.

    Raises: ValidationException, *error* itself, when it is an empty key value: AWS refuses all for that.
    """
    if "are not valid." in str(error) and "AttributeValue" in str(error):
        raise error
    if isinstance(error, ConditionalCheckFailedException):
        return {"Code": "ConditionalCheckFailed", "Message": CONDITION_FAILED, **error.fields}
    code = "DuplicateItem" if isinstance(error, DuplicateItemException) else "ValidationError"
    return {"Code": code, "Message": str(error)}


def check_reasons(reasons: list[Item]) -> None:
    """Raise TransactionCanceledException when any of *reasons* is one."""
    codes = [reason["Code"] for reason in reasons]
    if any(code != "None" for code in codes):
        raise TransactionCanceledException(
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
            f"[{', '.join(codes)}]",
            CancellationReasons=reasons,
        )


def replay_units(actions: Iterable[Action], names: Iterable[str]) -> dict[str, float]:
    """Return the read units, by table, of an answer that comes from memory.

    Each item of the applied *actions* is charged as read by a transaction, in the size that it now has.
    Source: API reference, TransactWriteItems, "ClientRequestToken".
    """
    units: dict[str, float] = {}
    for action, name in zip(actions, names, strict=True):
        size = 0 if action.result is None else row_size(action.result)
        units[name] = units.get(name, 0.0) + 2 * read_units(size, consistent=True)
    return units
