"""Turns a result into medians, ratios and tables."""

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

from benchmarks.macro.latency_report import GENERATOR_LIMIT, TITLE, latency_lines, latency_remarks, verdicts

Result = dict[str, Any]

REFERENCE = "dynemu"


def summarise(result: Result) -> Result:
    """Return medians by row and server, the reference's ratio to every peer, and the geometric means.

    A ratio above 1 says that the reference is better: more requests, or less time or memory.
    """
    medians = {
        name: {
            server: _medians(cell["rounds"]) for server, cell in row["servers"].items() if _is_measured(cell)
        }
        for name, row in result["rows"].items()
    }
    ratios = {
        name: _ratios({server: cell["rps"] for server, cell in row.items()}) for name, row in medians.items()
    }
    by_peer = {
        peer: [row[peer] for row in ratios.values() if peer in row]
        for peer in result["servers"]
        if peer != REFERENCE
    }
    return {
        "medians": medians,
        "ratios": ratios,
        "geometric_means": {
            peer: {"ratio": geometric_mean(found), "rows": len(found)}
            for peer, found in by_peer.items()
            if found
        },
    }


def geometric_mean(ratios: Sequence[float]) -> float:
    """Return the geometric mean of *ratios*, at least one and all above 0."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def spread(values: Sequence[float]) -> float:
    """Return half the range of *values* as a part of their median."""
    middle = median(values)
    return (max(values) - min(values)) / 2 / middle if middle else 0.0


def _is_measured(cell: Result) -> bool:
    return bool(cell["rounds"]) and "unable" not in cell


def _medians(rounds: Sequence[Result]) -> dict[str, float]:
    figures = {name: median(round_[name] for round_ in rounds) for name in rounds[0]}
    failed = sum(round_["refused"] + round_["broken"] for round_ in rounds)
    return figures | {"spread": spread([round_["rps"] for round_ in rounds]), "failed": failed}


def _ratios(figures: dict[str, float], less_is_better: bool = False) -> dict[str, float]:
    own = figures.get(REFERENCE)
    if not own:
        return {}
    return {
        peer: figure / own if less_is_better else own / figure
        for peer, figure in figures.items()
        if peer != REFERENCE and figure
    }


def render(result: Result) -> str:
    """Return the result as Markdown tables."""
    summary = summarise(result)
    parts = [heading(result, summary)]
    if result["rows"]:
        parts += [
            table("requests per second", result, throughput_lines(result, summary)),
            table("p50 · p99, milliseconds", result, _lines(result, summary, _latency)),
            table("server's processor time a request, microseconds", result, _cpu_lines(result, summary)),
            table("spread of the rounds' requests per second", result, _lines(result, summary, _spread)),
        ]
    if result.get("latency"):
        offered = {server for measured in result["latency"].values() for server in measured["servers"]}
        columns = {name: server for name, server in result["servers"].items() if name in offered}
        parts += [table(TITLE, result | {"servers": columns}, latency_lines(result))]
        parts += verdicts(result, REFERENCE)
        parts += latency_remarks(result)
    parts += [table("the rest", result, footprint_lines(result)), *remarks(result, summary)]
    return "\n\n".join(parts) + "\n"


def _other_load(summary: Result) -> float:
    loads = [cell["other_load"] for row in summary["medians"].values() for cell in row.values()]
    return median(loads) if loads else 0.0


def heading(result: Result, summary: Result) -> str:
    """Return where, with what and how *result* was measured."""
    machine, settings, data = result["machine"], result["settings"], result["data"]
    versions = [f"{name} {version}" for name, version in result["versions"].items()]
    servers = [f"- {server['title']}: {server['version']}" for server in result["servers"].values()]
    return "\n".join(
        [
            f"{result['date']} · {machine['processor']}, {machine['cores']} cores, "
            f"{machine['memory_gb']} GB, {machine['kernel']}, load {machine['load_before']} before",
            ", ".join(versions),
            f"{data['items']:,} items of {data['json_bytes_per_item']} bytes of JSON in each of two tables · "
            f"wrk, 1 thread, {settings['connections']} keep-alive connections, "
            f"medians of {settings['rounds']} rounds of {settings['seconds']:g} s",
            f"in brackets: how many times better {REFERENCE} is · other work on the machine while it was "
            f"measured: {_other_load(summary):.2f} processors",
            "",
            *servers,
        ]
    )


Line = tuple[str, dict[str, str]]
"""The name of a row, and its cells by server."""


def table(title: str, result: Result, lines: Iterable[Line]) -> str:
    """Return a Markdown table with a column for each server."""
    servers = result["servers"]
    rows = [[title, *(server["title"] for server in servers.values())]]
    rows += [[name, *(cells.get(server, "n/a") for server in servers)] for name, cells in lines]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    texts = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    return "\n".join([texts[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *texts[1:]])


def throughput_lines(result: Result, summary: Result) -> Iterable[Line]:
    """Give requests per second, with the reference's ratios to its peers."""
    for name, row in summary["medians"].items():
        ratios = summary["ratios"][name]
        cells = {
            server: f"{cell['rps']:,.0f}{_bracket(ratios.get(server))}{' !' if cell['failed'] else ''}"
            for server, cell in row.items()
        }
        yield result["rows"][name]["title"], cells
    means = {
        peer: f"({mean['ratio']:.2f}x, {mean['rows']} of {len(summary['ratios'])} rows)"
        for peer, mean in summary["geometric_means"].items()
    }
    if means:
        yield "geometric mean", {REFERENCE: "1", **means}


