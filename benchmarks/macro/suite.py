"""Fifty small boto3 tests, one after another, as a team's suite has them."""

import time
from typing import Any

try:
    import boto3
    from botocore.config import Config
except ImportError:
    boto3 = None

TESTS = 50
MISSING = None if boto3 else "needs boto3: pip install boto3"

_PUTS = 10


class FailedTest(Exception):
    """A test of the suite saw something else than what it had written."""


def run_suite(port: int, run: str) -> float:
    """Run the tests against the server on *port*, on tables named after *run*; return the milliseconds.

    Raises: FailedTest; botocore's errors as they come.
    """
    return run_tests(connect(port), run)


def run_tests(client: Any, run: str) -> float:
    """Run the tests with *client*, which is any of boto3's; see ``run_suite``."""
    started = time.perf_counter()
    for number in range(TESTS):
        _test(client, f"suite-{run}-{number}")
    return 1000 * (time.perf_counter() - started)


def connect(port: int) -> Any:
    """Return a client of the server on *port*, whose first request was made."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="not-a-secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.list_tables()
    return client


def _test(client: Any, table: str) -> None:
    created = client.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    status = created["TableDescription"]["TableStatus"]
    while status != "ACTIVE":
        status = client.describe_table(TableName=table)["Table"]["TableStatus"]
    for number in range(_PUTS):
        client.put_item(TableName=table, Item=_key(number) | {"total": {"N": str(number)}})
    got = client.get_item(TableName=table, Key=_key(3))["Item"]
    page = client.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "customer"}},
    )
    updated = client.update_item(
        TableName=table,
        Key=_key(3),
        UpdateExpression="SET #total = #total + :one",
        ExpressionAttributeNames={"#total": "total"},
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )["Attributes"]
    client.delete_table(TableName=table)
    if (got["total"], page["Count"], updated["total"]) != ({"N": "3"}, _PUTS, {"N": "4"}):
        raise FailedTest(f"{table}: got {got}, {page['Count']} items, then {updated}")


def _key(number: int) -> dict[str, dict[str, str]]:
    return {"pk": {"S": "customer"}, "sk": {"S": f"order#{number:02d}"}}
