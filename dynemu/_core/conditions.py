"""Condition trees: a node answers ``test(item, values)``, an operand ``read(item, values)``.

Filters, condition expressions, Expected and PartiQL's WHERE are all such trees. *item* is a canonical item,
``{}`` for one that does not exist; *values* are the request's canonical values, ``{":v": {"N": "1"}}``.
``holds(fields, values)`` answers the same of a row whose attributes have been found but not parsed.
"""

from binascii import a2b_base64
from collections.abc import Iterable

from dynemu._core.fields import UNKNOWN, Fields
from dynemu._core.paths import JSON, Path
from dynemu._core.values import compare

_EQ = 0
_NE = 1
_LT = 2
_LE = 3
_GT = 4
_GE = 5
_OPERATORS = {"=": _EQ, "<>": _NE, "<": _LT, "<=": _LE, ">": _GT, ">=": _GE}
_LESS = -1
_GREATER = 1
_NOTHING: JSON = {}
"""The item for operands that do not read it."""
_MEMBER_TYPES = {"SS": "S", "NS": "N", "BS": "B"}


def _collect_attributes(parts: "Iterable[Operand | Node]") -> frozenset[str]:
    """Return the top-level names that any of *parts* reads."""
    names: set[str] = set()
    for part in parts:
        names.update(part.attributes)
    return frozenset(names)


def _plain_name(operand: "Operand", *others: "Operand") -> str | None:
    """Return the attribute that *operand* is, if it is a whole one and none of *others* reads the item."""
    if not isinstance(operand, PathOperand) or operand.path.rest is not None:
        return None
    return None if any([other.attributes for other in others]) else operand.path.name


class Operand:
    """Something that may have a value for an item. ``attributes`` are the top-level names that it reads."""

    def __init__(self, *parts: "Operand") -> None:
        self.attributes = _collect_attributes(parts)

    def read(self, item: JSON, values: JSON) -> JSON | None:
        """Return the canonical value, or None where there is none."""
        raise NotImplementedError


class PathOperand(Operand):
    """The value at a path of the item."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.attributes = frozenset((path.name,))

    def read(self, item: JSON, values: JSON) -> JSON | None:
        return self.path.get(item)


class ValueOperand(Operand):
    """A value of the request, by its placeholder such as ``":v"``."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def read(self, item: JSON, values: JSON) -> JSON | None:
        value: JSON = values[self.name]
        return value


class ConstantOperand(Operand):
    """A value that is part of the tree."""

    def __init__(self, value: JSON) -> None:
        super().__init__()
        self.value = value

    def read(self, item: JSON, values: JSON) -> JSON | None:
        return self.value


class Size(Operand):
    """``size(operand)``: a number, or None for the types that have no size."""

    def __init__(self, operand: Operand) -> None:
        super().__init__(operand)
        self.operand = operand

    def read(self, item: JSON, values: JSON) -> JSON | None:
        value = self.operand.read(item, values)
        if value is None:
            return None
        size = _size_in_elements(value)
        return None if size < 0 else {"N": str(size)}


def _size_in_elements(value: JSON) -> int:
    """Return what ``size()`` gives: UTF-16 units, bytes or members; -1 for types without a size."""
    for tag, payload in value.items():
        if tag == "S":
            return (
                len(payload) if payload.isascii() else len(payload.encode("utf-16-le", "surrogatepass")) // 2
            )
        if tag == "B":
            return len(a2b_base64(payload))
        if tag == "N" or tag == "BOOL" or tag == "NULL":
            return -1
        return len(payload)
    return -1


class Node:
    """A condition. ``attributes`` are the top-level names that it reads."""

    def __init__(self, *parts: "Operand | Node") -> None:
        self.attributes = _collect_attributes(parts)

    def test(self, item: JSON, values: JSON) -> bool:
        """Tell whether *item* meets the condition."""
        raise NotImplementedError

    def holds(self, fields: Fields, values: JSON) -> bool:
        """Tell the same of the row of *fields*, which have all ``attributes``."""
        return self.test(fields.item(self.attributes), values)


