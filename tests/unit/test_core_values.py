"""Attribute values: canonical form, size, order, and AWS's answer to everything that is not one."""

from types import SimpleNamespace
from typing import Any

import pytest
from orjson import dumps, loads

from dynemu.errors import AwsError, SerializationException, ValidationException

INVALID = "One or more parameter values were invalid: "
EMPTY = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
MANY = (
    "Supplied AttributeValue has more than one datatypes set, "
    "must contain exactly one of the supported datatypes"
)
TOO_DEEP = (
    "Nesting Levels have exceeded supported limits: "
    "Attributes in the item have nested levels beyond supported limit"
)
ATTRIBUTE_MAP = "java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>"


def copy(value: Any) -> Any:
    return loads(dumps(value))


def nested(levels: int, kind: str = "L") -> Any:
    """Return a number inside *levels* lists or maps."""
    value: Any = {"N": "1"}
    for _ in range(levels):
        value = {"L": [value]} if kind == "L" else {"M": {"a": value}}
    return value


CANONICAL = [
    ({"S": "x"}, {"S": "x"}, 1),
    ({"S": ""}, {"S": ""}, 0),
    ({"S": "é€😀"}, {"S": "é€😀"}, 9),
    ({"N": "1.50"}, {"N": "1.5"}, 3),
    ({"N": "-1e2"}, {"N": "-100"}, 3),
    ({"B": "aGVsbG8="}, {"B": "aGVsbG8="}, 5),
    ({"B": "aGVsbG8h"}, {"B": "aGVsbG8h"}, 6),
    ({"B": "aA=="}, {"B": "aA=="}, 1),
    ({"B": ""}, {"B": ""}, 0),
    ({"BOOL": True}, {"BOOL": True}, 1),
    ({"BOOL": False}, {"BOOL": False}, 1),
    ({"BOOL": "true"}, {"BOOL": True}, 1),
    ({"BOOL": "false"}, {"BOOL": False}, 1),
    ({"NULL": True}, {"NULL": True}, 1),
    ({"NULL": "true"}, {"NULL": True}, 1),
    ({"L": []}, {"L": []}, 3),
    ({"M": {}}, {"M": {}}, 3),
    ({"L": [{"N": "01"}, {"S": "ab"}]}, {"L": [{"N": "1"}, {"S": "ab"}]}, 3 + 1 + 2 + 1 + 2),
    ({"M": {"é": {"N": "0.0"}, "b": {"L": []}}}, {"M": {"é": {"N": "0"}, "b": {"L": []}}}, 3 + 4 + 5),
    ({"SS": ["b", "é", "", "a"]}, {"SS": ["", "a", "b", "é"]}, 4),
    ({"SS": ["😀", "\uffff"]}, {"SS": ["\uffff", "😀"]}, 7),
    ({"NS": ["3", "1e1", "-2.0", "0"]}, {"NS": ["-2", "0", "3", "10"]}, 2 + 2 + 3 + 1),
    ({"BS": ["/w==", "AA==", "AAA="]}, {"BS": ["AA==", "AAA=", "/w=="]}, 4),
    ({"S": "a", "X": 1}, {"S": "a"}, 1),
    ({"S": None, "N": "1.0"}, {"N": "1"}, 2),
    ({"X": {"Y": []}, "L": [{"S": "a", "N": None}]}, {"L": [{"S": "a"}]}, 5),
]


@pytest.mark.parametrize(("sent", "stored", "size"), CANONICAL)
def test_a_value_has_one_form_and_a_size(core: SimpleNamespace, sent: Any, stored: Any, size: int) -> None:
    value = copy(sent)
    core.values.check_types(value)
    assert core.values.normalise_value(value) == size
    assert value == stored
    assert core.values.size_of(value) == size
    item = {"name": copy(sent)}
    core.values.check_item_types(item)
    assert core.values.normalise_item(item) == 4 + size
    assert item == {"name": stored}
    assert core.values.size_of_item(item) == 4 + size


