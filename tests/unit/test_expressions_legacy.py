"""Expected, filters, KeyConditions, AttributeUpdates and AttributesToGet: meaning and refusals."""

from typing import Any

import pytest

from dynemu.errors import ValidationException
from dynemu.expressions.bind import KeyTerm
from dynemu.expressions.legacy import (
    check_conditional_operator,
    condition_from_expected,
    filter_from_conditions,
    key_terms_from_conditions,
    projection_from_attributes,
    update_from_attribute_updates,
)

PROBLEM = "One or more parameter values were invalid: "
ITEM: dict[str, Any] = {
    "s": {"S": "hello"},
    "n": {"N": "5"},
    "nul": {"NULL": True},
    "l": {"L": [{"N": "1"}, {"S": "x"}]},
    "ss": {"SS": ["a", "b"]},
}
N5, N9, S1 = {"N": "5"}, {"N": "9"}, {"S": "1"}
VALUES: dict[str, Any] = {
    "S": {"S": "a"},
    "N": {"N": "1"},
    "B": {"B": "YQ=="},
    "BOOL": {"BOOL": True},
    "NULL": {"NULL": True},
    "L": {"L": []},
    "M": {"M": {}},
    "SS": {"SS": ["a"]},
    "NS": {"NS": ["1"]},
    "BS": {"BS": ["YQ=="]},
}


def comparison(operator: str, *values: Any) -> dict[str, Any]:
    return {"ComparisonOperator": operator, "AttributeValueList": [dict(value) for value in values]}


def filters(conditions: dict[str, Any], operator: str | None = None) -> bool:
    node, values = filter_from_conditions(conditions, operator, "ScanFilter")
    assert node is not None
    assert node.attributes == set(conditions)
    return node.test(ITEM, values)


@pytest.mark.parametrize(
    ("name", "condition", "expected"),
    [
        ("n", comparison("EQ", {"N": "5.0"}), True),
        ("n", comparison("NE", N9), True),
        ("nope", comparison("NE", N9), True),
        ("n", comparison("LE", N5), True),
        ("n", comparison("LT", N5), False),
        ("n", comparison("GE", N9), False),
        ("n", comparison("BETWEEN", N5, N9), True),
        ("n", comparison("IN", N9, N5), True),
        ("s", comparison("BEGINS_WITH", {"S": "he"}), True),
        ("s", comparison("CONTAINS", {"S": "ell"}), True),
        ("ss", comparison("CONTAINS", {"S": "a"}), True),
        ("l", comparison("CONTAINS", {"N": "1"}), True),
        ("s", comparison("NOT_CONTAINS", {"S": "ell"}), False),
        ("ss", comparison("NOT_CONTAINS", {"S": "z"}), True),
        ("n", comparison("NOT_CONTAINS", N5), True),
        ("nope", comparison("NOT_CONTAINS", N5), False),
        ("nul", comparison("NOT_NULL"), True),
        ("nope", comparison("NULL"), True),
        ("nul", {"ComparisonOperator": "NULL"}, False),
    ],
)
def test_a_filter_selects(name: str, condition: dict[str, Any], expected: bool) -> None:
    assert filters({name: condition}) is expected


def test_several_conditions_are_joined() -> None:
    conditions = {"n": comparison("EQ", N5), "s": comparison("EQ", N5)}
    assert not filters(conditions)
    assert not filters(conditions, "AND")
    assert filters(conditions, "OR")


def test_no_conditions_are_no_filter() -> None:
    assert filter_from_conditions({}, None, "ScanFilter") == (None, {})
    assert condition_from_expected({}, None) == (None, {})


