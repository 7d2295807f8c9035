"""Charts as small SVG files: bars scaled row by row, and panels of curves on a logarithmic scale.

They carry no fonts and no scripts, have no background, and follow the reader's light or dark scheme; every
colour is legible on both for viewers that know no schemes.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 840
COLOURS = ("#2f81f7", "#d9822b", "#8f7ee7", "#3fa66a", "#d0578f", "#8a939d")

_STYLE = """<style>
text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#57606a}
.title{font-size:13px;font-weight:600;fill:#24292f}
.label{fill:#24292f}
.own{font-weight:600;fill:#24292f}
.rule{stroke:#8c959f;stroke-opacity:.35;stroke-width:1}
.curve{fill:none;stroke-width:2;stroke-linejoin:round}
@media(prefers-color-scheme:dark){text{fill:#a3adb8}.title,.label,.own{fill:#e6edf3}}
</style>"""

_LEFT = 262
"""Where bars begin: what they stand for is named on the left."""
_RIGHT = 84
"""Room right of the longest bar, for its figure."""
_BAR, _GAP = 12, 3
_ROW_GAP = 12
_LEGEND = 34


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a row; *text* stands behind it."""

    series: str
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """Bars that are compared with each other; the longest takes the whole width."""

    title: str
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart of its own: by series, pairs of x and y, which is above 0; every x has the same room."""

    title: str
    x_title: str
    curves: Mapping[str, Sequence[tuple[float, float]]]


def bars(title: str, series: Sequence[str], rows: Sequence[Row], own: str) -> str:
    """Return the SVG of *rows*, whose bars are of *series*; the figures of the series *own* stand out."""
    parts, y = [_legend(series)], float(_LEGEND)
    for row in rows:
        height = len(row.bars) * (_BAR + _GAP) - _GAP
        parts.append(_text(_LEFT - 12, y + height / 2 + 4, row.title, anchor="end", kind="label"))
        most = max((bar.value for bar in row.bars), default=1.0)
        for bar in row.bars:
            width = max(2.0, (WIDTH - _LEFT - _RIGHT) * bar.value / most)
            colour = COLOURS[series.index(bar.series) % len(COLOURS)]
            parts.append(
                f'<rect x="{_LEFT}" y="{y:g}" width="{width:.1f}" height="{_BAR}" rx="2" fill="{colour}"/>'
            )
            kind = "own" if bar.series == own else ""
            parts.append(_text(_LEFT + width + 6, y + _BAR - 2, bar.text, kind=kind))
            y += _BAR + _GAP
        y += _ROW_GAP
    return _svg(title, y, parts)


def panels(title: str, series: Sequence[str], charts: Sequence[Panel], columns: int) -> str:
    """Return the SVG of *charts* in so many *columns*; *title* says what their curves are the heights of."""
    width, height = WIDTH / columns, 236
    parts = [_legend(series), _text(WIDTH - 16, 16, title, anchor="end")]
    for place, chart in enumerate(charts):
        row, column = divmod(place, columns)
        parts += _panel(chart, series, column * width, _LEGEND + row * height, width, height)
    return _svg(title, _LEGEND + math.ceil(len(charts) / columns) * height, parts)


def _panel(
    chart: Panel, series: Sequence[str], left: float, top: float, width: float, height: float
) -> Iterable[str]:
    xs = sorted({x for points in chart.curves.values() for x, _ in points})
    ys = [y for points in chart.curves.values() for _, y in points]
    if not xs:
        return
    first, last, floor, ceiling = left + 46, left + width - 16, top + height - 46, top + 30
    ticks = decades(min(ys), max(ys))
    step = (last - first) / max(1, len(xs) - 1)

    def place(x: float, y: float) -> tuple[float, float]:
        part = math.log(y / ticks[0]) / math.log(ticks[-1] / ticks[0])
        return first + xs.index(x) * step, floor + part * (ceiling - floor)

    yield _text(first, top + 14, chart.title, kind="title")
    for tick in ticks:
        y = place(xs[0], tick)[1]
        yield f'<path class="rule" d="M{first:.1f} {y:.1f}H{last:.1f}"/>'
        yield _text(first - 6, y + 4, short(tick), anchor="end")
    for x in xs:
        yield _text(place(x, ticks[0])[0], floor + 16, short(x), anchor="middle")
    yield _text((first + last) / 2, floor + 33, chart.x_title, anchor="middle")
    for name, points in chart.curves.items():
        yield _curve([place(x, y) for x, y in points], COLOURS[series.index(name) % len(COLOURS)])


def _curve(places: Sequence[tuple[float, float]], colour: str) -> str:
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
    return "".join([f'<path class="curve" stroke="{colour}" d="M{line}"/>', *dots])


def decades(low: float, high: float) -> list[float]:
    """Return the powers of ten around *low* and *high*; 2 and 5 between them when there are few."""
    first = math.floor(math.log10(low) + 1e-9)
    last = max(first + 1, math.ceil(math.log10(high) - 1e-9))
    steps = (1, 2, 5) if last - first <= 2 else (1,)
    return [step * 10.0**power for power in range(first, last) for step in steps] + [10.0**last]


def short(number: float) -> str:
    """Return *number* in few characters: 0.5, 20, 5k, 1M."""
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:g}{unit}"
    return f"{number:g}"


def _legend(series: Sequence[str]) -> str:
    parts, x = [], 12.0
    for place, name in enumerate(series):
        colour = COLOURS[place % len(COLOURS)]
        parts.append(f'<rect x="{x:.0f}" y="6" width="12" height="12" rx="2" fill="{colour}"/>')
        parts.append(_text(x + 18, 16, name, kind="label"))
        x += 18 + 7.2 * len(name) + 24
    return "".join(parts)


def _text(x: float, y: float, text: str, anchor: str = "", kind: str = "") -> str:
    more = f' text-anchor="{anchor}"' if anchor else ""
    more += f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(text)}</text>'


def _svg(title: str, height: float, parts: Iterable[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" role="img">'
    )
    return "\n".join([head, f"<title>{escape(title)}</title>", _STYLE, *parts, "</svg>", ""])
