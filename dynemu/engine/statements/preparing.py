"""From the text of a statement to what can be known of it without a table, kept by text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from dynemu._core.values import normalise_value
from dynemu.engine.statements.lifting import Slots, lift
from dynemu.engine.statements.literals import build_value, check_literal, parameter_name
from dynemu.engine.statements.terms import Terms
from dynemu.engine.statements.wording import (
    ALIASED,
    EMPTY_NAME,
    EXISTS_OUTSIDE,
    INDEX_INSERTED,
    INDEX_WRITTEN,
    INSERT_RETURNING,
    LONG_SOURCE,
    ORDER_WITHOUT_WHERE,
    TOO_FEW_PARAMETERS,
    WRONG_RETURNING,
    malformed,
    place_of,
)
from dynemu.errors import ValidationException, validation
from dynemu.expressions.tree import ParsedCondition, ParsedUpdate, PathTerm
from partiql import ParseError, ast, parse, render, walk

Values = dict[str, Any]

_KEPT = 1024
_KEPT_CHARACTERS = 512
"""PERF: longer statements are seldom repeated, and the trees of one are a hundred times as large."""
_KINDS = {
    ast.Path: "Id",
    ast.Parameter: "Parameter",
    ast.List: "List",
    ast.Bag: "Bag",
    ast.Map: "Struct",
    ast.Is: "Typed",
    ast.Missing: "Missing",
}
"""Names of operations as AWS's parser has them; any other is a literal."""
_CALLS: tuple[type[ast.Node], ...] = (ast.Arithmetic, ast.Negation, ast.Call)
_CALLS += (ast.And, ast.Or, ast.Not, ast.Comparison, ast.Between, ast.In)
"""What is a call to AWS's parser, which then takes it for EXISTS."""


@dataclass(slots=True, eq=False)
class Prepared:
    """A statement whose parts are translated; compares by identity, so that plans can be kept for it."""

    text: str
    statement: ast.Select | ast.Insert | ast.Update | ast.Delete
    is_exists: bool
    parameters: tuple[str, ...]
    """Names of the parameters, in order."""
    constants: Values
    templates: dict[str, ast.Expression]
    names: frozenset[str] = field(init=False)
    """Names of everything that a term may refer to."""
    table: str = field(init=False)
    """The table's name or ARN as written."""
    is_read: bool = field(init=False)
    has_literals: bool = field(init=False)
    resolved: Any = None
    """See ``resolving``."""
    plans: dict[Any, Any] = field(default_factory=dict)
    """Plans by table: see ``planning``."""
    where: ParsedCondition | None = None
    columns: tuple[PathTerm, ...] = ()
    update: ParsedUpdate | None = None
    set_errors: dict[int, str] = field(default_factory=dict)
    """See ``Terms``."""
    sources: dict[int, ast.Expression] = field(default_factory=dict)
    """What the leaves of the conditions were made from, by the identity of the leaf."""

    def __post_init__(self) -> None:
        self.names = frozenset((*self.parameters, *self.constants, *self.templates))
        self.table = self.statement.source.table
        self.is_read = isinstance(self.statement, ast.Select) and not self.is_exists
        self.has_literals = bool(self.constants or self.templates)

    def bind(self, given: Sequence[Values], slots: Slots | None = None) -> Values:
        """Return the values that terms refer to: *given* canonical parameters, literals, also of *slots*.

        Raises: ValidationException when there are too few parameters, or when a literal around one cannot be
        stored. More of them than needed are ignored, as recorded.
        """
        if slots is not None:
            given = _filled(slots, given)
        if len(given) < len(self.parameters):
            raise validation(TOO_FEW_PARAMETERS)
        # PERF: counting by hand takes half the time of zip.
        values: Values = {}
        place = 0
        for name in self.parameters:
            values[name] = given[place]
            place += 1
        if not self.has_literals:
            return values
        values.update(self.constants)
        for name, node in self.templates.items():
            value = build_value(node, values)
            normalise_value(value)
            values[name] = value
        return values


def _filled(slots: Slots, given: Sequence[Values]) -> list[Values]:
    """Return the values of all *slots*, those that are open from *given*; they end where it does."""
    filled: list[Values] = []
    rest = iter(given)
    for value in slots:
        value = next(rest, None) if value is None else value
        if value is None:
            break
        filled.append(value)
    return filled


def recognise(text: str) -> tuple[Prepared, Slots | None]:
    """Return the statement *text*, perhaps one that it shares with others, and the literals to bind to that.

    Raises: ValidationException for all that is wrong with the text alone.
    """
    return _recognised(text) if len(text) <= _KEPT_CHARACTERS else _recognise(text)


