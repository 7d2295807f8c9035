"""Key conditions: their terms, and what is refused without a look at the table."""

from typing import Any

import pytest

from dynemu.errors import ValidationException
from dynemu.expressions.bind import KeyTerm, bind

QUERY = ("FilterExpression", "ProjectionExpression", "KeyConditionExpression")
VALUES: dict[str, Any] = {":p": {"S": "a"}, ":s": {"S": "1"}, ":t": {"S": "2"}}


def make_request(text: str) -> dict[str, Any]:
    request: dict[str, Any] = {"KeyConditionExpression": text}
    if any(name in text for name in VALUES):
        request["ExpressionAttributeValues"] = {name: VALUES[name] for name in VALUES if name in text}
    if "#p" in text:
        request["ExpressionAttributeNames"] = {"#p": "pk"}
    return request


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("pk = :p", [("pk", "=", [":p"])]),
        (":p = #p", [("pk", "=", [":p"])]),
        ("(#p = :p) AND (:s < sk)", [("pk", "=", [":p"]), ("sk", ">", [":s"])]),
        ("(sk >= :s AND pk = :p)", [("sk", ">=", [":s"]), ("pk", "=", [":p"])]),
        ("pk = :p AND sk BETWEEN :s AND :t", [("pk", "=", [":p"]), ("sk", "BETWEEN", [":s", ":t"])]),
        ("pk = :p AND begins_with(sk, :s)", [("pk", "=", [":p"]), ("sk", "begins_with", [":s"])]),
        ("a = :p AND (b = :s AND c > :t)", [("a", "=", [":p"]), ("b", "=", [":s"]), ("c", ">", [":t"])]),
    ],
)
def test_a_key_condition_comes_apart_into_terms(text: str, terms: list[Any]) -> None:
    bound = bind(make_request(text), QUERY)
    bound.check_unused()
    assert bound.key_condition == [
        KeyTerm(name, operator, [VALUES[operand] for operand in operands])
        for name, operator, operands in terms
    ]


OPERATOR = "Invalid operator used in KeyConditionExpression: "
NESTED = "KeyConditionExpressions cannot contain nested operations"
INVALID = "Invalid KeyConditionExpression: "
CONDITION = INVALID + "Invalid condition in KeyConditionExpression: "
ONCE = INVALID + "KeyConditionExpressions must only contain one condition per key"
DEEP = INVALID + "KeyConditionExpressions cannot have conditions on nested attributes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pk = :p OR sk = :s", OPERATOR + "OR"),
        ("pk = :p AND (sk = :s OR sk = :t)", OPERATOR + "OR"),
        ("NOT pk = :p AND sk <> :s", OPERATOR + "NOT"),
        ("pk <> :p", OPERATOR + "<>"),
        ("pk = :p AND sk IN (:s)", OPERATOR + "IN"),
        ("pk = :p AND contains(sk, :s)", OPERATOR + "contains"),
        ("pk = :p AND attribute_not_exists(sk)", OPERATOR + "attribute_not_exists"),
        ("pk = :p AND size(sk) = :s", NESTED),
        ("pk = :p AND sk = n", CONDITION + "Multiple attribute names used in one condition"),
        ("pk = :p AND begins_with(sk, n)", CONDITION + "Multiple attribute names used in one condition"),
        (":s = :s AND pk = :p", CONDITION + "No key attribute specified"),
        (
            "pk = :p AND begins_with(:s, sk)",
            CONDITION + "begins_with operator must have the key attribute as its first operand",
        ),
        ("pk = :p AND sk > :s AND sk < :t", ONCE),
        ("pk = :p AND pk = :s AND sk <> :t", ONCE),
        ("sk <> :s AND pk = :p AND pk = :t", OPERATOR + "<>"),
        ("pk <> :p AND sk.x = :s", DEEP),
        ("pk[0] = :p", DEEP),
    ],
)
def test_what_is_no_key_condition_is_refused_last(text: str, message: str) -> None:
    bound = bind(make_request(text), QUERY)
    assert bound.key_condition == []
    with pytest.raises(ValidationException) as caught:
        bound.check_unused()
    assert caught.value.message == message


def test_unused_values_come_before_a_wrong_form() -> None:
    request = {
        "KeyConditionExpression": "pk <> :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}, ":u": {"S": "a"}},
    }
    with pytest.raises(ValidationException, match=r"unused in expressions: keys: \{:u\}"):
        bind(request, QUERY).check_unused()
