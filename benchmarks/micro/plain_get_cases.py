"""The short way of GetItem against the operation behind its door: from loaded request to response body."""

from orjson import dumps

from benchmarks.macro.data import item_of, key_of, table_definition
from benchmarks.micro.timing import Cases
from dynemu.config import Settings
from dynemu.engine.clock import MovableClock
from dynemu.engine.database import Engine
from dynemu.operations.dispatch import call
from dynemu.operations.plain_get import get_plainly
from dynemu.storage.memory import MemoryStore

_CALLER = ("us-east-1", "000000000000")


def cases() -> Cases:
    """Return the calls to compare."""
    clock = MovableClock()
    engine = Engine(MemoryStore(), Settings(), clock)
    call(engine, "CreateTable", table_definition("bench"), *_CALLER)
    clock.advance(60)
    for number in range(1000):
        call(engine, "PutItem", {"TableName": "bench", "Item": dict(item_of(number))}, *_CALLER)
    clock.reset()
    request = {"TableName": "bench", "Key": key_of(7)}
    engine.execute(lambda _call, _request: ({}, None), request, *_CALLER)
    return {
        "GetItem of an item": (
            lambda: get_plainly(engine, request),
            lambda: dumps(call(engine, "GetItem", request, *_CALLER)),
        ),
    }
