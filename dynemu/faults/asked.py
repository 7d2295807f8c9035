"""What a request is about, before the operation has looked at it: tables, items, reading or writing.

Requests are not checked yet: what does not have the form of its operation is about nothing.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from dynemu._core.values import normalise_item
from dynemu.engine.call import Call, table_name
from dynemu.engine.commit import until_committed
from dynemu.engine.database import Engine
from dynemu.errors import AwsError
from dynemu.hooks import OperationContext

Item = dict[str, Any]

READS = frozenset(("GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"))
WRITES = frozenset(("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"))
STATEMENTS = frozenset(("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"))
BATCHES = frozenset(("BatchGetItem", "BatchWriteItem"))
CONFLICTING = WRITES | STATEMENTS | {"TransactGetItems"}
"""Operations that an ongoing transaction can be in the way of."""
_ITEM_MEMBERS = {"PutItem": "Item", "GetItem": "Key", "UpdateItem": "Key", "DeleteItem": "Key"}
_STATEMENT = re.compile(
    r"\s*(?:(SELECT)\b.*?\bFROM|INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?([A-Za-z0-9_.-]+)",
    re.IGNORECASE | re.DOTALL,
)


class Named(NamedTuple):
    """An item that a request names."""

    table: str
    item: Item
    """The item, or its key, or as much of that as is told; empty where none of it is."""


class Asked:
    """What one request asks for, of the database of *engine*."""

    def __init__(self, context: OperationContext, engine: Engine) -> None:
        self.operation = context.operation
        self.request = context.request
        statements: list[tuple[bool, str]] = []
        try:
            if context.operation in STATEMENTS:
                statements, self.items = _read_statements(engine, context)
            elif context.operation == "Query":
                self.items = [_queried(context.request)]
            else:
                self.items = [_checked(named) for named in _named_items(context.operation, context.request)]
        except (AttributeError, KeyError, TypeError, ValueError):
            self.items, statements = [], []
        self.statements = statements
        """(whether it reads, table) of every PartiQL statement that can be told."""
        self.tables = [table_name(name) for name in context.tables]
        self.tables += [table for _, table in statements if table and table not in self.tables]

    @property
    def direction(self) -> str | None:
        """``Read`` or ``Write`` for operations on items."""
        if self.operation in READS or (self.statements and all(reads for reads, _ in self.statements)):
            return "Read"
        return "Write" if self.operation in WRITES or self.statements else None

    @property
    def is_transaction(self) -> bool:
        """Whether it is done wholly or not at all."""
        return self.operation in ("TransactWriteItems", "TransactGetItems", "ExecuteTransaction")

    @property
    def actions(self) -> list[str]:
        """The tables of a transaction's actions, in their order."""
        if self.statements:
            return [table for _, table in self.statements]
        return [table for table, _ in self.items]

    def places(self, table: str | None, key: Item | None) -> list[int]:
        """Return the places of the items (or statements) of *table* that have the attributes *key*."""
        if key is None:
            return [n for n, name in enumerate(self.actions) if table in (None, name)]
        return [
            n
            for n, (name, item) in enumerate(self.items)
            if table in (None, name) and canonical(item, key) == key
        ]


def _checked(named: Named) -> Named:
    if not isinstance(named.item, dict):
        raise TypeError
    return named


def canonical(item: Item, names: Any) -> Item | None:
    """Return those attributes of *item* that are among *names* in canonical form, or None."""
    try:
        chosen: Item = orjson.loads(orjson.dumps({name: item[name] for name in names if name in item}))
        normalise_item(chosen)
    except (AwsError, TypeError):
        return None
    return chosen


def _named_items(operation: str, request: Item) -> Iterator[Named]:
    if operation in _ITEM_MEMBERS:
        yield Named(table_name(request["TableName"]), request[_ITEM_MEMBERS[operation]])
    elif operation == "BatchGetItem":
        for name, part in request["RequestItems"].items():
            for key in part["Keys"]:
                yield Named(table_name(name), key)
    elif operation == "BatchWriteItem":
        for name, writes in request["RequestItems"].items():
            for write in writes:
                put = write.get("PutRequest")
                yield Named(table_name(name), put["Item"] if put else write["DeleteRequest"]["Key"])
    elif operation in ("TransactWriteItems", "TransactGetItems"):
        for action in request["TransactItems"]:
            (part,) = action.values()
            yield Named(table_name(part["TableName"]), part["Item"] if "Item" in part else part["Key"])


def _queried(request: Item) -> Named:
    """Return what a Query says of the key of its items: the attributes that have to be equal to something."""
    from dynemu.operations.query import find_equal  # noqa: PLC0415 - it is loaded by the first Query

    named = table_name(request["TableName"])
    try:
        return Named(named, find_equal(_copied(request)))
    except AwsError:
        return Named(named, {})


def _read_statements(engine: Engine, context: OperationContext) -> tuple[list[tuple[bool, str]], list[Named]]:
    """Return (whether it reads, table) of the statements of a request, and the items that they are about.

    One that cannot be told stands for nothing; there are none when that is true of all.
    """
    request = context.request
    view = engine.store.view()
    call = Call(view, engine.catalogue, engine.clock.now(), context.region, context.account, engine.settings)
    statements, items = [], []
    for part in request.get("TransactStatements") or request.get("Statements") or [request]:
        found = _STATEMENT.match(part["Statement"])
        reads, table = (True, "") if found is None else (found[1] is not None, found[2])
        statements.append((reads, table))
        items.append(Named(table, _stated(call, part) if table else {}))
    return (statements, items) if any(table for _, table in statements) else ([], [])


def _stated(call: Call, part: Item) -> Item:
    """Return the item or key that a statement names, as much of the key as it compares with =."""
    from dynemu.engine.statements.naming import named_by  # noqa: PLC0415 - it loads all of PartiQL

    try:
        return until_committed(lambda: named_by(call, _copied(part)))
    except AwsError:
        return {}


def _copied(request: Item) -> Item:
    # The operation has to find it as it was sent.
    copied: Item = orjson.loads(orjson.dumps(request))
    return copied
