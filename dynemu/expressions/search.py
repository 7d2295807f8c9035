"""SearchConditionExpression -> key terms, all of them equalities. What needs no table is checked here.

Source of texts: developer guide, "Troubleshooting vector indexes", and other emulators.
"""

from typing import Any

from dynemu.errors import ValidationException
from dynemu.expressions.keys import KeyPattern
from dynemu.expressions.messages import expression_error
from dynemu.expressions.tree import Call, Comparison, Junction, Negation, ParsedCondition, PathTerm, ValueTerm

MEMBER = "SearchConditionExpression"


def search_patterns(parsed: ParsedCondition, names: dict[str, str]) -> tuple[KeyPattern, ...]:
    """Return the terms of a resolved search condition. Raises ValidationException."""
    for leaf in parsed.leaves:
        for operand in leaf.operands:
            if isinstance(operand, PathTerm) and len(operand.parts) > 1:
                raise _error(f"{MEMBER} cannot have conditions on nested attributes")
    patterns: dict[str, KeyPattern] = {}
    for leaf in _conjunction(parsed.root):
        pattern = _pattern(leaf, names)
        if pattern.name in patterns:
            raise _error(f"{MEMBER} must only contain one condition per attribute")
        patterns[pattern.name] = pattern
    return tuple(patterns.values())


def _error(problem: str) -> ValidationException:
    return expression_error(MEMBER, problem)


def _conjunction(root: Any) -> list[Comparison | Call]:
    """Return the conditions that AND joins. Raises ValidationException for OR and NOT."""
    if isinstance(root, Negation) or (isinstance(root, Junction) and root.operator != "AND"):
        raise _error(f"Invalid operator used in {MEMBER}")
    if not isinstance(root, Junction):
        return [root]
    return [leaf for condition in root.conditions for leaf in _conjunction(condition)]


def _pattern(leaf: Comparison | Call, names: dict[str, str]) -> KeyPattern:
    """Return the term of one condition, an attribute and a value. Raises ValidationException."""
    paths = [operand for operand in leaf.operands if isinstance(operand, PathTerm)]
    values = [operand.name for operand in leaf.operands if isinstance(operand, ValueTerm)]
    if isinstance(leaf, Call) or leaf.operator != "=" or len(paths) != 1 or len(values) != 1:
        raise _error(f"Invalid comparator used in {MEMBER}")
    name = str(paths[0].parts[0])
    return KeyPattern(names.get(name, name), "=", (values[0],))
