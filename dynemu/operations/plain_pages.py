"""Query and Scan as nearly every request asks for them, answered without a call or a dict.

What depends only on expressions, source and Select is found once and kept with the plan of the expressions.
What is wrong in any way, or rare, is left to the operation, which then looks again and answers.
PERF: half of the time of the operation behind its door (benchmarks/micro, plain_pages).
"""

from collections.abc import Callable
from typing import Any

from orjson import dumps

from dynemu._core.pages import Picker, take_page
from dynemu._core.shapes import Structure
from dynemu._core.values import are_ordered, have_types, normalise_all
from dynemu.engine.capacity import read_units, start_consumption
from dynemu.engine.database import Engine
from dynemu.engine.planner import KeyRange, RangePlanner
from dynemu.engine.reads import charge, pick_key
from dynemu.engine.table import Source
from dynemu.errors import AwsError
from dynemu.expressions.bind import CACHED_PLACEHOLDERS, Plan, make_plan
from dynemu.expressions.placeholders import NAMES, VALUES
from dynemu.limits import PAGE_BYTES, PLACEHOLDER_BYTES
from dynemu.operations.operation import Request
from dynemu.storage.base import CommitRefused

Prepare = Callable[[Source, Plan, Request], "PageForm"]
Narrow = Callable[[Source, KeyRange, Request], None]

_COMMON = (
    "ConsistentRead",
    NAMES,
    VALUES,
    "IndexName",
    "Limit",
    "ReturnConsumedCapacity",
    "ScanIndexForward",
    "Select",
    "TableName",
)
_NONE: dict[str, Any] = {}
_NO_LIMIT = 1 << 30
_PAGE_BYTES = PAGE_BYTES
_PLACEHOLDER_BYTES = PLACEHOLDER_BYTES
_CACHED_PLACEHOLDERS = CACHED_PLACEHOLDERS
_NAMES = NAMES
_VALUES = VALUES
_END = b"}"
_LAST_KEY = b',"LastEvaluatedKey":'
_CAPACITY = b',"ConsumedCapacity":'


class PageForm:
    """What requests with the same texts, of the same source and Select, have in common. It holds no rows."""

    def __init__(
        self, source: Source, plan: Plan, request: Request, planner: RangePlanner | None, fetches: bool
    ) -> None:
        """Take what the *request* is about, and for a Query the *planner* of its rows.

        *fetches*: it reads the rows of a local index and of its table, and so is not plain.
        """
        checks = plan.checks
        self.source = source
        self.select = request.get("Select")
        self.counts_only = self.select == "COUNT"
        self.is_global = source.rows is not None and source.rows.index.is_global
        self.planner = planner
        self.fetches = fetches
        self.picker = Picker(plan.filter, plan.projection)
        self.checks = checks if checks.has_others else None
        """Checks of the values, as far as they are not these two."""
        self.types = checks.types
        self.bounds = checks.bounds


class PlainPages:
    """Answers the requests of one of the two operations."""

    def __init__(
        self,
        shape: Structure,
        expressions: tuple[str, ...],
        others: tuple[str, ...],
        prepare: Prepare,
        narrow: Narrow,
    ) -> None:
        """Take the *expressions* of the operation as for ``bind``, and its *others* that are not rare.

        *prepare* returns the form of a request whose plan is good, or raises ValidationException when there
        cannot be an answer. *narrow* applies the *others* of the request to the range of its rows.
        """
        self._shape = shape
        self._expressions = expressions
        self._members = frozenset((*_COMMON, *expressions, *others))
        self._others = frozenset(others)
        self._prepare = prepare
        self._narrow = narrow

    def answer(self, engine: Engine, request: Request) -> bytes | None:
        """Return the body of the answer to *request*; None: ``dispatch.call`` has to find it.

        *engine* has no hooks. Values in *request* may be changed to their canonical form.
        """
        if engine.stale is not None or not self._shape.accepts(request):
            return None
        narrows = False
        for member in request:
            if member not in self._members:
                return None
            if member in self._others:
                narrows = True
        try:
            return self._answer(engine, request, narrows)
        except (CommitRefused, AwsError):
            return None

    def _answer(self, engine: Engine, request: Request, narrows: bool) -> bytes | None:
        view = engine.store.view()
        table = engine.catalogue.find(view, request["TableName"])
        if table is None or table.busy:
            return None
        source: Source | None = table.sources.get(request.get("IndexName"))
        form = None if source is None else self._find_form(source, request)
        consistent = request.get("ConsistentRead") is True
        if source is None or form is None or form.fetches or (consistent and form.is_global):
            return None
        values: Request = request.get(_VALUES) or _NONE
        if not self._are_good(form, values):
            return None
        found = form.planner
        key_range = _whole(source) if found is None else found.find(source, values)
        if narrows:
            self._narrow(source, key_range, request)
        limit = request.get("Limit")
        reverse = found is not None and request.get("ScanIndexForward") is False
        rows, size, stopped = take_page(
            view.values(key_range.start, key_range.end, reverse),
            _NO_LIMIT if limit is None else limit,
            _PAGE_BYTES,
        )
        after = _LAST_KEY + pick_key(source, rows[-1]) + _END if stopped else _END
        mode = request.get("ReturnConsumedCapacity")
        if mode is not None and mode != "NONE":
            after = after[:-1] + _CAPACITY + _consumed(source, size, mode, consistent) + _END
        if form.counts_only:
            return form.picker.count(rows, values, after)
        return form.picker.answer(rows, values, after)

    def _find_form(self, source: Source, request: Request) -> PageForm | None:
        """Return the form of *request*; None when it is too rare. Raises ValidationException."""
        names, values = request.get(_NAMES), request.get(_VALUES)
        pairs = None if names is None else tuple(names.items())
        keys = None if values is None else tuple(values)
        if (0 if pairs is None else len(pairs)) + (0 if keys is None else len(keys)) > _CACHED_PLACEHOLDERS:
            return None
        texts = tuple([request.get(member) for member in self._expressions])
        plan = make_plan(self._expressions, texts, pairs, keys)
        form: PageForm | None = plan.form
        if form is not None and form.source is source and form.select == request.get("Select"):
            return form
        if not (plan.early_error is None and plan.error is None and plan.late_error is None):
            return None
        form = plan.form = self._prepare(source, plan, request)
        return form

    def _are_good(self, form: PageForm, values: Request) -> bool:
        """Make *values* canonical; tell whether they are what the expressions take."""
        size = normalise_all(values)
        if size < 0 or size > _PLACEHOLDER_BYTES:
            return False
        if form.checks is not None:
            form.checks.run(values)
            return True
        return have_types(values, form.types) and are_ordered(values, form.bounds)


def _whole(source: Source) -> KeyRange:
    codec = source.codec
    return KeyRange(codec.start, codec.end, b"", False, False)


def _consumed(source: Source, size: int, mode: str, consistent: bool) -> bytes:
    """Return ConsumedCapacity as JSON."""
    if mode == "TOTAL":
        return dumps({"TableName": source.table.name, "CapacityUnits": read_units(size, consistent)})
    consumption = start_consumption(source.table, mode)
    assert consumption is not None
    charge(consumption, source, size, 0, consistent)
    return dumps(consumption.report())
