"""Numbers against Python's decimals: form, order of the bytes, round trip, sums, size."""

from decimal import Context, Decimal, Inexact
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynemu.errors import ValidationException
from tests.core_builds import BUILDS
from tests.differential.wire_values import CANONICAL_NUMBERS, number_size, numbers, plain

EXACT = Context(prec=38, Emin=-130, Emax=125, traps=[Inexact])
WIDE = Context(prec=600, Emin=-2000, Emax=2000)


@given(numbers())
def test_the_stored_form_is_that_of_the_value(core: SimpleNamespace, text: str) -> None:
    assert core.numbers.canonical(text) == plain(Decimal(text))


@given(CANONICAL_NUMBERS)
def test_the_stored_form_is_stable(core: SimpleNamespace, text: str) -> None:
    assert core.numbers.canonical(text) == text


@given(CANONICAL_NUMBERS, CANONICAL_NUMBERS)
def test_bytes_and_compare_have_the_order_of_values(core: SimpleNamespace, a: str, b: str) -> None:
    order = Decimal(a).compare(Decimal(b), context=WIDE)
    assert core.numbers.compare(a, b) == order
    left, right = core.numbers.encode(a), core.numbers.encode(b)
    assert (left > right) - (left < right) == order
    assert (left + b"\x00" > right + b"\xff") == (order > 0)


@given(CANONICAL_NUMBERS, st.binary(max_size=3), st.binary(max_size=3))
def test_bytes_give_back_the_number(core: SimpleNamespace, text: str, before: bytes, after: bytes) -> None:
    data = core.numbers.encode(text)
    assert core.numbers.decode(before + data + after, len(before)) == (text, len(before) + len(data))


@pytest.mark.parametrize("operation", ["add", "subtract"])
@given(CANONICAL_NUMBERS, CANONICAL_NUMBERS)
def test_sums_are_those_of_decimals(core: SimpleNamespace, operation: str, a: str, b: str) -> None:
    call = getattr(core.numbers, operation)
    exact = getattr(WIDE, operation)(Decimal(a), Decimal(b))
    digits = len(exact.normalize(WIDE).as_tuple().digits)
    if digits <= 38 and (not exact or -130 <= exact.adjusted() <= 125):
        assert call(a, b) == plain(exact)
    else:
        with pytest.raises(ValidationException) as caught:
            call(a, b)
        assert not caught.value.request_level


@given(CANONICAL_NUMBERS)
def test_size_counts_digits_to_the_base_of_a_hundred(core: SimpleNamespace, text: str) -> None:
    assert core.numbers.size(text) == number_size(text)


@given(st.text(st.sampled_from("0123456789.eE+- x"), max_size=8))
def test_builds_agree_on_any_text(text: str) -> None:
    answers = set()
    for build in BUILDS.values():
        try:
            answers.add(build.numbers.canonical(text))
        except ValidationException as error:
            answers.add((error.message, error.older))
    assert len(answers) == 1
