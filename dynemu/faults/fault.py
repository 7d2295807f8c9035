"""One fault as a user asks for it: what goes wrong, with which requests, and how often."""

import math
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import MISSING, dataclass, fields
from typing import Any

from dynemu._core.values import normalise_item
from dynemu.errors import AwsError
from dynemu.faults.asked import BATCHES, CONFLICTING, READS, STATEMENTS, WRITES
from dynemu.faults.throttling import LIMITS
from dynemu.operations import OPERATIONS, STREAM_OPERATIONS

ERRORS = {500: "InternalServerError", 503: "ServiceUnavailable"}
GROUPS = {"reads": READS, "writes": WRITES}
_EVERYTHING = frozenset((*OPERATIONS, *STREAM_OPERATIONS))
_ITEMS = READS | WRITES | STATEMENTS
_POSSIBLE: dict[str, frozenset[str]] = {
    "throttle": _EVERYTHING,
    "conflict": CONFLICTING,
    "latency": _EVERYTHING,
    "error": _EVERYTHING,
    "drop": _EVERYTHING,
    "unprocessed": BATCHES,
    "hold": frozenset(("TransactWriteItems", "ExecuteTransaction")),
}
"""The operations that a kind of fault can hit."""
_OWN: dict[str, tuple[str, ...]] = {
    "throttle": ("reason", "index"),
    "latency": ("seconds",),
    "error": ("code", "after"),
    "drop": ("after",),
    "unprocessed": ("share",),
    "hold": ("seconds",),
}
_COMMON = ("kind", "operation", "table", "key", "probability", "every", "times")
_REASON = re.compile(f"(Table|Index)?(Read|Write)?({'|'.join(LIMITS)})")


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with some requests. Raises ValueError, with one sentence, for what cannot be one."""

    kind: str
    """``throttle``, ``conflict``, ``latency``, ``error``, ``drop``, ``unprocessed`` or ``hold``."""
    operation: str | tuple[str, ...] | None = None
    """Wire names, or ``reads`` and ``writes`` (of items); None means all that the kind can hit."""
    table: str | None = None
    """Only requests that name this table."""
    key: Mapping[str, Any] | None = None
    """Only requests that name an item with these attributes: a key, or its partition key alone."""
    probability: float = 1.0
    every: int = 1
    """Only every so many-th of the requests that fit."""
    times: int | None = None
    """At most this many hits."""
    seconds: float = 0.0
    """How long an answer is held back."""
    code: str = "InternalServerError"
    """The error: ``InternalServerError`` or ``ServiceUnavailable``."""
    after: bool = False
    """Whether the operation is carried out all the same, and only its answer lost."""
    reason: str | None = None
    """Why a request is throttled: a reason of AWS's such as ``TableWriteKeyRangeThroughputExceeded``, or its
    end; None leaves it to the table's billing mode."""
    index: str | None = None
    """The global index that is throttled, for reads through it and all writes to its table."""
    share: float = 0.5
    """The part of a batch that is not processed."""

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in _POSSIBLE:
            raise ValueError(f"The kind of a fault is one of {', '.join(_POSSIBLE)}.")
        self._settle()
        allowed = (*_COMMON, *_OWN.get(self.kind, ()))
        for name, value in self._given().items():
            if name not in allowed:
                raise ValueError(f"A fault of the kind {self.kind} has no member {name}.")
            _check_member(name, value)
        if self.kind in ("latency", "hold") and self.seconds == 0:
            raise ValueError(f"A fault of the kind {self.kind} needs seconds.")
        self._check_operations()

    def _settle(self) -> None:
        """Keep copies of what the caller may change, or what is made canonical here."""
        if isinstance(self.key, Mapping):
            object.__setattr__(self, "key", deepcopy(dict(self.key)))
        if isinstance(self.operation, list):
            object.__setattr__(self, "operation", tuple(self.operation))

    def _given(self) -> dict[str, Any]:
        """Return the members that are not at their defaults."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            field.name: values[field.name]
            for field in fields(self)
            if field.default is MISSING or values[field.name] != field.default
        }

    def _check_operations(self) -> None:
        for name in self.names:
            if name not in _EVERYTHING and name not in GROUPS:
                raise ValueError(f"There is no operation {name}: it is a wire name, reads or writes.")
            if not GROUPS.get(name, frozenset((name,))) & _POSSIBLE[self.kind]:
                raise ValueError(f"A fault of the kind {self.kind} cannot hit {name}.")

    @property
    def names(self) -> tuple[str, ...]:
        """The operations and groups that it is limited to; empty for no limit."""
        if self.operation is None:
            return ()
        return (self.operation,) if isinstance(self.operation, str) else tuple(self.operation)

    def may_hit(self, operation: str, direction: str | None) -> bool:
        """Tell whether it is meant for *operation*; *direction*: whether that reads or writes items."""
        if operation not in _POSSIBLE[self.kind]:
            return False
        names = self.names
        if names:
            group = {"Read": "reads", "Write": "writes"}.get(direction or "")
            return operation in names or group in names
        return self.kind != "throttle" or operation in _ITEMS

    def reason_parts(self) -> tuple[str | None, str | None, str | None]:
        """Return what ``reason`` asks for: ``Table`` or ``Index``, ``Read`` or ``Write``, the limit."""
        found = _REASON.fullmatch(self.reason or "")
        return (None, None, None) if found is None else (found[1], found[2], found[3])

    @classmethod
    def from_dict(cls, members: Any) -> "Fault":
        """Return the fault that the JSON object *members* describes; ``status`` may stand for ``code``.

        Raises: ValueError with one sentence.
        """
        if not isinstance(members, Mapping):
            raise ValueError("A fault is an object with a kind.")
        given = {name: value for name, value in members.items() if value is not None}
        known = {field.name for field in fields(cls)} | {"status"}
        for name in given:
            if name not in known:
                raise ValueError(f"A fault has no member {name}.")
        if "status" in given:
            status = given.pop("status")
            if not isinstance(status, int) or status not in ERRORS:
                raise ValueError("The status of an error is 500 or 503.")
            given["code"] = ERRORS[status]
        return cls(given.pop("kind", ""), **given)

    def to_dict(self) -> dict[str, Any]:
        """Return the members that were given, as ``from_dict`` takes them."""
        given = self._given()
        if isinstance(self.operation, tuple):
            given["operation"] = [*self.operation]
        return given


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _are_names(value: Any) -> bool:
    names = value if isinstance(value, tuple) else (value,)
    return bool(names) and all(isinstance(name, str) for name in names)


def _is_key(value: Any) -> bool:
    try:
        return isinstance(value, dict) and bool(value) and normalise_item(value) > 0
    except AwsError:
        return False


_CHECKS: dict[str, tuple[Any, str]] = {
    "operation": (_are_names, "a name or a list of names"),
    "table": (lambda value: isinstance(value, str), "the name of a table"),
    "index": (lambda value: isinstance(value, str), "the name of an index"),
    "key": (_is_key, "attributes in DynamoDB JSON"),
    "probability": (lambda value: _is_number(value) and 0 <= value <= 1, "a number from 0 to 1"),
    "share": (lambda value: _is_number(value) and 0 < value <= 1, "a number above 0, 1 at most"),
    "every": (lambda value: type(value) is int and value > 0, "a whole number, 1 or more"),
    "times": (lambda value: type(value) is int and value > 0, "a whole number, 1 or more"),
    "seconds": (lambda value: _is_number(value) and value > 0, "a number above 0"),
    "code": (lambda value: value in ERRORS.values(), "InternalServerError or ServiceUnavailable"),
    "after": (lambda value: isinstance(value, bool), "true or false"),
    "reason": (
        lambda value: isinstance(value, str) and bool(_REASON.fullmatch(value)),
        f"one of {', '.join(LIMITS)}, with Table or Index and Read or Write before it if need be",
    ),
}


def _check_member(name: str, value: Any) -> None:
    if name in _CHECKS:
        fits, wanted = _CHECKS[name]
        if not isinstance(value, (str, int, float, Mapping, tuple, list)) or not fits(value):
            raise ValueError(f"The {name} of a fault is {wanted}.")
