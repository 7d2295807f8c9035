"""From a key condition to a range of rows."""

from dataclasses import dataclass
from typing import Any

from dynemu._core.keys import KeyCodec, encode_part, encode_prefix, successor
from dynemu._core.values import type_of
from dynemu.engine.keys import find_empty_kind
from dynemu.engine.table import IndexRows, Table
from dynemu.errors import parameter_error, validation
from dynemu.expressions.bind import KeyTerm
from dynemu.model import KeyAttribute

Item = dict[str, Any]

_EMPTY = (
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty {} "
    "value. Key: {}"
)


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


class Source:
    """What a read goes through: a table or one of its indexes."""

    __slots__ = ("codec", "hash", "id", "is_index", "names", "range", "rows", "table")

    def __init__(self, table: Table, rows: IndexRows | None) -> None:
        self.table = table
        self.rows = rows
        self.is_index = rows is not None
        if rows is None:
            self.codec: KeyCodec = table.codec
            self.hash: tuple[KeyAttribute, ...] = table.key_attributes[:1]
            self.range: tuple[KeyAttribute, ...] = table.key_attributes[1:]
            self.names = table.keys
        else:
            self.codec = rows.codec
            self.hash = rows.index.hash
            self.range = rows.index.range
            self.names = rows.names


def plan_query(source: Source, terms: list[KeyTerm]) -> KeyRange:
    """Return the rows that satisfy every one of *terms*.

    Raises: ValidationException when the terms are not a key condition for *source*.
    Source: recorded answers, topic key_condition_expressions.
    """
    by_name = {term.name: term for term in terms}
    used = check_terms(source, terms, by_name)
    codec = source.codec
    partition = codec.hash_prefix([by_name[part.name].operands[0] for part in source.hash])
    base = partition
    for part in used[:-1]:
        base += encode_part(by_name[part.name].operands[0])
    if not used:
        return KeyRange(partition, successor(partition), partition, not source.is_index and not source.range, False)
    last = by_name[used[-1].name]
    start, end = bounds(base, last)
    is_point = last.operator == "=" and not source.is_index
    return KeyRange(start, end, partition, is_point, True)


def check_terms(source: Source, terms: list[KeyTerm], by_name: dict[str, KeyTerm]) -> tuple[KeyAttribute, ...]:
    """Return the range attributes that the terms restrict, in order. Raises ValidationException."""
    parts = source.hash + source.range
    if len(terms) > len(parts):
        raise validation(
            f"The number of query conditions ({len(terms)}) exceeds the number of key attributes defined in the "
            f"schema ({len(parts)})"
        )
    for part in source.hash:
        if part.name not in by_name:
            raise validation(f"Query condition missed key schema element: {part.name}")
    used = source.range[: len(terms) - len(source.hash)]
    for part in used:
        if part.name not in by_name:
            raise validation(f"Query condition missed key schema element: {part.name}")
    for part in source.hash + used:
        check_operands(part, by_name[part.name])
    for part in source.hash + used[:-1]:
        if by_name[part.name].operator != "=":
            raise validation("Query key condition not supported")
    return used


def check_operands(part: KeyAttribute, term: KeyTerm) -> None:
    """Raise ValidationException for an operand of another type than the key attribute, or an empty one."""
    for operand in term.operands:
        if type_of(operand) != part.type:
            raise parameter_error("Condition parameter type does not match schema type")
    for operand in term.operands:
        kind = find_empty_kind(operand)
        if kind:
            raise validation(_EMPTY.format(kind, part.name))


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
