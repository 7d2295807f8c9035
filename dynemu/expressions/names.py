"""Resolves ``#names`` and ``:values`` of a tree into the nodes that are evaluated.

Conditions are resolved in the order of the text. NOTE: updates and projections are resolved from the last
action or path to the first, all written paths before any operand: AWS reports the last of several errors.
"""

from collections.abc import Iterable, Mapping

from dynemu._core import conditions as nodes
from dynemu._core import updates
from dynemu._core.conditions import Node, Operand, PathOperand, Size, ValueOperand
from dynemu._core.paths import Branch, Path, Projection
from dynemu._core.updates import Update
from dynemu.errors import ValidationException
from dynemu.expressions.checks import (
    ORDERED_TYPES,
    PREFIX_TYPES,
    SIZED_TYPES,
    BoundsCheck,
    Check,
    OperandCheck,
    SectionCheck,
    TypeNameCheck,
)
from dynemu.expressions.messages import expression_error, wrong_type
from dynemu.expressions.tree import (
    Assignment,
    Call,
    Comparison,
    Condition,
    Junction,
    Negation,
    ParsedCondition,
    ParsedUpdate,
    PathTerm,
    Sum,
    Term,
    ValueTerm,
)
from dynemu.limits import EXPRESSION_OPERATORS, IN_OPERANDS, NESTING_LEVELS

_NUMBER = frozenset(("N",))
_LIST = frozenset(("L",))
_OPERAND_COUNTS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
    "if_not_exists": 2,
    "list_append": 2,
}
_PATH_TYPES = (
    "{M,S,L,INTSET,DECIMALSET,BOOL,HD,DICT,N,SS,INT,DOUBLE,BS,HDS,NULL,DECIMAL,FS,DOUBLESET,FLOAT,NS,B}"
)
"""NOTE: what AWS prints as the type of a path where only a constant can stand."""


