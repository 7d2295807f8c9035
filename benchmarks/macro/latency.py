"""Latency at fixed rates: every server is offered the same requests at the same rates, in turn."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, cycle, islice
from statistics import median
from typing import Any

from benchmarks.macro.load import Client, Refused
from benchmarks.macro.machine import CALM, wait_until_calm
from benchmarks.macro.openloop import Generator, Step
from benchmarks.macro.rows import ROWS, Request, Row, WrongAnswer
from benchmarks.macro.servers import Running

Result = dict[str, Any]

MIX = "mix"
OPERATIONS = ("get", "put", "update", "query")
RATES = (1_000, 2_000, 5_000, 10_000, 20_000, 40_000)
OVERLOADED = 0.99
"""A server that answers a smaller part than this in time is not offered a higher rate."""

LATE_US = 300
"""A generator that sends the last hundredth of the requests this much too late was disturbed itself."""

_FIRST_ROUND = 100
"""Rounds before this one are those of the rows, whose revisions of items are not written again."""

_ROWS = {row.name: row for row in ROWS}


@dataclass(frozen=True, slots=True)
class Offer:
    """*operations* (rows, or the mix of them) at *rates*, each *rounds* times for *seconds*."""

    operations: Sequence[str] = (*OPERATIONS, MIX)
    rates: Sequence[int] = RATES
    seconds: float = 2.0
    rounds: int = 3
    attempts: int = 3
    patience: float = 10.0


@dataclass(frozen=True, slots=True)
class Target:
    """A server that is up and loaded."""

    name: str
    running: Running


def title_of(operation: str) -> str:
    """Return what *operation* is called in tables."""
    return "Mix of the four" if operation == MIX else _ROWS[operation].title


def measure(offer: Offer, targets: Sequence[Target], say: Callable[[str], None]) -> Result:
    """Return, by operation, server and rate, the steps of every round.

    A server that could not keep up with a rate has ``overloaded`` there and nothing at higher ones.
    """
    with Generator() as generator:
        run = _Run(offer, generator, say)
        return {operation: run.operation(operation, targets) for operation in offer.operations}


class _Run:
    """One measurement: what it offers, with what, and where it tells how far it is."""

    def __init__(self, offer: Offer, generator: Generator, say: Callable[[str], None]) -> None:
        self._offer = offer
        self._generator = generator
        self._say = say
        self._round = _FIRST_ROUND

    def operation(self, operation: str, targets: Sequence[Target]) -> Result:
        """Offer *operation* at every rate."""
        offer = self._offer
        self._say(f"{title_of(operation)}, at fixed rates")
        seen: dict[str, Result] = {target.name: {"rates": {}} for target in targets}
        for target in targets:
            self._step(operation, offer.rates[0], target, seen[target.name], [])  # warms up a JVM
        for rate in offer.rates:
            for _ in range(offer.rounds):
                self._round += 1
                for target in targets:
                    cell = seen[target.name]
                    if "unable" not in cell and "overloaded" not in cell:
                        steps = cell["rates"].setdefault(str(rate), [])
                        self._step(operation, rate, target, cell, steps)
            for cell in seen.values():
                note_overload(cell, rate)
        return {"title": title_of(operation), "servers": seen}

    def _step(self, operation: str, rate: int, target: Target, cell: Result, steps: list[Result]) -> None:
        try:
            requests = prepare(operation, target.running.port, self._round)
            steps.append(asdict(self._calmest(rate, target.running, requests)))
        except (Refused, WrongAnswer) as error:
            cell["unable"] = str(error)
            self._say(f"  {target.name}: {error}")
        target.running.settle()

    def _calmest(self, rate: int, running: Running, requests: list[tuple[str, Request]]) -> Step:
        """Return the calmest of a few runs, ending at one that others hardly disturbed.

        Others may take little of a processor and still keep the generator from it at the wrong moment.
        """
        calmest: Step | None = None
        for _ in range(self._offer.attempts):
            wait_until_calm(self._offer.patience)
            step = self._generator.run(running.port, requests, rate, self._offer.seconds, running.cpu_seconds)
            if calmest is None or disturbance(step) < disturbance(calmest):
                calmest = step
            if step.other_load <= CALM and step.late_p99_us <= LATE_US:
                break
            running.settle()
        assert calmest
        return calmest


def disturbance(step: Step) -> tuple[bool, float]:
    """Return what is less for the calmer of two runs."""
    return step.late_p99_us > LATE_US, step.other_load


def note_overload(cell: Result, rate: int) -> None:
    """Note in *cell* that its server could not keep up with *rate*, if so."""
    steps = cell["rates"].get(str(rate))
    if steps and median(step["answered"] for step in steps) < OVERLOADED:
        cell["overloaded"] = rate


def prepare(operation: str, port: int, round_: int) -> list[tuple[str, Request]]:
    """Return the requests of a round, some of whose answers have been checked.

    Raises: WrongAnswer, Refused.
    """
    client = Client(port)
    try:
        prepared = [
            _checked(_ROWS[name], client, round_)
            for name in (OPERATIONS if operation == MIX else (operation,))
        ]
    finally:
        client.close()
    longest = max(map(len, prepared))
    return list(chain.from_iterable(zip(*(islice(cycle(each), longest) for each in prepared), strict=True)))


def _checked(row: Row, client: Client, round_: int) -> list[tuple[str, Request]]:
    requests = row.prepare(client, round_)
    row.verify(client, requests)
    return [(row.operation, request) for request in requests]
