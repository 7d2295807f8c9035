"""The admin API's view of namespaces: what they hold, their savepoints, their clocks."""

from collections.abc import Iterator
from typing import Any

import dynemu
from dynemu.engine.clock import MovableClock
from dynemu.engine.database import Engine
from dynemu.http.admin_answers import NAME, NUMBER, TIME, Answer, Asked, Route

SLICE_SECONDS = 0.002
_ALL_TABLES = 1 << 30


def tell_version(asked: Asked) -> Answer:
    return Answer(200, {"version": dynemu.__version__})


def list_namespaces(asked: Asked) -> Answer:
    return Answer(200, {"namespaces": [{"name": name} for name in asked.namespaces.names()]})


def create_namespace(asked: Asked) -> Answer:
    asked.namespaces.create(asked.get("name"))
    return Answer(201, {"name": asked.get("name")})


def describe_namespace(asked: Asked) -> Answer:
    engine = asked.engine
    view, now = engine.store.view(), engine.clock.now()
    tables = []
    for name in engine.catalogue.names(view, None, _ALL_TABLES, now):
        table = engine.catalogue.find(view, name)
        assert table is not None
        items, size = view.counts(table.id)
        tables.append({"name": name, "items": items, "bytes": size})
    return Answer(
        200,
        {
            "name": asked.namespace,
            "tables": tables,
            "snapshots": len(asked.namespaces.snapshots(asked.namespace)),
            "savepoints": engine.savepoints,
            "clock": _clock(asked).to_dict(),
        },
    )


def drop_namespace(asked: Asked) -> Answer:
    asked.namespaces.drop(asked.namespace)
    return Answer(200, {"name": asked.namespace})


def reset_namespace(asked: Asked) -> Iterator[Answer | None]:
    for _ in asked.namespaces.preparing_snapshot(asked.namespace):
        yield None
    asked.namespaces.reset(asked.namespace)
    yield Answer(200, {"name": asked.namespace})


def branch_namespace(asked: Asked) -> Iterator[Answer | None]:
    snapshot = asked.names[1] if len(asked.names) > 1 else asked.get("snapshot")
    if snapshot is None:
        for _ in asked.namespaces.preparing_snapshot(asked.namespace):
            yield None
    asked.namespaces.branch(asked.namespace, asked.get("name"), snapshot)
    yield Answer(201, {"name": asked.get("name")})


def sweep(asked: Asked) -> Iterator[Answer | None]:
    """Delete what has expired by now, after other background work that waits."""
    engine = asked.engine
    before = engine.sweeper.deleted
    yield from _finish_work(engine)
    engine.expire()
    yield from _finish_work(engine)
    yield Answer(200, {"deleted": engine.sweeper.deleted - before})


def _finish_work(engine: Engine) -> Iterator[None]:
    while engine.has_work:
        engine.work(SLICE_SECONDS)
        yield None


# Savepoints


def list_savepoints(asked: Asked) -> Answer:
    return Answer(200, {"savepoints": asked.engine.savepoints})


def set_savepoint(asked: Asked) -> Answer:
    return Answer(201, {"name": asked.engine.savepoint(asked.get("name"))})


def roll_back(asked: Asked) -> Answer:
    asked.engine.rollback(_savepoint(asked))
    return Answer(200, {"savepoints": asked.engine.savepoints})


def release_savepoint(asked: Asked) -> Answer:
    asked.engine.release(_savepoint(asked))
    return Answer(200, {"savepoints": asked.engine.savepoints})


def _savepoint(asked: Asked) -> str | None:
    return asked.names[1] if len(asked.names) > 1 else None


# Clocks


def tell_time(asked: Asked) -> Answer:
    return Answer(200, _clock(asked).to_dict())


def change_clock(asked: Asked) -> Answer:
    return _apply(asked, asked.members)


def freeze_clock(asked: Asked) -> Answer:
    return _apply(asked, {"freeze": asked.get("at", True)})


def set_clock(asked: Asked) -> Answer:
    rate = {"rate": asked.get("rate")} if "rate" in asked.members else {}
    return _apply(asked, {"set": asked.get("at"), **rate})


def advance_clock(asked: Asked) -> Answer:
    return _apply(asked, {"advance": asked.get("seconds")})


def speed_clock(asked: Asked) -> Answer:
    return _apply(asked, {"rate": asked.get("rate")})


def reset_clock(asked: Asked) -> Answer:
    return _apply(asked, {"reset": True})


def _apply(asked: Asked, change: Any) -> Answer:
    _clock(asked).apply(change)
    asked.engine.expire()
    return tell_time(asked)


def _clock(asked: Asked) -> MovableClock:
    clock = asked.engine.clock
    assert isinstance(clock, MovableClock)
    return clock


_HERE = "namespaces/{namespace}"
ROUTES = (
    Route("GET", "version", tell_version),
    Route("GET", "namespaces", list_namespaces),
    Route("POST", "namespaces", create_namespace, {"name": NAME}, ("name",)),
    Route("GET", _HERE, describe_namespace),
    Route("DELETE", _HERE, drop_namespace),
    Route("POST", f"{_HERE}/reset", reset_namespace),
    Route("POST", f"{_HERE}/branch", branch_namespace, {"name": NAME, "snapshot": NAME}, ("name",)),
    Route("POST", f"{_HERE}/snapshots/{{snapshot}}/branch", branch_namespace, {"name": NAME}, ("name",)),
    Route("POST", f"{_HERE}/sweep", sweep),
    Route("GET", f"{_HERE}/savepoints", list_savepoints),
    Route("POST", f"{_HERE}/savepoints", set_savepoint, {"name": NAME}),
    Route("POST", f"{_HERE}/rollback", roll_back),
    Route("POST", f"{_HERE}/savepoints/{{savepoint}}/rollback", roll_back),
    Route("DELETE", f"{_HERE}/savepoints/{{savepoint}}", release_savepoint),
    Route("GET", f"{_HERE}/clock", tell_time),
    Route("POST", f"{_HERE}/clock", change_clock, None),
    Route("POST", f"{_HERE}/clock/freeze", freeze_clock, {"at": TIME}),
    Route("POST", f"{_HERE}/clock/set", set_clock, {"at": TIME, "rate": NUMBER}, ("at",)),
    Route("POST", f"{_HERE}/clock/advance", advance_clock, {"seconds": NUMBER}, ("seconds",)),
    Route("POST", f"{_HERE}/clock/rate", speed_clock, {"rate": NUMBER}, ("rate",)),
    Route("POST", f"{_HERE}/clock/reset", reset_clock),
)
