"""BatchExecuteStatement and ExecuteTransaction."""

from typing import Any

import pytest

from dynemu.errors import TransactionCanceledException

ONE = "SELECT * FROM things WHERE pk = 'a' AND sk = '1'"
DELETE = "DELETE FROM things WHERE pk = 'a' AND sk = '1'"


def fill(db: Any) -> None:
    db.create()
    for number in (1, 2, 3):
        db.put(pk={"S": "a"}, sk={"S": str(number)}, n={"N": str(number)})


def statements(*texts: Any) -> list[dict[str, Any]]:
    return [text if isinstance(text, dict) else {"Statement": text} for text in texts]


def batch(db: Any, *texts: Any, **more: Any) -> Any:
    return db("BatchExecuteStatement", Statements=statements(*texts), **more)


def transact(db: Any, *texts: Any, **more: Any) -> Any:
    return db("ExecuteTransaction", TransactStatements=statements(*texts), **more)


def reasons(db: Any, *texts: Any) -> Any:
    with pytest.raises(TransactionCanceledException) as caught:
        transact(db, *texts)
    return caught.value.fields["CancellationReasons"]


def item(number: int, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": "a"}, "sk": {"S": str(number)}, "n": {"N": str(number)}, **more}


def stored(db: Any) -> list[Any]:
    items: list[Any] = db(
        "Query",
        TableName="things",
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "a"}},
    )["Items"]
    return items


def test_a_batch_of_reads(db: Any) -> None:
    fill(db)
    answer = batch(
        db,
        {
            "Statement": "SELECT n FROM things WHERE pk = ? AND sk = ?",
            "Parameters": [{"S": "a"}, {"S": "2"}],
            "ConsistentRead": True,
        },
        ONE + " AND n > 1",
        "SELECT * FROM things WHERE pk = 'a' AND sk = '3' AND n = 3",
        ReturnConsumedCapacity="TOTAL",
    )
    assert answer == {
        "Responses": [
            {"TableName": "things", "Item": {"n": {"N": "2"}}},
            {"TableName": "things"},
            {"TableName": "things", "Item": item(3)},
        ],
        "ConsumedCapacity": [{"TableName": "things", "CapacityUnits": 2.0}],
    }


