"""PartiQL by boto3: parameters and results as the SDK converts them, error classes, batches."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]


@pytest.fixture
def table(client: Any, table_name: str) -> str:
    """The name of a table with three items, in the quotes that a dash in it needs."""
    client.create_table(
        TableName=table_name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=KEYS,
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
        ],
    )
    name = f'"{table_name}"'
    for number in range(3):
        parameters = [{"N": str(number)}, {"B": bytes([number, 255])}]
        statement = f"INSERT INTO {name} VALUE {{'pk': 'a', 'sk': ?, 'data': ?}}"
        client.execute_statement(Statement=statement, Parameters=parameters)
    return name


def test_bytes_go_in_and_come_out(client: Any, table: str) -> None:
    statement = f"SELECT data FROM {table} WHERE pk = ? AND data = ?"
    answer = client.execute_statement(Statement=statement, Parameters=[{"S": "a"}, {"B": b"\x01\xff"}])
    assert answer["Items"] == [{"data": {"B": b"\x01\xff"}}]


def test_pages(client: Any, table: str) -> None:
    request: dict[str, Any] = {
        "Statement": f"SELECT sk FROM {table} WHERE pk = 'a' ORDER BY sk DESC",
        "Limit": 2,
    }
    found = []
    while True:
        answer = client.execute_statement(**request)
        found.extend(item["sk"]["N"] for item in answer["Items"])
        if "NextToken" not in answer:
            break
        request["NextToken"] = answer["NextToken"]
    assert found == ["2", "1", "0"]


def test_errors_are_classes_of_the_client(client: Any, table: str) -> None:
    with pytest.raises(client.exceptions.DuplicateItemException):
        client.execute_statement(Statement=f"INSERT INTO {table} VALUE {{'pk': 'a', 'sk': 0}}")
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as failed:
        client.execute_statement(
            Statement=f"DELETE FROM {table} WHERE pk = 'a' AND sk = 0 AND data IS MISSING",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert failed.value.response["Item"]["data"] == {"B": b"\x00\xff"}
    with pytest.raises(ClientError, match="Statement wasn't well formed"):
        client.execute_statement(Statement="SELECT FROM")


def test_a_batch(client: Any, table: str) -> None:
    statements = [
        {
            "Statement": f"UPDATE {table} SET n = ? WHERE pk = 'a' AND sk = 0 RETURNING ALL NEW *",
            "Parameters": [{"N": "7"}],
        },
        {"Statement": f"UPDATE {table} SET n = 7 WHERE pk = 'a' AND sk = 9"},
    ]
    first, second = client.batch_execute_statement(Statements=statements)["Responses"]
    assert first["Item"]["n"] == {"N": "7"}
    assert second["Error"]["Code"] == "ConditionalCheckFailed"


def test_a_transaction(client: Any, table: str) -> None:
    with pytest.raises(client.exceptions.TransactionCanceledException) as cancelled:
        client.execute_transaction(
            TransactStatements=[
                {"Statement": f"EXISTS(SELECT * FROM {table} WHERE pk = 'a' AND sk = 0 AND data IS MISSING)"},
                {"Statement": f"DELETE FROM {table} WHERE pk = 'a' AND sk = 1"},
            ]
        )
    reasons = cancelled.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["ConditionalCheckFailed", "None"]
    reads = [{"Statement": f"SELECT sk FROM {table} WHERE pk = 'a' AND sk = {number}"} for number in (1, 9)]
    answer = client.execute_transaction(TransactStatements=reads)
    assert answer["Responses"] == [{"Item": {"sk": {"N": "1"}}}, {}]
