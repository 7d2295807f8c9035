"""What AWS finds first in a request with two problems, and how it words what it finds."""

from typing import Any

import pytest

EMPTY = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
MANY = (
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
    "datatypes"
)
KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}
BAD_KEY = {"pk": {"S": "a"}, "sk": {}}


@pytest.fixture
def things(db: Any) -> Any:
    db.create()
    return db


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("PutItem", {"Item": BAD_KEY, "ReturnConsumedCapacity": "ALL"}),
        ("PutItem", {"Item": {**BAD_KEY, "": {"S": "x"}}}),
        ("PutItem", {"Item": {**BAD_KEY, "n": {"NULL": False}}}),
        ("DeleteItem", {"Key": BAD_KEY, "ReturnItemCollectionMetrics": "Y"}),
        ("UpdateItem", {"Key": BAD_KEY, "ReturnItemCollectionMetrics": "Y"}),
        ("GetItem", {"Key": BAD_KEY, "ReturnConsumedCapacity": ""}),
        ("GetItem", {"Key": {"pk": {"X": "x"}, "sk": {"NULL": False}}}),
    ],
)
def test_a_value_without_a_type_is_found_first(things: Any, operation: str, request_: Any) -> None:
    assert things.refuse(operation, TableName="things", **request_) == ("ValidationException", EMPTY)


def test_a_value_without_a_type_is_found_first_in_batches_and_transactions(things: Any) -> None:
    put = [{"PutRequest": {"Item": BAD_KEY}}]
    many = [BAD_KEY, *({"pk": {"S": "a"}, "sk": {"S": str(number)}} for number in range(100))]
    update = {"TableName": "things", "Key": BAD_KEY}
    for operation, request in (
        ("BatchWriteItem", {"RequestItems": {"things": put}, "ReturnItemCollectionMetrics": "bad"}),
        ("BatchGetItem", {"RequestItems": {"things": {"Keys": many}}}),
        ("TransactWriteItems", {"TransactItems": [{"Update": update}]}),
    ):
        assert things.refuse(operation, **request) == ("ValidationException", EMPTY)


def test_wrong_json_in_an_item_is_found_before_constraints(things: Any) -> None:
    item = {"pk": {"S": 5}, "sk": {"S": "1"}}
    refused = things.refuse("PutItem", TableName="things", Item=item, ReturnConsumedCapacity="ALL")
    assert refused == ("SerializationException", "NUMBER_VALUE cannot be converted to String")


@pytest.mark.parametrize(
    "names", [[""], ["", ""], ["s", ""]], ids=["alone", "twice, but empty first", "after another"]
)
def test_attributes_to_get_refuses_an_empty_name(things: Any, names: list[str]) -> None:
    for operation, request in (
        ("GetItem", {"TableName": "things", "Key": KEY, "AttributesToGet": names}),
        ("Scan", {"TableName": "things", "AttributesToGet": names}),
        ("BatchGetItem", {"RequestItems": {"things": {"Keys": [KEY], "AttributesToGet": names}}}),
    ):
        assert things.refuse(operation, **request) == ("ValidationException", "Empty attribute name")


def test_empty_sets_among_the_expression_values_are_named(things: Any) -> None:
    problem = (
        "ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: "
        "An string set  may not be empty for key :v"
    )
    values: dict[str, Any] = {":v": {"SS": []}}
    put = {"Item": KEY, "ConditionExpression": "s = :v"}
    for operation, request, envelope in (
        ("PutItem", put, "1 validation error detected: "),
        ("Query", {"KeyConditionExpression": "pk = :v"}, ""),
        ("Scan", {"FilterExpression": "s = :v"}, ""),
    ):
        refused = things.refuse(operation, TableName="things", ExpressionAttributeValues=values, **request)
        assert refused == ("ValidationException", envelope + problem)


def test_query_names_an_expression_value_without_a_type(things: Any) -> None:
    request = {"KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": {}}}
    message = f"ExpressionAttributeValues contains invalid value: {EMPTY} for key :v"
    assert things.refuse("Query", TableName="things", **request) == ("ValidationException", message)


def test_a_write_request_of_no_kind_is_worded_as_one_of_two(things: Any) -> None:
    refused = things.refuse("BatchWriteItem", RequestItems={"things": [{}]})
    assert refused == ("ValidationException", MANY)


def test_a_transaction_words_table_names_as_the_older_validator_does(db: Any) -> None:
    path = "Value '' at 'transactItems.1.member.get.tableName' failed to satisfy constraint: Member must "
    refused = db.refuse("TransactGetItems", TransactItems=[{"Get": {"TableName": "", "Key": KEY}}])
    assert refused == (
        "ValidationException",
        f"2 validation errors detected: {path}have length greater than or equal to 3; "
        f"{path}satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    )


def test_a_comparison_that_no_key_takes_is_found_after_the_table(things: Any) -> None:
    conditions = {
        "pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]},
        "sk": {"ComparisonOperator": "CONTAINS", "AttributeValueList": [{"S": "1"}]},
    }
    assert things.refuse("Query", TableName="missing", KeyConditions=conditions) == (
        "ResourceNotFoundException",
        "Requested resource not found",
    )
    assert things.refuse("Query", TableName="things", KeyConditions=conditions) == (
        "ValidationException",
        "Attempted conditional constraint is not an indexable operation",
    )


def test_scan_segments_belong_together(things: Any) -> None:
    text = "The {} parameter is required but was not present in the request when {} is present"
    for given, message in (
        ({"Segment": 0}, text.format("TotalSegments", "Segment parameter")),
        ({"TotalSegments": 2}, text.format("Segment", "parameter TotalSegments")),
    ):
        assert things.refuse("Scan", TableName="things", **given) == ("ValidationException", message)


def test_an_operator_that_no_hash_key_takes_is_found_before_an_empty_operand(things: Any) -> None:
    for condition, message in (
        ("pk > :v", "Query key condition not supported"),
        (
            "pk = :v",
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
            "contain an empty string value. Key: pk",
        ),
    ):
        refused = things.refuse(
            "Query",
            TableName="things",
            KeyConditionExpression=condition,
            ExpressionAttributeValues={":v": {"S": ""}},
        )
        assert refused == ("ValidationException", message)


def test_a_start_key_is_held_against_the_range_key_first(things: Any) -> None:
    for start, message in (
        ("2", "The provided starting key does not match the range key predicate"),
        ("1", "The query can return at most one row and cannot be restarted"),
    ):
        refused = things.refuse(
            "Query",
            TableName="things",
            KeyConditionExpression="pk = :p AND sk = :s",
            ExpressionAttributeValues={":p": {"S": "a"}, ":s": {"S": "1"}},
            ExclusiveStartKey={"pk": {"S": "a"}, "sk": {"S": start}},
        )
        assert refused == ("ValidationException", message)
