"""Request shapes: what members a request may have, and AWS's answers when one of them is wrong.

An operation declares its shape as a tree of these nodes and those of ``scalars``. ``accepts`` is the fast
path and only ever says yes to a good value; when it says no, ``check_type`` and then ``check`` look again
and word the problems.
"""

from collections.abc import Sequence
from typing import Any

from dynemu._core import diagnosis
from dynemu._core.problems import PACKAGE, STRUCTURE, Problems, member_path, newest_path
from dynemu._core.scalars import Shape
from dynemu.errors import SerializationException


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
            raise SerializationException(STRUCTURE)
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
            raise SerializationException(f"Unrecognized collection type class {PACKAGE}{self.java_name}")
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
            raise SerializationException(f"Unrecognized collection type class {PACKAGE}AttributeValue")
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
                f"Unrecognized collection type java.util.Map<java.lang.String, {PACKAGE}AttributeValue>"
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
