"""One comparison: start the servers, load them, drive them row by row in turn, return what was seen."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from typing import Any

from benchmarks.macro.data import INDEXED_TABLE, ITEM_COUNT, TABLE, item_of
from benchmarks.macro.latency import Offer, Target, measure
from benchmarks.macro.load import Client, Refused, Sample, create_and_fill, drive, encode_bodies
from benchmarks.macro.machine import CALM, describe_machine, describe_versions, wait_until_calm
from benchmarks.macro.openloop import CONNECTIONS
from benchmarks.macro.rows import Request, Row, WrongAnswer
from benchmarks.macro.servers import DidNotStart, Launch, Running, Server
from benchmarks.macro.suite import MISSING, run_suite

Result = dict[str, Any]

_STARTS = 5
_IDLE_AFTER = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: each of *rounds* drives every server for *seconds* on a row; one more warms up first."""

    servers: Sequence[tuple[Server, Launch]]
    rows: Sequence[Row]
    seconds: float = 3.0
    rounds: int = 3
    connections: int = 16
    attempts: int = 3
    patience: float = 10.0
    suite: bool = True
    offer: Offer | None = None


@dataclass(slots=True)
class _Contender:
    server: Server
    launch: Launch
    measured: Result
    started: Running | None = None

    @property
    def running(self) -> Running:
        assert self.started
        return self.started


def compare(plan: Plan) -> Result:
    """Run *plan* and return the result, ready for JSON."""
    contenders = [
        _Contender(server, launch, {"title": server.title, "version": launch.version})
        for server, launch in plan.servers
    ]
    result = _describe(plan, contenders)
    with ExitStack() as stack:
        _say("start to first answer")
        able = [one for one in contenders if _is_able(one, lambda one: _start(plan, one, stack))]
        if plan.suite:
            _say("boto3 tests")
            _run_suites(plan, able)
        able = [one for one in able if _is_able(one, _fill)]
        for row in plan.rows:
            _say(row.title)
            result["rows"][row.name] = {"title": row.title, "servers": _run_row(plan, row, able)}
        for one in able if plan.rows else ():
            one.measured["memory_after_mb"] = one.running.resident_bytes() / 1e6
        if plan.offer:
            targets = [Target(one.server.name, one.running) for one in able if not one.server.only]
            result["latency"] = measure(plan.offer, targets, _say)
    return result


def _describe(plan: Plan, contenders: Sequence[_Contender]) -> Result:
    settings = {name: getattr(plan, name) for name in ("seconds", "rounds", "connections", "attempts")}
    if plan.offer:
        offered = {name: getattr(plan.offer, name) for name in ("seconds", "rounds")}
        settings["offer"] = offered | {"connections": CONNECTIONS}
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": describe_machine(),
        "versions": describe_versions(),
        "settings": settings,
        "data": {
            "items": ITEM_COUNT,
            "json_bytes_per_item": len(encode_bodies([item_of(ITEM_COUNT // 2)])) - 1,
        },
        "servers": {one.server.name: one.measured for one in contenders},
        "rows": {},
        "latency": {},
    }


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)


def _is_able(contender: _Contender, prepare: Callable[[_Contender], None]) -> bool:
    try:
        prepare(contender)
    except (DidNotStart, Refused) as error:
        contender.measured["unable"] = str(error)
        _say(f"  {contender.server.title}: {error}")
        return False
    return True


def _start(plan: Plan, contender: _Contender, stack: ExitStack) -> None:
    """Start the server several times, and keep the last one until *stack* ends."""
    times = []
    for _ in range(_STARTS):
        if contender.started:
            contender.started.stop()
        wait_until_calm(plan.patience)
        contender.started = Running(contender.launch)
        times.append(contender.started.start_ms)
    stack.callback(contender.running.stop)
    contender.measured["start_ms"] = times
    time.sleep(_IDLE_AFTER)
    contender.running.settle()
    contender.measured["memory_idle_mb"] = contender.running.resident_bytes() / 1e6


def _fill(contender: _Contender) -> None:
    running, measured = contender.running, contender.measured
    if contender.server.only:
        return
    _say(f"load {contender.server.title}")
    client = Client(running.port)
    started = time.perf_counter()
    create_and_fill(client, TABLE)
    create_and_fill(client, INDEXED_TABLE)
    measured["load_seconds"] = time.perf_counter() - started
    client.close()
    running.settle()
    measured["memory_loaded_mb"] = running.resident_bytes() / 1e6


def _run_row(plan: Plan, row: Row, contenders: list[_Contender]) -> Result:
    able = [one for one in contenders if not one.server.only or row.name in one.server.only]
    seen: Result = {one.server.name: {"rounds": []} for one in able}
    for round_ in range(plan.rounds):
        shared: list[Request] | None = None
        for contender in able:
            cell = seen[contender.server.name]
            if "unable" in cell:
                continue
            try:
                if shared is None or row.per_server:
                    shared = _prepare(row, contender, round_)
                cell["rounds"].append(_run_round(plan, row, contender, shared, warm_up=round_ == 0))
            except (Refused, WrongAnswer) as error:
                cell["unable"] = str(error)
                _say(f"  {contender.server.title}: {error}")
            contender.running.settle()
    return seen


def _prepare(row: Row, contender: _Contender, round_: int) -> list[Request]:
    client = Client(contender.running.port)
    try:
        return row.prepare(client, round_)
    finally:
        client.close()


def _run_round(plan: Plan, row: Row, contender: _Contender, requests: list[Request], warm_up: bool) -> Result:
    running, bodies = contender.running, encode_bodies(requests)
    client = Client(running.port)
    try:
        row.verify(client, requests)
    finally:
        client.close()
    if warm_up:
        _drive(replace(plan, attempts=1), row, running, bodies)
        running.settle()
    return asdict(_drive(plan, row, running, bodies))


def _drive(plan: Plan, row: Row, running: Running, bodies: str) -> Sample:
    """Return the calmest of up to ``plan.attempts`` runs, ending at one that others hardly disturbed."""
    calmest: Sample | None = None
    for _ in range(plan.attempts):
        wait_until_calm(plan.patience)
        sample = drive(
            running.port, row.operation, bodies, plan.seconds, plan.connections, running.cpu_seconds
        )
        if not sample.rps:
            raise Refused(f"no answer in {plan.seconds:g} s to {plan.connections} requests at a time")
        if calmest is None or sample.other_load < calmest.other_load:
            calmest = sample
        if sample.other_load <= CALM:
            break
        running.settle()
    assert calmest
    return calmest


def _run_suites(plan: Plan, contenders: list[_Contender]) -> None:
    for round_ in range(plan.rounds):
        for contender in contenders:
            measured = contender.measured
            if contender.server.only or "suite_unable" in measured:
                continue
            if MISSING:
                measured["suite_unable"] = MISSING
                continue
            wait_until_calm(plan.patience)
            try:
                measured.setdefault("suite_ms", []).append(run_suite(contender.running.port, str(round_)))
            except Exception as error:
                measured["suite_unable"] = str(error)
