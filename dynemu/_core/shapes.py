"""Request shapes: what members a request may have, and AWS's answers when one of them is wrong.

An operation declares its shape as a tree of these nodes. ``accepts`` is the fast path and only ever says
yes to a good value; when it says no, ``check_type`` and then ``check`` look again and word the problems.
"""

import re
from collections.abc import Sequence
from typing import Any

import orjson

from dynemu._core import diagnosis
from dynemu.errors import SerializationException, constraint_error

_KINDS = {bool: "{}_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE", str: "STRING_VALUE"}
_STRUCTURE = "Start of structure or map found where not expected"
_PACKAGE = "com.amazonaws.dynamodb.v20120810."


class Problems:
    """Broken constraints of one request: those of the newest checks come first and hide the others."""

    def __init__(self, nameless: bool) -> None:
        self.early: list[str] = []
        self.late: list[str] = []
        self.nameless = nameless
        """The request lacks its TableName: AWS then words the newest checks in the older way."""

    def add(self, value: Any, path: str, rule: str) -> None:
        """Add ``Value '…' at 'path' failed to satisfy constraint: rule``."""
        shown = "null" if value is None else f"'{echo(value)}'"
        self.late.append(f"Value {shown} at '{path}' failed to satisfy constraint: {rule}")

    def add_early(self, path: str, rule: str) -> None:
        """Add a problem in the newest wording, which shows no value."""
        self.early.append(f"Value at '{path}' failed to satisfy constraint: {rule}")

    def raise_first(self) -> None:
        """Raise ValidationException for the problems found so far, if there are any."""
        if self.early:
            raise constraint_error(self.early)
        if self.late:
            raise constraint_error(self.late)


