"""From a key condition to a range of rows."""

from typing import Any

from dynemu._core.keys import KeyCodec, encode_part, encode_prefix, successor
from dynemu.engine.keys import empty_key_error, find_empty_kind
from dynemu.engine.table import Source
from dynemu.errors import ValidationException, parameter_error, validation
from dynemu.expressions.keys import KeyPattern, KeyTerm

Item = dict[str, Any]


class KeyRange:
    """Rows with ``start <= key < end``; *is_point* when at most one row can be in it."""

    def __init__(self, start: bytes, end: bytes, partition: bytes, is_point: bool, is_narrowed: bool) -> None:
        self.start = start
        self.end = end
        self.partition = partition
        """What every row key of the partition begins with."""
        self.is_point = is_point
        self.is_narrowed = is_narrowed
        """A condition on the range key is part of it."""


class RangePlanner:
    """Finds the rows of key terms that are known but for their values; it remembers the last source."""

    def __init__(self, patterns: tuple[KeyPattern, ...]) -> None:
        self._patterns = patterns
        self._source: Source | None = None
        self._codec: KeyCodec | None = None
        self._is_table = False
        """The source is a table, whose rows have no other keys than those of the terms."""
        self._steps: list[tuple[str, str]] | None = None
        """Placeholder and type of each operand in the order of the key; None: leave it to ``plan_query``."""
        self._hashes = 0
        self._last = 0
        """Where the operands of the last term begin."""
        self._operator = ""

    def find(self, source: Source, values: Item) -> KeyRange:
        """Return what ``plan_query`` does for the terms with these *values*, and raise what it raises."""
        if source is not self._source:
            self._prepare(source)
        operands = None if self._steps is None else self._operands(values)
        if operands is None:
            return plan_query(source, [pattern.bind(values) for pattern in self._patterns])
        return self._find(operands)

    def _operands(self, values: Item) -> list[Item] | None:
        """Return the operands in the order of the key; None when one is empty or of another type."""
        operands: list[Item] = []
        for name, kind in self._steps or ():
            value: Item = values[name]
            if not value.get(kind):
                return None
            operands.append(value)
        return operands

    def _find(self, operands: list[Item]) -> KeyRange:
        hashes = self._hashes
        codec = self._codec
        assert codec is not None
        partition = codec.hash_prefix(operands[:hashes])
        if len(operands) == hashes:
            is_point = self._is_table and len(codec.parts) == hashes
            return KeyRange(partition, successor(partition), partition, is_point, False)
        base = partition
        for value in operands[hashes : self._last]:
            base = base + encode_part(value)
        start, end = bounds(base, self._operator, operands[self._last :])
        return KeyRange(start, end, partition, self._is_table and self._operator == "=", True)

    def _prepare(self, source: Source) -> None:
        self._source = source
        self._codec = source.codec
        self._is_table = source.rows is None
        self._steps = None
        by_name = {pattern.name: pattern for pattern in self._patterns}
        parts = source.parts[: max(len(self._patterns), source.hash_count)]
        ordered = [by_name[part.name] for part in parts if part.name in by_name]
        if not len(ordered) == len(parts) == len(self._patterns):
            return
        if any([pattern.operator != "=" for pattern in (*ordered[: source.hash_count], *ordered[:-1])]):
            return
        self._hashes = source.hash_count
        self._last = len(ordered) - 1
        self._operator = ordered[-1].operator
        self._steps = [
            (operand, part.type)
            for part, pattern in zip(parts, ordered, strict=True)
            for operand in pattern.operands
        ]


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
    start, end = bounds(base, last.operator, last.operands)
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


def bounds(base: bytes, operator: str, operands: list[Item]) -> tuple[bytes, bytes]:
    """Return the row keys after *base* between which a term of *operator* and *operands* holds."""
    if operator == "begins_with":
        start = base + encode_prefix(operands[0])
        return start, successor(start)
    low = base + encode_part(operands[0])
    if operator == "=":
        return low, successor(low)
    if operator == "BETWEEN":
        return low, successor(base + encode_part(operands[1]))
    if operator == "<":
        return base, low
    if operator == "<=":
        return base, successor(low)
    return (low if operator == ">=" else successor(low)), successor(base)
