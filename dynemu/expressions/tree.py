"""What the parser makes of an expression: a tree in which ``#names`` and ``:values`` are not resolved yet.

PERF: ten dataclasses took 5 ms to make at the start, these take 0.4 (benchmarks.macro.start).
"""

from typing import NamedTuple, TypeAlias


class PathTerm(NamedTuple):
    """A document path as typed; a str part is an identifier or a ``#name``, an int one a list index."""

    parts: tuple[str | int, ...]


class ValueTerm(NamedTuple):
    """A placeholder such as ``:v``."""

    name: str


class Call(NamedTuple):
    """A function with its operands."""

    function: str
    operands: tuple["Term", ...]


class Sum(NamedTuple):
    """``left + right`` or ``left - right``."""

    operator: str
    left: "Term"
    right: "Term"


Term: TypeAlias = PathTerm | ValueTerm | Call | Sum


class Comparison(NamedTuple):
    """Operands with what stands between them: ``= <> < <= > >=``, ``BETWEEN`` or ``IN``."""

    operator: str
    operands: tuple[Term, ...]


class Negation(NamedTuple):
    """``NOT condition``, *times* over."""

    condition: "Condition"
    times: int


class Junction(NamedTuple):
    """Conditions joined by ``AND`` or by ``OR``."""

    operator: str
    conditions: tuple["Condition", ...]


Condition: TypeAlias = Comparison | Negation | Junction | Call


class Assignment(NamedTuple):
    """One action of a section: ``SET path = operand``, ``REMOVE path`` (no operand), ``ADD``, ``DELETE``."""

    section: str
    path: PathTerm
    operand: Term | None


class ParsedCondition(NamedTuple):
    """A condition; *leaves* are its comparisons and calls in the order of the text."""

    root: Condition
    leaves: tuple[Comparison | Call, ...]
    operators: int


class ParsedUpdate(NamedTuple):
    """The actions of an update in the order of the text."""

    actions: tuple[Assignment, ...]
    operators: int
