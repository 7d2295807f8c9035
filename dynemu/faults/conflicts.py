"""Requests that meet a transaction under way: those that are told so, and those that really do."""

from typing import Any, NamedTuple

from dynemu.engine.call import table_name
from dynemu.engine.database import Engine
from dynemu.engine.table import Table
from dynemu.engine.transactions import check_reasons
from dynemu.errors import TransactionConflictException, TransactionInProgressException
from dynemu.faults.asked import CONFLICTING, Asked, canonical
from dynemu.faults.batches import cut, refuse
from dynemu.hooks import OperationContext
from dynemu.storage.base import CommitRefused

_ONGOING = "Transaction is ongoing for the item"
_TIMER_SECONDS = 0.002
"""How much too early a timer may be: who has the answer of a transaction does not meet it any more."""
_IN_PROGRESS = "The transaction with the given request token is already in progress."


def find_table(engine: Engine, name: str) -> Table | None:
    """Return the table called *name* as items can use it now, None when there is none."""
    while True:
        try:
            table = engine.catalogue.find(engine.store.view(), name)
        except CommitRefused:
            continue
        return table.at(engine.clock.now()) if table is not None and table.busy else table


def conflict(context: OperationContext, asked: Asked, places: list[int]) -> dict[str, Any] | None:
    """Let the request meet transactions at the items at *places*.

    A batch leaves those unprocessed, one of statements refuses them.
    Returns: the answer, when nothing else is left to do; else None.
    Raises: TransactionConflictException, TransactionCanceledException.
    """
    if asked.operation == "BatchWriteItem":
        return cut(context, set(places))
    if asked.operation == "BatchExecuteStatement":
        return refuse(context, {place: ("TransactionConflict", _ONGOING) for place in places}, asked.actions)
    if not asked.is_transaction:
        raise TransactionConflictException(_ONGOING)
    reasons: list[dict[str, Any]] = [{"Code": "None"} for _ in asked.actions]
    for place in places:
        reasons[place] = {"Code": "TransactionConflict", "Message": _ONGOING}
    check_reasons(reasons)
    return None


class _Held(NamedTuple):
    until: float
    row_keys: frozenset[bytes]
    token: str | None


class Ongoing:
    """Transactions that count as under way, because their answers are held back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: list[_Held] = []

    def begin(self, asked: Asked, seconds: float) -> None:
        """Let the transaction that has been done count as under way for *seconds* of the database's clock."""
        row_keys = frozenset(key for key in self._row_keys(asked) if key is not None)
        until = self._engine.clock.now() + seconds - _TIMER_SECONDS
        self._held.append(_Held(until, row_keys, asked.request.get("ClientRequestToken")))

    def clear(self) -> None:
        """End them all."""
        self._held.clear()

    def check(self, context: OperationContext) -> dict[str, Any] | None:
        """Let the request of *context* meet them.

        Returns and raises what ``conflict`` does; TransactionInProgressException for the token of one.
        """
        now = self._engine.clock.now()
        self._held = [held for held in self._held if held.until > now]
        if not self._held or context.operation not in CONFLICTING:
            return None
        token = context.request.get("ClientRequestToken")
        if token is not None and any(held.token == token for held in self._held):
            raise TransactionInProgressException(_IN_PROGRESS)
        asked = Asked(context, self._engine)
        if asked.direction == "Read" and not asked.is_transaction:
            return None
        locked = frozenset().union(*(held.row_keys for held in self._held))
        places = [place for place, key in enumerate(self._row_keys(asked)) if key in locked]
        return conflict(context, asked, places) if places else None

    def _row_keys(self, asked: Asked) -> list[bytes | None]:
        """Return the row keys of the items that a request names; None where the table knows no such key."""
        tables = {name: find_table(self._engine, name) for name, _ in asked.items}
        return [_row_key(tables[table_name(name)], item) for name, item in asked.items]


def _row_key(table: Table | None, item: dict[str, Any]) -> bytes | None:
    key = None if table is None else canonical(item, table.keys)
    return None if table is None or key is None else table.codec.encode(key)
