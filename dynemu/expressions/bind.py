"""From the members of a request to conditions, updates and projections that can be evaluated.

Everything that depends only on texts, names and the keys of the values is one Plan, kept by those; for each
request there remain the values to normalise and the checks that look at them.
"""

from typing import Any

from dynemu._core.conditions import Node
from dynemu._core.paths import Projection
from dynemu._core.updates import Update
from dynemu.errors import ValidationException, request_error, validation
from dynemu.expressions.checks import Check, Checks
from dynemu.expressions.keys import KeyPattern, KeyTerm, key_patterns
from dynemu.expressions.names import Resolver
from dynemu.expressions.parser import check_size, parse_condition, parse_projection, parse_update
from dynemu.expressions.placeholders import (
    NAMES,
    VALUES,
    check_names,
    check_value_keys,
    normalise_values,
    unused_error,
)
from dynemu.expressions.remembering import remembered
from dynemu.expressions.search import search_patterns

Members = tuple[str, ...]
_Texts = tuple[str | None, ...]
_Names = tuple[tuple[str, str], ...]

_PRINTED_ORDER = (
    "UpdateExpression",
    "ProjectionExpression",
    "FilterExpression",
    "ConditionExpression",
    "KeyConditionExpression",
    "SearchConditionExpression",
)
_EXPRESSION_MEMBERS = frozenset((*_PRINTED_ORDER, NAMES, VALUES))
_LEGACY_MEMBERS = frozenset(
    (
        "AttributesToGet",
        "AttributeUpdates",
        "ConditionalOperator",
        "Expected",
        "KeyConditions",
        "QueryFilter",
        "ScanFilter",
    )
)
_CACHED_PLANS = 1024
CACHED_PLACEHOLDERS = 128
"""Names and values of a request together, up to which its plan is kept."""
_SCAN = ("FilterExpression", "ProjectionExpression")


class Plan:
    """What the expressions of a request come to before its values are known."""

    __slots__ = (
        "checks",
        "condition",
        "early_error",
        "error",
        "filter",
        "form",
        "key_condition",
        "late_error",
        "planner",
        "projection",
        "update",
    )

    def __init__(self) -> None:
        self.condition: Node | None = None
        self.filter: Node | None = None
        self.update: Update | None = None
        self.projection: Projection | None = None
        self.key_condition: tuple[KeyPattern, ...] | None = None
        self.planner: Any = None
        """What the engine keeps of the key condition: an ``engine.planner.RangePlanner``."""
        self.form: Any = None
        """What the operation keeps of the plan: an ``operations.plain_pages.PageForm``."""
        self.checks = Checks(())
        self.early_error: ValidationException | None = None
        """Found before the values are looked at."""
        self.error: ValidationException | None = None
        """Found in an expression, after what the checks find."""
        self.late_error: ValidationException | None = None
        """Unused placeholders, or the form of the key condition; found by ``check_unused``."""


class Bound:
    """The expressions of one request; each is None when the request has none."""

    __slots__ = ("condition", "filter", "names", "plan", "projection", "update", "values")

    def __init__(self, plan: Plan, names: dict[str, str], values: dict[str, Any]) -> None:
        self.plan = plan
        self.condition = plan.condition
        self.filter = plan.filter
        self.update = plan.update
        self.projection = plan.projection
        self.names = names
        self.values = values

    @property
    def key_condition(self) -> list[KeyTerm] | None:
        """The terms of the key condition."""
        patterns = self.plan.key_condition
        return None if patterns is None else [pattern.bind(self.values) for pattern in patterns]

    def check_unused(self) -> None:
        """Raise ValidationException for placeholders without use, and for a key condition of a wrong form.

        AWS does this last of all that it checks before the table. Until then a wrong key condition is ``[]``.
        """
        if self.plan.late_error is not None:
            raise _fresh(self.plan.late_error)


EMPTY = Bound(Plan(), {}, {})


def _fresh(error: ValidationException) -> ValidationException:
    """Return a copy of a kept error, to be raised without piling up tracebacks."""
    return ValidationException(error.message or "", request_level=error.request_level, older=error.older)


def bind(request: dict[str, Any], members: Members, legacy: Members = ()) -> Bound:
    """Check and resolve the expressions *members* of *request*, in that order; make its values canonical.

    *legacy* are the members that may not stand beside expressions, in the order AWS prints them.
    Raises: ValidationException in AWS's order, up to unused placeholders, which are left to ``check_unused``.
    """
    if _EXPRESSION_MEMBERS.isdisjoint(request):
        return EMPTY
    texts = tuple([request.get(member) for member in members])
    names = request.get(NAMES)
    values: dict[str, Any] | None = request.get(VALUES)
    if not (legacy or names or values) and texts.count(None) == len(texts):
        # NOTE: in the actions of a transaction, maps without entries may stand where no expression does.
        return EMPTY
    if not _LEGACY_MEMBERS.isdisjoint(request):
        _check_mix(request, members, texts, legacy)
    pairs = None if names is None else tuple(names.items())
    keys = None if values is None else tuple(values)
    kept = len(pairs or ()) + len(keys or ()) <= CACHED_PLACEHOLDERS
    plan = (make_plan if kept else make_plan.__wrapped__)(members, texts, pairs, keys)
    if plan.early_error is not None:
        raise _fresh(plan.early_error)
    if values is not None:
        normalise_values(values, names_empty="KeyConditionExpression" in members)
        plan.checks.run(values)
    if plan.error is not None:
        raise _fresh(plan.error)
    return Bound(plan, names or {}, values or {})


