"""The one thing that differs from emulator to emulator: who answers the client.

The suite is that of a team that uses boto3. It runs on dynemu in process; ``DYNEMU_SUITE_BACKEND`` makes it
run on ``moto`` (its mock_aws) or on any endpoint, such as ``http://localhost:8000`` of DynamoDB Local.
"""

import os
from collections.abc import Iterator
from itertools import count
from typing import Any

import boto3
import pytest

import dynemu

BACKEND = os.environ.get("DYNEMU_SUITE_BACKEND", "dynemu")
_KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}
_numbers = count(1)


@pytest.fixture(scope="package")
def backend() -> Iterator[str | None]:
    """Start what answers, and give its endpoint; None without one."""
    if BACKEND == "dynemu":
        with dynemu.mock():
            yield None
    elif BACKEND == "moto":
        from moto import mock_aws  # noqa: PLC0415 - the others do without

        with mock_aws():
            yield None
    else:
        yield BACKEND


@pytest.fixture(scope="package")
def client(backend: str | None) -> Any:
    """A client of DynamoDB."""
    return boto3.client("dynamodb", endpoint_url=backend, **_KEYS)


@pytest.fixture(scope="package")
def resource(backend: str | None) -> Any:
    """A resource of DynamoDB."""
    return boto3.resource("dynamodb", endpoint_url=backend, **_KEYS)


@pytest.fixture
def table(resource: Any) -> Iterator[Any]:
    """An empty table with two keys, a global and a local index, for one test."""
    made = resource.create_table(
        TableName=f"suite-{next(_numbers)}",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "colour", "AttributeType": "S"},
            {"AttributeName": "size", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-colour",
                "KeySchema": [
                    {"AttributeName": "colour", "KeyType": "HASH"},
                    {"AttributeName": "size", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-size",
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "size", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    made.wait_until_exists()
    yield made
    made.delete()


@pytest.fixture
def filled(table: Any) -> Any:
    """The table with twenty articles: two shelves of ten, sizes 0 to 9, three colours in turn."""
    with table.batch_writer() as batch:
        for shelf in ("a", "b"):
            for size in range(10):
                colour = ("red", "green", "blue")[size % 3]
                batch.put_item(
                    Item={"pk": f"shelf-{shelf}", "sk": f"article-{size}", "size": size, "colour": colour}
                )
    return table
