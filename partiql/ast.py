"""Nodes of a PartiQL statement: frozen, built by the grammar, free of any meaning but their form.

Every node knows where it starts: ``position`` is an offset in characters. Equality and hashes leave it out.
"""

from dataclasses import dataclass, field, fields
from typing import TypeAlias


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Node:
    """The base of all nodes.

    PERF: dataclass would write and compile these methods for each of them, which takes 8 ms of the first
    statement (benchmarks.macro.start).
    """

    position: int = field(default=0, kw_only=True)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self))
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _values(self) -> tuple[object, ...]:
        """Return all fields but the position."""
        names: tuple[str, ...] = type(self).__match_args__
        return tuple(getattr(self, name) for name in names)


# Values


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class String(Node):
    """``'it''s'``."""

    text: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Node):
    """A number as written, its sign included: ``-1.50e3``."""

    text: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Boolean(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Null(Node):
    """``null``."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Missing(Node):
    """``MISSING``."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parameter(Node):
    """``?``; *index* counts them from 0 in the order of the text."""

    index: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class List(Node):
    """``[1, 2]``; also the right side of IN in either kind of brackets."""

    members: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bag(Node):
    """``<<1, 2>>``, a set."""

    members: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Map(Node):
    """``{'k': 1}``; *members* are (key, value) in the order of the text."""

    members: "tuple[tuple[String, Expression], ...]"


# Names


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Step(Node):
    """One step of a path: an attribute name, or a list index."""

    key: str | int
    quoted: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Path(Node):
    """``a.b[0]."c d"``; the first step is a name."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Star(Node):
    """``*``, as the whole projection, as an argument (``COUNT(*)``) or after RETURNING."""


# Operators


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Node):
    """A function by its name as written, known or not."""

    name: str
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Node):
    """*operator* is one of ``= <> < <= > >=``; ``!=`` is read as ``<>``."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Between(Node):
    value: "Expression"
    low: "Expression"
    high: "Expression"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class In(Node):
    value: "Expression"
    members: "tuple[Expression, ...]"
    bracket: str = "["
    """``[`` or ``(``, as written."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Is(Node):
    """``value IS kind``; *kind* is ``MISSING``, ``NULL`` or another type name in capitals."""

    value: "Expression"
    kind: str
    negated: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class And(Node):
    """Two conditions or more: ``a AND b AND c`` is one node."""

    members: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Or(Node):
    members: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Not(Node):
    member: "Expression"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Arithmetic(Node):
    """*operator* is ``+`` or ``-``."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Negation(Node):
    """A minus sign before anything but a number."""

    member: "Expression"


Expression: TypeAlias = (
    String
    | Number
    | Boolean
    | Null
    | Missing
    | Parameter
    | List
    | Bag
    | Map
    | Path
    | Star
    | Call
    | Comparison
    | Between
    | In
    | Is
    | And
    | Or
    | Not
    | Arithmetic
    | Negation
)


# Statements


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Source(Node):
    """``"table"`` or ``"table"."index"``; *alias* is the name after AS, or right behind it."""

    table: str
    index: str | None = None
    alias: str | None = None
    further: tuple[str, ...] = ()
    """Names after the index, which DynamoDB refuses."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Join(Node):
    """``JOIN source ON condition``; DynamoDB has no joins, but tells them from what is no statement."""

    source: Source
    on: "Expression"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ordering(Node):
    """One member of ORDER BY."""

    value: "Expression"
    descending: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Returning(Node):
    """``RETURNING ALL|MODIFIED OLD|NEW *``."""

    scope: str
    """``ALL`` or ``MODIFIED``."""
    image: str
    """``OLD`` or ``NEW``."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Select(Node):
    columns: "tuple[Expression, ...]"
    """Empty for ``*``."""
    source: Source
    where: "Expression | None" = None
    order: tuple[Ordering, ...] = ()
    joins: tuple[Join, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Insert(Node):
    source: Source
    value: "Expression"
    """A Map, or a Parameter that stands for one; anything else is for the caller to refuse."""
    returning: "Returning | None" = None
    """DynamoDB refuses it here."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assignment(Node):
    """``SET path = value``."""

    path: Path
    value: "Expression"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Removal(Node):
    """``REMOVE path``."""

    path: Path


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Update(Node):
    source: Source
    changes: tuple[Assignment | Removal, ...]
    """In the order of the text."""
    where: "Expression | None" = None
    returning: Returning | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Delete(Node):
    source: Source
    where: "Expression | None" = None
    returning: Returning | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Exists(Node):
    """``EXISTS(SELECT …)``, a condition check of a transaction."""

    select: Select


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bare(Node):
    """An expression that stands where a statement should."""

    value: "Expression"


Statement: TypeAlias = Select | Insert | Update | Delete | Exists | Bare
