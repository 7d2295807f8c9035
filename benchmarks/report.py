"""``python -m benchmarks.report``: write the tables and charts of the documents from the stored results.

For each kind of result it takes the newest whole one in ``benchmarks/results``, or the file that is named.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import charts
from benchmarks.macro.growth import table as growth_table
from benchmarks.macro.latency_report import TITLE, latency_lines, latency_medians, latency_remarks, verdicts
from benchmarks.macro.report import REFERENCE, footprint_lines, remarks, summarise, table, throughput_lines
from benchmarks.macro.servers import ROOT
from benchmarks.micro.table import micro_table

Result = dict[str, Any]

RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "performance.md"
README = ROOT / "README.md"
IMAGES = ROOT / "docs" / "images"

_IN_README = ("get", "put", "put-indexed", "update", "query", "query-filter", "batch-write", "transact")
_KINDS: dict[str, Callable[[Result], bool]] = {
    "macro": lambda result: {"get", "scan"} <= set(result["rows"]) and len(result["servers"]) > 1,
    "growth": lambda result: len(result["sections"]) == 6,
    "micro": lambda result: "keys" in result["modules"] and "values" in result["modules"],
}
"""By kind of result, what tells a whole one from a trial."""


class NothingToReport(Exception):
    """There is no whole result of a kind, or no place for it in a document."""


def newest(kind: str, folder: Path) -> Result | None:
    """Return the newest whole result of *kind* in *folder*, or None."""
    found = [json.loads(path.read_text()) for path in folder.glob(f"{kind}-*.json")]
    return max(filter(_KINDS[kind], found), key=lambda result: str(result["date"]), default=None)


def between(text: str, name: str, new: str) -> str:
    """Return *text* with *new* between its markers called *name*. Raises: NothingToReport without them."""
    begin, end = f"<!-- {name}: written by python -m benchmarks.report -->", f"<!-- end of {name} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise NothingToReport(f"there is no place between {begin} and {end}")
    return f"{before}{begin}\n\n{new.strip()}\n\n{end}{after}"


def blocks(macro: Result, growth: Result | None, micro: Result | None) -> dict[str, str]:
    """Return the text of every marked place of the page, as far as there are results for it."""
    summary = summarise(macro)
    part = macro | {"servers": emulators(macro)}
    requests = table("requests per second", macro, throughput_lines(macro, summary))
    image = "![Requests per second](images/requests.svg)"
    texts = {
        "requests": _joined(
            _where(macro), _how(macro["settings"]), image, requests, *remarks(macro, summary)
        ),
        "footprint": table("", part, footprint_lines(part)),
    }
    if macro.get("latency"):
        image = "![p99 by the rate that is offered](images/latency.svg)"
        lines = table(TITLE, part, latency_lines(macro))
        more = [*verdicts(macro, REFERENCE), *latency_remarks(macro)]
        texts["latency"] = _joined(_how(macro["settings"]["offer"]), image, lines, *more)
    if growth:
        tables = (f"### {each['title']}\n\n{growth_table(each)}" for each in growth["sections"].values())
        texts["growth"] = _joined(_where(growth), "![Growth](images/growth.svg)", *tables)
    if micro:
        texts["micro"] = _joined(_where(micro), micro_table(micro["modules"]))
    return texts


def _joined(*parts: str) -> str:
    return "\n\n".join(parts)


def _how(settings: Result) -> str:
    """Return a sentence: how long and how often one figure was measured."""
    rounds, seconds, connections = (settings[name] for name in ("rounds", "seconds", "connections"))
    return f"{connections} connections; medians of {rounds} rounds of {seconds:g} s."


def _where(result: Result) -> str:
    """Return a sentence: when, on what machine, which versions."""
    machine = result["machine"]
    versions = [f"{server['title']} {server['version']}" for server in result.get("servers", {}).values()]
    versions += [f"{name} {version}" for name, version in result["versions"].items()]
    return (
        f"{result['date'][:10]}, {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gb']} GB, {machine['kernel']}. {'; '.join(versions)}."
    )


def images(macro: Result, growth: Result | None) -> dict[str, str]:
    """Return the charts by file name."""
    found = {
        "requests": requests_chart(macro, list(macro["rows"])),
        "speed": requests_chart(macro, [name for name in _IN_README if name in macro["rows"]]),
    }
    if macro.get("latency"):
        found["latency"] = latency_chart(macro)
    if growth:
        found["growth"] = growth_chart(growth)
    return {f"{name}.svg": svg for name, svg in found.items()}


def emulators(macro: Result) -> Result:
    """Return the servers of *macro* but the one that is none."""
    return {name: server for name, server in macro["servers"].items() if name != "bare-loop"}


def titles(macro: Result) -> list[str]:
    """Return the titles of the emulators, which have the same colours in all charts."""
    return [server["title"] for server in emulators(macro).values()]


def requests_chart(macro: Result, names: Sequence[str]) -> str:
    """Return bars of requests per second, each row on its own scale."""
    summary = summarise(macro)
    rows = []
    for name in names:
        ratios = summary["ratios"][name]
        found = [
            charts.Bar(
                macro["servers"][server]["title"],
                cell["rps"],
                f"{cell['rps']:,.0f}" + (f"  ({ratios[server]:.1f}x)" if server in ratios else ""),
            )
            for server, cell in summary["medians"][name].items()
            if server in emulators(macro)
        ]
        rows.append(charts.Row(macro["rows"][name]["title"], found))
    return charts.bars("Requests per second", titles(macro), rows, macro["servers"][REFERENCE]["title"])


def latency_chart(macro: Result) -> str:
    """Return a panel for each operation: p99 by the rate that was offered."""
    found = []
    for operation, measured in macro["latency"].items():
        curves = {
            macro["servers"][server]["title"]: [
                (float(rate), figures["p99_us"] / 1000) for rate, figures in sorted(rates.items())
            ]
            for server, rates in latency_medians(macro, operation).items()
        }
        drawn = {name: points for name, points in curves.items() if points}
        found.append(charts.Panel(measured["title"], "requests per second", drawn))
    return charts.panels("p99 in milliseconds, by the rate that is offered", titles(macro), found, columns=3)


def growth_chart(growth: Result) -> str:
    """Return a panel for each thing that grows."""
    found = []
    for section in growth["sections"].values():
        curves = {
            name: [(point["x"], point[name]) for point in section["points"]] for name in section["plotted"]
        }
        found.append(charts.Panel(_short_title(section["title"]), section["x"], curves))
    series = list(
        dict.fromkeys(name for section in growth["sections"].values() for name in section["plotted"])
    )
    return charts.panels("microseconds of processor time an operation", series, found, columns=3)


def _short_title(title: str) -> str:
    head, _, rest = title.partition(", ")
    return title if rest in ("in memory", "on disk") else head


def readme_block(macro: Result) -> str:
    """Return what the README says of speed."""
    rows = {name: macro["rows"][name] for name in _IN_README if name in macro["rows"]}
    part = macro | {"rows": rows, "servers": emulators(macro)}
    lines = throughput_lines(part, summarise(part))
    return "\n\n".join(
        [
            "![Requests per second](docs/images/speed.svg)",
            table("requests per second", part, lines),
            _where(part),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parse(arguments)
    try:
        found = {kind: _chosen(kind, getattr(options, kind)) for kind in _KINDS}
        macro = found["macro"]
        if macro is None:
            raise NothingToReport("no whole result of python -m benchmarks.macro in benchmarks/results")
        page, readme = PAGE.read_text(), README.read_text()
        for name, text in blocks(macro, found["growth"], found["micro"]).items():
            page = between(page, name, text)
        readme = between(readme, "speed", readme_block(macro))
    except NothingToReport as error:
        print(error, file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    for name, svg in images(macro, found["growth"]).items():
        (IMAGES / name).write_text(svg)
    PAGE.write_text(page)
    README.write_text(readme)
    print(f"written: {PAGE.relative_to(ROOT)}, {README.relative_to(ROOT)}, {IMAGES.relative_to(ROOT)}")
    return 0


def _chosen(kind: str, path: Path | None) -> Result | None:
    if path is None:
        return newest(kind, RESULTS)
    try:
        result: Result = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise NothingToReport(f"{path}: {error}") from error
    return result


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    for kind in _KINDS:
        parser.add_argument(f"--{kind}", type=Path, metavar="FILE", help="instead of the newest whole one")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