def echo(value: Any) -> str:
    """Return *value* as AWS prints a request's value in a message; structures as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def member_path(path: str, name: str) -> str:
    """Return the path of member *name*: lower camel case, dotted."""
    name = name[:1].lower() + name[1:]
    return f"{path}.{name}" if path else name


_JAVA_PATTERNS = {
    r"\p{Print}+": "[ -~]+",
    r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*": (
        "[ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff\r\n\t]*"
    ),
}
"""Patterns of the API model that Python cannot read, and what they mean."""


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


def scalar_type_error(value: Any, java_name: str) -> SerializationException:
    """Return the SerializationException for *value* where a scalar ``java.lang.<java_name>`` is wanted."""
    if isinstance(value, dict):
        return SerializationException(_STRUCTURE)
    if isinstance(value, list):
        return SerializationException(f"Unrecognized collection type class java.lang.{java_name}")
    kind = _KINDS[type(value)].format(str(value).upper())
    return SerializationException(f"{kind} cannot be converted to {java_name}")


class String(Shape):
    """A string with optional length limits, pattern (with the text AWS prints for it) or enumeration."""

    def __init__(
        self, low: int = 0, high: int = -1, pattern: str | None = None, enum: Sequence[str] | None = None
    ) -> None:
        self.low = low
        self.high = high
        self.pattern = pattern
        self.matches = re.compile(_JAVA_PATTERNS.get(pattern, pattern)).fullmatch if pattern else None
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
            String.check(self, value, path, problems)


class OlderName(Name):
    """A table name or ARN on operations of the older validator, which looks at its length first."""

    def check(self, value: Any, path: str, problems: Problems) -> None:
        if value.startswith("arn:"):
            return
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
            value = max(-2147483648, min(value, 2147483647))
        return value

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


class List(Shape):
    """A list with limits of length; *newest* when the newest check reports them (see ``Problems``)."""

    def __init__(self, member: Shape, low: int = 0, high: int = -1, newest: bool = False) -> None:
        self.member = member
        self.low = low
        self.high = high
        self.newest = newest

    def accepts(self, value: Any) -> bool:
        if type(value) is not list:
            return False
        members = value
        size = len(members)
        if size < self.low or (self.high >= 0 and size > self.high):
            return False
        node = self.member
        for member in members:
            if not node.accepts(member):
                return False
        return True

    def fits(self, value: Any) -> bool:
        """Tell whether *value*, a list, has an allowed length."""
        return self.low <= len(value) <= self.high

    def check_type(self, value: Any) -> Any:
        if isinstance(value, dict):
            raise SerializationException(_STRUCTURE)
        if not isinstance(value, list):
            raise SerializationException("Unexpected field type")
        for place, member in enumerate(value):
            if member is not None:
                value[place] = self.member.check_type(member)
        return value

    def check(self, value: Any, path: str, problems: Problems) -> None:
        check_length(value, path, self, problems)
        if self.high >= 0 and len(value) > self.high:
            rule = f"Member must have length less than or equal to {self.high}"
            if self.newest:
                problems.add_early(newest_path(path), rule)
            else:
                problems.add(value, path, rule)
        for place, member in enumerate(value):
            if member is None:
                problems.add(None, f"{path}.{place + 1}.member", "Member must not be null")
            else:
                self.member.check(member, f"{path}.{place + 1}.member", problems)


def newest_path(path: str) -> str:
    """Return *path* as the newest checks print it: the first and the last name with a capital."""
    first, dot, rest = path.partition(".")
    middle, dot_too, last = rest.rpartition(".")
    return f"{first[:1].upper()}{first[1:]}{dot}{middle}{dot_too}{last[:1].upper()}{last[1:]}"


def check_length(value: Any, path: str, node: "List | Map", problems: Problems) -> None:
    """Add a problem when *value* is shorter than the list or map *node* allows."""
    if len(value) >= node.low:
        return
    rule = f"Member must have length greater than or equal to {node.low}"
    if node.newest:
        problems.add_early(newest_path(path), rule)
    else:
        problems.add(value, path, rule)


class Map(Shape):
    """A map; ``key_rule`` and ``value_rule`` are the lists of constraints that AWS prints whole."""

    def __init__(
        self,
        member: Shape,
        key: Shape | None = None,
        key_rule: str | None = None,
        value_rule: str | None = None,
        java_name: str = "java.lang.String",
        low: int = 0,
        newest: bool = False,
    ) -> None:
        self.member = member
        self.key = key
        self.key_rule = key_rule
        self.value_rule = value_rule
        self.java_name = java_name
        self.low = low
        self.newest = newest

    def accepts(self, value: Any) -> bool:
        if type(value) is not dict:
            return False
        members = value
        if len(members) < self.low:
            return False
        node = self.member
        for key, member in members.items():
            if member is None or not node.accepts(member):
                return False
            if self.value_rule is not None and not self._fits(member):
                return False
            if self.key is not None and not self.key.accepts(key):
                return False
        return True

    def check_type(self, value: Any) -> Any:
        if isinstance(value, list):
            raise SerializationException(
                f"Unrecognized collection type java.util.Map<java.lang.String, {self.java_name}>"
            )
        if not isinstance(value, dict):
            raise SerializationException("Unexpected field type")
        for key, member in value.items():
            if member is not None:
                value[key] = self.member.check_type(member)
        return value

    def check(self, value: Any, path: str, problems: Problems) -> None:
        check_length(value, path, self, problems)
        for key in value:
            if self.key is not None and not self.key.accepts(key):
                problems.add(value, path, f"Map keys must satisfy constraint: {self.key_rule}")
                break
        for member in value.values():
            if self.value_rule is not None and not self._fits(member):
                problems.add(value, path, f"Map value must satisfy constraint: {self.value_rule}")
                return
        for key, member in value.items():
            if member is None:
                problems.add(None, f"{path}.{key}.member", "Member must not be null")
            else:
                self.member.check(member, f"{path}.{key}.member", problems)

    def _fits(self, member: Any) -> bool:
        node = self.member
        return member is None or not isinstance(node, List) or node.fits(member)


class Structure(Shape):
    """Named members in the order in which AWS reports them; *required* ones must be there."""

    def __init__(self, members: dict[str, Shape], required: Sequence[str] = (), java_name: str = "") -> None:
        self.members = members
        self.required = tuple(required)
        self.java_name = java_name

    def accepts(self, value: Any) -> bool:
        if type(value) is not dict:
            return False
        given = value
        for name in self.required:
            if given.get(name) is None:
                return False
        nodes = self.members
        for name, member in given.items():
            if member is None:
                continue
            node = nodes.get(name)
            if node is not None and not node.accepts(member):
                return False
        return True

    def check_type(self, value: Any) -> Any:
        if isinstance(value, list):
            raise SerializationException(f"Unrecognized collection type class {_PACKAGE}{self.java_name}")
        if not isinstance(value, dict):
            raise SerializationException("Unexpected value type in payload")
        for name, member in value.items():
            node = self.members.get(name)
            if node is not None and member is not None:
                value[name] = node.check_type(member)
        return value

    def check(self, value: Any, path: str, problems: Problems) -> None:
        for name, node in self.members.items():
            member = value.get(name)
            if member is not None:
                node.check(member, member_path(path, name), problems)
            elif name in self.required:
                problems.add(None, member_path(path, name), "Member must not be null")


class Value(Shape):
    """An AttributeValue, of which only the JSON type is checked here."""

    def accepts(self, value: Any) -> bool:
        return type(value) is dict

    def check_type(self, value: Any) -> Any:
        if isinstance(value, list):
            raise SerializationException(f"Unrecognized collection type class {_PACKAGE}AttributeValue")
        if not isinstance(value, dict):
            raise SerializationException("Unexpected value type in payload")
        return value


class AttributeMap(Shape):
    """An item or key; only a request that is wrong elsewhere has its values looked at with its shape."""

    def accepts(self, value: Any) -> bool:
        return type(value) is dict

    def check_type(self, value: Any) -> Any:
        if isinstance(value, list):
            raise SerializationException(
                f"Unrecognized collection type java.util.Map<java.lang.String, {_PACKAGE}AttributeValue>"
            )
        if not isinstance(value, dict):
            raise SerializationException("Unexpected field type")
        # NOTE: AWS reads values before it checks any constraint, and reading refuses those without one type.
        diagnosis.check_item_types(value)
        diagnosis.check_tags(value)
        return value


def check_request(shape: Structure, request: dict[str, Any]) -> None:
    """Raise for the first problem of *request*, or for the list of its broken constraints.

    Raises: SerializationException for a wrong JSON type, ValidationException for constraints.
    Source: recorded answers, topics validation_order and http_protocol.
    """
    if shape.accepts(request):
        return
    shape.check_type(request)
    problems = Problems("TableName" in shape.members and request.get("TableName") is None)
    shape.check(request, "", problems)
    problems.raise_first()
