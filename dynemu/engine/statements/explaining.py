"""Says how a statement would be carried out and what it would read, without carrying it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dynemu._core.codec import row_size
from dynemu._core.pages import take_page
from dynemu._core.values import normalise_value
from dynemu.engine.call import Call
from dynemu.engine.capacity import read_units
from dynemu.engine.statements.literals import Values
from dynemu.engine.statements.matching import match_key
from dynemu.engine.statements.planning import SelectPlan, WritePlan, plan_for
from dynemu.engine.statements.preparing import Prepared, prepare
from dynemu.engine.statements.resolving import resolve
from dynemu.engine.statements.selecting import Span, find_spans, get_row_key
from dynemu.engine.table import Source
from dynemu.expressions.tree import Condition, Junction, Negation
from dynemu.limits import PAGE_BYTES
from partiql import ast, render, walk

_NO_LIMIT = 1 << 30
_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a step reads with the items that are there now, before the filter."""

    items: int
    size: int
    """Bytes, as AWS counts them."""
    units: float
    """Read units; of all pages for a scan, of the first page for anything else."""
    is_first_page: bool
    """There is more than one page, and only the first is counted."""


@dataclass(frozen=True, slots=True)
class Step:
    """One native operation that a statement comes to, or several of them that are its *parts*."""

    operation: str
    """``GetItem``, ``Query``, ``Scan``, ``PutItem``, ``UpdateItem``, ``DeleteItem`` or ``ConditionCheck``."""
    table: str
    index: str | None = None
    key: tuple[str, ...] = ()
    """Conditions that choose rows by their key, as text."""
    filter: str | None = None
    """What is tested on the rows that were read, or on the item before it is written."""
    columns: tuple[str, ...] = ()
    """Empty for everything."""
    backwards: bool = False
    fetches: bool = False
    """Rows of the local index are completed from the table, an item at a time."""
    reasons: tuple[str, ...] = ()
    """Why it is a scan, and what would spare it."""
    estimate: Estimate | None = None
    """None for a write, and when parameters are missing."""
    parts: "tuple[Step, ...]" = ()
    """A Query for each partition, when there are several."""


def explain(call: Call, text: str, parameters: Sequence[Values] = (), *, consistent: bool = False) -> Step:
    """Return how the statement *text* is carried out, the units being those of *consistent* reads or not.

    With fewer *parameters* than the statement has there is no estimate.
    Raises: the errors of ExecuteStatement.
    """
    prepared = prepare(text)
    values: Values | None = None
    if len(parameters) >= len(prepared.parameters):
        for parameter in parameters:
            normalise_value(parameter)
        values = prepared.bind(parameters)
    table = call.get_table(prepared.table)
    checks = resolve(prepared).checks
    if values is not None:
        checks.run(values)
    plan = prepared.plans.get(table) or plan_for(prepared, table)
    if isinstance(plan, WritePlan):
        return _explain_write(prepared, plan)
    return _Reader(call, prepared, plan, consistent).explain(values)


def _explain_write(prepared: Prepared, plan: WritePlan) -> Step:
    where = prepared.where
    match = None if where is None else match_key(plan.table.sources[None], where.root)
    return Step(
        _WRITES.get(plan.kind, plan.kind),
        plan.table.name,
        key=() if match is None else tuple(show(prepared, part) for part in match.used),
        filter=None if match is None or match.residual is None else show(prepared, match.residual),
    )


