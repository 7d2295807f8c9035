"""From a prepared statement and a table to what is done, kept by both."""

from dataclasses import dataclass

from dynemu._core.conditions import Node
from dynemu._core.paths import Projection
from dynemu._core.updates import Update
from dynemu.engine.projected import check_filter_projected, needs_fetch
from dynemu.engine.statements.matching import KeyMatch, conjunction, get_pattern, match_key
from dynemu.engine.statements.preparing import Prepared
from dynemu.engine.statements.resolving import resolve
from dynemu.engine.statements.wording import (
    INCOMPLETE_EXISTS,
    NO_FULL_KEY,
    ORDER_WITHOUT_HASH,
    ORDER_WITHOUT_ITS_HASH,
    TOO_MANY_PARTITIONS,
    UNKNOWN_INDEX,
    malformed,
)
from dynemu.engine.table import Source, Table
from dynemu.errors import validation
from dynemu.expressions.names import build
from dynemu.limits import STATEMENT_PARTITIONS
from partiql import ast

_KEPT_TABLES = 16
"""Tables for which the plans of one statement are kept: several stores may have one of that name."""


@dataclass(slots=True, eq=False)
class SelectPlan:
    """How a SELECT is read."""

    table: Table
    source: Source
    match: KeyMatch | None
    """How rows are selected by key; None for a scan."""
    key: tuple[tuple[str, str], ...]
    """Attribute and value name of the key of the one item that can be meant; empty when there may be more."""
    filter: Node | None
    projection: Projection | None
    fetches: bool
    reverse: bool
    sorts_partitions: bool
    """Several partitions are read in the order of their hash attribute."""
    descends: bool
    """That order is descending."""


@dataclass(slots=True, eq=False)
class WritePlan:
    """What an INSERT, UPDATE, DELETE or EXISTS does."""

    table: Table
    kind: str
    """``Put``, ``Update``, ``Delete`` or ``ConditionCheck``."""
    key: tuple[tuple[str, str], ...]
    condition: Node | None
    update: Update | None
    returns: str | None
    """ReturnValues of the native operation, None for nothing."""
    repeated: tuple[tuple[str, str], ...] = ()
    """Further values that are asked for with = for attributes of the key."""


Plan = SelectPlan | WritePlan


def plan_for(prepared: Prepared, table: Table) -> Plan:
    """Return a plan of *prepared* on *table*, and keep it there. Raises ValidationException."""
    plan: Plan
    if prepared.is_read:
        plan = _plan_select(prepared, table)
    elif isinstance(prepared.statement, ast.Insert):
        plan = WritePlan(table, "Put", (), None, None, None)
    else:
        plan = _plan_write(prepared, table)
    if len(prepared.plans) >= _KEPT_TABLES:
        prepared.plans.clear()
    prepared.plans[table] = plan
    return plan


def _plan_select(prepared: Prepared, table: Table) -> SelectPlan:
    statement = prepared.statement
    assert isinstance(statement, ast.Select)
    source = table.sources.get(statement.source.index)
    if source is None:
        raise validation(UNKNOWN_INDEX)
    projection = resolve(prepared).projection
    match = match_key(source, None if prepared.where is None else prepared.where.root)
    condition = _filter(prepared, match)
    if match is not None and len(match.choices) > STATEMENT_PARTITIONS:
        raise validation(TOO_MANY_PARTITIONS.format(len(match.choices)))
    fetches = needs_fetch(source, False, projection, condition)
    if match is not None:
        check_filter_projected(source, condition)
    reverse, by_hash, descends = _check_order(source, statement.order, match)
    key: tuple[tuple[str, str], ...] = ()
    if match is not None and match.is_whole and not match.choices and source.rows is None:
        key = tuple((pattern.name, pattern.operands[0]) for pattern in match.patterns)
    sorts = by_hash and match is not None and bool(match.choices)
    return SelectPlan(table, source, match, key, condition, projection, fetches, reverse, sorts, descends)


def _filter(prepared: Prepared, match: KeyMatch | None) -> Node | None:
    """Return what the key conditions leave to be tested."""
    if prepared.where is None:
        return None
    root = prepared.where.root if match is None else match.residual
    return None if root is None else build(root, resolve(prepared).leaves)


def _check_order(
    source: Source, order: tuple[ast.Ordering, ...], match: KeyMatch | None
) -> tuple[bool, bool, bool]:
    """Return whether rows are read backwards, whether partitions are in order, and whether that descends.

    Raises: ValidationException for an order that the rows have not got.
    """
    if not order:
        return False, False, False
    directions: dict[str, bool] = {}
    for ordering in order:
        path = ordering.value
        if not isinstance(path, ast.Path):
            raise malformed("ORDER BY takes key attributes")
        name = str(path.steps[-1].key)
        if len(path.steps) > 1 or name not in source.names:
            raise validation(f"Attribute {name} in ORDER BY clause must be part of the primary key")
        directions.setdefault(name, ordering.descending)
    hashes = source.names[: source.hash_count]
    first = str(next(iter(directions)))
    if match is None:
        raise validation(ORDER_WITHOUT_HASH)
    by_hash = any(name in hashes for name in directions)
    if match.choices and not by_hash:
        raise validation(ORDER_WITHOUT_ITS_HASH)
    ranges = [name for name in directions if name not in hashes]
    reverse = directions[ranges[0]] if ranges else directions[first]
    return reverse, by_hash, next((directions[name] for name in directions if name in hashes), False)


def _plan_write(prepared: Prepared, table: Table) -> WritePlan:
    """Return the plan of an UPDATE, DELETE or EXISTS, which are about one item."""
    statement = prepared.statement
    update = resolve(prepared).update
    match = match_key(table.sources[None], None if prepared.where is None else prepared.where.root)
    condition = _filter(prepared, match)
    changes = isinstance(statement, ast.Update | ast.Delete)
    if match is None or match.choices or not match.is_whole:
        raise validation(NO_FULL_KEY if changes else INCOMPLETE_EXISTS)
    if condition is None and not changes:
        raise validation(INCOMPLETE_EXISTS)
    key = tuple((pattern.name, pattern.operands[0]) for pattern in match.patterns)
    kind, returns = "ConditionCheck", None
    if isinstance(statement, ast.Update | ast.Delete):
        kind = type(statement).__name__
        returns = _return_values(statement.returning)
    return WritePlan(table, kind, key, condition, update, returns, _find_repeated(match))


def _find_repeated(match: KeyMatch) -> tuple[tuple[str, str], ...]:
    """Return the names of key attributes that are compared with = once more, and of the values."""
    parts = [] if match.residual is None else conjunction(match.residual)
    found = [get_pattern(part, pattern.name) for part in parts for pattern in match.patterns]
    return tuple((each.name, each.operands[0]) for each in found if each is not None and each.operator == "=")


def _return_values(clause: ast.Returning | None) -> str | None:
    if clause is None:
        return None
    return f"{'ALL' if clause.scope == 'ALL' else 'UPDATED'}_{clause.image}"
