"""What requests and responses look like to a program that uses boto: nodes made from a service model.

``accepts`` says yes only to what botocore's validator takes and its serialiser writes as it stands; whatever
else there is, botocore itself has to look at. ``read`` makes of JSON what botocore's parser makes of it.
``write`` and ``PythonValue`` are for boto3's resources, whose items hold plain Python values.
"""

from base64 import b64decode
from decimal import Decimal
from typing import Any

DEEPEST = 100
"""Levels of containers that are looked at; DynamoDB allows fewer."""
_EXACT = 10**18
"""Integers below this have the same text as the number that boto3's decimal context makes of them."""


class Unfit(Exception):
    """A value that is left to boto: it may be invalid, or of a type that is rare."""


class Node:
    """What is left to botocore as a member of a request, and comes as it goes in a response."""

    def __init__(self, plain: bool = True) -> None:
        self.plain = plain
        """Whether ``read`` gives back what it gets."""
        self.converts = False
        """Whether there are Python values below this node, for ``write`` to convert."""

    def accepts(self, value: Any, room: int) -> bool:
        """Tell whether *value*, with at most *room* levels, is valid and goes over the wire as it is."""
        return False

    def read(self, value: Any) -> Any:
        """Return what botocore's parser makes of *value*, which it may change."""
        return value

    def write(self, value: Any, room: int) -> Any:
        """Return what goes over the wire for *value*, which is not changed. Raises: Unfit."""
        if self.accepts(value, room):
            return value
        raise Unfit


class Text(Node):
    """A string of at least *low* characters."""

    def __init__(self, low: int) -> None:
        super().__init__()
        self.low = low

    def accepts(self, value: Any, room: int) -> bool:
        return type(value) is str and len(value) >= self.low


class Whole(Node):
    """An integer, of at least *low* unless that is None."""

    def __init__(self, low: int | None) -> None:
        super().__init__()
        self.low = low

    def accepts(self, value: Any, room: int) -> bool:
        return type(value) is int and (self.low is None or value >= self.low)


class Real(Node):
    """A floating-point number."""

    def accepts(self, value: Any, room: int) -> bool:
        return type(value) is int or (type(value) is float and value - value == 0.0)


class Flag(Node):
    """A truth value."""

    def accepts(self, value: Any, room: int) -> bool:
        return type(value) is bool


class Blob(Node):
    """Bytes, which are base64 text in JSON."""

    def __init__(self) -> None:
        super().__init__(False)

    def accepts(self, value: Any, room: int) -> bool:
        return type(value) is bytes or type(value) is bytearray

    def read(self, value: Any) -> Any:
        return b64decode(value)


class Moment(Node):
    """A timestamp, which *parse* reads."""

    def __init__(self, parse: Any) -> None:
        super().__init__(False)
        self.parse = parse

    def read(self, value: Any) -> Any:
        return self.parse(value)


class Sequence(Node):
    """A list of at least *low* members."""

    def __init__(self, member: Node, low: int) -> None:
        super().__init__(False)
        self.member = member
        self.low = low

    def accepts(self, value: Any, room: int) -> bool:
        if (type(value) is not list and type(value) is not tuple) or room == 0 or len(value) < self.low:
            return False
        node = self.member
        for member in value:
            if not node.accepts(member, room - 1):
                return False
        return True

    def read(self, value: Any) -> Any:
        node = self.member
        if node.plain:
            return value
        return [None if member is None else node.read(member) for member in value]

    def write(self, value: Any, room: int) -> Any:
        if not self.converts:
            return Node.write(self, value, room)
        # NOTE: boto3 converts what is in lists, and leaves tuples alone.
        if type(value) is not list or room == 0 or len(value) < self.low:
            raise Unfit
        node = self.member
        return [node.write(member, room - 1) for member in value]


class Mapping(Node):
    """A map with names of the program's own, of at least *low* characters."""

    def __init__(self, member: Node, low: int) -> None:
        super().__init__(False)
        self.member = member
        self.low = low

    def accepts(self, value: Any, room: int) -> bool:
        if type(value) is not dict or room == 0:
            return False
        node = self.member
        given = value
        for name, member in given.items():
            if type(name) is not str or len(name) < self.low or not node.accepts(member, room - 1):
                return False
        return True

    def read(self, value: Any) -> Any:
        node = self.member
        given = value
        if not node.plain:
            for name, member in given.items():
                given[name] = node.read(member)
        return given

    def write(self, value: Any, room: int) -> Any:
        if not self.converts:
            return Node.write(self, value, room)
        if type(value) is not dict or room == 0:
            raise Unfit
        node = self.member
        given = value
        written = {}
        for name, member in given.items():
            if type(name) is not str or len(name) < self.low:
                raise Unfit
            written[name] = node.write(member, room - 1)
        return written


