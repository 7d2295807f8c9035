"""The times of the compiled modules as one Markdown table."""

from collections.abc import Iterable

Times = dict[str, dict[str, list[float]]]
"""By module and case: nanoseconds compiled, uncompiled, and done in straightforward Python."""

_HEADS = ("call", "compiled", "pure", "plain", "pure / compiled", "plain / compiled")


def micro_table(modules: Times) -> str:
    """Return *modules* as Markdown."""
    lines = [_HEADS, *(line for module, cases in modules.items() for line in _lines(module, cases))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = ["| " + " | ".join([line[0].ljust(widths[0]), *_right(line, widths)]) + " |" for line in lines]
    rule = f"|{'-' * (widths[0] + 2)}|" + "|".join("-" * (width + 1) + ":" for width in widths[1:]) + "|"
    return "\n".join([texts[0], rule, *texts[1:]])


def _right(line: tuple[str, ...], widths: list[int]) -> Iterable[str]:
    return (text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True))


def _lines(module: str, cases: dict[str, list[float]]) -> Iterable[tuple[str, ...]]:
    for case, (compiled, pure, plain) in cases.items():
        figures = (f"{compiled:,.0f}", f"{pure:,.0f}", f"{plain:,.0f}")
        yield (f"{module}: {case}", *figures, f"{pure / compiled:.1f}", f"{plain / compiled:.1f}")