class _Reader:
    """Explains one SELECT."""

    def __init__(self, call: Call, prepared: Prepared, plan: SelectPlan, consistent: bool) -> None:
        self.call = call
        self.prepared = prepared
        self.plan = plan
        self.consistent = consistent

    def explain(self, values: Values | None) -> Step:
        plan, match = self.plan, self.plan.match
        if match is None:
            where = self.prepared.where
            left = None if where is None else where.root
            return self.step("Scan", left, self.estimate_scan(), self.scan_reasons())
        if plan.key:
            found = None if values is None else self.estimate_item(values)
            return self.step("GetItem", match.residual, found)
        spans = [] if values is None else find_spans(plan, values)
        found = self.total([self.estimate_span(span) for span in spans]) if spans else None
        parts: tuple[Step, ...] = ()
        if match.choices:
            parts = tuple(self.step("Query", match.residual, self.estimate_span(span)) for span in spans)
        return self.step("Query", match.residual, found, parts=parts)

    def step(
        self,
        operation: str,
        left: Condition | None,
        estimate: Estimate | None,
        reasons: tuple[str, ...] = (),
        parts: tuple[Step, ...] = (),
    ) -> Step:
        plan, rows = self.plan, self.plan.source.rows
        statement = self.prepared.statement
        assert isinstance(statement, ast.Select)
        return Step(
            operation,
            plan.table.name,
            None if rows is None else rows.index.name,
            () if plan.match is None else tuple(show(self.prepared, part) for part in plan.match.used),
            None if left is None else show(self.prepared, left),
            tuple(map(render, statement.columns)),
            plan.reverse,
            plan.fetches,
            reasons,
            estimate,
            parts,
        )

    # What is read

    def estimate_item(self, values: Values) -> Estimate:
        row = self.call.view.get(get_row_key(self.plan, values))
        size = 0 if row is None else row_size(row)
        return Estimate(int(row is not None), size, read_units(size, self.consistent), False)

    def estimate_span(self, span: Span) -> Estimate:
        found = self.call.view.values(span.start, span.end, self.plan.reverse)
        rows, size, stopped = take_page(found, _NO_LIMIT, PAGE_BYTES)
        return Estimate(len(rows), size, read_units(size, self.consistent), stopped)

    def total(self, parts: list[Estimate]) -> Estimate:
        return Estimate(
            sum(part.items for part in parts),
            sum(part.size for part in parts),
            sum(part.units for part in parts),
            any(part.is_first_page for part in parts),
        )

    def estimate_scan(self) -> Estimate:
        rows = self.plan.source.rows
        items, size = self.call.view.counts(self.plan.table.id if rows is None else rows.id)
        return Estimate(items, size, read_units(size, self.consistent), False)

    # Why it is a scan

    def scan_reasons(self) -> tuple[str, ...]:
        """Return why no rows can be chosen by key, and the indexes that could do it."""
        where = self.prepared.statement.where if isinstance(self.prepared.statement, ast.Select) else None
        if where is None:
            return ("there is no WHERE clause",)
        source = self.plan.source
        reasons = [self.missing_reason(source, where)]
        for name, other in self.plan.table.sources.items():
            assert self.prepared.where is not None
            if other is not source and match_key(other, self.prepared.where.root) is not None:
                place = f"index {name}" if name is not None else "the table itself"
                reasons.append(f"{place} would make it a Query")
        return tuple(reasons)

    def missing_reason(self, source: Source, where: ast.Expression) -> str:
        named = {node.steps[0].key for node in walk(where) if isinstance(node, ast.Path)}
        absent = [name for name in source.names[: source.hash_count] if name not in named]
        if absent:
            return f"no condition is about the partition key {absent[0]}"
        name = source.names[0]
        return f"the conditions leave the partition key {name} open: it must be given by = or IN, with values"


def show(prepared: Prepared, condition: Condition) -> str:
    """Return *condition*, a part of the WHERE clause of *prepared*, as text."""
    if isinstance(condition, Junction):
        parts = [show(prepared, part) for part in condition.conditions]
        inner = [isinstance(part, Junction) for part in condition.conditions]
        shown = [f"({text})" if joined else text for text, joined in zip(parts, inner, strict=True)]
        return f" {condition.operator} ".join(shown)
    if isinstance(condition, Negation):
        text = show(prepared, condition.condition)
        return f"NOT ({text})" if isinstance(condition.condition, Junction) else f"NOT {text}"
    return render(prepared.sources[id(condition)])


def describe(step: Step, depth: int = 0) -> list[str]:
    """Return *step* as lines of text, its parts indented below it."""
    place = step.table if step.index is None else f"{step.table}.{step.index}"
    lines = [f"{step.operation} on {place}{', backwards' * step.backwards}"]
    lines.extend(f"  key: {text}" for text in step.key)
    if step.filter is not None:
        lines.append(
            f"  {'filter' if step.estimate or step.operation == 'Scan' else 'condition'}: {step.filter}"
        )
    if step.columns:
        lines.append(f"  columns: {', '.join(step.columns)}")
    if step.fetches:
        lines.append("  completed from the table, an item at a time")
    lines.extend(f"  why: {reason}" for reason in step.reasons)
    if step.estimate is not None:
        lines.append("  " + _describe_estimate(step.estimate))
    lines.extend(line for part in step.parts for line in describe(part, 1))
    return ["  " * depth + line for line in lines]


def _describe_estimate(found: Estimate) -> str:
    more = ", and that is the first page only" if found.is_first_page else ""
    items = f"{found.items} item{'s' * (found.items != 1)}"
    return f"reads {items}, {found.size} bytes, {found.units:g} unit{'s' * (found.units != 1)}{more}"


def to_document(step: Step) -> dict[str, Any]:
    """Return *step* as JSON, without the members that say nothing."""
    found = step.estimate
    estimate = None if found is None else {"items": found.items, "bytes": found.size, "units": found.units}
    if found is not None and estimate is not None and found.is_first_page:
        estimate["firstPageOnly"] = True
    members: dict[str, Any] = {
        "operation": step.operation,
        "table": step.table,
        "index": step.index,
        "key": list(step.key),
        "filter": step.filter,
        "columns": list(step.columns),
        "backwards": step.backwards,
        "fetches": step.fetches,
        "reasons": list(step.reasons),
        "estimate": estimate,
        "parts": [to_document(part) for part in step.parts],
    }
    return {name: value for name, value in members.items() if value}
