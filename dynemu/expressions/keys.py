"""KeyConditionExpression -> key terms. What needs no table is checked here."""

from dataclasses import dataclass
from typing import Any

from dynemu.errors import ValidationException, validation
from dynemu.expressions.messages import expression_error
from dynemu.expressions.tree import (
    Call,
    Comparison,
    Junction,
    Negation,
    ParsedCondition,
    PathTerm,
    Term,
    ValueTerm,
)

_MEMBER = "KeyConditionExpression"
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
OPERATORS = frozenset(("=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"))


@dataclass(slots=True)
class KeyTerm:
    """One condition on a key attribute; ``operands`` are canonical values, two of them for BETWEEN.

    PERF: not frozen: two are made in every Query, and a frozen one costs three times as much.
    """

    name: str
    operator: str
    """``=``, ``<``, ``<=``, ``>``, ``>=``, ``BETWEEN`` or ``begins_with``; empty for what is none of them."""
    operands: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """A key term before its values are known: ``operands`` are placeholders."""

    name: str
    operator: str
    operands: tuple[str, ...]

    def bind(self, values: dict[str, Any]) -> KeyTerm:
        return KeyTerm(self.name, self.operator, [values[operand] for operand in self.operands])


def key_patterns(parsed: ParsedCondition, names: dict[str, str]) -> tuple[KeyPattern, ...]:
    """Return the key terms of a resolved key condition. Raises ValidationException.

    Source: recorded answers, topic key_condition_expressions.
    """
    for leaf in parsed.leaves:
        _check_nesting(leaf.operands)
    leaves = list(_conjunction(parsed.root))
    patterns: dict[str, KeyPattern] = {}
    for leaf in leaves:
        pattern = _pattern(leaf, names)
        if pattern.name in patterns:
            raise expression_error(_MEMBER, "KeyConditionExpressions must only contain one condition per key")
        patterns[pattern.name] = pattern
    return tuple(patterns.values())


def _check_nesting(operands: tuple[Term, ...]) -> None:
    for operand in operands:
        if isinstance(operand, PathTerm) and len(operand.parts) > 1:
            raise expression_error(
                _MEMBER, "KeyConditionExpressions cannot have conditions on nested attributes"
            )


def _conjunction(root: Any) -> list[Comparison | Call]:
    """Return the conditions that AND joins. Raises ValidationException for OR and NOT."""
    if isinstance(root, Negation):
        raise _bad_operator("NOT")
    if not isinstance(root, Junction):
        return [root]
    if root.operator != "AND":
        raise _bad_operator(root.operator)
    return [leaf for condition in root.conditions for leaf in _conjunction(condition)]


def _bad_operator(operator: str) -> ValidationException:
    return validation(f"Invalid operator used in KeyConditionExpression: {operator}")


def _bad_condition(problem: str) -> ValidationException:
    return expression_error(_MEMBER, f"Invalid condition in KeyConditionExpression: {problem}")


def _pattern(leaf: Comparison | Call, names: dict[str, str]) -> KeyPattern:
    """Return the key term of one condition. Raises ValidationException."""
    operator = leaf.function if isinstance(leaf, Call) else leaf.operator
    if operator not in OPERATORS:
        raise _bad_operator(operator)
    if any(isinstance(operand, Call) for operand in leaf.operands):
        raise validation("KeyConditionExpressions cannot contain nested operations")
    paths = [operand for operand in leaf.operands if isinstance(operand, PathTerm)]
    if len(paths) > 1:
        raise _bad_condition("Multiple attribute names used in one condition")
    if not paths:
        raise _bad_condition("No key attribute specified")
    if leaf.operands[0] is not paths[0]:
        if operator not in _MIRRORED:
            raise _bad_condition(f"{operator} operator must have the key attribute as its first operand")
        operator = _MIRRORED[operator]
    name = str(paths[0].parts[0])
    placeholders = tuple(operand.name for operand in leaf.operands if isinstance(operand, ValueTerm))
    return KeyPattern(names.get(name, name), operator, placeholders)
