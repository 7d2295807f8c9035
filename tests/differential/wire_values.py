"""Hypothesis strategies for numbers, attribute values and items as they come over the wire."""

import base64
from decimal import Context, Decimal
from typing import Any

from hypothesis import strategies as st

TEXTS = st.text(max_size=12)
BINARIES = st.binary(max_size=12).map(lambda data: base64.b64encode(data).decode())


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Draw a number in range, of up to 38 digits, in any of its spellings."""
    if draw(st.booleans()):
        return str(draw(st.integers(-1000, 1000)))
    sign = draw(st.sampled_from(["", "-", "+"]))
    digits = "0" * draw(st.integers(0, 3)) + str(draw(st.integers(0, 10 ** draw(st.integers(1, 38)) - 1)))
    significant = len(digits.lstrip("0"))
    leading = draw(st.integers(-130, 125)) if significant else draw(st.integers(-999, 999))
    exponent = leading - significant + 1
    if draw(st.booleans()) and -40 < exponent < 40:
        return sign + format(Decimal(f"{digits}e{exponent}"), "f")
    point = draw(st.sampled_from(["", ".", ".000"]))
    return f"{sign}{digits}{point}{draw(st.sampled_from('eE'))}{exponent}"


CANONICAL_NUMBERS = numbers().map(lambda text: plain(Decimal(text)))


def plain(number: Decimal) -> str:
    """Return a number as DynamoDB stores it, by way of Python's own decimals."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "0") or not number else text


def number_size(text: str) -> int:
    """Return the bytes of a number: one, one for each digit to base 100, one below zero; 21 at most."""
    sign, digits, exponent = Decimal(text).normalize(Context(prec=400)).as_tuple()
    if digits == (0,):
        return 1
    aligned = len(digits) + int(exponent) % 2
    return min(1 + (aligned + 1) // 2 + sign, 21)


SCALARS = st.one_of(
    TEXTS.map(lambda text: {"S": text}),
    numbers().map(lambda text: {"N": text}),
    BINARIES.map(lambda text: {"B": text}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    st.lists(TEXTS, min_size=1, max_size=5, unique=True).map(lambda members: {"SS": members}),
    st.lists(numbers(), min_size=1, max_size=5, unique_by=Decimal).map(lambda members: {"NS": members}),
    st.lists(BINARIES, min_size=1, max_size=5, unique=True).map(lambda members: {"BS": members}),
)
NAMES = st.text(min_size=1, max_size=6)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda members: {"L": members}),
        st.dictionaries(NAMES, inner, max_size=4).map(lambda members: {"M": members}),
    ),
    max_leaves=12,
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=6)

JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 5),
        st.floats(-1, 1),
        st.sampled_from(["", "1", "x", "YQ=="]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS", "X", ""]),
            inner,
            max_size=2,
        ),
    ),
    max_leaves=8,
)
"""JSON that now and then is an attribute value."""
KEY_VALUES = {
    "S": TEXTS.filter(bool).map(lambda text: {"S": text}),
    "N": CANONICAL_NUMBERS.map(lambda text: {"N": text}),
    "B": BINARIES.filter(bool).map(lambda text: {"B": text}),
}
"""Canonical values that fit into a key, by type."""


def rank(value: Any) -> Any:
    """Return what canonical key values of one type sort by."""
    ((tag, payload),) = value.items()
    if tag == "N":
        return Decimal(payload)
    return payload.encode() if tag == "S" else base64.b64decode(payload)