def _recognise(text: str) -> tuple[Prepared, Slots | None]:
    lifted = lift(text)
    if lifted is not None:
        shared, slots = lifted
        try:
            for value in slots:
                if value is not None:
                    normalise_value(value)
            return prepare(shared), slots
        except ValidationException:
            # What is wrong has to be told in terms of the text itself.
            pass
    return prepare(text), None


_recognised = lru_cache(_KEPT)(_recognise)


def prepare(text: str) -> Prepared:
    """Return the statement *text*. Raises ValidationException for all that is wrong with it alone."""
    return _remembered(text) if len(text) <= _KEPT_CHARACTERS else _prepare(text)


def _prepare(text: str) -> Prepared:
    try:
        tree = parse(text)
    except ParseError as error:
        raise malformed(str(error)) from None
    if isinstance(tree, ast.Bare):
        raise _unsupported(tree.value)
    statement = tree.select if isinstance(tree, ast.Exists) else tree
    terms = Terms(text)
    where = getattr(statement, "where", None)
    condition = None if where is None else terms.parsed_condition(where)
    columns: tuple[PathTerm, ...] = ()
    update = None
    if isinstance(statement, ast.Select):
        columns = _check_select(terms, statement)
    else:
        _check_target(statement)
    if isinstance(statement, ast.Update):
        update = terms.parsed_update(statement.changes)
    elif isinstance(statement, ast.Insert):
        _check_insert(terms, statement)
    elif isinstance(statement, ast.Delete):
        _check_delete(statement)
    count = sum(isinstance(node, ast.Parameter) for node in walk(tree)) if "?" in text else 0
    names = tuple(map(parameter_name, range(count)))
    prepared = Prepared(
        text, statement, isinstance(tree, ast.Exists), names, terms.constants, terms.templates
    )
    prepared.where, prepared.columns, prepared.update = condition, columns, update
    prepared.sources, prepared.set_errors = terms.sources, terms.set_errors
    return prepared


_remembered = lru_cache(_KEPT)(_prepare)


def _unsupported(node: ast.Expression) -> ValidationException:
    """Return the error for an expression that stands alone."""
    if isinstance(node, _CALLS):
        return validation(EXISTS_OUTSIDE)
    kind = "Path" if isinstance(node, ast.Path) and len(node.steps) > 1 else _KINDS.get(type(node), "Lit")
    return validation(f"Unsupported operation: {kind}")


def _check_target(statement: ast.Insert | ast.Update | ast.Delete) -> None:
    """Raise ValidationException unless a write is about a table."""
    source = statement.source
    if source.alias is not None:
        raise validation(ALIASED)
    if source.index is not None:
        raise validation(INDEX_INSERTED if isinstance(statement, ast.Insert) else INDEX_WRITTEN)


def _check_select(terms: Terms, statement: ast.Select) -> tuple[PathTerm, ...]:
    """Return the columns of a SELECT. Raises ValidationException."""
    sources = (statement.source, *(join.source for join in statement.joins))
    if any(source.alias is not None for source in sources):
        raise validation(ALIASED)
    if statement.source.further:
        raise validation(LONG_SOURCE)
    if "" in (statement.source.table, statement.source.index):
        raise validation(EMPTY_NAME)
    if statement.joins:
        raise malformed("JOIN is not supported")
    columns = []
    for node in statement.columns:
        if not isinstance(node, ast.Path):
            length = len(node.name if isinstance(node, ast.Call) else render(node))
            raise validation(f"Unexpected path component at {place_of(terms.text, node.position, length)}")
        columns.append(terms.path(node))
    if statement.order and statement.where is None:
        raise validation(ORDER_WITHOUT_WHERE)
    return tuple(columns)


def _check_insert(terms: Terms, statement: ast.Insert) -> None:
    """Raise ValidationException unless an INSERT gives an item, or a parameter that may be one."""
    value = statement.value
    if not isinstance(value, ast.Map | ast.Parameter):
        raise malformed("VALUE must be followed by a map")
    if statement.returning is not None:
        raise validation(INSERT_RETURNING)
    for key, member in value.members if isinstance(value, ast.Map) else ():
        if not key.text:
            raise validation(EMPTY_NAME)
        check_literal(terms.text, member)
    for node in walk(value):
        if isinstance(node, ast.Number):
            normalise_value({"N": node.text})


def _check_delete(statement: ast.Delete) -> None:
    """Raise ValidationException for a RETURNING clause that a DELETE cannot have."""
    clause = statement.returning
    if clause is not None and (clause.scope, clause.image) != ("ALL", "OLD"):
        raise validation(WRONG_RETURNING.format(render(clause)))
