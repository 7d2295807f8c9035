"""Reads what a SELECT asks for: one item, the rows of one or several partitions, or a scan."""

from dataclasses import dataclass, field
from typing import Any

from orjson import Fragment

from dynemu._core.codec import decode_row, row_body, row_size
from dynemu._core.keys import encode_part
from dynemu._core.values import type_of
from dynemu.engine.capacity import Consumption, read_units
from dynemu.engine.planner import plan_query
from dynemu.engine.reads import Page, ReadPlan, charge, read_page
from dynemu.engine.statements.matching import KeyMatch
from dynemu.engine.statements.planning import SelectPlan
from dynemu.engine.statements.wording import BAD_TOKEN, CONSISTENT_GLOBAL, WRONG_KEY_TYPE
from dynemu.errors import ValidationException, validation
from dynemu.expressions.keys import KeyTerm
from dynemu.limits import PAGE_BYTES
from dynemu.storage.base import View

Item = dict[str, Any]


@dataclass(slots=True)
class Span:
    """Rows with ``start <= key < end``; *is_point* when at most one row can be in it."""

    start: bytes
    end: bytes
    is_point: bool


@dataclass(slots=True)
class Position:
    """Where the next page begins: in which of the spans, and after which key (None: at its start)."""

    span: int
    key: Item | None


@dataclass(slots=True)
class Selection:
    """One page of a SELECT."""

    pages: list[Page] = field(default_factory=list)
    next: Position | None = None

    def items(self) -> Fragment:
        """Return the items, ready to be sent."""
        if len(self.pages) == 1:
            return Fragment(self.pages[0].items)
        return Fragment(b"[" + b",".join([page.items[1:-1] for page in self.pages if page.count]) + b"]")


def check_consistency(plan: SelectPlan, consistent: bool) -> None:
    """Raise ValidationException for an index that cannot be read (so)."""
    rows = plan.source.rows
    if rows is None or not rows.index.is_global:
        return
    if rows.index.status == "CREATING":
        raise validation(f"Cannot read from backfilling global secondary index: {rows.index.name}")
    if consistent:
        raise validation(CONSISTENT_GLOBAL)


def get_row_key(plan: SelectPlan, values: Item) -> bytes:
    """Return the row key of the one item that *plan* can mean. Raises ValidationException."""
    # PERF: a comprehension costs a call of its own here.
    key: Item = {}
    for name, operand in plan.key:
        key[name] = values[operand]
    row_key = plan.table.codec.encode(key)
    return find_spans(plan, values)[0].start if row_key is None else row_key


def pick_item(plan: SelectPlan, values: Item, row: bytes) -> Any:
    """Return what *plan* gives of the one item that it can mean, ready to be sent; None for nothing."""
    if plan.filter is None and plan.projection is None:
        return Fragment(row_body(row))
    item = decode_row(row)
    if plan.filter is not None and not plan.filter.test(item, values):
        return None
    return Fragment(row_body(row)) if plan.projection is None else plan.projection.apply(item)


def charge_item(consumption: Consumption, row: bytes | None, consistent: bool) -> None:
    """Add to *consumption* what reading the one item costs, found or not."""
    consumption.units += read_units(0 if row is None else row_size(row), consistent)


def find_spans(plan: SelectPlan, values: Item) -> list[Span]:
    """Return the rows that *plan* reads, in the order in which it does.

    Raises: ValidationException for values that cannot be those of the key.
    """
    match = plan.match
    if match is None:
        return [Span(*plan.source.codec.segment(0, 1), False)]
    try:
        return _find_spans(plan, match, values)
    except ValidationException:
        check_key_types(plan, match, values)
        raise


def check_key_types(plan: SelectPlan, match: KeyMatch, values: Item) -> None:
    """Raise ValidationException for the first value that is not of the type of its key attribute."""
    types = {part.name: part.type for part in plan.source.parts}
    given = [(plan.source.names[0], choice) for choice in match.choices]
    given += [(pattern.name, operand) for pattern in match.patterns for operand in pattern.operands]
    for name, operand in given:
        if type_of(values[operand]) != types[name]:
            raise validation(WRONG_KEY_TYPE.format(name))


def _find_spans(plan: SelectPlan, match: KeyMatch, values: Item) -> list[Span]:
    if not match.choices:
        found = match.planner.find(plan.source, values)
        return [Span(found.start, found.end, found.is_point)]
    terms = [pattern.bind(values) for pattern in match.patterns]
    name = plan.source.names[0]
    chosen: dict[bytes, Span] = {}
    for choice in match.choices:
        found = plan_query(plan.source, [KeyTerm(name, "=", [values[choice]]), *terms])
        chosen.setdefault(encode_part(values[choice]), Span(found.start, found.end, found.is_point))
    if plan.sorts_partitions:
        return [chosen[key] for key in sorted(chosen, reverse=plan.descends)]
    return list(chosen.values())


def read_select(
    view: View, plan: SelectPlan, values: Item, limit: int | None, after: Position | None
) -> Selection:
    """Return the page of *plan* in *view* behind *after*: at most *limit* rows before the filter, and 1 MB.

    Raises: ValidationException for values or a position that do not fit.
    """
    spans = find_spans(plan, values)
    selection = Selection()
    position = after or Position(0, None)
    if position.span >= len(spans):
        raise validation(BAD_TOKEN)
    room = PAGE_BYTES
    for place in range(position.span, len(spans)):
        span = spans[place]
        if position.key is not None:
            go_on(plan, span, position.key)
        page = read_page(view, _read_plan(plan, span, values, limit, room))
        selection.pages.append(page)
        limit = None if limit is None else limit - page.scanned
        room -= page.size
        if page.last_key is not None and not span.is_point:
            selection.next = Position(place, page.last_key)
            break
        position = Position(place + 1, None)
        if place + 1 < len(spans) and (limit == 0 or room < 0):
            selection.next = position
            break
    return selection


def _read_plan(plan: SelectPlan, span: Span, values: Item, limit: int | None, room: int) -> ReadPlan:
    return ReadPlan(
        plan.source,
        span.start,
        span.end,
        plan.reverse,
        limit,
        plan.filter,
        values,
        plan.projection,
        plan.fetches,
        False,
        room,
    )


def go_on(plan: SelectPlan, span: Span, key: Item) -> None:
    """Narrow *span* to what follows *key*. Raises ValidationException when that lies outside."""
    row_key = plan.source.codec.encode(key)
    if row_key is None or not span.start <= row_key < span.end:
        raise validation(BAD_TOKEN)
    if plan.reverse:
        span.end = row_key
    else:
        span.start = row_key + b"\0"


def charge_select(consumption: Consumption, plan: SelectPlan, selection: Selection, consistent: bool) -> None:
    """Add to *consumption* what the page costs; each partition is rounded up by itself."""
    for page in selection.pages:
        charge(consumption, plan.source, page.size, page.fetched_units, consistent)
