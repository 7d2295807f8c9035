"""What the parser makes of an expression: a tree in which ``#names`` and ``:values`` are not resolved yet."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class PathTerm:
    """A document path as typed; a str part is an identifier or a ``#name``, an int one a list index."""

    parts: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ValueTerm:
    """A placeholder such as ``:v``."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its operands."""

    function: str
    operands: tuple["Term", ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """``left + right`` or ``left - right``."""

    operator: str
    left: "Term"
    right: "Term"


Term: TypeAlias = PathTerm | ValueTerm | Call | Sum


@dataclass(frozen=True, slots=True)
class Comparison:
    """Operands with what stands between them: ``= <> < <= > >=``, ``BETWEEN`` or ``IN``."""

    operator: str
    operands: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """``NOT condition``, *times* over."""

    condition: "Condition"
    times: int


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by ``AND`` or by ``OR``."""

    operator: str
    conditions: tuple["Condition", ...]


Condition: TypeAlias = Comparison | Negation | Junction | Call


@dataclass(frozen=True, slots=True)
class Assignment:
    """One action of a section: ``SET path = operand``, ``REMOVE path`` (no operand), ``ADD``, ``DELETE``."""

    section: str
    path: PathTerm
    operand: Term | None


@dataclass(frozen=True, slots=True)
class ParsedCondition:
    """A condition; *leaves* are its comparisons and calls in the order of the text."""

    root: Condition
    leaves: tuple[Comparison | Call, ...]
    operators: int


@dataclass(frozen=True, slots=True)
class ParsedUpdate:
    """The actions of an update in the order of the text."""

    actions: tuple[Assignment, ...]
    operators: int
