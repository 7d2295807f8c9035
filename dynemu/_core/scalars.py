"""Request shapes that hold no others: strings, names, numbers, booleans and binary data."""

import re
from collections.abc import Sequence
from typing import Any

from dynemu._core.problems import Problems, scalar_type_error
from dynemu.errors import SerializationException

_JAVA_PATTERNS = {
    r"\p{Print}+": "[ -~]+",
    r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*": (
        "[ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff\r\n\t]*"
    ),
}
"""Patterns of the API model that Python reads in another way or not at all, and what they mean."""
_LEAST_LONG = -(2**63)
_GREATEST_LONG = 2**63 - 1


class Shape:
    """Any value; the base of all nodes."""

    def accepts(self, value: Any) -> bool:
        """Return True when *value* is good; False asks for a closer look."""
        return True

    def check_type(self, value: Any) -> Any:
        """Return *value* as AWS reads it. Raises SerializationException for a wrong JSON type."""
        return value

    def check(self, value: Any, path: str, problems: Problems) -> None:
        """Add what is wrong with *value*, which has the right JSON type, to *problems*."""


def compile_pattern(pattern: str) -> Any:
    """Return a function that matches whole texts with *pattern*, which is one of Java's."""
    # In Java only ASCII letters and digits are \w.
    return re.compile(_JAVA_PATTERNS.get(pattern, pattern), re.ASCII).fullmatch


class String(Shape):
    """A string with optional length limits, pattern (with the text AWS prints for it) or enumeration."""

    def __init__(
        self, low: int = 0, high: int = -1, pattern: str | None = None, enum: Sequence[str] | None = None
    ) -> None:
        self.low = low
        self.high = high
        self.pattern = pattern
        self.matches = compile_pattern(pattern) if pattern else None
        self.enum = None if enum is None else frozenset(enum)
        self.enum_rule = None if enum is None else f"[{', '.join(enum)}]"
        self.known: set[str] = set()
        """PERF: texts that the pattern matched; the same few names come again and again."""

    def accepts(self, value: Any) -> bool:
        if type(value) is not str:
            return False
        if self.enum is not None:
            return value in self.enum
        size = len(value)
        if size < self.low or (self.high >= 0 and size > self.high):
            return False
        return self.matches is None or value in self.known or self._learn(value)

    def _learn(self, value: str) -> bool:
        if self.matches is None or self.matches(value) is None:
            return False
        if len(self.known) >= 1000:
            self.known.clear()
        self.known.add(value)
        return True

    def check_type(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise scalar_type_error(value, "String")
        return value

    def check(self, value: Any, path: str, problems: Problems) -> None:
        check_pattern(value, path, self, problems)
        check_text_length(value, path, self, problems)
        if self.enum is not None and value not in self.enum:
            problems.add(value, path, f"Member must satisfy enum value set: {self.enum_rule}")


def check_pattern(value: str, path: str, node: String, problems: Problems) -> None:
    """Add a problem when *value* does not match the pattern of *node*."""
    if node.matches is not None and node.matches(value) is None:
        problems.add(value, path, f"Member must satisfy regular expression pattern: {node.pattern}")


def check_text_length(value: str, path: str, node: String, problems: Problems) -> None:
    """Add a problem when *value* is shorter or longer than *node* allows."""
    if len(value) < node.low:
        problems.add(value, path, f"Member must have length greater than or equal to {node.low}")
    if node.high >= 0 and len(value) > node.high:
        problems.add(value, path, f"Member must have length less than or equal to {node.high}")


class Name(String):
    """A table name or ARN on operations whose newest check reports an empty name first."""

    def __init__(self) -> None:
        String.__init__(self, 3, 255, "[a-zA-Z0-9_.-]+")

    def accepts(self, value: Any) -> bool:
        return String.accepts(self, value) or (type(value) is str and value.startswith("arn:"))

    def check(self, value: Any, path: str, problems: Problems) -> None:
        if value == "":
            problems.add_early("TableName", "Member must have length greater than or equal to 1")
        elif not value.startswith("arn:"):
            check_text_length(value, path, self, problems)
            check_pattern(value, path, self, problems)


class OlderName(Name):
    """A table name or ARN on operations of the older validator, to which an empty name is a short one."""

    def check(self, value: Any, path: str, problems: Problems) -> None:
        if not value.startswith("arn:"):
            check_text_length(value, path, self, problems)
            check_pattern(value, path, self, problems)


class Integer(Shape):
    """A whole number; ``early`` names a member that the newest check reports (see ``Problems``)."""

    def __init__(
        self,
        low: int | None = None,
        high: int | None = None,
        java_name: str = "Integer",
        early: str | None = None,
    ) -> None:
        self.low = low
        self.high = high
        self.java_name = java_name
        self.early = early

    def accepts(self, value: Any) -> bool:
        return (
            type(value) is int
            and (self.low is None or value >= self.low)
            and (value <= 2147483647 if self.high is None else value <= self.high)
        )

    def check_type(self, value: Any) -> Any:
        if type(value) is float:
            value = int(value)
        if type(value) is not int:
            raise scalar_type_error(value, self.java_name)
        if self.java_name == "Integer":
            return max(-2147483648, min(value, 2147483647))
        return max(_LEAST_LONG, min(value, _GREATEST_LONG))

    def check(self, value: Any, path: str, problems: Problems) -> None:
        rule = None
        if self.low is not None and value < self.low:
            rule = f"Member must have value greater than or equal to {self.low}"
        elif self.high is not None and value > self.high:
            rule = f"Member must have value less than or equal to {self.high}"
        if rule is None:
            return
        if self.early and not problems.nameless:
            problems.add_early(self.early, rule)
        else:
            problems.add(value, path, rule)


class Number(Shape):
    """A number that may have a fraction, such as a time in epoch seconds."""

    def accepts(self, value: Any) -> bool:
        return type(value) is float or type(value) is int

    def check_type(self, value: Any) -> Any:
        if type(value) is not float and type(value) is not int:
            raise scalar_type_error(value, "Double")
        return value


class Boolean(Shape):
    def accepts(self, value: Any) -> bool:
        return type(value) is bool

    def check_type(self, value: Any) -> Any:
        if isinstance(value, str):
            raise SerializationException("Unexpected token received from parser")
        if type(value) is not bool:
            raise scalar_type_error(value, "Boolean")
        return value


class Blob(Shape):
    """Binary data as base64 text."""

    def accepts(self, value: Any) -> bool:
        return type(value) is str

    def check_type(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise SerializationException("only base-64-encoded strings are convertible to bytes")
        return value