def test_an_item_is_measured_with_its_names(core: SimpleNamespace) -> None:
    item = {"pk": {"S": "a"}, "schön": {"N": "12"}, "l": {"L": [{"BOOL": True}]}}
    assert core.values.normalise_item(item) == (2 + 1) + (6 + 2) + (1 + 3 + 1 + 1)
    assert core.values.normalise_item({}) == 0


TYPE_ERRORS = [
    ({"S": 1}, "NUMBER_VALUE cannot be converted to String"),
    ({"S": 1.5}, "DECIMAL_VALUE cannot be converted to String"),
    ({"N": 5}, "NUMBER_VALUE cannot be converted to String"),
    ({"N": True}, "TRUE_VALUE cannot be converted to String"),
    ({"S": False}, "FALSE_VALUE cannot be converted to String"),
    ({"S": ["a"]}, "Unrecognized collection type class java.lang.String"),
    ({"S": {}}, "Start of structure or map found where not expected"),
    ({"B": 1}, "only base-64-encoded strings are convertible to bytes"),
    ({"B": True}, "only base-64-encoded strings are convertible to bytes"),
    ({"B": "YWI"}, "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
    ({"B": "_-8="}, "Invalid Base64 character: '_'"),
    ({"B": "YQ=="}, None),
    ({"B": "YR=="}, "Invalid last non-pad Base64 character dectected"),
    ({"B": "YWJ="}, "Invalid last non-pad Base64 character dectected"),
    ({"B": "Y==="}, "Invalid last non-pad Base64 character dectected"),
    ({"B": "===="}, "Invalid last non-pad Base64 character dectected"),
    ({"B": "Y=Q="}, "Invalid Base64 character: '='"),
    ({"B": "é==="}, "Invalid Base64 character: 'é'"),
    ({"BOOL": 1}, "NUMBER_VALUE cannot be converted to Boolean"),
    ({"BOOL": 0.5}, "DECIMAL_VALUE cannot be converted to Boolean"),
    ({"BOOL": "yes"}, "Unexpected token received from parser"),
    ({"NULL": "True"}, "Unexpected token received from parser"),
    ({"NULL": []}, "Unrecognized collection type class java.lang.Boolean"),
    ({"L": {}}, "Start of structure or map found where not expected"),
    ({"L": "x"}, "Unexpected field type"),
    ({"L": ["x"]}, "Unexpected value type in payload"),
    ({"L": [[]]}, "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"),
    ({"M": []}, "Unrecognized collection type " + ATTRIBUTE_MAP),
    ({"M": 1}, "Unexpected field type"),
    ({"M": {"a": "x"}}, "Unexpected value type in payload"),
    ({"SS": "a"}, "Unexpected field type"),
    ({"SS": {}}, "Start of structure or map found where not expected"),
    ({"SS": [1]}, "NUMBER_VALUE cannot be converted to String"),
    ({"NS": ["1", 2]}, "NUMBER_VALUE cannot be converted to String"),
    ({"BS": ["YQ==", "YQ"]}, "Base64 encoded length is expected a multiple of 4 bytes but found: 2"),
    ({"BS": [None]}, None),
    ({"X": 1}, None),
    ("x", "Unexpected value type in payload"),
    (7, "Unexpected value type in payload"),
    ([], "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"),
    (None, None),
    ({"S": 1, "X": []}, "NUMBER_VALUE cannot be converted to String"),
    ({"L": [{"S": "a"}, {"M": {"b": {"BOOL": 1}}}]}, "NUMBER_VALUE cannot be converted to Boolean"),
]


@pytest.mark.parametrize(("value", "message"), TYPE_ERRORS)
def test_json_of_a_wrong_type_is_refused(core: SimpleNamespace, value: Any, message: str | None) -> None:
    for check, argument in ((core.values.check_types, value), (core.values.check_item_types, {"a": value})):
        if message is None:
            check(argument)
            continue
        with pytest.raises(SerializationException) as caught:
            check(argument)
        assert caught.value.message == message


@pytest.mark.parametrize(
    ("item", "message"),
    [([], "Unrecognized collection type " + ATTRIBUTE_MAP), ("x", "Unexpected field type")],
)
def test_an_item_is_a_map(core: SimpleNamespace, item: Any, message: str) -> None:
    for check in (core.values.check_item_types, core.values.normalise_item):
        with pytest.raises(SerializationException) as caught:
            check(item)
        assert caught.value.message == message


REQUEST_ERRORS = [
    ({"NULL": False}, INVALID + "Null attribute value types must have the value of true", None),
    ({"NULL": "false"}, INVALID + "Null attribute value types must have the value of true", None),
    ({"M": {"": {"S": "x"}}}, "Empty attribute name", None),
    ({"SS": []}, INVALID + "An string set  may not be empty", None),
    ({"NS": []}, INVALID + "An number set  may not be empty", None),
    ({"BS": []}, INVALID + "Binary sets should not be empty", None),
    (
        {"SS": ["b", "a", "b"]},
        INVALID + 'Input collection ["a", "b", "b"] contains duplicates.',
        INVALID + "Input collection [b, a, b] contains duplicates.",
    ),
    (
        {"SS": ["c", "a", "c", "b", '"']},
        INVALID + 'Input collection ["a", "c", "c", "b", "\\""] contains duplicates.',
        INVALID + 'Input collection [c, a, c, b, "] contains duplicates.',
    ),
    (
        {"BS": ["eQ==", "eQ=="]},
        INVALID + 'Input collection ["eQ==","eQ=="]of type BS contains duplicates.',
        INVALID + "Input collection [eQ==, eQ==]of type BS contains duplicates.",
    ),
    (
        {"NS": ["1", "2", "1.0"]},
        INVALID + "Input collection contains duplicates.",
        "Input collection contains duplicates",
    ),
    ({"NS": ["1", "x", "1"]}, "The parameter cannot be converted to a numeric value: x", None),
    ({"N": "1" * 39}, "Attempting to store more than 38 significant digits in a Number", None),
    (nested(32), TOO_DEEP, None),
    (nested(32, "M"), TOO_DEEP, None),
]


@pytest.mark.parametrize(("value", "message", "older"), REQUEST_ERRORS)
def test_a_wrong_value_is_a_request_error(
    core: SimpleNamespace, value: Any, message: str, older: str | None
) -> None:
    normalise_value, normalise_item = core.values.normalise_value, core.values.normalise_item
    for wrong in (value, {"L": [{"S": "a"}, value]}, {"M": {"a": {"S": "a"}, "b": value}}):
        for call, argument in ((normalise_value, wrong), (normalise_item, {"a": wrong})):
            with pytest.raises(ValidationException) as caught:
                call(copy(argument))
            assert (caught.value.message, caught.value.older) == (message, older)
            assert caught.value.request_level


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, EMPTY),
        ({"X": "1"}, EMPTY),
        ({"S": None}, EMPTY),
        (None, EMPTY),
        ({"S": "a", "N": "1"}, MANY),
        ({"S": "a", "NULL": True}, MANY),
        ({"L": [None]}, EMPTY),
        ({"M": {"a": {}}}, EMPTY),
    ],
)
def test_a_value_has_one_type(core: SimpleNamespace, value: Any, message: str) -> None:
    for call, argument in ((core.values.normalise_value, value), (core.values.normalise_item, {"a": value})):
        with pytest.raises(ValidationException) as caught:
            call(copy(argument))
        assert (caught.value.message, caught.value.request_level) == (message, False)