class And(Node):
    """All of several conditions."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = tuple(nodes)
        super().__init__(*self.nodes)

    def test(self, item: JSON, values: JSON) -> bool:
        for node in self.nodes:
            if not _test_node(node, item, values):
                return False
        return True

    def holds(self, fields: Fields, values: JSON) -> bool:
        for node in self.nodes:
            if not _holds(node, fields, values):
                return False
        return True


class Or(Node):
    """At least one of several conditions."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = tuple(nodes)
        super().__init__(*self.nodes)

    def test(self, item: JSON, values: JSON) -> bool:
        for node in self.nodes:
            if _test_node(node, item, values):
                return True
        return False

    def holds(self, fields: Fields, values: JSON) -> bool:
        for node in self.nodes:
            if _holds(node, fields, values):
                return True
        return False


class Not(Node):
    """The opposite of a condition."""

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.node = node

    def test(self, item: JSON, values: JSON) -> bool:
        return not self.node.test(item, values)

    def holds(self, fields: Fields, values: JSON) -> bool:
        return not self.node.holds(fields, values)


def _test_node(node: Node, item: JSON, values: JSON) -> bool:
    """Return ``node.test``; gives the compiled loop over a tuple the node's C type."""
    return node.test(item, values)


def _holds(node: Node, fields: Fields, values: JSON) -> bool:
    """Return ``node.holds``; gives the compiled loop over a tuple the node's C type."""
    return node.holds(fields, values)


def _read_operand(operand: Operand, item: JSON, values: JSON) -> JSON | None:
    """Return ``operand.read``; gives the compiled loop over a tuple the operand's C type."""
    return operand.read(item, values)


class Compare(Node):
    """``left operator right`` for one of ``= <> < <= > >=``.

    NOTE: a missing operand makes every comparison false but ``<>``, which it makes true.
    """

    def __init__(self, operator: str, left: Operand, right: Operand) -> None:
        super().__init__(left, right)
        self.code = _OPERATORS[operator]
        self.left = left
        self.right = right
        self.name = _plain_name(left, right)

    def test(self, item: JSON, values: JSON) -> bool:
        left = self.left.read(item, values)
        right = self.right.read(item, values)
        if self.code == _EQ:
            return left is not None and left == right
        if self.code == _NE:
            return left is None or left != right
        if left is None or right is None:
            return False
        return self.fits(compare(left, right))

    def fits(self, order: int) -> bool:
        """Tell for ``<``, ``<=``, ``>``, ``>=`` whether values of this *order* (``values.compare``) fit."""
        if self.code == _LT:
            return order == _LESS
        if self.code == _LE:
            return order == _LESS or order == 0
        if self.code == _GT:
            return order == _GREATER
        return order == _GREATER or order == 0

    def holds(self, fields: Fields, values: JSON) -> bool:
        right = None if self.name is None else self.right.read(_NOTHING, values)
        if self.name is None or right is None:
            return Node.holds(self, fields, values)
        place = fields.place(self.name)
        if place < 0:
            return self.code == _NE
        if self.code > _NE:
            order = fields.compare(place, right)
            return Node.holds(self, fields, values) if order == UNKNOWN else self.fits(order)
        equal = fields.equals(place, right)
        if equal == UNKNOWN:
            return Node.holds(self, fields, values)
        return equal == 1 if self.code == _EQ else equal == 0


class Between(Node):
    """``operand BETWEEN low AND high``, both ends included."""

    def __init__(self, operand: Operand, low: Operand, high: Operand) -> None:
        super().__init__(operand, low, high)
        self.operand = operand
        self.low = low
        self.high = high
        self.name = _plain_name(operand, low, high)

    def test(self, item: JSON, values: JSON) -> bool:
        value = self.operand.read(item, values)
        low = self.low.read(item, values)
        high = self.high.read(item, values)
        if value is None or low is None or high is None:
            return False
        order = compare(low, value)
        if order != _LESS and order != 0:
            return False
        order = compare(value, high)
        return order == _LESS or order == 0

    def holds(self, fields: Fields, values: JSON) -> bool:
        low = high = None
        if self.name is not None:
            low = self.low.read(_NOTHING, values)
            high = self.high.read(_NOTHING, values)
        if self.name is None or low is None or high is None:
            return Node.holds(self, fields, values)
        place = fields.place(self.name)
        if place < 0:
            return False
        to_low = fields.compare(place, low)
        to_high = fields.compare(place, high)
        if to_low == UNKNOWN or to_high == UNKNOWN:
            return Node.holds(self, fields, values)
        return (to_low == 0 or to_low == _GREATER) and (to_high == 0 or to_high == _LESS)


