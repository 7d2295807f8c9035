"""Items as Ion text: what is written is what Ion's own library reads."""

from typing import Any

import amazon.ion.simpleion
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynemu._core import numbers
from dynemu.engine.transfer.ion import decimal, from_ion, to_ion

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20)
SCALARS: Any = st.one_of(
    TEXTS.map(lambda text: {"S": text}),
    NUMBERS.map(lambda number: {"N": numbers.canonical(str(number))}),
    st.sampled_from([{"B": ""}, {"B": "AP+A"}, {"BOOL": True}, {"BOOL": False}, {"NULL": True}]),
    st.sets(TEXTS, min_size=1, max_size=3).map(lambda texts: {"SS": sorted(texts)}),
    st.just({"NS": ["1", "-2.5"]}),
    st.just({"BS": ["", "YQ=="]}),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda members: {"L": members}),
        st.dictionaries(TEXTS, inner, max_size=3).map(lambda members: {"M": members}),
    ),
    max_leaves=6,
)


@given(VALUES)
def test_the_library_reads_what_is_written(value: dict[str, Any]) -> None:
    text = to_ion(value)
    assert "\n" not in text
    read = from_ion(amazon.ion.simpleion.loads(text))
    assert canonical(read) == canonical(value)


def canonical(value: Any) -> Any:
    """Return an attribute value with its numbers in canonical form."""
    [(tag, payload)] = value.items()
    if tag == "N":
        return {"N": numbers.canonical(payload)}
    if tag == "NS":
        return {"NS": [numbers.canonical(member) for member in payload]}
    if tag == "L":
        return {"L": [canonical(member) for member in payload]}
    return {"M": {name: canonical(member) for name, member in payload.items()}} if tag == "M" else value


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0."),
        ("103", "103."),
        ("600", "6d2"),
        ("-2000", "-2d3"),
        ("12.5", "12.5"),
        ("-0.5", "-0.5"),
        ("0.000001", "0.000001"),
        ("0.0000001", "1d-7"),
        ("1" + "0" * 125, "1d125"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678."),
    ],
)
def test_decimals(number: str, text: str) -> None:
    assert decimal(number) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("name", "name"),
        ("_a$1", "_a$1"),
        ("$dynamodb", "$dynamodb"),
        ("null", "'null'"),
        ("nan", "'nan'"),
        ("$1", "'$1'"),
        ("$ion_1_0", "'$ion_1_0'"),
        ("a b", "'a b'"),
        ("1a", "'1a'"),
        ("", "''"),
        ("é", "'é'"),
        ("it's\n\\", r"'it\x27s\x0a\x5c'"),
    ],
)
def test_field_names(name: str, text: str) -> None:
    assert to_ion({"M": {name: {"S": ""}}}) == f'{{{text}:""}}'