def _check_mix(request: dict[str, Any], members: Members, texts: _Texts, legacy: Members) -> None:
    """Raise ValidationException when expressions stand beside members that they have replaced."""
    given = [member for member, text in zip(members, texts, strict=True) if text is not None]
    if not given:
        return
    old = [
        member
        for member in legacy
        if request.get(member) is not None
        # NOTE: KeyConditions goes with a filter or projection expression (API reference, Query).
        and (member != "KeyConditions" or "KeyConditionExpression" in given)
    ]
    if old:
        given.sort(key=_PRINTED_ORDER.index)
        raise request_error(
            "Can not use both expression and non-expression parameters in the same request: "
            f"Non-expression parameters: {{{', '.join(old)}}} Expression parameters: {{{', '.join(given)}}}"
        )


@remembered(_CACHED_PLANS)
def make_plan(members: Members, texts: _Texts, names: _Names | None, keys: tuple[str, ...] | None) -> Plan:
    """Return the plan for expressions *texts*; errors are kept in it, not raised."""
    plan = Plan()
    try:
        _check_placeholders(members, texts, names, keys)
    except ValidationException as error:
        plan.early_error = error.with_traceback(None)
        return plan
    expressions = _Expressions(plan, members, dict(names or ()), keys or ())
    try:
        for member, text in zip(members, texts, strict=True):
            if text is not None:
                expressions.add(member, text)
    except ValidationException as error:
        plan.error = error.with_traceback(None)
        return plan
    finally:
        plan.checks = Checks(expressions.checks)
    plan.late_error = expressions.find_late_error()
    return plan


def _check_placeholders(
    members: Members, texts: _Texts, names: _Names | None, keys: tuple[str, ...] | None
) -> None:
    """Raise ValidationException for maps of names or values that are not needed or not right."""
    given = {member for member, text in zip(members, texts, strict=True) if text is not None}
    if names is not None:
        if not given:
            raise request_error(f"{NAMES} can only be specified when using expressions")
        check_names(dict(names))
    if keys is None:
        return
    users = [member for member in members if member != "ProjectionExpression"]
    if not given.intersection(users):
        plain = f"{VALUES} can only be specified when using expressions"
        longer = f"{plain}: {' and '.join(users)} {'are' if len(users) > 1 else 'is'} null"
        raise validation(longer) if "FilterExpression" in users else request_error(plain, longer)
    check_value_keys(keys)


class _Expressions:
    """Fills a plan with one expression after the other."""

    def __init__(self, plan: Plan, members: Members, names: dict[str, str], keys: tuple[str, ...]) -> None:
        self.plan = plan
        self.is_scan = members == _SCAN
        self.names = names
        self.keys = keys
        self.unused_names = dict.fromkeys(names)
        self.unused_keys = dict.fromkeys(keys)
        self.checks: list[Check] = []
        self.form_error: ValidationException | None = None

    def add(self, member: str, text: str) -> None:
        """Resolve the expression *text* of *member* into the plan. Raises ValidationException."""
        plan = self.plan
        check_size(member, text, tells_size=self.is_scan and member == "FilterExpression")
        resolver = Resolver(member, self.names, frozenset(self.keys))
        resolver.checks = self.checks
        if member == "UpdateExpression":
            plan.update = resolver.update(parse_update(text))
        elif member == "ProjectionExpression":
            plan.projection = resolver.projection(parse_projection(text))
        elif member == "KeyConditionExpression":
            self.add_key_condition(resolver, text)
        elif member == "SearchConditionExpression":
            parsed = parse_condition(member, text)
            resolver.condition(parsed)
            plan.key_condition = search_patterns(parsed, self.names)
        elif member == "FilterExpression":
            plan.filter = resolver.condition(parse_condition(member, text))
        else:
            plan.condition = resolver.condition(parse_condition(member, text))
        for name in resolver.used_names:
            self.unused_names.pop(name, None)
        for key in resolver.used_values:
            self.unused_keys.pop(key, None)

    def add_key_condition(self, resolver: Resolver, text: str) -> None:
        parsed = parse_condition(resolver.member, text)
        resolver.condition(parsed)
        self.plan.key_condition = ()
        try:
            self.plan.key_condition = key_patterns(parsed, self.names)
        except ValidationException as error:
            self.form_error = error.with_traceback(None)

    def find_late_error(self) -> ValidationException | None:
        """Return the error that ``check_unused`` is to raise."""
        if self.unused_names:
            return unused_error(NAMES, self.unused_names)
        if self.unused_keys:
            return unused_error(VALUES, self.unused_keys)
        return self.form_error


__all__ = ["EMPTY", "Bound", "KeyTerm", "bind"]
