"""The faults of one namespace, and the hooks that carry them out."""

import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from dynemu.engine.clock import MovableClock
from dynemu.engine.database import Engine
from dynemu.engine.table import Table
from dynemu.errors import AwsError, InternalServerError, ServiceUnavailable
from dynemu.faults.asked import BATCHES, Asked
from dynemu.faults.batches import cut, give_back, refuse
from dynemu.faults.conflicts import Ongoing, conflict, find_table
from dynemu.faults.fault import Fault
from dynemu.faults.throttling import cancel, code_of, throttled, too_many_requests, usual_limit
from dynemu.hooks import OperationContext, hookimpl

Wire = dict[str, Any]
Wires = list[Wire]
Places = list[int]
_UNAVAILABLE = "DynamoDB is currently unavailable."


class Entry:
    """A fault of a plan, with its own randomness and what became of it."""

    def __init__(self, id: str, fault: Fault, seed: int) -> None:
        self.id = id
        self.fault = fault
        self.restart(seed)

    def restart(self, seed: int) -> None:
        """Begin as if nothing had been asked yet."""
        self.asked = 0
        """Requests that it fits."""
        self.hit = 0
        # A generator of its own: other faults, and requests that it does not fit, change nothing for it.
        self.random = Random(f"{seed}/{self.id}")

    def strikes(self) -> bool:
        """Decide whether the request that fits is hit."""
        fault = self.fault
        self.asked += 1
        if fault.times is not None and self.hit >= fault.times:
            return False
        if self.asked % fault.every or (fault.probability < 1 and self.random.random() >= fault.probability):
            return False
        self.hit += 1
        return True