def test_an_empty_name_is_refused_in_an_item(core: SimpleNamespace) -> None:
    with pytest.raises(ValidationException) as caught:
        core.values.normalise_item({"a": {"S": "x"}, "": {"S": "x"}})
    assert (caught.value.message, caught.value.request_level) == ("Empty attribute name", True)


@pytest.mark.parametrize("kind", ["L", "M"])
def test_thirty_one_documents_around_a_scalar_are_accepted(core: SimpleNamespace, kind: str) -> None:
    value = nested(31, kind)
    assert core.values.normalise_value(value) == 2 + 31 * (4 if kind == "L" else 5)
    assert core.values.normalise_item({"a": value}) > 0


@pytest.mark.parametrize("kind", ["L", "M"])
def test_the_deepest_json_that_parses_is_refused_for_its_depth(core: SimpleNamespace, kind: str) -> None:
    value = nested(500, kind)
    core.values.check_types(value)
    core.values.check_item_types({"a": value})
    for call, argument in ((core.values.normalise_value, value), (core.values.normalise_item, {"a": value})):
        with pytest.raises(ValidationException) as caught:
            call(argument)
        assert caught.value.message == TOO_DEEP


ORDER = [
    {"S": 1},
    {"S": "a", "N": "1"},
    {"M": {"": {"S": "x"}}},
    {"NULL": False},
    {"SS": []},
]