def _bracket(ratio: float | None) -> str:
    return f" ({ratio:.2f}x)" if ratio else ""


def _lines(result: Result, summary: Result, text: Callable[[dict[str, float]], str]) -> Iterable[Line]:
    for name, row in summary["medians"].items():
        yield result["rows"][name]["title"], {server: text(cell) for server, cell in row.items()}


def _latency(cell: dict[str, float]) -> str:
    return f"{cell['p50_us'] / 1000:.2f} · {cell['p99_us'] / 1000:.2f}"


def _spread(cell: dict[str, float]) -> str:
    return f"±{cell['spread']:.0%}"


def _cpu_lines(result: Result, summary: Result) -> Iterable[Line]:
    for name, row in summary["medians"].items():
        times = {server: cell["cpu_us"] for server, cell in row.items()}
        ratios = _ratios(times, less_is_better=True)
        cells = {server: f"{time:,.1f}{_bracket(ratios.get(server))}" for server, time in times.items()}
        yield result["rows"][name]["title"], cells


_FOOTPRINT = {
    "start_ms": "start to first answer, ms",
    "memory_idle_mb": "memory, idle, MB",
    "memory_loaded_mb": "memory, loaded, MB",
    "memory_after_mb": "memory, after the run, MB",
    "load_seconds": "loading by BatchWriteItem, s",
    "suite_ms": "50 boto3 tests, ms",
}


def footprint_lines(result: Result) -> Iterable[Line]:
    """Give what was measured besides requests: start, memory, loading, the boto3 tests."""
    for field, title in _FOOTPRINT.items():
        figures = {
            name: median(found if isinstance(found, list) else [found])
            for name, server in result["servers"].items()
            if (found := server.get(field)) and not (field == "suite_ms" and "suite_unable" in server)
        }
        ratios = _ratios(figures, less_is_better=True)
        if figures:
            yield (
                title,
                {name: f"{figure:,.1f}{_bracket(ratios.get(name))}" for name, figure in figures.items()},
            )


def remarks(result: Result, summary: Result) -> Iterable[str]:
    """Give a sentence about every cell that is missing or not quite what it seems."""
    for name, row in result["rows"].items():
        for server, cell in row["servers"].items():
            title = f"{result['servers'][server]['title']}, {row['title']}"
            if "unable" in cell:
                yield f"{title}: n/a, {cell['unable']}"
            figures = summary["medians"][name].get(server, {})
            if figures.get("failed"):
                yield f"{title}: {figures['failed']:.0f} requests failed (marked !)"
            if figures.get("generator_load", 0) > GENERATOR_LIMIT:
                yield f"{title}: the load generator was at its limit; the server may do more"
    for server in result["servers"].values():
        if "unable" in server:
            yield f"{server['title']}: n/a, {server['unable']}"
        if "suite_unable" in server:
            yield f"{server['title']}, boto3 tests: n/a, {server['suite_unable']}"