COUNTS = {"NULL": "0", "NOT_NULL": "0", "BETWEEN": "2", "IN": "123"}
OPERATORS = ("EQ", "NE", "LE", "LT", "GE", "GT", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH", *COUNTS)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("count", range(4))
def test_each_operator_takes_its_number_of_arguments(operator: str, count: int) -> None:
    condition = comparison(operator, *[S1] * count)
    if str(count) in COUNTS.get(operator, "1"):
        filters({"n": condition})
        return
    with pytest.raises(ValidationException) as caught:
        filters({"n": condition})
    message = f"{PROBLEM}Invalid number of argument(s) for the {operator} ComparisonOperator"
    assert caught.value.message == message


ORDERED = ("S", "N", "B")
TAKEN: dict[str, tuple[str, ...]] = {
    "LT": ORDERED,
    "GE": ORDERED,
    "IN": ORDERED,
    "BETWEEN": ORDERED,
    "BEGINS_WITH": ("S", "B"),
    "CONTAINS": (*ORDERED, "BOOL", "NULL"),
    "NOT_CONTAINS": (*ORDERED, "BOOL", "NULL"),
    "EQ": tuple(VALUES),
    "NE": tuple(VALUES),
}


@pytest.mark.parametrize("tag", VALUES)
@pytest.mark.parametrize("operator", TAKEN)
def test_each_operator_takes_its_types(operator: str, tag: str) -> None:
    condition = comparison(operator, *[VALUES[tag]] * (2 if operator == "BETWEEN" else 1))
    if tag in TAKEN[operator]:
        filters({"n": condition})
        return
    with pytest.raises(ValidationException) as caught:
        filters({"n": condition})
    message = f"{PROBLEM}ComparisonOperator {operator} is not valid for {tag} AttributeValue type"
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (comparison("FOO", N5), PROBLEM + "Invalid comparison operator"),
        (
            comparison("BETWEEN", N9, N5),
            "The BETWEEN condition was provided a range where the lower bound is greater than the "
            "upper bound",
        ),
        (
            comparison("BETWEEN", N5, S1),
            PROBLEM + "AttributeValues inside AttributeValueList must be of same type",
        ),
        (comparison("EQ", {"N": "x"}, S1), "The parameter cannot be converted to a numeric value: x"),
    ],
)
def test_filters_are_refused(condition: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        filters({"n": condition})
    assert caught.value.message == message


NOT_WITHOUT = "ConditionalOperator cannot be used without Filter or Expected"
NEEDS_TWO = "ConditionalOperator can only be used when Filter or Expected has two or more elements"


def test_a_conditional_operator_needs_two_conditions() -> None:
    one = {"n": {"Value": {"N": "x"}}}
    for conditions, message in (({}, NOT_WITHOUT), (one, NEEDS_TWO)):
        with pytest.raises(ValidationException) as caught:
            condition_from_expected(conditions, "XOR")
        assert (caught.value.message, caught.value.request_level) == (message, True)
    with pytest.raises(ValidationException, match=NOT_WITHOUT):
        check_conditional_operator({"ConditionalOperator": "AND"})
    check_conditional_operator({})


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"Value": {"N": "5.0"}}, True),
        ({"Value": N5, "Exists": True}, True),
        ({"Value": N9}, False),
        ({"Exists": False}, False),
        ({"Value": N5, "ComparisonOperator": "GE"}, True),
        (comparison("NE", N5), False),
        ({"ComparisonOperator": "NOT_NULL"}, True),
    ],
)
def test_expected_holds_or_not(entry: dict[str, Any], expected: bool) -> None:
    node, values = condition_from_expected({"n": entry}, None)
    assert node is not None
    assert node.test(ITEM, values) is expected


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "Value must be provided when Exists is null for Attribute: n"),
        ({"Exists": True}, "Value must be provided when Exists is true for Attribute: n"),
        ({"Exists": False, "Value": N5}, "Value cannot be used when Exists is false for Attribute: n"),
        (
            {"Exists": True, **comparison("EQ", N5), "Value": N5},
            "Exists and ComparisonOperator cannot be used together for Attribute: n",
        ),
        (
            {"Value": N5, "AttributeValueList": [N5]},
            "Value and AttributeValueList cannot be used together for Attribute: n",
        ),
        (
            {"AttributeValueList": [N5], "Exists": False},
            "AttributeValueList can only be used with a ComparisonOperator for Attribute: n",
        ),
        (
            {"ComparisonOperator": "EQ"},
            "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: n",
        ),
        (comparison("LT", {"L": []}), "ComparisonOperator LT is not valid for L AttributeValue type"),
    ],
)
def test_expected_is_refused(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        condition_from_expected({"n": entry}, None)
    assert (caught.value.message, caught.value.request_level) == (PROBLEM + message, True)


def test_key_conditions_become_key_terms() -> None:
    conditions = {"pk": comparison("EQ", {"N": "1.0"}), "sk": comparison("BEGINS_WITH", S1)}
    assert key_terms_from_conditions(conditions) == [
        KeyTerm("pk", "=", [{"N": "1"}]),
        KeyTerm("sk", "begins_with", [S1]),
    ]


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (
            {},
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        ),
        ({"pk": comparison("EQ")}, PROBLEM + "Invalid number of argument(s) for the EQ ComparisonOperator"),
        (
            {"pk": comparison("NE", S1), "sk": comparison("FOO")},
            PROBLEM + "Invalid comparison operator",
        ),
    ],
)
def test_key_conditions_are_refused(conditions: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        key_terms_from_conditions(conditions)
    assert caught.value.message == message


def test_a_comparison_that_no_key_takes_is_left_to_the_planner() -> None:
    assert key_terms_from_conditions({"pk": comparison("NE", S1)}) == [KeyTerm("pk", "", [S1])]


def update(name: str, entry: dict[str, Any]) -> Any:
    made, values = update_from_attribute_updates({name: entry})
    return made.apply(ITEM, values).get(name)


@pytest.mark.parametrize(
    ("name", "entry", "expected"),
    [
        ("n", {"Value": S1}, S1),
        ("n", {"Action": "PUT", "Value": S1}, S1),
        ("n", {"Action": "ADD", "Value": {"N": "1.5"}}, {"N": "6.5"}),
        ("x", {"Action": "ADD", "Value": N5}, N5),
        ("ss", {"Action": "ADD", "Value": {"SS": ["c", "a"]}}, {"SS": ["a", "b", "c"]}),
        ("l", {"Action": "ADD", "Value": {"L": [N5]}}, {"L": [{"N": "1"}, {"S": "x"}, N5]}),
        ("x", {"Action": "ADD", "Value": {"L": [N5]}}, {"L": [N5]}),
        ("n", {"Action": "DELETE"}, None),
        ("x", {"Action": "DELETE"}, None),
        ("ss", {"Action": "DELETE", "Value": {"SS": ["a"]}}, {"SS": ["b"]}),
        ("ss", {"Action": "DELETE", "Value": {"SS": ["a", "b"]}}, None),
    ],
)
def test_attribute_updates_change_an_item(name: str, entry: dict[str, Any], expected: Any) -> None:
    assert update(name, entry) == expected


MISMATCH = "Type mismatch for attribute to update"


@pytest.mark.parametrize(
    ("name", "entry", "message"),
    [
        ("s", {"Action": "ADD", "Value": N5}, MISMATCH),
        ("ss", {"Action": "ADD", "Value": {"NS": ["1"]}}, MISMATCH),
        ("n", {"Action": "ADD", "Value": {"L": []}}, MISMATCH),
        ("n", {"Action": "DELETE", "Value": {"SS": ["a"]}}, MISMATCH),
        ("x", {"Action": "ADD", "Value": S1}, PROBLEM + "ADD action is not supported for the type S"),
        (
            "n",
            {"Action": "DELETE", "Value": N5},
            PROBLEM + "DELETE action with value is not supported for the type N",
        ),
        (
            "n",
            {"Action": "PUT"},
            PROBLEM + "Only DELETE action is allowed when no attribute value is specified",
        ),
        ("n", {"Action": "X"}, "Member must satisfy enum value set: [ADD, DELETE, PUT]' for Action"),
        ("", {"Value": S1}, "Empty attribute name"),
    ],
)
def test_attribute_updates_are_refused(name: str, entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        update(name, entry)
    assert caught.value.message == message


def test_updates_that_only_delete_create_nothing() -> None:
    assert not update_from_attribute_updates({"a": {"Action": "DELETE"}})[0].creates
    assert update_from_attribute_updates({"a": {"Action": "ADD", "Value": N5}})[0].creates
    assert update_from_attribute_updates({})[0].creates


def test_attributes_to_get_are_names_not_paths() -> None:
    projection = projection_from_attributes(["s", "nope", "l[0]"])
    assert projection.apply({**ITEM, "l[0]": N5}) == {"s": ITEM["s"], "l[0]": N5}
    with pytest.raises(ValidationException) as caught:
        projection_from_attributes(["a", "b", "a"])
    assert caught.value.message == PROBLEM + "Duplicate value in attribute name: a"
