"""Scan: read a whole table or index, or one segment of it, in the order of the hash of the partition key."""

from typing import Any

from dynemu._core.scalars import Integer
from dynemu._core.values import normalise_item
from dynemu.engine.call import Call
from dynemu.engine.planner import KeyRange
from dynemu.engine.projected import needs_fetch
from dynemu.engine.reads import ReadPlan
from dynemu.engine.table import Source
from dynemu.errors import validation
from dynemu.expressions.bind import Bound, Plan, bind
from dynemu.expressions.legacy import check_conditional_operator, filter_from_conditions
from dynemu.limits import SEGMENTS
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
    "Scan",
    order=("TableName", "ReturnConsumedCapacity", "Limit", "Segment", "TotalSegments"),
    members={
        "Limit": Integer(1, early="Limit"),
        "Segment": Integer(0, SEGMENTS - 1, early="Segment"),
        "TotalSegments": Integer(1, SEGMENTS, early="TotalSegments"),
    },
    shapes=members.ITEM_SHAPES,
)
_EXPRESSIONS = ("FilterExpression", "ProjectionExpression")
_LEGACY = ("AttributesToGet", "ScanFilter", "ConditionalOperator")
_NEEDS = "The {} parameter is required but was not present in the request when {} is present"


def run(call: Call, request: Request) -> Answer:
    bound = bind(request, _EXPRESSIONS, _LEGACY)
    condition, values = get_filter(request, bound)
    projection = get_projection(request, bound)
    start_key = request.get("ExclusiveStartKey")
    if start_key is not None:
        normalise_item(start_key)
    check_select(request)
    segment, total = get_segment(request)
    bound.check_unused()
    table = call.get_table(request["TableName"])
    source = get_source(table, request)
    start, end = source.codec.segment(segment, total)
    if start_key is not None:
        start = restart(source, start_key, start, end)
    plan = ReadPlan(
        source,
        start,
        end,
        False,
        request.get("Limit"),
        condition,
        values,
        projection,
        needs_fetch(source, request.get("Select") == ALL_ATTRIBUTES, projection, condition),
        request.get("Select") == "COUNT",
    )
    return answer_page(call, request, plan), None


def prepare(source: Source, plan: Plan, request: Request) -> PageForm:
    """Return the form of a plain Scan. Raises ValidationException when it cannot be answered."""
    check_select(request)
    return make_form(source, plan, request, None)


def narrow(source: Source, key_range: KeyRange, request: Request) -> None:
    """Narrow *key_range* to the segment of a plain Scan and its start key. Raises ValidationException."""
    key_range.start, key_range.end = source.codec.segment(*get_segment(request))
    start_key = request.get("ExclusiveStartKey")
    if start_key is not None:
        normalise_item(start_key)
        key_range.start = restart(source, start_key, key_range.start, key_range.end)


def get_filter(request: Request, bound: Bound) -> tuple[Any, Any]:
    """Return the filter and its values, from FilterExpression or ScanFilter."""
    if request.get("ScanFilter") is None:
        check_conditional_operator(request)
        return bound.filter, bound.values
    return filter_from_conditions(request["ScanFilter"], request.get("ConditionalOperator"), "ScanFilter")


def get_segment(request: Request) -> tuple[int, int]:
    """Return Segment and TotalSegments; (0, 1) for a scan of everything. Raises ValidationException."""
    segment, total = request.get("Segment"), request.get("TotalSegments")
    if segment is None and total is None:
        return 0, 1
    if total is None:
        raise validation(_NEEDS.format("TotalSegments", "Segment parameter"))
    if segment is None:
        raise validation(_NEEDS.format("Segment", "parameter TotalSegments"))
    if segment >= total:
        raise validation("The Segment parameter is zero-based and must be less than parameter TotalSegments")
    return segment, total


def restart(source: Source, start_key: Request, start: bytes, end: bytes) -> bytes:
    """Return the first row key after ExclusiveStartKey. Raises ValidationException in another segment."""
    row_key = get_start_key(source, start_key)
    if not start <= row_key < end:
        raise validation("The provided Exclusive start key is not within the segment")
    return row_key + b"\0"


PLAIN = PlainPages(SHAPE, _EXPRESSIONS, ("ExclusiveStartKey", "Segment", "TotalSegments"), prepare, narrow)
OPERATION = Operation("Scan", SHAPE, run, BARE, PLAIN.answer)
