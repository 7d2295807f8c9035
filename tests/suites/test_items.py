"""Items of all types, written, read, updated under conditions, deleted."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.types import Binary
from botocore.exceptions import ClientError

KEY = {"pk": "p", "sk": "s"}
VALUES: list[Any] = [
    "text",
    "",
    "ünïcödé ☃",
    Decimal("0"),
    Decimal("-12.5"),
    Decimal("12345678901234567890123456789012345678"),
    Decimal("1E-100"),
    True,
    False,
    None,
    Binary(b"\x00\xff"),
    {"one", "two"},
    {Decimal(1), Decimal("2.5")},
    {Binary(b"a"), Binary(b"b")},
    [],
    [Decimal(1), "two", [None]],
    {},
    {"a": {"b": [{"c": Decimal(3)}]}},
    "x" * 10_000,
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_comes_back(table: Any, value: Any) -> None:
    table.put_item(Item={**KEY, "value": value})
    assert table.get_item(Key=KEY)["Item"] == {**KEY, "value": value}


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_is_set_by_an_update(table: Any, value: Any) -> None:
    table.update_item(Key=KEY, UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": value})
    assert table.get_item(Key=KEY, ConsistentRead=True)["Item"] == {**KEY, "v": value}


UPDATES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("SET n = n + :one", {":one": 1}, {"n": 6}),
    ("SET n = n - :one", {":one": 1}, {"n": 4}),
    ("ADD n :one", {":one": 1}, {"n": 6}),
    ("ADD fresh :one", {":one": 1}, {"fresh": 1}),
    ("ADD tags :more", {":more": {"c"}}, {"tags": {"a", "b", "c"}}),
    ("DELETE tags :less", {":less": {"a"}}, {"tags": {"b"}}),
    ("REMOVE n", {}, {"n": None}),
    ("REMOVE ways[0]", {}, {"ways": ["two"]}),
    ("SET ways[1] = :v", {":v": "new"}, {"ways": ["one", "new"]}),
    ("SET ways[9] = :v", {":v": "new"}, {"ways": ["one", "two", "new"]}),
    ("SET ways = list_append(ways, :v)", {":v": ["new"]}, {"ways": ["one", "two", "new"]}),
    ("SET ways = list_append(:v, ways)", {":v": ["new"]}, {"ways": ["new", "one", "two"]}),
    ("SET deep.leaf = :v", {":v": 2}, {"deep": {"leaf": 2, "rest": 3}}),
    ("REMOVE deep.rest", {}, {"deep": {"leaf": 1}}),
    ("SET n = if_not_exists(n, :v)", {":v": 9}, {"n": 5}),
    ("SET gone = if_not_exists(gone, :v)", {":v": 9}, {"gone": 9}),
    ("SET n = :v, word = :w REMOVE tags", {":v": 1, ":w": "x"}, {"n": 1, "word": "x", "tags": None}),
    ("SET n = deep.leaf + deep.rest", {}, {"n": 4}),
]
START = {"n": 5, "tags": {"a", "b"}, "ways": ["one", "two"], "deep": {"leaf": 1, "rest": 3}, "word": "w"}


@pytest.mark.parametrize(
    ("expression", "values", "changed"), UPDATES, ids=[each[0].replace(" ", "_") for each in UPDATES]
)
def test_an_update(table: Any, expression: str, values: dict[str, Any], changed: dict[str, Any]) -> None:
    table.put_item(Item={**KEY, **START})
    given = {"ExpressionAttributeValues": values} if values else {}
    answer = table.update_item(Key=KEY, UpdateExpression=expression, ReturnValues="ALL_NEW", **given)
    expected = {name: value for name, value in {**KEY, **START, **changed}.items() if value is not None}
    assert answer["Attributes"] == expected
    assert table.get_item(Key=KEY)["Item"] == expected


CONDITIONS: list[tuple[Any, bool]] = [
    (Attr("n").eq(5), True),
    (Attr("n").ne(5), False),
    (Attr("n").lt(6), True),
    (Attr("n").gte(6), False),
    (Attr("n").between(5, 7), True),
    (Attr("n").is_in([1, 2]), False),
    (Attr("word").begins_with("w"), True),
    (Attr("word").contains("z"), False),
    (Attr("tags").contains("a"), True),
    (Attr("ways").contains("two"), True),
    (Attr("deep.leaf").eq(1), True),
    (Attr("ways[1]").eq("one"), False),
    (Attr("gone").exists(), False),
    (Attr("gone").not_exists(), True),
    (Attr("n").attribute_type("N"), True),
    (Attr("n").attribute_type("S"), False),
    (Attr("ways").size().eq(2), True),
    (Attr("n").eq(5) & Attr("word").eq("w"), True),
    (Attr("n").eq(6) | Attr("word").eq("w"), True),
    (~Attr("n").eq(5), False),
]


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS, ids=range(len(CONDITIONS)))
@pytest.mark.parametrize("write", ["put", "delete"])
def test_a_condition(table: Any, condition: Any, holds: bool, write: str) -> None:
    table.put_item(Item={**KEY, **START})
    given = {"Item": {**KEY, "new": True}} if write == "put" else {"Key": KEY}
    act = table.put_item if write == "put" else table.delete_item
    if holds:
        act(**given, ConditionExpression=condition)
        assert table.get_item(Key=KEY).get("Item") == ({**KEY, "new": True} if write == "put" else None)
    else:
        with pytest.raises(ClientError) as caught:
            act(**given, ConditionExpression=condition)
        assert caught.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
        assert table.get_item(Key=KEY)["Item"] == {**KEY, **START}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("NONE", None),
        ("ALL_OLD", {**KEY, "a": 1, "b": 2}),
        ("UPDATED_OLD", {"a": 1}),
        ("UPDATED_NEW", {"a": 3}),
        ("ALL_NEW", {**KEY, "a": 3, "b": 2}),
    ],
)
def test_what_an_update_returns(table: Any, wanted: str, expected: Any) -> None:
    table.put_item(Item={**KEY, "a": 1, "b": 2})
    answer = table.update_item(
        Key=KEY, UpdateExpression="SET a = :a", ExpressionAttributeValues={":a": 3}, ReturnValues=wanted
    )
    assert answer.get("Attributes") == expected


@pytest.mark.parametrize(
    ("projection", "expected"),
    [
        ("n", {"n": 5}),
        ("n, word", {"n": 5, "word": "w"}),
        ("deep.leaf", {"deep": {"leaf": 1}}),
        ("ways[1]", {"ways": ["two"]}),
        ("gone", {}),
        ("pk, tags", {"pk": "p", "tags": {"a", "b"}}),
    ],
)
def test_a_projection(table: Any, projection: str, expected: dict[str, Any]) -> None:
    table.put_item(Item={**KEY, **START})
    assert table.get_item(Key=KEY, ProjectionExpression=projection)["Item"] == expected


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("put_item", {"Item": {"pk": "only"}}),
        ("put_item", {"Item": {"pk": 1, "sk": "s"}}),
        ("put_item", {"Item": {"pk": "", "sk": "s"}}),
        ("get_item", {"Key": {"pk": "p"}}),
        ("get_item", {"Key": {**KEY, "more": "x"}}),
        ("delete_item", {"Key": {"sk": "s"}}),
        ("update_item", {"Key": KEY, "UpdateExpression": "SET pk = sk"}),
        ("update_item", {"Key": KEY, "UpdateExpression": "nonsense"}),
    ],
)
def test_a_request_that_is_refused(table: Any, operation: str, given: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(table, operation)(**given)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
