"""Checks of an expression that need the request's values: the types of constants, and the bounds of BETWEEN.

They are found once for a text and run for every request; each raises ValidationException.
"""

from collections.abc import Iterable
from typing import Any

from dynemu._core.values import are_ordered, compare, have_types
from dynemu.errors import validation
from dynemu.expressions.messages import expression_error, wrong_type

Values = dict[str, Any]

ORDERED_TYPES = frozenset(("S", "N", "B"))
PREFIX_TYPES = frozenset(("S", "B"))
SIZED_TYPES = frozenset(("S", "B", "SS", "NS", "BS", "L", "M"))
TYPE_CODES = frozenset(("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"))
_LISTED_CODES = "{N,BS,L,B,NULL,M,S,SS,NS,BOOL}"
_TYPE_NAMES = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "BOOL": "BOOLEAN",
    "NULL": "NULL",
    "L": "LIST",
    "M": "MAP",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
}
SECTION_TYPES = {"ADD": frozenset(("N", "SS", "NS", "BS")), "DELETE": frozenset(("SS", "NS", "BS"))}


def get_tag(value: Any) -> str:
    """Return the type code of a canonical value."""
    tag: str = next(iter(value))
    return tag


class OperandCheck:
    """The constant *name* must be of a type that *operator* takes."""

    __slots__ = ("allowed", "member", "name", "operator")

    def __init__(self, member: str, operator: str, name: str, allowed: frozenset[str]) -> None:
        self.member = member
        self.operator = operator
        self.name = name
        self.allowed = allowed

    def run(self, values: Values) -> None:
        tag = get_tag(values[self.name])
        if tag not in self.allowed:
            raise wrong_type(self.member, self.operator, tag)


class SectionCheck:
    """The constant of ADD or DELETE must be of a type that the section takes."""

    __slots__ = ("member", "name", "section")

    def __init__(self, member: str, section: str, name: str) -> None:
        self.member = member
        self.section = section
        self.name = name

    def run(self, values: Values) -> None:
        tag = get_tag(values[self.name])
        if tag not in SECTION_TYPES[self.section]:
            raise expression_error(
                self.member,
                f"Incorrect operand type for operator or function; operator: {self.section}, operand type: "
                f"{_TYPE_NAMES[tag]}, typeSet: ALLOWED_FOR_{self.section}_OPERAND",
            )


class BoundsCheck:
    """Constant bounds of BETWEEN must be of one type and in order."""

    __slots__ = ("high", "low", "member")

    def __init__(self, member: str, low: str, high: str) -> None:
        self.member = member
        self.low = low
        self.high = high

    def run(self, values: Values) -> None:
        low, high = values[self.low], values[self.high]
        if get_tag(low) != get_tag(high):
            rule = "same data type for lower and upper bounds"
        elif compare(low, high) > 0:
            rule = "upper bound to be greater than or equal to lower bound"
        else:
            return
        raise expression_error(
            self.member,
            f"The BETWEEN operator requires {rule}; lower bound operand: AttributeValue: {_show(low)}, "
            f"upper bound operand: AttributeValue: {_show(high)}",
        )


def _show(value: Any) -> str:
    tag = get_tag(value)
    return f"{{{tag}:{value[tag]}}}"


class TypeNameCheck:
    """The constant of ``attribute_type`` must be one of the type codes."""

    __slots__ = ("member", "name")

    def __init__(self, member: str, name: str) -> None:
        self.member = member
        self.name = name

    def run(self, values: Values) -> None:
        value = values[self.name]
        if "S" not in value:
            raise wrong_type(self.member, "attribute_type", get_tag(value))
        if value["S"] not in TYPE_CODES:
            raise expression_error(
                self.member,
                f"Invalid attribute type name found; type: {value['S']}, valid types: {_LISTED_CODES}",
            )


class SetCheck:
    """The constant *name* must be a set, or *message* is the answer (set functions of PartiQL)."""

    __slots__ = ("message", "name")

    def __init__(self, message: str, name: str) -> None:
        self.message = message
        self.name = name

    def run(self, values: Values) -> None:
        if get_tag(values[self.name]) not in SECTION_TYPES["DELETE"]:
            raise validation(self.message)


class Checks:
    """All checks of one expression's values. PERF: good values pass in one go (benchmarks/micro, values)."""

    __slots__ = ("_all", "bounds", "has_others", "types")

    def __init__(self, checks: "Iterable[Check]") -> None:
        self._all = tuple(checks)
        self.types = tuple(
            [(each.name, each.allowed) for each in self._all if isinstance(each, OperandCheck)]
        )
        self.bounds = tuple([(each.low, each.high) for each in self._all if isinstance(each, BoundsCheck)])
        self.has_others = len(self._all) > len(self.types) + len(self.bounds)

    def run(self, values: Values) -> None:
        """Raise ValidationException for the first check that fails."""
        if self.has_others or not have_types(values, self.types) or not are_ordered(values, self.bounds):
            for check in self._all:
                check.run(values)


Check = OperandCheck | SectionCheck | BoundsCheck | TypeNameCheck | SetCheck
