"""Names and values against expressions: AWS's errors, in AWS's order.

The answers are recorded ones, or those that DynamoDB Local gives.
"""

from typing import Any

import pytest

from dynemu.errors import ValidationException
from dynemu.expressions.bind import EMPTY, Bound, bind

UPDATE = ("UpdateExpression", "ConditionExpression")
UPDATE_LEGACY = ("AttributeUpdates", "Expected", "ConditionalOperator")
QUERY = ("FilterExpression", "ProjectionExpression", "KeyConditionExpression")
QUERY_LEGACY = ("AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions")
SCAN = ("FilterExpression", "ProjectionExpression")
KINDS: dict[str, Any] = {
    ":v": {"N": "5"},
    ":n9": {"N": "9"},
    ":s": {"S": "x"},
    ":b": {"BOOL": True},
    ":l": {"L": []},
    ":ss": {"SS": ["a"]},
}


def bind_all(request: dict[str, Any], members: tuple[str, ...], legacy: tuple[str, ...] = ()) -> Bound:
    bound = bind(request, members, legacy)
    bound.check_unused()
    return bound


def error_of(
    request: dict[str, Any], members: tuple[str, ...] = UPDATE, legacy: tuple[str, ...] = ()
) -> ValidationException:
    with pytest.raises(ValidationException) as caught:
        bind_all(request, members, legacy)
    return caught.value


def used_values(text: str) -> dict[str, Any]:
    words = set(text.replace("(", " ").replace(")", " ").replace(",", " ").split())
    return {name: dict(value) for name, value in KINDS.items() if name in words}


def problem(member: str, text: str) -> str:
    """Return what is wrong with *text* as *member*, with values for those of KINDS that it uses."""
    request: dict[str, Any] = {member: text, "ExpressionAttributeNames": {"#n": "n"}}
    if "#n" not in text:
        del request["ExpressionAttributeNames"]
    if used_values(text):
        request["ExpressionAttributeValues"] = used_values(text)
    error = error_of(request, (member,))
    assert error.request_level
    return str(error.message).removeprefix(f"Invalid {member}: ")


DISTINCT = (
    "The first operand must be distinct from the remaining operands for this operator or function; operator: "
)
INCORRECT = "Incorrect operand type for operator or function; operator or function: "
COUNT = "Incorrect number of operands for operator or function; operator or function: "
NO_NAME = "An expression attribute name used in the document path is not defined; attribute name: "
NO_VALUE = "An expression attribute value used in expression is not defined; attribute value: "
PATH = "Operator or function requires a document path; operator or function: "
BETWEEN = "The BETWEEN operator requires "
BOUNDS = "lower bound operand: AttributeValue: "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n = :u", NO_VALUE + ":u"),
        ("#u = :u", NO_NAME + "#u"),
        (":u = #u", NO_VALUE + ":u"),
        ("m.:u = :v", NO_NAME + ":u"),
        ("begins_with(:u)", NO_VALUE + ":u"),
        ("begins_with(n) AND n = :u", COUNT + "begins_with, number of operands: 1"),
        ("size(s) = size(n, s)", COUNT + "size, number of operands: 2"),
        ("attribute_exists( :v )", PATH + "attribute_exists"),
        ("attribute_not_exists(size(n))", PATH + "attribute_not_exists"),
        ("n = n", DISTINCT + "=, first operand: [n]"),
        ("#n = n", DISTINCT + "=, first operand: [n]"),
        ("m.a[0] <> m.a[0]", DISTINCT + "<>, first operand: [m, a, [0]]"),
        ("n IN (s, n)", DISTINCT + "IN, first operand: [n]"),
        ("n BETWEEN s AND n", DISTINCT + "BETWEEN, first operand: [n]"),
        ("contains(s, s)", DISTINCT + "contains, first operand: [s]"),
        ("attribute_type(s, s)", DISTINCT + "attribute_type, first operand: [s]"),
        ("n < :b", INCORRECT + "<, operand type: BOOL"),
        (":l >= n", INCORRECT + ">=, operand type: L"),
        ("n BETWEEN :b AND n", INCORRECT + "BETWEEN, operand type: BOOL"),
        ("begins_with(s, :v )", INCORRECT + "begins_with, operand type: N"),
        ("begins_with(size(s), :s )", INCORRECT + "begins_with, operand type: N"),
        ("size( :v ) = n", INCORRECT + "size, operand type: N"),
        ("size(size(s)) = n", INCORRECT + "size, operand type: N"),
        ("attribute_type(s, :v )", INCORRECT + "attribute_type, operand type: N"),
        ("attribute_type(s, size(n))", INCORRECT + "attribute_type, operand type: N"),
        (
            "attribute_type(s, :s )",
            "Invalid attribute type name found; type: x, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}",
        ),
        (
            "n BETWEEN :v AND :s",
            f"{BETWEEN}same data type for lower and upper bounds; {BOUNDS}{{N:5}}, "
            "upper bound operand: AttributeValue: {S:x}",
        ),
        (
            "n BETWEEN :n9 AND :v",
            f"{BETWEEN}upper bound to be greater than or equal to lower bound; {BOUNDS}{{N:9}}, "
            "upper bound operand: AttributeValue: {N:5}",
        ),
        ("n < :b AND n = n", INCORRECT + "<, operand type: BOOL"),
        ("n = n AND n < :b", DISTINCT + "=, first operand: [n]"),
        ("n < :b AND n = :u", INCORRECT + "<, operand type: BOOL"),
        (
            "n IN (" + ", ".join([":v"] * 101) + " )",
            "The IN operator is provided with too many operands; number of operands: 101",
        ),
        (" OR ".join(["n=s"] * 151), "The expression contains too many operators; operator count: 301"),
        ("NOT " * 300 + "n=s", "The expression contains too many operators; operator count: 301"),
        (" OR ".join(["n=s"] * 151) + " OR n < :b", INCORRECT + "<, operand type: BOOL"),
        (
            f"attribute_exists({'.'.join('a' * 33)}) AND n = :u",
            "The document path has too many nesting levels; nesting levels: 33",
        ),
    ],
)
def test_conditions_are_checked_in_the_order_of_the_text(text: str, expected: str) -> None:
    assert problem("ConditionExpression", text) == expected


