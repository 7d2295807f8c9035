"""Syntax errors, with the window of text that AWS prints, and the order of what is wrong with a text alone.

The answers are recorded ones, or those that DynamoDB Local gives.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynemu.errors import AwsError, ValidationException
from dynemu.expressions.bind import bind
from dynemu.expressions.parser import parse_condition, parse_projection, parse_update

CONDITION = "Invalid ConditionExpression: "
UPDATE = "Invalid UpdateExpression: "
PROJECTION = "Invalid ProjectionExpression: "


def condition_error(text: str) -> str:
    with pytest.raises(ValidationException) as caught:
        parse_condition("ConditionExpression", text)
    assert caught.value.request_level
    return str(caught.value.message).removeprefix(CONDITION)


def update_error(text: str) -> str:
    with pytest.raises(ValidationException) as caught:
        parse_update(text)
    return str(caught.value.message).removeprefix(UPDATE)


def projection_error(text: str) -> str:
    with pytest.raises(ValidationException) as caught:
        parse_projection(text)
    return str(caught.value.message).removeprefix(PROJECTION)


def syntax_error(token: str, near: str) -> str:
    return f'Syntax error; token: "{token}", near: "{near}"'


@pytest.mark.parametrize(
    ("text", "token", "near"),
    [
        ("   ", "<EOF>", "   "),
        ("n =", "<EOF>", "="),
        ("n =   ", "<EOF>", "=   "),
        ("n", "<EOF>", "n"),
        ("(n)", "<EOF>", ")"),
        ("((n))", "<EOF>", ")"),
        ("(n) AND n = :v", "AND", ") AND n"),
        ("  .m = :v", ".", "  .m"),
        (" = :v", "=", " = :v"),
        ("n == :v", "=", "== :v"),
        ("n = :v AND", "<EOF>", "AND"),
        ("(n = :v", "<EOF>", ":v"),
        ("n = :v)", ")", ":v)"),
        ("(n = :v) = :v", "=", ") = :v"),
        ("n = :v = :v", "=", ":v = :v"),
        ("n IN ()", ")", "()"),
        ("n IN (:a,)", ")", ",)"),
        ("n IN :v", ":v", "IN :v"),
        ("n IN (:v :v)", ":v", ":v :v)"),
        ("n BETWEEN :a", "<EOF>", ":a"),
        ("n BETWEEN :a OR :b", "OR", ":a OR :b"),
        ("n ! :v", "!", "n ! :v"),
        ("n != :v", "!", "n !="),
        ("_n = :v", "_", "_n"),
        ("1n = :v", "1", "1n"),
        ("n-x = :v", "-", "n-x"),
        ("l[a] = :v", "a", "[a]"),
        ("l[-1] = :v", "-", "[-1"),
        ("l[01] = :v", "1", "01]"),
        ("l[0 = :v", "=", "0 = :v"),
        ("l[:i] = :v", ":i", "[:i]"),
        ("l.0 = :v", "0", ".0 ="),
        ("l.SET = :v", "SET", ".SET ="),
        ("m. = :v", "=", ". = :v"),
        ("n = :v;", ";", ":v;"),
        ("n + :v = :v", "+", "n + :v"),
        ("n AND s", "AND", "n AND s"),
        ("n = NOT :v", "NOT", "= NOT :v"),
        ("n = :v n = :v", "n", ":v n ="),
        ("n = 5", "5", "= 5"),
        ("n = 'x'", "'", "= 'x"),
        ("n = :v AND é = :v", "é", "AND é ="),
        ("# = :v", "#", "# ="),
        (":  = n", ":", ":  ="),
        ("size() = :v", ")", "() ="),
        ("((", "<EOF>", "("),
        (")", ")", ")"),
        ("BETWEEN", "BETWEEN", "BETWEEN"),
    ],
)
def test_a_condition_that_is_none(text: str, token: str, near: str) -> None:
    assert condition_error(text) == syntax_error(token, near)


@pytest.mark.parametrize(
    ("text", "token", "near"),
    [
        ("  ", "<EOF>", "  "),
        ("SET", "<EOF>", "SET"),
        ("SET x = :v,", "<EOF>", ","),
        ("SET x = :v SET", "<EOF>", "SET"),
        ("SET x = :v,SET y = :v", "SET", ",SET y"),
        ("SET x :v", ":v", "x :v"),
        ("SET x == :v", "=", "== :v"),
        ("SET x = n + :v + :v", "+", ":v + :v"),
        ("SET x = (n + :v) - :v", "-", ") - :v"),
        ("SET x = n + (:v + :v)", "+", ":v + :v"),
        ("SET x = if_not_exists(q, n + :v)", "+", "n + :v"),
        ("SET x = :v * :v", "*", ":v * :v"),
        ("SET x = (:v", "<EOF>", ":v"),
        ("SET x = n)", ")", "n)"),
        ("SET x = -:v", "-", "= -:v"),
        ("SET (x) = :v", "(", "SET (x"),
        ("SET :v = x", ":v", "SET :v ="),
        ("REMOVE :v", ":v", "REMOVE :v"),
        ("REMOVE x = :v", "=", "x = :v"),
        ("ADD n", "<EOF>", "n"),
        ("ADD n m.a", "m", "n m."),
        ("ADD n (:v)", "(", "n (:v"),
        ("ADD n :v q :v", "q", ":v q :v"),
        ("ADD m.b. :ss", "<EOF>", ":ss"),
        ("x = :v", "x", "x ="),
        ("AND", "AND", "AND"),
    ],
)
def test_an_update_that_is_none(text: str, token: str, near: str) -> None:
    assert update_error(text) == syntax_error(token, near)


@pytest.mark.parametrize(
    ("text", "token", "near"),
    [
        ("  ", "<EOF>", "  "),
        ("s,", "<EOF>", ","),
        (",s", ",", ",s"),
        ("s,,n", ",", ",,n"),
        (":s", ":s", ":s"),
        ("l[0", "<EOF>", "0"),
        ("m.", "<EOF>", "."),
        ("*", "*", "*"),
        ("(s)", "(", "(s"),
        ("a b", "b", "a b"),
        ("size(a)", "(", "size(a"),
        ("a[0]b", "b", "]b"),
    ],
)
def test_a_projection_that_is_none(text: str, token: str, near: str) -> None:
    assert projection_error(text) == syntax_error(token, near)


@pytest.mark.parametrize(
    "text",
    [
        "((n = :v))",
        "((n)) = :v",
        "n = ((:v))",
        "((attribute_exists(n)))",
        "((NOT n = :v))",
        "((n = :v AND s = :v))",
        "n = :v OR (((n = :v) AND s = :v))",
        "((foo(name)))",
        "((n = :v)) OR < :v",
        "((n)) < [2]",
    ],
)
def test_double_parentheses_are_redundant(text: str) -> None:
    assert condition_error(text) == "The expression has redundant parentheses;"


@pytest.mark.parametrize(
    "text",
    [
        "(n) = (:v)",
        "((n) = :v)",
        "(NOT (n = :v))",
        "NOT (NOT (n = :v))",
        "((n = :v) AND s = :v)",
        "(n = :v OR (s = :v))",
        "(attribute_exists(n)) AND (n) IN ((:v), (s))",
        "(n) BETWEEN (:v) AND (:v)",
        "size((s)) = :v",
        "NOT NOT n = :v",
        "m . a [ 0 ] . #b=:v",
        "n\t=\n:v",
        "not n between :a and :b or attribute_exists(s)",
    ],
)
def test_conditions_that_are_right(text: str) -> None:
    parse_condition("ConditionExpression", text)


@pytest.mark.parametrize("text", ["SET x = ((n + :v))", "SET x = ((n)) + :v", "SET x = n + ((:v))"])
def test_double_parentheses_are_redundant_in_updates_too(text: str) -> None:
    assert update_error(text) == "The expression has redundant parentheses;"


@pytest.mark.parametrize("text", ["SET x = (n) + :v", "SET x = ((n) + (:v))", "set x = :v remove y add z :v"])
def test_updates_that_are_right(text: str) -> None:
    parse_update(text)


RESERVED = "Attribute name is a reserved keyword; reserved keyword: "
MISUSED = "The function is not allowed to be used this way in an expression; function: "


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name = foo(n)", RESERVED + "name"),
        ("foo(n) = name", "Invalid function name; function: foo"),
        ("m.Value = :v", RESERVED + "Value"),
        ("ATTRIBUTE_EXISTS(n)", "Invalid function name; function: ATTRIBUTE_EXISTS"),
        (
            "if_not_exists(n, :v) = name",
            "The function is not allowed in a condition expression; function: if_not_exists",
        ),
        ("size(name)", MISUSED + "size"),
        ("size(n) AND foo(n)", MISUSED + "size"),
        ("foo(n) AND size(n)", "Invalid function name; function: foo"),
        ("attribute_exists(n) = #u", MISUSED + "attribute_exists"),
        ("begins_with(contains(s, :s), :s)", MISUSED + "contains"),
        (
            "l[2147483648].name = :v",
            "List index is not within the allowable range; index: [2147483648]",
        ),
    ],
)
def test_the_first_bad_word_of_a_condition_counts(text: str, problem: str) -> None:
    assert condition_error(text) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SET x = size(l)", "The function is not allowed in an update expression; function: size"),
        ("SET x = list_append(list_append(l, l), l)", MISUSED + "list_append"),
        ("SET x = if_not_exists(q, list_append(l, l))", MISUSED + "list_append"),
        ("SET x = list_append(l, l) + :v", MISUSED + "list_append"),
        ("SET x = :v SET y = name", RESERVED + "name"),
        ("SET x = :v SET y = :u", 'The "SET" section can only be used once in an update expression;'),
        ("REMOVE x ADD y :v REMOVE z", 'The "REMOVE" section can only be used once in an update expression;'),
    ],
)
def test_the_first_bad_word_of_an_update_counts(text: str, problem: str) -> None:
    assert update_error(text) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("(" * 2000, 'Syntax error; token: "<EOF>", near: "("'),
        ("(" * 2000 + "a = :v" + ")" * 2000, "The expression has redundant parentheses;"),
        ("size(" * 600 + "a" + ")" * 600 + "=:v", MISUSED + "size"),
    ],
)
def test_no_depth_is_too_much_for_the_parser(text: str, problem: str) -> None:
    assert condition_error(text) == problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NOT (" * 150 + "a = :v" + ")" * 150, True),
        ("NOT " * 299 + "a = :v", False),
        ("(" * 149 + "a = :v" + " AND a = :v)" * 149, True),
    ],
)
def test_deep_conditions_are_evaluated(text: str, expected: bool) -> None:
    request = {"ConditionExpression": text, "ExpressionAttributeValues": {":v": {"N": "1"}}}
    bound = bind(request, ("ConditionExpression",))
    assert bound.condition is not None
    assert bound.condition.test({"a": {"N": "1"}}, bound.values) is expected


def test_deep_calls_are_evaluated() -> None:
    text = "SET x = " + "if_not_exists(a," * 230 + ":v" + ")" * 230
    request = {"UpdateExpression": text, "ExpressionAttributeValues": {":v": {"N": "1"}}}
    bound = bind(request, ("UpdateExpression",))
    assert bound.update is not None
    assert bound.update.apply({}, bound.values) == {"x": {"N": "1"}}


PIECES = st.sampled_from(
    [
        *"n m.a #a :v :s ( ) [ ] 0 1 . , = <> < <= + - AND OR NOT IN BETWEEN SET REMOVE ADD DELETE".split(),
        *"size foo name attribute_exists( begins_with( if_not_exists( list_append( ! é 😀 _ :".split(),
        " ",
        "\t",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=40), st.lists(PIECES, max_size=30).map("".join), st.lists(PIECES).map(" ".join)
)
MEMBERS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)


@settings(deadline=None, derandomize=True, max_examples=500)
@given(text=TEXTS, member=st.sampled_from(MEMBERS))
def test_no_text_raises_anything_but_an_aws_error(text: str, member: str) -> None:
    values: dict[str, Any] = {":v": {"N": "1"}, ":s": {"SS": ["a"]}}
    request = {member: text, "ExpressionAttributeNames": {"#a": "a"}, "ExpressionAttributeValues": values}
    try:
        bound = bind(request, (member,))
        bound.check_unused()
    except AwsError:
        return
    item = {"n": {"N": "1"}, "m": {"M": {"a": {"S": "x"}}}}
    try:
        if bound.update is not None:
            bound.update.apply(item, values)
        for node in (bound.condition, bound.filter):
            if node is not None:
                assert node.test(item, values) in (True, False)
    except ValidationException:
        pass
