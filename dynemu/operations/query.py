"""Query: read the items of one partition of a table or index, in the order of the range key."""

from typing import Any

from dynemu._core.scalars import Integer
from dynemu._core.values import normalise_item
from dynemu.engine.call import Call
from dynemu.engine.planner import KeyRange, RangePlanner, plan_query
from dynemu.engine.projected import check_filter_projected, needs_fetch
from dynemu.engine.reads import ReadPlan
from dynemu.engine.table import Source
from dynemu.errors import validation
from dynemu.expressions.bind import Bound, Plan, bind
from dynemu.expressions.legacy import (
    check_conditional_operator,
    filter_from_conditions,
    key_terms_from_conditions,
)
from dynemu.operations import members
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Answer, Operation, Request
from dynemu.operations.plain_pages import PageForm, PlainPages
from dynemu.operations.reading import (
    ALL_ATTRIBUTES,
    answer_page,
    check_select,
    get_projection,
    get_source,
    get_start_key,
    make_form,
)

SHAPE = input_shape(
    "Query",
    order=("TableName", "ReturnConsumedCapacity"),
    members={"Limit": Integer(1, early="Limit")},
    shapes=members.ITEM_SHAPES,
)
_EXPRESSIONS = ("FilterExpression", "ProjectionExpression", "KeyConditionExpression")
_NO_KEY_CONDITION = (
    "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
)
_LEGACY = ("AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions")


def run(call: Call, request: Request) -> Answer:
    start_key = request.get("ExclusiveStartKey")
    bound = bind(request, _EXPRESSIONS, _LEGACY)
    terms, condition, values = get_conditions(request, bound)
    projection = get_projection(request, bound)
    if start_key is not None:
        normalise_item(start_key)
    check_select(request, "1 validation error detected: ")
    bound.check_unused()
    table = call.get_table(request["TableName"])
    source = get_source(table, request, "Query operation not supported on this index type.")
    key_range = plan_bound(source, bound) if terms is None else plan_query(source, terms)
    reverse = request.get("ScanIndexForward") is False
    if start_key is not None:
        restart(source, key_range, start_key, reverse)
    check_filter(source, request, condition)
    fetches = needs_fetch(source, request.get("Select") == ALL_ATTRIBUTES, projection, condition)
    check_filter_projected(source, condition)
    plan = ReadPlan(
        source,
        key_range.start,
        key_range.end,
        reverse,
        request.get("Limit"),
        condition,
        values,
        projection,
        fetches,
        request.get("Select") == "COUNT",
    )
    return answer_page(call, request, plan), None


def find_equal(request: Request) -> Request:
    """Return the key attributes that a Query wants to be equal to something, with their values.

    Raises: ValidationException for a request that cannot be carried out, and some others too.
    """
    bound = bind(request, _EXPRESSIONS, _LEGACY)
    terms, _, _ = get_conditions(request, bound)
    if terms is None:
        terms = bound.key_condition or ()
    return {term.name: term.operands[0] for term in terms if term.operator == "="}


def get_conditions(request: Request, bound: Bound) -> tuple[Any, Any, Any]:
    """Return the key terms, the filter and the filter's values, from expressions or their legacy forms.

    None for the terms stands for those of the key condition's expression.
    """
    condition, values = bound.filter, bound.values
    conditions, operator = request.get("QueryFilter"), request.get("ConditionalOperator")
    if conditions is not None:
        condition, values = filter_from_conditions(conditions, operator, "QueryFilter")
    else:
        check_conditional_operator(request)
    if request.get("KeyConditions") is not None:
        return key_terms_from_conditions(request["KeyConditions"]), condition, values
    if bound.plan.key_condition is None:
        raise validation(_NO_KEY_CONDITION)
    return None, condition, values


def plan_bound(source: Source, bound: Bound) -> KeyRange:
    """Return the rows that satisfy the key condition of *bound*. Raises ValidationException."""
    return get_planner(bound.plan).find(source, bound.values)


def get_planner(plan: Plan) -> RangePlanner:
    """Return what finds the rows of the plan's key condition."""
    planner: RangePlanner | None = plan.planner
    if planner is None:
        planner = plan.planner = RangePlanner(plan.key_condition or ())
    return planner


def prepare(source: Source, plan: Plan, request: Request) -> PageForm:
    """Return the form of a plain Query. Raises ValidationException when it cannot be answered."""
    if plan.key_condition is None:
        raise validation(_NO_KEY_CONDITION)
    check_select(request)
    check_filter(source, request, plan.filter)
    check_filter_projected(source, plan.filter)
    return make_form(source, plan, request, get_planner(plan))


def narrow(source: Source, key_range: KeyRange, request: Request) -> None:
    """Narrow *key_range* to what follows the start key of a plain Query. Raises ValidationException."""
    start_key = request.get("ExclusiveStartKey")
    if start_key is not None:
        normalise_item(start_key)
        restart(source, key_range, start_key, request.get("ScanIndexForward") is False)


def restart(source: Source, key_range: KeyRange, start_key: Request, reverse: bool) -> None:
    """Narrow *key_range* to what follows ExclusiveStartKey *start_key*.

    Raises: ValidationException when that is outside of the range. Source: recorded answers, topic query.
    """
    row_key = get_start_key(source, start_key)
    partition = source.codec.hash_prefix([start_key[name] for name in source.names[: source.hash_count]])
    there = key_range.partition + row_key[len(partition) :]
    has_predicate = key_range.is_narrowed or not key_range.is_point
    if has_predicate and not key_range.start <= there < key_range.end:
        raise validation("The provided starting key does not match the range key predicate")
    if partition != key_range.partition and not key_range.is_narrowed:
        raise validation("The provided starting key is outside query boundaries based on provided conditions")
    if partition != key_range.partition or key_range.is_point:
        raise validation("The query can return at most one row and cannot be restarted")
    if reverse:
        key_range.end = row_key
    else:
        key_range.start = row_key + b"\0"


def check_filter(source: Source, request: Request, condition: Any) -> None:
    """Raise ValidationException when the filter names a key attribute of what is queried."""
    if condition is None:
        return
    for name in source.names:
        if name in condition.attributes:
            member = "Filter Expression" if request.get("QueryFilter") is None else "QueryFilter"
            raise validation(
                f"{member} can only contain non-primary key attributes: Primary key attribute: {name}"
            )


PLAIN = PlainPages(SHAPE, _EXPRESSIONS, ("ExclusiveStartKey",), prepare, narrow)
OPERATION = Operation("Query", SHAPE, run, BARE, PLAIN.answer)