OVERLAP = "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: "
CONFLICT = (
    "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: "
)
ADD_TYPE = "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: "
DELETE_TYPE = (
    "Incorrect operand type for operator or function; operator: DELETE, operand type: LIST, typeSet: "
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SET m = :v , m.a = :v", OVERLAP + "[m], path two: [m, a]"),
        ("SET m.a = :v REMOVE m", OVERLAP + "[m, a], path two: [m]"),
        ("SET n = :v , #n = :v", OVERLAP + "[n], path two: [n]"),
        ("SET m.a = :v , m[0] = :v", CONFLICT + "[m, a], path two: [m, [0]]"),
        ("SET x = :u1, y = :u2", NO_VALUE + ":u2"),
        ("SET #u1 = :v , y = :u2", NO_NAME + "#u1"),
        ("SET x = :v , x = :u", OVERLAP + "[x], path two: [x]"),
        ("SET x = list_append(l), y = :u", NO_VALUE + ":u"),
        ("SET y = :u, x = list_append(l)", COUNT + "list_append, number of operands: 1"),
        ("SET x = if_not_exists( :v , n)", PATH + "if_not_exists"),
        ("SET x = if_not_exists(n, n)", DISTINCT + "if_not_exists, first operand: [n]"),
        ("SET x = n + :s", INCORRECT + "+, operand type: S"),
        ("SET x = :b - :s", INCORRECT + "-, operand type: BOOL"),
        ("SET x = list_append(l, :s )", INCORRECT + "list_append, operand type: S"),
        ("ADD n :s", ADD_TYPE + "ALLOWED_FOR_ADD_OPERAND"),
        ("DELETE n :l", DELETE_TYPE + "ALLOWED_FOR_DELETE_OPERAND"),
        ("ADD a :s DELETE b :l", DELETE_TYPE + "ALLOWED_FOR_DELETE_OPERAND"),
        (
            "SET " + ", ".join(f"a{number}=n+s" for number in range(301)),
            "The expression contains too many operators; operator count: 301",
        ),
    ],
)
def test_updates_are_checked_from_the_end(text: str, expected: str) -> None:
    assert problem("UpdateExpression", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s, s", OVERLAP + "[s], path two: [s]"),
        ("l, l[0]", OVERLAP + "[l], path two: [l, [0]]"),
        ("m.a, m[0]", CONFLICT + "[m, a], path two: [m, [0]]"),
        ("#u1, #u2", NO_NAME + "#u2"),
        ("", "The expression can not be empty;"),
        ("s" + " " * 4096, "Expression size has exceeded the maximum allowed size;"),
        ("é" * 2049, "Expression size has exceeded the maximum allowed size;"),
    ],
)
def test_projections_are_checked(text: str, expected: str) -> None:
    assert problem("ProjectionExpression", text) == expected