class Resolver:
    """Resolves one expression; collects the checks that need values, and the placeholders used."""

    def __init__(self, member: str, names: Mapping[str, str], values: Iterable[str]) -> None:
        self.member = member
        self.names = names
        self.values = values
        self.checks: list[Check] = []
        self.used_names: set[str] = set()
        self.used_values: set[str] = set()

    def error(self, problem: str) -> ValidationException:
        return expression_error(self.member, problem)

    def path(self, term: PathTerm) -> Path:
        """Return the path with its real names. Raises ValidationException when too long or not defined."""
        if len(term.parts) > NESTING_LEVELS:
            raise self.error(
                f"The document path has too many nesting levels; nesting levels: {len(term.parts)}"
            )
        parts: list[str | int] = []
        for part in term.parts:
            if isinstance(part, str) and part[0] in "#:":
                if part not in self.names:
                    raise self.error(
                        "An expression attribute name used in the document path is not defined; "
                        f"attribute name: {part}"
                    )
                self.used_names.add(part)
                part = self.names[part]
            parts.append(part)
        return Path(str(parts[0]), parts[1:])

    def value(self, term: ValueTerm) -> ValueOperand:
        if term.name not in self.values:
            raise self.error(
                "An expression attribute value used in expression is not defined; "
                f"attribute value: {term.name}"
            )
        self.used_values.add(term.name)
        return ValueOperand(term.name)

    def operand(self, term: Term) -> Operand:
        if isinstance(term, PathTerm):
            return PathOperand(self.path(term))
        if isinstance(term, ValueTerm):
            return self.value(term)
        if isinstance(term, Sum):
            return self.sum(term)
        operands = [self.operand(operand) for operand in term.operands]
        self.check_call(term.function, operands)
        if term.function == "size":
            self.check_type("size", operands[0], SIZED_TYPES)
            return Size(operands[0])
        if term.function == "if_not_exists":
            self.require_path(term.function, operands[0])
            self.check_distinct(term.function, operands)
            return updates.IfNotExists(*operands)
        for operand in operands:
            self.check_type("list_append", operand, _LIST)
        return updates.ListAppend(*operands)

    def sum(self, term: Sum) -> Operand:
        operands = [self.operand(term.left), self.operand(term.right)]
        for operand in operands:
            self.check_type(term.operator, operand, _NUMBER)
        return updates.Arithmetic(term.operator == "-", *operands)

    def check_call(self, function: str, operands: list[Operand]) -> None:
        if len(operands) != _OPERAND_COUNTS[function]:
            raise self.error(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {function}, number of operands: {len(operands)}"
            )

    def require_path(self, function: str, operand: Operand) -> None:
        if not isinstance(operand, PathOperand):
            raise self.error(
                f"Operator or function requires a document path; operator or function: {function}"
            )

    def check_type(self, operator: str, operand: Operand, allowed: frozenset[str]) -> None:
        """Refuse an operand that can never be of one of the *allowed* types."""
        if isinstance(operand, ValueOperand):
            self.checks.append(OperandCheck(self.member, operator, operand.name, allowed))
        elif isinstance(operand, Size) and "N" not in allowed:
            raise wrong_type(self.member, operator, "N")

    def check_distinct(self, operator: str, operands: list[Operand]) -> None:
        first = operands[0]
        if not isinstance(first, PathOperand):
            return
        for operand in operands[1:]:
            if isinstance(operand, PathOperand) and operand.path.parts == first.path.parts:
                raise self.error(
                    "The first operand must be distinct from the remaining operands for this operator or "
                    f"function; operator: {operator}, first operand: {first.path!r}"
                )

    def check_operators(self, count: int) -> None:
        # NOTE: AWS stops counting at the first operator too many (recorded answers of condition_expressions).
        if count > EXPRESSION_OPERATORS:
            raise self.error(
                f"The expression contains too many operators; operator count: {EXPRESSION_OPERATORS + 1}"
            )

    def condition(self, parsed: ParsedCondition) -> Node:
        """Return the node of a condition. Raises ValidationException."""
        leaves = {id(leaf): self.leaf(leaf) for leaf in parsed.leaves}
        self.check_operators(parsed.operators)
        return build(parsed.root, leaves)

    def leaf(self, leaf: Comparison | Call) -> Node:
        operands = [self.operand(operand) for operand in leaf.operands]
        if isinstance(leaf, Call):
            return self.predicate(leaf.function, operands)
        operator = leaf.operator
        if operator == "BETWEEN":
            return self.between(operands)
        if operator == "IN":
            self.check_distinct(operator, operands)
            count = len(operands) - 1
            if count > IN_OPERANDS:
                raise self.error(
                    f"The IN operator is provided with too many operands; number of operands: {count}"
                )
            return nodes.In(operands[0], operands[1:])
        if operator not in ("=", "<>"):
            for operand in operands:
                self.check_type(operator, operand, ORDERED_TYPES)
        self.check_distinct(operator, operands)
        return nodes.Compare(operator, *operands)

    def between(self, operands: list[Operand]) -> Node:
        for operand in operands:
            self.check_type("BETWEEN", operand, ORDERED_TYPES)
        self.check_distinct("BETWEEN", operands)
        low, high = operands[1], operands[2]
        if isinstance(low, ValueOperand) and isinstance(high, ValueOperand):
            self.checks.append(BoundsCheck(self.member, low.name, high.name))
        return nodes.Between(*operands)

    def predicate(self, function: str, operands: list[Operand]) -> Node:
        self.check_call(function, operands)
        if function in ("attribute_exists", "attribute_not_exists"):
            self.require_path(function, operands[0])
            exists = nodes.AttributeExists(operands[0])
            return exists if function == "attribute_exists" else nodes.Not(exists)
        if function == "begins_with":
            for operand in operands:
                self.check_type(function, operand, PREFIX_TYPES)
        self.check_distinct(function, operands)
        if function == "begins_with":
            return nodes.BeginsWith(*operands)
        if function == "contains":
            return nodes.Contains(*operands)
        self.check_type_name(operands[1])
        return nodes.AttributeType(*operands)

    def check_type_name(self, operand: Operand) -> None:
        if not isinstance(operand, ValueOperand):
            tag = "N" if isinstance(operand, Size) else _PATH_TYPES
            raise wrong_type(self.member, "attribute_type", tag)
        self.checks.append(TypeNameCheck(self.member, operand.name))

    def disjoint_paths(self, terms: Iterable[PathTerm]) -> list[Path]:
        """Return the paths of *terms*. Raises ValidationException when two of them overlap or conflict."""
        found: list[Path] = []
        root = Branch()
        for term in reversed(list(terms)):
            path = self.path(term)
            clash = root.add(path.parts, 0, path)
            if clash is not None:
                other, how = clash
                raise self.error(
                    f"Two document paths {how} with each other; must remove or rewrite one of these paths; "
                    f"path one: {path!r}, path two: {other!r}"
                )
            found.append(path)
        return found[::-1]

    def projection(self, terms: Iterable[PathTerm]) -> Projection:
        """Return the projection on *terms*. Raises ValidationException."""
        return Projection(self.disjoint_paths(terms))

    def update(self, parsed: ParsedUpdate) -> Update:
        """Return the update. Raises ValidationException."""
        paths = self.disjoint_paths(action.path for action in parsed.actions)
        pairs = list(zip(parsed.actions, paths, strict=True))
        actions = [self.action(action, path) for action, path in reversed(pairs)]
        self.check_operators(parsed.operators)
        return Update(actions[::-1])

    def action(self, action: Assignment, path: Path) -> updates.Action:
        if action.operand is None:
            return updates.remove_path(path)
        operand = self.operand(action.operand)
        if action.section == "SET":
            return updates.set_path(path, operand)
        if isinstance(action.operand, ValueTerm):
            self.checks.append(SectionCheck(self.member, action.section, action.operand.name))
        make = updates.add_to_path if action.section == "ADD" else updates.delete_from_path
        return make(path, operand)


def build(root: Condition, leaves: dict[int, Node]) -> Node:
    """Return the node of the condition *root*, whose comparisons and calls are resolved in *leaves*."""
    if isinstance(root, Junction):
        parts = [build(condition, leaves) for condition in root.conditions]
        return nodes.And(parts) if root.operator == "AND" else nodes.Or(parts)
    if isinstance(root, Negation):
        node = build(root.condition, leaves)
        return nodes.Not(node) if root.times % 2 else node
    return leaves[id(root)]
