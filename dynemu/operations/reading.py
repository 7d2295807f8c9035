"""What Query and Scan share: index and Select checks, start keys, and the form of a page's answer."""

from typing import Any

from orjson import Fragment

from dynemu._core.shapes import Problems
from dynemu._core.values import type_of
from dynemu.engine.call import Call
from dynemu.engine.capacity import read_units, start_consumption
from dynemu.engine.keys import empty_key_error, find_empty_kind
from dynemu.engine.reads import Page, ReadPlan, read_page
from dynemu.engine.table import Source, Table
from dynemu.errors import ValidationException, parameter_error, validation
from dynemu.expressions.bind import Bound
from dynemu.expressions.legacy import projection_from_attributes
from dynemu.operations import members
from dynemu.operations.operation import Request

BAD_START = "The provided starting key is invalid"
ALL = "ALL_ATTRIBUTES"
ALL_PROJECTED = "ALL_PROJECTED_ATTRIBUTES"


def get_projection(request: Request, bound: Bound) -> Any:
    """Return the projection of the request, from its expression or from AttributesToGet; None for all."""
    if request.get("AttributesToGet") is not None:
        return projection_from_attributes(request["AttributesToGet"])
    return bound.projection


def check_select(request: Request) -> None:
    """Raise ValidationException when Select contradicts the other members of the request.

    Source: recorded answers, topic select (the envelope is part of the text).
    """
    select = request.get("Select")
    if select is None:
        return
    problems = Problems(False)
    members.SELECT.check(select, "select", problems)
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
        raise ValidationException(f"1 validation error detected: {problem}")


def get_source(table: Table, request: Request) -> Source:
    """Return the table or index that the request reads.

    Raises: ValidationException for an index that is not there, not ready, or not consistent.
    """
    name = request.get("IndexName")
    source = table.sources.get(name)
    if source is None:
        raise validation(f"The table does not have the specified index: {name}")
    rows = source.rows
    if rows is not None and rows.index.is_global:
        if rows.index.status == "CREATING":
            raise validation(f"Cannot read from backfilling global secondary index: {name}")
        if request.get("ConsistentRead") is True:
            raise validation("Consistent reads are not supported on global secondary indexes")
    return source


def needs_fetch(source: Source, request: Request, projection: Any, condition: Any) -> bool:
    """Tell whether rows of a local index must be completed from the table.

    Raises: ValidationException where a global index lacks what is asked for.
    """
    rows = source.rows
    if rows is None or rows.wanted is None:
        return False
    select, name = request.get("Select"), rows.index.name
    if rows.index.is_global:
        if select == ALL:
            raise parameter_error(
                f"Select type ALL_ATTRIBUTES is not supported for global secondary index {name} because its "
                "projection type is not ALL"
            )
        missing = [] if projection is None else sorted(projection.attributes - rows.wanted)
        if missing:
            raise parameter_error(f"Global secondary index {name} does not project [{', '.join(missing)}]")
        return False
    if select == ALL or find_lacking(source, condition):
        return True
    return projection is not None and not projection.attributes <= rows.wanted


def check_filter_projected(source: Source, condition: Any) -> None:
    """Raise ValidationException when the filter of a Query names what its global index lacks.

    A Scan may do that: there the attribute is just missing. Source: answers of two other emulators.
    """
    lacking = find_lacking(source, condition)
    if lacking and source.rows is not None and source.rows.index.is_global:
        raise parameter_error(
            f"Secondary index {source.rows.index.name} does not project one or more filter attributes: "
            f"[{', '.join(lacking)}]"
        )


def find_lacking(source: Source, condition: Any) -> list[str]:
    """Return the attributes that *condition* (None: none) refers to and *source* has not got."""
    rows = source.rows
    if condition is None or rows is None or rows.wanted is None:
        return []
    return sorted(condition.attributes - rows.wanted)


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


def answer_page(call: Call, request: Request, plan: ReadPlan) -> Request:
    """Read the page of *plan* and return the response of Query or Scan."""
    consistent = request.get("ConsistentRead") is True
    page = read_page(call.view if consistent else call.eventual, plan)
    response: Request = {"Count": page.count, "ScannedCount": page.scanned}
    if not plan.counts_only:
        response["Items"] = (
            Fragment(b"[" + b",".join(page.bodies) + b"]") if page.items is None else page.items
        )
    if page.last_key is not None:
        response["LastEvaluatedKey"] = page.last_key
    add_capacity(response, request, plan.source, page)
    return response


def add_capacity(response: Request, request: Request, source: Source, page: Page) -> None:
    """Add ConsumedCapacity to *response* when the request asks for it."""
    consumption = start_consumption(source.table, request.get("ReturnConsumedCapacity"))
    if consumption is None:
        return
    consistent = request.get("ConsistentRead") is True
    units = read_units(page.size, consistent)
    if source.rows is None:
        consumption.units = units
    else:
        consumption.add_index(source.rows.index.name, units)
        consumption.units = page.fetched_units if consistent else page.fetched_units / 2
    response["ConsumedCapacity"] = consumption.report()