@pytest.mark.parametrize("first", range(len(ORDER)))
@pytest.mark.parametrize("second", range(len(ORDER)))
def test_errors_come_in_the_order_of_the_passes(core: SimpleNamespace, first: int, second: int) -> None:
    def error_of(item: Any) -> str | None:
        with pytest.raises(AwsError) as caught:
            core.values.normalise_item(copy(item))
        return caught.value.message

    both = error_of({"a": ORDER[first], "b": ORDER[second]})
    assert both == error_of({"a": ORDER[min(first, second)]})


def test_within_a_pass_the_first_error_counts(core: SimpleNamespace) -> None:
    with pytest.raises(ValidationException) as caught:
        core.values.normalise_item({"a": {"N": "x"}, "b": {"SS": []}})
    assert caught.value.message == "The parameter cannot be converted to a numeric value: x"
    with pytest.raises(ValidationException) as caught:
        core.values.normalise_item({"b": {"SS": []}, "a": {"N": "x"}})
    assert caught.value.message == INVALID + "An string set  may not be empty"


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ({"S": "a"}, {"S": "b"}),
        ({"S": ""}, {"S": "\x00"}),
        ({"S": "\uffff"}, {"S": "😀"}),
        ({"N": "-5"}, {"N": "3"}),
        ({"N": "9"}, {"N": "10"}),
        ({"B": "AA=="}, {"B": "/w=="}),
        ({"B": "aA=="}, {"B": "aGg="}),
    ],
)
def test_values_of_one_type_are_ordered(core: SimpleNamespace, low: Any, high: Any) -> None:
    assert core.values.compare(low, high) == -1
    assert core.values.compare(high, low) == 1
    assert core.values.compare(low, copy(low)) == 0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"S": "1"}, {"N": "1"}),
        ({"BOOL": True}, {"BOOL": True}),
        ({"BOOL": False}, {"BOOL": True}),
        ({"L": []}, {"L": []}),
        ({"SS": ["a"]}, {"SS": ["b"]}),
        ({"NULL": True}, {"S": ""}),
    ],
)
def test_other_values_have_no_order(core: SimpleNamespace, a: Any, b: Any) -> None:
    assert core.values.compare(a, b) == core.values.UNORDERED
    assert core.values.UNORDERED not in (-1, 0, 1)


def test_type_codes(core: SimpleNamespace) -> None:
    assert [core.values.type_of({tag: None}) for tag in ("S", "NULL", "BS")] == ["S", "NULL", "BS"]
    with pytest.raises(ValueError, match="without a type"):
        core.values.type_of({})
    with pytest.raises(ValueError, match="without a type"):
        core.values.size_of({})