MIX = (
    "Can not use both expression and non-expression parameters in the same request: "
    "Non-expression parameters: "
)


@pytest.mark.parametrize(
    ("request_", "members", "legacy", "listed"),
    [
        (
            {"UpdateExpression": "x", "ConditionExpression": "", "Expected": {}, "AttributeUpdates": {}},
            UPDATE,
            UPDATE_LEGACY,
            "{AttributeUpdates, Expected} Expression parameters: {UpdateExpression, ConditionExpression}",
        ),
        (
            {
                "KeyConditions": {},
                "QueryFilter": {},
                "KeyConditionExpression": "a",
                "FilterExpression": "b",
                "ProjectionExpression": "c",
            },
            QUERY,
            QUERY_LEGACY,
            "{QueryFilter, KeyConditions} Expression parameters: "
            "{ProjectionExpression, FilterExpression, KeyConditionExpression}",
        ),
        (
            {"KeyConditions": {}, "ConditionalOperator": "AND", "FilterExpression": "b"},
            QUERY,
            QUERY_LEGACY,
            "{ConditionalOperator} Expression parameters: {FilterExpression}",
        ),
    ],
)
def test_old_and_new_members_do_not_mix(
    request_: dict[str, Any], members: tuple[str, ...], legacy: tuple[str, ...], listed: str
) -> None:
    assert error_of(request_, members, legacy).message == MIX + listed


def test_key_conditions_go_with_a_filter_expression() -> None:
    request = {"KeyConditions": {}, "FilterExpression": "attribute_exists(b)"}
    assert bind_all(request, QUERY, QUERY_LEGACY).filter is not None


NAMES_UNUSED = "ExpressionAttributeNames can only be specified when using expressions"
VALUES_UNUSED = "ExpressionAttributeValues can only be specified when using expressions"
INVALID_KEY = "contains invalid key: Syntax error; key: "


