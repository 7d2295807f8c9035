"""From a key condition to a range of rows."""

from dataclasses import dataclass
from typing import Any

from dynemu._core.keys import encode_part, encode_prefix, successor
from dynemu.engine.keys import empty_key_error, find_empty_kind
from dynemu.engine.table import Source
from dynemu.errors import ValidationException, parameter_error, validation
from dynemu.expressions.keys import KeyTerm

Item = dict[str, Any]


@dataclass(slots=True)
class KeyRange:
    """Rows with ``start <= key < end``; *is_point* when at most one row can be in it."""

    start: bytes
    end: bytes
    partition: bytes
    """What every row key of the partition begins with."""
    is_point: bool
    is_narrowed: bool
    """A condition on the range key is part of it."""


def plan_query(source: Source, terms: list[KeyTerm]) -> KeyRange:
    """Return the rows that satisfy every one of *terms*.

    Raises: ValidationException when the terms are not a key condition for *source*.
    Source: recorded answers, topic key_condition_expressions.
    """
    ordered = arrange(source, terms)
    hashes = source.hash_count
    partition = source.codec.hash_prefix([term.operands[0] for term in ordered[:hashes]])
    if len(ordered) == hashes:
        is_point = source.rows is None and len(source.parts) == hashes
        return KeyRange(partition, successor(partition), partition, is_point, False)
    base = partition
    for term in ordered[hashes:-1]:
        base += encode_part(term.operands[0])
    last = ordered[-1]
    start, end = bounds(base, last)
    return KeyRange(start, end, partition, last.operator == "=" and source.rows is None, True)


def arrange(source: Source, terms: list[KeyTerm]) -> list[KeyTerm]:
    """Return *terms* in the order of the key attributes: all of the hash part, then the range part.

    Only the last of the range part may be another operator than equality. Raises: ValidationException.
    """
    parts = source.parts
    if len(terms) > len(parts):
        raise validation(
            f"The number of query conditions ({len(terms)}) exceeds the number of key attributes defined in "
            f"the schema ({len(parts)})"
        )
    by_name = {term.name: term for term in terms}
    ordered = []
    for part in parts[: max(len(terms), source.hash_count)]:
        term = by_name.get(part.name)
        if term is None:
            raise validation(f"Query condition missed key schema element: {part.name}")
        ordered.append(term)
    empty = find_empty(source, ordered)
    for place, term in enumerate(ordered):
        if term.operator != "=" and (place < source.hash_count or place < len(ordered) - 1):
            raise validation("Query key condition not supported")
        if not term.operator:
            raise validation("Attempted conditional constraint is not an indexable operation")
    if empty is not None:
        raise empty
    return ordered


def find_empty(source: Source, ordered: list[KeyTerm]) -> ValidationException | None:
    """Return the error for the first empty operand of the terms, or None.

    Raises: ValidationException for an operand of another type than the key.
    """
    found: ValidationException | None = None
    for part, term in zip(source.parts, ordered, strict=False):
        for operand in term.operands:
            if operand.get(part.type):
                continue
            kind = find_empty_kind(operand) if part.type in operand else None
            if kind is None:
                raise parameter_error("Condition parameter type does not match schema type")
            found = found or empty_key_error(term.name, kind)
    return found


def bounds(base: bytes, term: KeyTerm) -> tuple[bytes, bytes]:
    """Return the row keys after *base* between which *term* holds."""
    operator = term.operator
    if operator == "begins_with":
        start = base + encode_prefix(term.operands[0])
        return start, successor(start)
    low = base + encode_part(term.operands[0])
    if operator == "=":
        return low, successor(low)
    if operator == "BETWEEN":
        return low, successor(base + encode_part(term.operands[1]))
    if operator == "<":
        return base, low
    if operator == "<=":
        return base, successor(low)
    return (low if operator == ">=" else successor(low)), successor(base)
