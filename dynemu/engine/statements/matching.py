"""Which conditions of a statement select rows by their key, and what is left of it as a filter."""

from collections.abc import Iterable
from dataclasses import dataclass

from dynemu.engine.planner import RangePlanner
from dynemu.engine.table import Source
from dynemu.expressions.keys import OPERATORS, KeyPattern
from dynemu.expressions.tree import Call, Comparison, Condition, Junction, PathTerm, ValueTerm

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


@dataclass(frozen=True, slots=True)
class KeyMatch:
    """Conditions on the key of a table or index."""

    patterns: tuple[KeyPattern, ...]
    """Of the hash part (but see *choices*), then of the range part, as ``plan_query`` wants them."""
    choices: tuple[str, ...]
    """Names of several values of the hash attribute, which then has no pattern; empty for one partition."""
    is_whole: bool
    """Every key attribute is given by equality."""
    used: tuple[Condition, ...]
    """Conditions that the range of rows fulfils."""
    residual: Condition | None
    """What the filter still has to test."""
    planner: RangePlanner
    """Finds the rows of the patterns, when there are no choices."""


def match_key(source: Source, root: Condition | None) -> KeyMatch | None:
    """Return how *root* selects rows of *source* by key; None when it does not, which makes a scan."""
    parts = [] if root is None else conjunction(root)
    patterns: list[KeyPattern] = []
    choices: tuple[str, ...] = ()
    used: list[Condition] = []
    for name in source.names[: source.hash_count]:
        found = find_term(parts, name, ("=",))
        if found is not None:
            patterns.append(found[0])
            used.append(found[1])
            continue
        choices, chosen = find_choices(parts, name) if source.hash_count == 1 else ((), None)
        if not choices:
            return None
        used.extend([] if chosen is None else [chosen])
    for name in source.names[source.hash_count :]:
        found = find_term(parts, name, ("=",)) or find_term(parts, name, OPERATORS)
        if found is None:
            break
        patterns.append(found[0])
        used.append(found[1])
        if found[0].operator != "=":
            break
    equalities = sum(pattern.operator == "=" for pattern in patterns) + bool(choices)
    is_whole = equalities == len(source.names)
    planner = RangePlanner(tuple(patterns))
    return KeyMatch(tuple(patterns), choices, is_whole, tuple(used), without(parts, used), planner)


def conjunction(root: Condition) -> list[Condition]:
    """Return the conditions that AND joins at the top of *root*."""
    if isinstance(root, Junction) and root.operator == "AND":
        return [part for condition in root.conditions for part in conjunction(condition)]
    return [root]


def find_term(
    parts: list[Condition], name: str, operators: Iterable[str]
) -> tuple[KeyPattern, Condition] | None:
    """Return the first of *parts* that compares the attribute *name* with values by one of *operators*."""
    for part in parts:
        pattern = get_pattern(part, name)
        if pattern is not None and pattern.operator in operators:
            return pattern, part
    return None


def get_pattern(part: Condition, name: str) -> KeyPattern | None:
    """Return the key pattern that *part* is for the attribute *name*, or None."""
    if not isinstance(part, Comparison | Call):
        return None
    operator = part.function if isinstance(part, Call) else part.operator
    operands = part.operands
    if operator in _MIRRORED and isinstance(operands[0], ValueTerm):
        operator, operands = _MIRRORED[operator], operands[::-1]
    first, *rest = operands
    if first != PathTerm((name,)) or operator not in OPERATORS:
        return None
    values = tuple(operand.name for operand in rest if isinstance(operand, ValueTerm))
    return KeyPattern(name, operator, values) if len(values) == len(rest) else None


def find_choices(parts: list[Condition], name: str) -> tuple[tuple[str, ...], Condition | None]:
    """Return the values that the attribute *name* can only have, and the condition that is spent on that.

    They are given by IN, or by OR when each of its sides has the attribute equal to a value. An OR may ask
    for more than that, so it stays in the filter. Source: developer guide, "PartiQL select statements".
    """
    for part in parts:
        if isinstance(part, Comparison) and part.operator == "IN" and part.operands[0] == PathTerm((name,)):
            values = [operand.name for operand in part.operands[1:] if isinstance(operand, ValueTerm)]
            if len(values) == len(part.operands) - 1:
                return tuple(values), part
        elif isinstance(part, Junction) and part.operator == "OR":
            found = [find_term(conjunction(side), name, ("=",)) for side in part.conditions]
            if None not in found:
                return tuple(each[0].operands[0] for each in found if each is not None), None
    return (), None


def without(parts: list[Condition], used: list[Condition]) -> Condition | None:
    """Return *parts* joined again but for those *used*; None when nothing is left."""
    spent = set(map(id, used))
    left = tuple(part for part in parts if id(part) not in spent)
    if not left:
        return None
    return left[0] if len(left) == 1 else Junction("AND", left)