class In(Node):
    """``operand IN (options)``."""

    def __init__(self, operand: Operand, options: Iterable[Operand]) -> None:
        self.operand = operand
        self.options = tuple(options)
        self.name = _plain_name(operand, *self.options)
        super().__init__(operand, *self.options)

    def test(self, item: JSON, values: JSON) -> bool:
        value = self.operand.read(item, values)
        if value is None:
            return False
        for option in self.options:
            if _read_operand(option, item, values) == value:
                return True
        return False

    def holds(self, fields: Fields, values: JSON) -> bool:
        if self.name is None:
            return Node.holds(self, fields, values)
        place = fields.place(self.name)
        if place < 0:
            return False
        for option in self.options:
            value = _read_operand(option, _NOTHING, values)
            equal = UNKNOWN if value is None else fields.equals(place, value)
            if equal == UNKNOWN:
                return Node.holds(self, fields, values)
            if equal:
                return True
        return False


class AttributeExists(Node):
    """``attribute_exists(path)``; its opposite is ``Not(AttributeExists(…))``."""

    def __init__(self, operand: Operand) -> None:
        super().__init__(operand)
        self.operand = operand
        self.name = _plain_name(operand)

    def test(self, item: JSON, values: JSON) -> bool:
        return self.operand.read(item, values) is not None

    def holds(self, fields: Fields, values: JSON) -> bool:
        if self.name is None:
            return Node.holds(self, fields, values)
        return fields.place(self.name) >= 0


class AttributeType(Node):
    """``attribute_type(operand, :code)``, the code being a string value such as ``{"S": "BOOL"}``."""

    def __init__(self, operand: Operand, code: Operand) -> None:
        super().__init__(operand, code)
        self.operand = operand
        self.code = code

    def test(self, item: JSON, values: JSON) -> bool:
        value = self.operand.read(item, values)
        code = self.code.read(item, values)
        if value is None or code is None:
            return False
        name = code.get("S")
        return name is not None and name in value


class BeginsWith(Node):
    """``begins_with(operand, prefix)`` for strings and binaries."""

    def __init__(self, operand: Operand, prefix: Operand) -> None:
        super().__init__(operand, prefix)
        self.operand = operand
        self.prefix = prefix
        self.name = _plain_name(operand, prefix)

    def test(self, item: JSON, values: JSON) -> bool:
        value = self.operand.read(item, values)
        prefix = self.prefix.read(item, values)
        if value is None or prefix is None:
            return False
        for tag, start in prefix.items():
            whole = value.get(tag)
            if whole is None:
                return False
            if tag == "S":
                return bool(whole.startswith(start))
            if tag == "B":
                return a2b_base64(whole).startswith(a2b_base64(start))
        return False

    def holds(self, fields: Fields, values: JSON) -> bool:
        prefix = None if self.name is None else self.prefix.read(_NOTHING, values)
        if self.name is None or prefix is None:
            return Node.holds(self, fields, values)
        place = fields.place(self.name)
        if place < 0:
            return False
        begins = fields.starts_with(place, prefix)
        return Node.holds(self, fields, values) if begins == UNKNOWN else begins == 1


class Contains(Node):
    """``contains(operand, part)``: part of a string or binary, member of a set, element of a list."""

    def __init__(self, operand: Operand, part: Operand) -> None:
        super().__init__(operand, part)
        self.operand = operand
        self.part = part
        self.name = _plain_name(operand, part)

    def test(self, item: JSON, values: JSON) -> bool:
        value = self.operand.read(item, values)
        part = self.part.read(item, values)
        if value is None or part is None:
            return False
        return _contains(value, part)

    def holds(self, fields: Fields, values: JSON) -> bool:
        part = None if self.name is None else self.part.read(_NOTHING, values)
        if self.name is None or part is None:
            return Node.holds(self, fields, values)
        place = fields.place(self.name)
        if place < 0:
            return False
        contains = fields.contains(place, part)
        return Node.holds(self, fields, values) if contains == UNKNOWN else contains == 1


def _contains(value: JSON, part: JSON) -> bool:
    """Tell whether *value* contains *part*, as ``contains()`` does."""
    for tag, payload in value.items():
        if tag == "S":
            text = part.get("S")
            return text is not None and text in payload
        if tag == "L":
            return part in payload
        if tag == "B":
            text = part.get("B")
            return text is not None and a2b_base64(text) in a2b_base64(payload)
        kind = _MEMBER_TYPES.get(tag)
        if kind is None:
            return False
        member = part.get(kind)
        return member is not None and member in payload
    return False
