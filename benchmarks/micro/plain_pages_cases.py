"""The short ways of Query and Scan against the operations behind their door: from request to body."""

from typing import Any

from orjson import dumps

from benchmarks.macro.data import TABLE, item_of, table_definition
from benchmarks.macro.rows import ROWS
from benchmarks.micro.timing import Cases
from dynemu.config import Settings
from dynemu.engine.clock import MovableClock
from dynemu.engine.database import Engine
from dynemu.operations import find_operation
from dynemu.operations.dispatch import call
from dynemu.storage.memory import MemoryStore

_CALLER = ("us-east-1", "000000000000")
_ITEMS = 1000


def cases() -> Cases:
    """Return the calls to compare."""
    clock = MovableClock()
    engine = Engine(MemoryStore(), Settings(), clock)
    call(engine, "CreateTable", table_definition(TABLE), *_CALLER)
    clock.advance(60)
    for number in range(_ITEMS):
        call(engine, "PutItem", {"TableName": TABLE, "Item": dict(item_of(number))}, *_CALLER)
    clock.reset()
    unused: Any = None
    requests = {row.title: row.prepare(unused, 1) for row in ROWS if row.operation == "Query"}
    found: Cases = {title: _both(engine, "Query", _in_table(given)) for title, given in requests.items()}
    found["Scan, 100 items"] = _both(engine, "Scan", {"TableName": TABLE, "Limit": 100})
    return found


def _in_table(requests: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the first of *requests* for a partition that is there."""
    keys = {item_of(number)["pk"]["S"] for number in range(_ITEMS)}
    return next(request for request in requests if request["ExpressionAttributeValues"][":pk"]["S"] in keys)


def _both(engine: Engine, name: str, request: dict[str, Any]) -> tuple[Any, Any]:
    operation = find_operation(name)
    assert operation is not None and operation.plain is not None
    plain = operation.plain
    return (lambda: plain(engine, request)), (lambda: dumps(call(engine, name, request, *_CALLER)))
