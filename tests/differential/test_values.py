"""Values in both builds: one form, one size, one error."""

import base64
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from orjson import dumps, loads

from dynemu.errors import AwsError, ValidationException
from tests.core_builds import BUILDS
from tests.differential.wire_values import ITEMS, JUNK, KEY_VALUES, VALUES, number_size, plain, rank


def expected_form(value: Any) -> Any:
    ((tag, payload),) = value.items()
    if tag == "N":
        return {"N": plain(Decimal(payload))}
    if tag == "NS":
        return {"NS": [plain(number) for number in sorted(Decimal(member) for member in payload)]}
    if tag == "SS":
        return {"SS": sorted(payload, key=str.encode)}
    if tag == "BS":
        return {"BS": sorted(payload, key=base64.b64decode)}
    if tag == "L":
        return {"L": [expected_form(member) for member in payload]}
    if tag == "M":
        return {"M": {name: expected_form(member) for name, member in payload.items()}}
    return value


def expected_size(value: Any) -> int:
    """Return the size of a canonical value, spelt out from the reference sheet."""
    ((tag, payload),) = value.items()
    if tag in ("S", "SS", "B", "BS", "N", "NS"):
        members = payload if len(tag) == 2 else [payload]
        if tag[0] == "S":
            return sum(len(member.encode()) for member in members)
        if tag[0] == "B":
            return sum(len(base64.b64decode(member)) for member in members)
        return sum(number_size(member) for member in members)
    if tag == "L":
        return 3 + sum(1 + expected_size(member) for member in payload)
    if tag == "M":
        return 3 + sum(1 + len(name.encode()) + expected_size(member) for name, member in payload.items())
    return 1


@given(VALUES)
def test_a_value_becomes_canonical(core: SimpleNamespace, value: Any) -> None:
    sent = loads(dumps(value))
    core.values.check_types(sent)
    size = core.values.normalise_value(sent)
    assert sent == expected_form(value)
    assert size == core.values.size_of(sent) == expected_size(sent)


@given(ITEMS)
def test_an_item_becomes_canonical(core: SimpleNamespace, item: Any) -> None:
    sent = loads(dumps(item))
    core.values.check_item_types(sent)
    size = core.values.normalise_item(sent)
    assert sent == {name: expected_form(value) for name, value in item.items()}
    assert size == sum(len(name.encode()) + expected_size(value) for name, value in sent.items())
    assert size == core.values.size_of_item(sent)
    assert core.values.normalise_item(sent) == size


@given(st.sampled_from(sorted(KEY_VALUES)).flatmap(lambda tag: st.tuples(KEY_VALUES[tag], KEY_VALUES[tag])))
def test_order_is_that_of_the_values(core: SimpleNamespace, pair: tuple[Any, Any]) -> None:
    left, right = rank(pair[0]), rank(pair[1])
    assert core.values.compare(*pair) == (left > right) - (left < right)


def outcome(call: Any, argument: Any) -> Any:
    """Return all that a caller can tell of the call."""
    argument = loads(dumps(argument))
    try:
        return call(argument), argument
    except AwsError as error:
        older = error.older if isinstance(error, ValidationException) else None
        return error.to_body(), older, getattr(error, "request_level", None)


@given(JUNK)
def test_builds_agree_on_any_json(junk: Any) -> None:
    for name, argument in (
        ("normalise_value", junk),
        ("normalise_item", junk),
        ("normalise_item", {"a": junk}),
        ("check_types", junk),
        ("check_item_types", {"a": junk}),
    ):
        answers = [outcome(getattr(build.values, name), argument) for build in BUILDS.values()]
        assert all(answer == answers[0] for answer in answers)


@given(JUNK)
def test_what_normalises_has_json_of_the_right_types(core: SimpleNamespace, junk: Any) -> None:
    value = loads(dumps(junk))
    try:
        core.values.normalise_value(value)
    except AwsError:
        return
    core.values.check_types(junk)
    core.values.check_types(value)
