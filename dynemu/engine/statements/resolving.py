"""Resolves the terms of a statement to nodes, with the checks that expressions have."""

from dataclasses import dataclass

from dynemu._core import updates
from dynemu._core.conditions import Node, Operand, ValueOperand
from dynemu._core.paths import JSON, Path, Projection
from dynemu.engine.statements.preparing import Prepared
from dynemu.engine.statements.terms import SET_FUNCTIONS
from dynemu.expressions.checks import Checks, SetCheck
from dynemu.expressions.names import Resolver
from dynemu.expressions.tree import Assignment, Call, ParsedCondition, PathTerm, Term
from dynemu.limits import NESTING_LEVELS


@dataclass(slots=True)
class Resolved:
    """The parts of a statement as nodes, for whatever table."""

    projection: Projection | None
    leaves: dict[int, Node]
    """Nodes of the leaves of the conditions, by the identity of the leaf."""
    update: updates.Update | None
    checks: Checks
    """What the values of a request have to pass."""


def resolve(prepared: Prepared) -> Resolved:
    """Return the nodes of *prepared*, which keeps them. Raises ValidationException."""
    if prepared.resolved is None:
        resolver = StatementResolver(prepared.names, prepared.set_errors)
        leaves = {} if prepared.where is None else resolver.leaf_nodes(prepared.where)
        projection = resolver.columns(prepared.columns)
        update = None if prepared.update is None else resolver.update(prepared.update)
        prepared.resolved = Resolved(projection, leaves, update, Checks(resolver.checks))
    resolved: Resolved = prepared.resolved
    return resolved


class StatementResolver(Resolver):
    """A resolver for names that are what they seem, and for the functions that only statements have.

    Errors name no expression: an empty member is a statement.
    """

    def __init__(self, values: frozenset[str], set_errors: dict[int, str]) -> None:
        super().__init__("", {}, values)
        self.set_errors = set_errors

    def path(self, term: PathTerm) -> Path:
        if len(term.parts) > NESTING_LEVELS:
            raise self.error(
                f"The document path has too many nesting levels; nesting levels: {len(term.parts)}"
            )
        return Path(str(term.parts[0]), term.parts[1:])

    def operand(self, term: Term) -> Operand:
        if not isinstance(term, Call) or term.function not in SET_FUNCTIONS:
            return super().operand(term)
        operands = [self.operand(operand) for operand in term.operands]
        if len(operands) != 2:
            raise self.error(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {term.function}, number of operands: {len(operands)}"
            )
        if isinstance(operands[1], ValueOperand):
            self.checks.append(SetCheck(self.set_errors[id(term)], operands[1].name))
        make = updates.Addition if term.function == "set_add" else updates.Deletion
        return make(operands[0], operands[1], updates.WRONG_TYPE)

    def action(self, action: Assignment, path: Path) -> updates.Action:
        made = super().action(action, path)
        if isinstance(made.operand, updates.Deletion):
            return updates.Action(path, made.operand, False)
        return made

    def leaf_nodes(self, parsed: ParsedCondition) -> dict[int, Node]:
        """Return the nodes of the leaves of *parsed* by their identity. Raises ValidationException."""
        leaves = {id(leaf): self.leaf(leaf) for leaf in parsed.leaves}
        self.check_operators(parsed.operators)
        return leaves

    def columns(self, terms: tuple[PathTerm, ...]) -> Projection | None:
        """Return what a SELECT picks out of an item; None for everything. Raises ValidationException."""
        if not terms:
            return None
        paths = self.disjoint_paths(terms)
        return Projection(paths) if all(path.rest is None for path in paths) else Columns(paths)


class Columns(Projection):
    """A projection that gives what lies deeper in an item under the last name of its path.

    Source: recorded answers, ``m.l[0]`` comes back as ``l[0]``.
    """

    def __init__(self, paths: list[Path]) -> None:
        super().__init__(paths)
        self.columns = [(column_name(path), path) for path in paths]

    def apply(self, item: JSON) -> JSON:
        """Return the columns that *item* has."""
        found = ((name, path.get(item)) for name, path in self.columns)
        return {name: value for name, value in found if value is not None}


def column_name(path: Path) -> str:
    """Return the name of the column for *path*: its last name, and the indexes behind that."""
    name = ""
    for part in path.parts:
        name = part if isinstance(part, str) else f"{name}[{part}]"
    return name