def test_each_statement_of_a_batch_has_its_own_error(db: Any) -> None:
    fill(db)
    answer = batch(
        db,
        "INSERT INTO things VALUE {'pk': 'a', 'sk': '1'}",
        {
            "Statement": "DELETE FROM things WHERE pk = 'a' AND sk = '2' AND n = 9",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
        "UPDATE absent SET n = 1 WHERE pk = 'a'",
        "UPDATE things SET n = 9 WHERE pk = 'a' AND sk = '3' RETURNING ALL NEW *",
        "UPDATE things SET n = 9 WHERE pk = 'a'",
        "INSERT INTO things VALUE {'pk': 'a', 'sk': '4', 'n': ?}",
        "INSERT",
    )
    parse_error = answer["Responses"].pop()["Error"]
    assert parse_error["Code"] == "ValidationError"
    assert parse_error["Message"].startswith("Statement wasn't well formed, can't be processed: ")
    assert answer["Responses"] == [
        {
            "TableName": "things",
            "Error": {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"},
        },
        {
            "TableName": "things",
            "Error": {
                "Code": "ConditionalCheckFailed",
                "Message": "The conditional request failed",
                "Item": item(2),
            },
        },
        {
            "TableName": "absent",
            "Error": {"Code": "ResourceNotFound", "Message": "Requested resource not found"},
        },
        {"TableName": "things", "Item": item(3, n={"N": "9"})},
        {
            "Error": {
                "Code": "ValidationError",
                "Message": "Where clause does not contain a mandatory equality on all key attributes",
            }
        },
        {
            "Error": {
                "Code": "ValidationError",
                "Message": "Number of parameters in request and statement don't match.",
            }
        },
    ]
    assert stored(db) == [item(1), item(2), item(3, n={"N": "9"})]


def test_a_batch_says_what_it_consumed_on_each_table(db: Any) -> None:
    fill(db)
    db.create("others", range=None)
    answer = batch(
        db,
        "INSERT INTO others VALUE {'pk': 'a'}",
        "INSERT INTO things VALUE {'pk': 'b', 'sk': '1'}",
        "INSERT INTO others VALUE {'pk': 'b'}",
        ReturnConsumedCapacity="INDEXES",
    )
    assert answer["ConsumedCapacity"] == [
        {"TableName": "others", "CapacityUnits": 2.0, "Table": {"CapacityUnits": 2.0}},
        {"TableName": "things", "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}},
    ]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ((ONE, DELETE), "Read and write requests together in the same batch is not supported."),
        ((ONE, ONE), "Provided list of item keys contains duplicates"),
        ((DELETE, DELETE + " AND n = 1"), "Provided list of item keys contains duplicates"),
    ],
)
def test_a_batch_that_is_refused(db: Any, texts: Any, message: str) -> None:
    fill(db)
    assert db.refuse("BatchExecuteStatement", Statements=statements(*texts)) == (
        "ValidationException",
        message,
    )
    assert len(stored(db)) == 3


@pytest.mark.parametrize(
    "text", ["SELECT * FROM things", "SELECT * FROM things WHERE pk IN ['a'] AND sk = '1'"]
)
def test_a_batch_reads_by_whole_keys(db: Any, text: str) -> None:
    fill(db)
    message = (
        "Select statements within BatchExecuteStatement must specify the primary key in the where clause."
    )
    assert batch(db, text) == {"Responses": [{"Error": {"Code": "ValidationError", "Message": message}}]}


def test_exists_has_no_place_in_a_batch(db: Any) -> None:
    fill(db)
    message = "EXISTS can only be used in ExecuteTransaction write requests."
    assert batch(db, f"EXISTS({ONE})") == {
        "Responses": [{"Error": {"Code": "ValidationError", "Message": message}}]
    }


def test_exists_is_no_write_among_the_reads_of_a_batch(db: Any) -> None:
    fill(db)
    codes = [answer.get("Error", {}).get("Code") for answer in batch(db, f"EXISTS({ONE})", ONE)["Responses"]]
    assert codes == ["ValidationError", None]


def test_an_error_about_an_item_names_the_table(db: Any) -> None:
    fill(db)
    assert batch(db, "UPDATE things SET sk = '9' WHERE pk = 'a' AND sk = '1'")["Responses"] == [
        {
            "Error": {
                "Code": "ValidationError",
                "Message": "One or more parameter values were invalid: Cannot update attribute sk. "
                "This attribute is part of the key",
            },
            "TableName": "things",
        }
    ]


def test_a_transaction_of_reads(db: Any) -> None:
    fill(db)
    answer = transact(
        db,
        ONE,
        "SELECT n FROM things WHERE pk = 'a' AND sk = '2'",
        "SELECT n FROM things WHERE sk = '4' AND pk = 'a'",
        "SELECT * FROM things WHERE pk = 'b' AND sk = '1'",
        ReturnConsumedCapacity="TOTAL",
    )
    assert answer == {
        "Responses": [{"Item": item(1)}, {"Item": {"n": {"N": "2"}}}, {}, {}],
        "ConsumedCapacity": [{"TableName": "things", "CapacityUnits": 8.0, "ReadCapacityUnits": 8.0}],
    }


def test_a_transaction_of_writes(db: Any) -> None:
    fill(db)
    answer = transact(
        db,
        "INSERT INTO things VALUE {'pk': 'a', 'sk': '4', 'n': 4}",
        {
            "Statement": "UPDATE things SET m = ? WHERE pk = 'a' AND sk = '1' AND n = ?",
            "Parameters": [{"S": "x"}, {"N": "1"}],
        },
        "DELETE FROM things WHERE pk = 'a' AND sk = '2'",
        "EXISTS(SELECT * FROM things WHERE pk = 'a' AND sk = '3' AND n = 3)",
        ReturnConsumedCapacity="TOTAL",
    )
    assert answer == {
        "Responses": [],
        "ConsumedCapacity": [{"TableName": "things", "CapacityUnits": 8.0, "WriteCapacityUnits": 8.0}],
    }
    assert stored(db) == [item(1, m={"S": "x"}), item(3), item(4)]


def test_all_or_nothing(db: Any) -> None:
    fill(db)
    before = stored(db)
    assert reasons(
        db,
        "INSERT INTO things VALUE {'pk': 'a', 'sk': '4'}",
        "INSERT INTO things VALUE {'pk': 'a', 'sk': '1'}",
        {
            "Statement": "UPDATE things SET n = 9 WHERE pk = 'a' AND sk = '2' AND n = 9",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
        "UPDATE things SET n = 9 WHERE pk = 'a' AND sk = '9'",
        "UPDATE things SET sk = '9' WHERE pk = 'a' AND sk = '3'",
        "DELETE FROM things WHERE pk = 'a' AND sk = '8' AND n = 9",
        "EXISTS(SELECT * FROM things WHERE pk = 'a' AND sk = '7' AND n = 1)",
        "EXISTS(SELECT * FROM things WHERE pk = 'a' AND sk = '6' AND n IS MISSING)",
    ) == [
        {"Code": "None"},
        {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": item(2)},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
        {
            "Code": "ValidationError",
            "Message": "One or more parameter values were invalid: Cannot update attribute sk. "
            "This attribute is part of the key",
        },
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
        {"Code": "None"},
    ]
    assert stored(db) == before


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (
            (ONE, DELETE),
            "ExecuteTransaction API does not support both read and write operations in the same request.",
        ),
        (
            (ONE, f"EXISTS({ONE})"),
            "ExecuteTransaction API does not support both read and write operations in the same request.",
        ),
        ((ONE, ONE), "Transaction request cannot include multiple operations on one item"),
        (
            (DELETE, f"EXISTS({ONE} AND n = 1)"),
            "Transaction request cannot include multiple operations on one item",
        ),
        (
            (ONE, "SELECT * FROM things"),
            "Validation failed in TransactStatements[1]: Select statements within ExecuteTransaction must "
            "specify the primary key in the where clause.",
        ),
        (
            (DELETE + " RETURNING ALL OLD *",),
            "Validation failed in TransactStatements[0]: RETURNING clause is not supported in "
            "ExecuteTransaction.",
        ),
        (
            (ONE, "SELECT * FROM things WHERE pk = 'a' AND sk = '2' AND n = 2"),
            "Validation failed in TransactStatements[1]: Select statements within ExecuteTransaction must "
            "specify the primary key in the where clause.",
        ),
        (
            (DELETE, "EXISTS(SELECT * FROM things WHERE pk = 'a' AND sk = '2')"),
            "Validation failed in TransactStatements[1]: EXISTS() must contain a single item read with "
            "additional condition",
        ),
        (
            ("EXISTS(SELECT * FROM things WHERE pk = 'a' AND n = 2)",),
            "Validation failed in TransactStatements[0]: EXISTS() must contain a single item read with "
            "additional condition",
        ),
        (
            ("DELETE FROM things",),
            "Validation failed in TransactStatements[0]: Where clause does not contain a mandatory equality "
            "on all key attributes",
        ),
    ],
)
def test_a_transaction_that_is_refused(db: Any, texts: Any, message: str) -> None:
    fill(db)
    found = db.refuse("ExecuteTransaction", TransactStatements=statements(*texts))
    assert found == ("ValidationException", message)
    assert len(stored(db)) == 3


def test_a_transaction_does_not_read_indexes(db: Any) -> None:
    index = {
        "IndexName": "by-n",
        "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    db.create(attributes={"n": "N"}, GlobalSecondaryIndexes=[index])
    texts = statements('SELECT * FROM things."by-n" WHERE n = 1')
    assert db.refuse("ExecuteTransaction", TransactStatements=texts) == (
        "ValidationException",
        "Validation failed in TransactStatements[0]: Reads on indices are not supported within transactions.",
    )


def test_a_bad_key_of_a_read_is_a_reason(db: Any) -> None:
    fill(db)
    assert reasons(db, ONE, "SELECT * FROM things WHERE pk = 1 AND sk = '1'")[1]["Code"] == "ValidationError"


def test_a_missing_table_refuses_the_transaction(db: Any) -> None:
    fill(db)
    found = db.refuse(
        "ExecuteTransaction", TransactStatements=statements(DELETE, "DELETE FROM absent WHERE pk = 'a'")
    )
    assert found == ("ResourceNotFoundException", "Requested resource not found")


def test_a_token_makes_a_transaction_happen_once(db: Any) -> None:
    fill(db)
    text = "UPDATE things SET n = n + 1 WHERE pk = 'a' AND sk = '1'"
    for units in ({"WriteCapacityUnits": 2.0}, {"ReadCapacityUnits": 2.0}):
        answer = transact(db, text, ClientRequestToken="once", ReturnConsumedCapacity="TOTAL")
        assert answer["Responses"] == []
        assert answer["ConsumedCapacity"] == [{"TableName": "things", "CapacityUnits": 2.0, **units}]
    assert stored(db)[0] == item(1, n={"N": "2"})
    code, _ = db.refuse(
        "ExecuteTransaction", TransactStatements=statements(text + " "), ClientRequestToken="once"
    )
    assert code == "IdempotentParameterMismatchException"
    db.clock.time += 601
    transact(db, text, ClientRequestToken="once")
    assert stored(db)[0] == item(1, n={"N": "3"})


def test_tokens_are_shared_with_the_native_transactions(db: Any) -> None:
    fill(db)
    transact(db, DELETE, ClientRequestToken="shared")
    put = {"Put": {"TableName": "things", "Item": item(1)}}
    code, _ = db.refuse("TransactWriteItems", TransactItems=[put], ClientRequestToken="shared")
    assert code == "IdempotentParameterMismatchException"