class FaultPlan:
    """The faults of the namespace of *engine*: a plugin that is registered while there are any."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._entries: dict[str, Entry] = {}
        self._numbered = 0
        self._ongoing = Ongoing(engine)
        self.seed = engine.settings.seed
        """What all randomness follows from."""

    def add(self, fault: Fault | Mapping[str, Any], id: str | None = None) -> str:
        """Let *fault*, or the one that a JSON object describes, happen from now on; return its id.

        One of the same *id* goes; None makes up an id. Raises: ValueError with one sentence.
        """
        fault = fault if isinstance(fault, Fault) else Fault.from_dict(fault)
        if id is None:
            self._numbered += 1
            while f"fault-{self._numbered}" in self._entries:
                self._numbered += 1
            id = f"fault-{self._numbered}"
        if not self._entries:
            self._engine.register(self)
        self._entries[id] = Entry(id, fault, self.seed)
        return id

    def remove(self, id: str) -> None:
        """Let the fault called *id* happen no more. Raises: KeyError when there is none."""
        if id not in self._entries:
            raise KeyError(f"There is no fault called {id}.")
        del self._entries[id]
        if not self._entries:
            self._ongoing.clear()
            self._engine.unregister(self)

    def clear(self) -> None:
        """Remove all faults, and end the transactions that they hold."""
        for id in tuple(self._entries):
            self.remove(id)
        self._numbered = 0

    def restart(self, seed: int | None = None) -> None:
        """Begin again with *seed* (None: the same): equal requests meet equal faults as the first time."""
        self.seed = self.seed if seed is None else seed
        self._ongoing.clear()
        for entry in self._entries.values():
            entry.restart(self.seed)

    def list(self) -> "Wires":
        """Return the faults as JSON objects, with how many requests they fitted (asked) and hit."""
        return [
            {"id": entry.id, **entry.fault.to_dict(), "asked": entry.asked, "hit": entry.hit}
            for entry in self._entries.values()
        ]

    @hookimpl
    def before_operation(self, context: OperationContext) -> Wire | None:
        response = self._ongoing.check(context)
        for entry in tuple(self._entries.values()):
            if response is not None:
                break
            if not _comes_after(entry.fault):
                response = self._meet(entry, context)
        return response

    @hookimpl
    def after_operation(self, context: OperationContext) -> None:
        if context.error is not None:
            return
        give_back(context)
        for entry in tuple(self._entries.values()):
            if _comes_after(entry.fault) and not context.drops:
                self._meet(entry, context)

    def _meet(self, entry: Entry, context: OperationContext) -> Wire | None:
        """Let one fault happen to a request if it fits and its turn has come."""
        fault, asked = entry.fault, Asked(context, self._engine)
        if not fault.may_hit(context.operation, asked.direction):
            return None
        if fault.table is not None and fault.table not in asked.tables:
            return None
        places = asked.places(fault.table, None if fault.key is None else dict(fault.key))
        if fault.key is not None and not places:
            return None
        occur: dict[str, Callable[[Entry, OperationContext, Asked, list[int]], Wire | None]] = {
            "throttle": self._throttle,
            "conflict": self._conflict,
            "latency": self._delay,
            "error": self._fail,
            "drop": self._drop,
            "unprocessed": self._leave,
            "hold": self._hold,
        }
        return occur[fault.kind](entry, context, asked, places)

    def _throttle(self, entry: Entry, context: OperationContext, asked: Asked, places: Places) -> Wire | None:
        direction = asked.direction
        if direction is None:
            if entry.strikes():
                raise too_many_requests()
            return None
        table = find_table(self._engine, entry.fault.table or asked.tables[0]) if asked.tables else None
        error = None if table is None else _throttling_of(entry.fault, asked, table, direction)
        if error is None or not entry.strikes():
            return None
        if asked.is_transaction and places:
            cancel(error, places if entry.fault.key else places[:1], len(asked.actions))
        if asked.operation in BATCHES and 0 < len(places) < len(asked.items):
            return cut(context, set(places))
        if asked.operation == "BatchExecuteStatement" and 0 < len(places) < len(asked.actions):
            code = code_of(error)
            return refuse(context, {place: (code, error.message or "") for place in places}, asked.actions)
        raise error

    def _conflict(self, entry: Entry, context: OperationContext, asked: Asked, places: Places) -> Wire | None:
        reads = asked.direction == "Read" and not asked.is_transaction
        if reads or not places or not entry.strikes():
            return None
        return conflict(context, asked, places if entry.fault.key else places[:1])

    def _delay(self, entry: Entry, context: OperationContext, asked: Asked, places: Places) -> None:
        if entry.strikes():
            context.delay += entry.fault.seconds

    def _fail(self, entry: Entry, context: OperationContext, asked: Asked, places: Places) -> None:
        if not entry.strikes():
            return
        error: AwsError = InternalServerError("Internal server error")
        if entry.fault.code == "ServiceUnavailable":
            error = ServiceUnavailable(_UNAVAILABLE)
        if not entry.fault.after:
            raise error
        context.error = error

    def _drop(self, entry: Entry, context: OperationContext, asked: Asked, places: Places) -> Wire | None:
        if not entry.strikes():
            return None
        context.drops = True
        return {}

    def _leave(self, entry: Entry, context: OperationContext, asked: Asked, places: Places) -> Wire | None:
        share = entry.fault.share
        count = math.ceil(len(places) * share)
        if count == len(asked.items) and share < 1:
            # Something is always done, or a client that sends the rest again would never come to an end.
            count -= 1
        if count < 1 or not entry.strikes():
            return None
        return cut(context, set(entry.random.sample(places, count)))

    def _hold(self, entry: Entry, context: OperationContext, asked: Asked, places: Places) -> None:
        if places and asked.direction == "Write" and entry.strikes():
            seconds = entry.fault.seconds
            self._ongoing.begin(asked, seconds)
            clock = self._engine.clock
            rate = clock.rate if isinstance(clock, MovableClock) else 1.0
            # While time stands still the answer comes at once; the transaction ends when a test moves time.
            context.delay += seconds / rate if rate else 0.0


def plan_of(engine: Engine) -> FaultPlan:
    """Return the faults of the namespace of *engine*."""
    if engine.faults is None:
        engine.faults = FaultPlan(engine)
    plan: FaultPlan = engine.faults
    return plan


def _comes_after(fault: Fault) -> bool:
    return fault.after or fault.kind == "hold"


def _throttling_of(fault: Fault, asked: Asked, table: Table, direction: str) -> AwsError | None:
    """Return the error of a request to *table* that *fault* throttles, None when it does not fit."""
    kind, wanted, limit = fault.reason_parts()
    if wanted not in (None, direction):
        return None
    limit = limit or usual_limit(table, direction)
    global_names = [rows.index.name for rows in table.indexes if rows.index.is_global]
    through = asked.request.get("IndexName")
    through = through if through in global_names else None
    index = fault.index or (through if direction == "Read" else None)
    if kind == "Table":
        return None if index is not None else throttled(table, None, direction, limit)
    if kind == "Index" and index is None and direction == "Write":
        index = next(iter(global_names), None)
    if index is None:
        return None if kind == "Index" else throttled(table, None, direction, limit)
    if index not in global_names or (direction == "Read" and index != through):
        return None
    return throttled(table, index, direction, limit)