class Structure(Node):
    """A structure; ``take`` gives it its members, which may lead back to it."""

    def __init__(self) -> None:
        super().__init__(False)
        self.members: dict[str, Node] = {}
        self.required: tuple[str, ...] = ()

    def take(self, members: dict[str, Node], required: tuple[str, ...]) -> None:
        """Have these *members*, in the order of the model."""
        self.members = members
        self.required = required

    def accepts(self, value: Any, room: int) -> bool:
        if type(value) is not dict or room == 0:
            return False
        given = value
        nodes = self.members
        for name, member in given.items():
            node = nodes.get(name)
            if node is None or not node.accepts(member, room - 1):
                return False
        for name in self.required:
            if name not in given:
                return False
        return True

    def read(self, value: Any) -> Any:
        """Return the members that the model has, in its order."""
        given = value
        found = {}
        for name, node in self.members.items():
            member = given.get(name)
            if member is not None:
                found[name] = member if node.plain else node.read(member)
        return found

    def write(self, value: Any, room: int) -> Any:
        if not self.converts:
            return Node.write(self, value, room)
        if type(value) is not dict or room == 0:
            raise Unfit
        given = value
        nodes = self.members
        written = {}
        for name, member in given.items():
            node = nodes.get(name)
            if node is None:
                raise Unfit
            written[name] = node.write(member, room - 1)
        for name in self.required:
            if name not in given:
                raise Unfit
        return written


class TaggedValue(Structure):
    """An attribute value as clients see it: ``{"S": "x"}``."""

    def read(self, value: Any) -> Any:
        given = value
        if len(given) != 1:
            return Structure.read(self, given)
        for tag, member in given.items():
            node = self.members.get(tag)
            if node is None or member is None:
                return Structure.read(self, given)
            if not node.plain:
                given[tag] = node.read(member)
        return given


class PythonValue(Structure):
    """An attribute value as boto3's resources see it: ``"x"``.

    *context* is boto3's decimal context, *binary* its class for bytes, *deserialize* its own conversion, for
    what is none of the usual values.
    """

    def __init__(self, context: Any, binary: Any, deserialize: Any) -> None:
        super().__init__()
        self.converts = True
        self.context = context
        self.binary = binary
        self.deserialize = deserialize

    def read(self, value: Any) -> Any:
        if len(value) != 1:
            return self._read_slowly(value)
        for tag, member in value.items():
            if tag == "S" or tag == "BOOL":
                return member
            if tag == "N":
                return self.context.create_decimal(member)
            if tag == "M":
                for name, inner in member.items():
                    member[name] = self.read(inner)
                return member
            if tag == "L":
                return [self.read(inner) for inner in member]
            return self._read_rare(tag, member, value)
        return self._read_slowly(value)

    def _read_rare(self, tag: str, member: Any, value: Any) -> Any:
        if tag == "NULL":
            return None
        if tag == "B":
            return self.binary(b64decode(member))
        if tag == "SS":
            return set(member)
        if tag == "NS":
            return set(map(self.context.create_decimal, member))
        if tag == "BS":
            return {self.binary(b64decode(each)) for each in member}
        return self._read_slowly(value)

    def _read_slowly(self, value: Any) -> Any:
        return self.deserialize(Structure.read(self, value))

    def accepts(self, value: Any, room: int) -> bool:
        return False

    def write(self, value: Any, room: int) -> Any:
        kind = type(value)
        if kind is str:
            return {"S": value}
        if kind is bool:
            return {"BOOL": value}
        if kind is int or kind is Decimal:
            return {"N": self._number(value)}
        if value is None:
            return {"NULL": True}
        if room == 0:
            raise Unfit
        if kind is dict:
            written = {}
            for name, member in value.items():
                if type(name) is not str:
                    raise Unfit
                written[name] = self.write(member, room - 1)
            return {"M": written}
        if kind is list or kind is tuple:
            return {"L": [self.write(member, room - 1) for member in value]}
        return self._write_rare(kind, value)

    def _write_rare(self, kind: Any, value: Any) -> Any:
        if kind is set or kind is frozenset:
            return self._write_set(list(value))
        return {"B": self._binary(kind, value)}

    def _write_set(self, members: list[Any]) -> Any:
        kinds = set(map(type, members))
        if kinds <= {int, Decimal, bool}:
            return {"NS": [self._number(member) for member in members]}
        if kinds == {str}:
            return {"SS": members}
        return {"BS": [self._binary(type(member), member) for member in members]}

    def _number(self, value: Any) -> str:
        if type(value) is int and -_EXACT < value < _EXACT:
            return str(value)
        number = str(self.context.create_decimal(value))
        # Words in place of digits, with or without a sign, are refused by boto3 or by the service.
        if number[-1] not in "0123456789":
            raise Unfit
        return number

    def _binary(self, kind: Any, value: Any) -> Any:
        if kind is self.binary:
            value = value.value
            kind = type(value)
        if kind is bytes or kind is bytearray:
            return value
        raise Unfit
