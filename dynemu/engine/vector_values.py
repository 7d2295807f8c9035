"""What vector indexes refuse of an item, in AWS's words, and numbers as 32-bit floats.

Source of texts: answers that the authors of other emulators measured (docs/compatibility.md).
"""

from struct import Struct
from typing import Any

from dynemu._core import numbers
from dynemu._core.values import size_of, type_of
from dynemu._core.vectors import pack_vector
from dynemu.errors import ValidationException, validation
from dynemu.limits import HASH_KEY_BYTES, VECTOR_FILTER_BYTES
from dynemu.model import KeyAttribute, VectorIndex

Value = dict[str, Any]

# NOTE: which of the two begins a text goes with the kind of the problem; both are AWS's own.
_TWICE = "One or more parameter values are not valid. One or more parameter values were invalid . "
_ONCE = "One or more parameter values were invalid. "
_EMPTY_KINDS = {"S": "string", "B": "binary"}
_FLOAT = Struct("<f")
_FLOAT_DIGITS = 9
"""Significant digits that tell any two 32-bit floats apart."""


def check_vector(index: VectorIndex, value: Value) -> None:
    """Raise ValidationException unless *value* is a vector for *index*."""
    name, kind = index.attribute, type_of(value)
    if kind != "L":
        raise _refusal(_TWICE, f"Invalid type for parameter {name}, Expected: L, Actual: {kind}.", index)
    elements = value["L"]
    if len(elements) != index.dimensions:
        problem = f"Invalid size for parameter {name}, Expected: {index.dimensions}, Actual: {len(elements)}."
        raise _refusal(_TWICE, problem, index)
    if pack_vector(elements) is None:
        for place, element in enumerate(elements):
            _check_element(index, f"{name}[{place}]", element)


def _check_element(index: VectorIndex, name: str, element: Value) -> None:
    kind = type_of(element)
    if kind != "N":
        problem = (
            f"Invalid type for parameter {name}, Expected: 32-bit floating point number, Actual: {kind}."
        )
        raise _refusal(_ONCE, problem, index)
    if pack_vector([element]) is None:
        problem = (
            f"Invalid value for parameter {name}, Value: {_scientific(element['N'])} is outside valid range "
            "[-3.4028235E38, 3.4028235E38]."
        )
        raise _refusal(_TWICE, problem, index)


def _refusal(start: str, problem: str, index: VectorIndex) -> ValidationException:
    return validation(f"{start}{problem} IndexName: {index.name}")


def _scientific(number: str) -> str:
    """Return a canonical whole *number* as AWS prints a large one: ``3.5E+38``."""
    sign, digits = ("-", number[1:]) if number[0] == "-" else ("", number)
    whole = digits.partition(".")[0]
    figures = digits.replace(".", "").rstrip("0")
    point = "." if len(figures) > 1 else ""
    return f"{sign}{figures[0]}{point}{figures[1:]}E+{len(whole) - 1}"


def check_partition(index: VectorIndex, part: KeyAttribute, value: Value) -> None:
    """Raise ValidationException unless *value* can be the HASH element of the search schema."""
    _check_type(index, part, value)
    if value[part.type] == "":
        raise validation(
            "One or more parameter values are not valid. A value specified for a secondary index key is not "
            f"supported. The AttributeValue for a key attribute cannot contain an empty "
            f"{_EMPTY_KINDS[part.type]} value. IndexName: {index.name}, IndexKey: {part.name}"
        )
    if size_of(value) > HASH_KEY_BYTES:
        raise validation(
            "One or more parameter values were invalid: Aggregate size for HASH key attributes exceeds the "
            f"maximum of {HASH_KEY_BYTES} bytes"
        )


def check_filter(index: VectorIndex, part: KeyAttribute, value: Value) -> None:
    """Raise ValidationException unless *value* can be an INLINE_FILTER element of the search schema."""
    _check_type(index, part, value)
    if size_of(value) > VECTOR_FILTER_BYTES:
        raise validation(
            "One or more parameter values were invalid: Size limit exceeded for SearchSchema attribute "
            f"'{part.name}': maximum {VECTOR_FILTER_BYTES} bytes"
        )


def _check_type(index: VectorIndex, part: KeyAttribute, value: Value) -> None:
    kind = type_of(value)
    if kind != part.type:
        raise validation(
            f"{_ONCE}Attribute '{part.name}' type mismatch. Expected: {part.type}, Actual: {kind}. "
            f"IndexName: {index.name}"
        )


def narrow(number: float) -> float:
    """Return *number* as a 32-bit float; as it is where it is too large for that."""
    try:
        narrowed: float = _FLOAT.unpack(_FLOAT.pack(number))[0]
    except OverflowError:
        return number
    return narrowed


def show_float(number: float) -> str:
    """Return the shortest number, as DynamoDB writes it, that is this 32-bit float."""
    shortest = format(number, f".{_FLOAT_DIGITS}g")
    for digits in range(_FLOAT_DIGITS - 1, 0, -1):
        text = format(number, f".{digits}g")
        if narrow(float(text)) != number:
            break
        shortest = text
    return numbers.canonical(shortest)
