"""Turns latencies at fixed rates into medians and lines of tables."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

Result = dict[str, Any]

TITLE = "p50 · p90 · p99 · p99.9 · max, milliseconds"

GENERATOR_LIMIT = 0.95
"""Processors that the load generator, which has one thread, may use before it falls behind."""

_PARTS = ("p50_us", "p90_us", "p99_us", "p999_us", "max_us")


def latency_medians(result: Result, operation: str) -> dict[str, dict[int, dict[str, float]]]:
    """Return, by server and rate, the medians of the rounds; without the rate that overloaded a server."""
    cells = result["latency"][operation]["servers"]
    return {
        server: {
            int(rate): _medians(steps)
            for rate, steps in cell["rates"].items()
            if steps and int(rate) != cell.get("overloaded") and "unable" not in cell
        }
        for server, cell in cells.items()
    }


def _medians(steps: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: median(step[name] for step in steps) for name in steps[0]}


def latency_lines(result: Result) -> Iterable[tuple[str, dict[str, str]]]:
    """Give, for every operation and rate, the latencies by server, in milliseconds."""
    for operation, measured in result["latency"].items():
        medians = latency_medians(result, operation)
        for rate in sorted({int(rate) for cell in measured["servers"].values() for rate in cell["rates"]}):
            cells = {
                server: _text(rates[rate]) if rate in rates else _reason(measured["servers"][server])
                for server, rates in medians.items()
            }
            yield f"{measured['title']}, {rate:,} a second", cells


def latency_remarks(result: Result) -> Iterable[str]:
    """Give a sentence about every server that was not measured, and every rate that was too much to offer."""
    for operation, measured in result["latency"].items():
        for server, cell in measured["servers"].items():
            title = f"{result['servers'][server]['title']}, {measured['title']} at fixed rates"
            if "unable" in cell:
                yield f"{title}: n/a, {cell['unable']}"
            for rate, figures in latency_medians(result, operation)[server].items():
                if figures["generator_load"] > GENERATOR_LIMIT:
                    limit = "the load generator was at its limit; the server may do better"
                    yield f"{title}: at {rate:,} {limit}"


def _text(figures: dict[str, float]) -> str:
    failed = " !" if figures["refused"] else ""
    return " · ".join(milliseconds(figures[name]) for name in _PARTS) + failed


def _reason(cell: Result) -> str:
    return "overloaded" if "overloaded" in cell else "n/a"


def milliseconds(microseconds: float) -> str:
    """Return *microseconds* as milliseconds, in about two digits."""
    number = microseconds / 1000
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}" if number >= 1 else f"{number:.2f}"


def verdicts(result: Result, own: str) -> Iterable[str]:
    """Give, for every peer, at how many of the rates that both keep up with *own* has no worse p99."""
    for peer, server in result["servers"].items():
        if peer == own:
            continue
        worse, same = [], 0
        for operation, measured in result["latency"].items():
            medians = latency_medians(result, operation)
            for rate, figures in medians.get(peer, {}).items():
                if rate in medians.get(own, {}):
                    same += 1
                    if medians[own][rate]["p99_us"] > figures["p99_us"]:
                        worse.append(f"{measured['title']} at {rate:,}")
        if same:
            count = f"{same - len(worse)} of {same} rates that both keep up with"
            text = f"p99 no worse than {server['title']}'s at {count}"
            yield text + (f"; worse: {', '.join(worse)}." if worse else ".")
