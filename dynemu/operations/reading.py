"""What Query and Scan share: index and Select checks, start keys, and the form of a page's answer."""

from typing import Any

from orjson import Fragment

from dynemu._core.problems import Problems
from dynemu._core.values import type_of
from dynemu.engine.call import Call
from dynemu.engine.capacity import start_consumption
from dynemu.engine.keys import empty_key_error, find_empty_kind
from dynemu.engine.planner import RangePlanner
from dynemu.engine.projected import needs_fetch
from dynemu.engine.reads import Page, ReadPlan, charge, read_page
from dynemu.engine.table import Source, Table
from dynemu.errors import validation
from dynemu.expressions.bind import Bound, Plan
from dynemu.expressions.legacy import projection_from_attributes
from dynemu.operations.api import node
from dynemu.operations.operation import Request
from dynemu.operations.plain_pages import PageForm

BAD_START = "The provided starting key is invalid"
ALL_ATTRIBUTES = "ALL_ATTRIBUTES"
ALL_PROJECTED = "ALL_PROJECTED_ATTRIBUTES"
_SELECT = node("Select")


def get_projection(request: Request, bound: Bound) -> Any:
    """Return the projection of the request, from its expression or from AttributesToGet; None for all."""
    if request.get("AttributesToGet") is not None:
        return projection_from_attributes(request["AttributesToGet"])
    return bound.projection


def check_select(request: Request, envelope: str = "") -> None:
    """Raise ValidationException when Select contradicts the other members of the request.

    *envelope* goes in front of the text. Source: recorded answers, topic select: Query has one, Scan has none
    in us-east-1 and some in other regions.
    """
    select = request.get("Select")
    if select is None:
        return
    problems = Problems(False)
    _SELECT.check(select, "select", problems)
    problems.raise_first()
    name = "ProjectionExpression" if request.get("ProjectionExpression") is not None else "AttributesToGet"
    has_projection = request.get(name) is not None
    problem = None
    if select == "SPECIFIC_ATTRIBUTES":
        if not has_projection:
            problem = (
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                "SPECIFIC_ATTRIBUTES"
            )
    elif has_projection:
        choice = "only the Count" if select == "COUNT" else select
        problem = f"Cannot specify the {name} when choosing to get {choice}"
    elif select == ALL_PROJECTED and request.get("IndexName") is None:
        problem = "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"
    if problem:
        raise validation(f"{envelope}{problem}")


def get_source(
    table: Table, request: Request, refusal: str = "Scan operation not supported on this index type"
) -> Source:
    """Return the table or index that the request reads.

    Raises: ValidationException for an index that is not there, not ready, or not consistent, and *refusal*
    for a vector index.
    """
    name = request.get("IndexName")
    source = table.sources.get(name)
    if source is None and any(rows.index.name == name for rows in table.vectors):
        raise validation(refusal)
    if source is None:
        raise validation(f"The table does not have the specified index: {name}")
    check_ready(source)
    if request.get("ConsistentRead") is True and source.rows is not None and source.rows.index.is_global:
        raise validation("Consistent reads are not supported on global secondary indexes")
    return source


def check_ready(source: Source) -> None:
    """Raise ValidationException for a global index that is still being filled."""
    rows = source.rows
    if rows is not None and rows.index.is_global and rows.index.status == "CREATING":
        raise validation(f"Cannot read from backfilling global secondary index: {rows.index.name}")


def get_start_key(source: Source, key: Request) -> bytes:
    """Return the row key for ExclusiveStartKey *key*, which must hold the key of the index and the table.

    Raises: ValidationException.
    """
    table = source.table
    kinds = {part.name: part.type for part in source.parts + table.key_attributes}
    row_key = source.codec.encode(key)
    if len(key) != len(kinds) or row_key is None:
        fits = len(key) == len(kinds) and all(
            type_of(key.get(name, {"": 0})) == kind for name, kind in kinds.items()
        )
        if not fits:
            raise validation(BAD_START)
        for name, value in key.items():
            kind = find_empty_kind(value)
            if kind:
                raise empty_key_error(name, kind)
        raise validation(BAD_START)
    return row_key


def make_form(source: Source, plan: Plan, request: Request, planner: RangePlanner | None) -> PageForm:
    """Return the form of a plain *request*; a Query has a *planner*.

    Raises: ValidationException for an index that is not ready, or lacks what is wanted.
    """
    check_ready(source)
    fetches = needs_fetch(source, request.get("Select") == ALL_ATTRIBUTES, plan.projection, plan.filter)
    return PageForm(source, plan, request, planner, fetches)


def answer_page(call: Call, request: Request, plan: ReadPlan) -> Request:
    """Read the page of *plan* and return the response of Query or Scan."""
    consistent = request.get("ConsistentRead") is True
    page = read_page(call.view if consistent else call.eventual, plan)
    response: Request = {"Count": page.count, "ScannedCount": page.scanned}
    if not plan.counts_only:
        response["Items"] = Fragment(page.items)
    if page.last_key is not None:
        response["LastEvaluatedKey"] = page.last_key
    add_capacity(response, request, plan.source, page)
    return response


def add_capacity(response: Request, request: Request, source: Source, page: Page) -> None:
    """Add ConsumedCapacity to *response* when the request asks for it."""
    consumption = start_consumption(source.table, request.get("ReturnConsumedCapacity"))
    if consumption is None:
        return
    charge(consumption, source, page.size, page.fetched_units, request.get("ConsistentRead") is True)
    response["ConsumedCapacity"] = consumption.report()