@pytest.mark.parametrize(
    ("condition", "names", "values", "message", "is_request_level"),
    [
        (None, {"#a": "a"}, {":a": {}}, NAMES_UNUSED, True),
        (None, None, {":a": {}}, VALUES_UNUSED, True),
        ("a =", {}, {}, "ExpressionAttributeNames must not be empty", True),
        ("a =", {"#a": "a"}, {}, "ExpressionAttributeValues must not be empty", True),
        ("a =", {"x": "a"}, {"y": {}}, f'ExpressionAttributeNames {INVALID_KEY}"x"', False),
        ("a =", None, {"y": {"SS": []}}, f'ExpressionAttributeValues {INVALID_KEY}"y"', False),
        (
            "a =",
            {"#a": ""},
            None,
            "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a",
            True,
        ),
        (
            "a =",
            {"#a": "x" * 65536},
            None,
            "ExpressionAttributeNames contains invalid value: Attribute name is too large, must be less "
            "than 65536 bytes for key #a",
            True,
        ),
        (
            "a =",
            None,
            {":" + "a" * 255: {"S": "x"}},
            "ExpressionAttributeValues contains invalid key: The expression attribute map contains a key "
            "that is too long;",
            True,
        ),
        ("a =", None, {":a": {"N": "x"}}, "The parameter cannot be converted to a numeric value: x", True),
        (
            "a = :a",
            None,
            {":a": {"S": "x" * 2**21 + "x"}},
            "ExpressionAttributeValues exceeds max size",
            True,
        ),
    ],
)
def test_the_maps_are_checked_before_the_expressions(
    condition: str | None, names: Any, values: Any, message: str, is_request_level: bool
) -> None:
    request = {
        "ConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }
    error = error_of({name: value for name, value in request.items() if value is not None})
    assert (error.message, error.request_level) == (message, is_request_level)


def test_the_older_validator_names_members_and_values() -> None:
    assert error_of({"ExpressionAttributeValues": {":a": {"S": "x"}}}).older == (
        f"{VALUES_UNUSED}: UpdateExpression and ConditionExpression are null"
    )
    values = {":a": {"SS": ["a", "a"]}}
    older = error_of({"ConditionExpression": "b = :a", "ExpressionAttributeValues": values}).older
    assert str(older).startswith("ExpressionAttributeValues contains invalid value: ")
    assert str(older).endswith("contains duplicates. for key :a")
    too_long = error_of({"ConditionExpression": "a" * 4097})
    assert str(too_long.older).endswith("the maximum allowed size; expression size: 4097")


def test_reads_name_the_missing_expressions() -> None:
    values = {":a": {"S": "x"}}
    error = error_of({"ProjectionExpression": "a", "ExpressionAttributeValues": values}, QUERY)
    assert error.message == f"{VALUES_UNUSED}: FilterExpression and KeyConditionExpression are null"
    error = error_of({"ExpressionAttributeValues": values}, SCAN)
    assert error.message == f"{VALUES_UNUSED}: FilterExpression is null"


def test_only_the_filter_of_a_scan_tells_its_size() -> None:
    request = {"FilterExpression": "a" * 4097}
    text = "Invalid FilterExpression: Expression size has exceeded the maximum allowed size;"
    assert error_of(request, SCAN).message == f"{text} expression size: 4097"
    assert error_of(request, QUERY).message == text


@pytest.mark.parametrize(
    ("keys", "listed"),
    [
        ([":v", ":a", ":z"], ":z, :a, :v"),
        ([":u"], ":u"),
    ],
)
def test_unused_values_are_listed_in_the_order_of_a_java_set(keys: list[str], listed: str) -> None:
    request = {
        "ConditionExpression": "attribute_exists(a)",
        "ExpressionAttributeValues": {key: {"S": "x"} for key in keys},
    }
    message = f"Value provided in ExpressionAttributeValues unused in expressions: keys: {{{listed}}}"
    assert error_of(request).message == message


def test_unused_names_come_before_unused_values_and_after_everything_else() -> None:
    request: dict[str, Any] = {
        "UpdateExpression": "SET x = :v",
        "ConditionExpression": "n < :b",
        "ExpressionAttributeNames": {"#u": "u"},
        "ExpressionAttributeValues": {":v": {"N": "1"}, ":b": {"BOOL": True}, ":u": {"N": "1"}},
    }
    assert "operand type: BOOL" in str(error_of(request).message)
    request["ExpressionAttributeValues"][":b"] = {"N": "1"}
    message = "Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}"
    assert error_of(request).message == message
    bind(request, UPDATE)


def test_an_earlier_expression_is_checked_wholly_before_a_later_one() -> None:
    request = {
        "UpdateExpression": "SET x = n + :s",
        "ConditionExpression": "n =",
        "ExpressionAttributeValues": {":s": {"S": "x"}},
    }
    assert str(error_of(request).message).endswith("+, operand type: S")


def test_a_request_without_expressions_binds_to_nothing() -> None:
    assert bind({"TableName": "t", "Key": {}}, UPDATE, UPDATE_LEGACY) is EMPTY
    assert bind({"ConditionExpression": None}, UPDATE).condition is None


def test_a_plan_serves_other_names_and_values() -> None:
    request: dict[str, Any] = {
        "UpdateExpression": "SET #a = :v",
        "ExpressionAttributeNames": {"#a": "a"},
        "ExpressionAttributeValues": {":v": {"N": "1.0"}},
    }
    first = bind_all(request, UPDATE)
    request["ExpressionAttributeNames"] = {"#a": "b"}
    request["ExpressionAttributeValues"] = {":v": {"S": "x"}}
    second = bind_all(request, UPDATE)
    assert first.update is not None and second.update is not None
    assert first.update.apply({}, first.values) == {"a": {"N": "1"}}
    assert second.update.apply({}, second.values) == {"b": {"S": "x"}}


def test_more_placeholders_than_are_kept_work_too() -> None:
    values = {f":v{number}": {"N": str(number)} for number in range(200)}
    text = "SET " + ", ".join(f"a{number} = :v{number}" for number in range(200))
    bound = bind_all({"UpdateExpression": text, "ExpressionAttributeValues": values}, UPDATE)
    assert bound.update is not None
    assert len(bound.update.apply({}, bound.values)) == 200


def test_a_kept_error_is_raised_anew_each_time() -> None:
    request = {"ConditionExpression": "a = :u"}
    assert error_of(request) is not error_of(request)
    assert error_of(request).message == error_of(request).message
