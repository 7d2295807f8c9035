"""The AWS CLI, as a process, with its own parsing and exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


class Cli:
    """``aws dynamodb`` against one server, with no configuration of whoever runs the tests."""

    def __init__(self, url: str, home: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.environment = {
            **kept,
            "HOME": str(home),
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_PAGER": "",
        }

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "awscli", "dynamodb", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)

    def __call__(self, *arguments: str) -> Any:
        """Return what the command prints, as JSON; None when it prints nothing."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.fixture
def aws(server_url: str, tmp_path: Path) -> Cli:
    return Cli(server_url, tmp_path)


@pytest.fixture
def table(aws: Cli, table_name: str) -> str:
    keys = ("--key-schema", "AttributeName=id,KeyType=HASH")
    definitions = ("--attribute-definitions", "AttributeName=id,AttributeType=S")
    created = aws(
        "create-table", "--table-name", table_name, "--billing-mode", "PAY_PER_REQUEST", *keys, *definitions
    )
    assert created["TableDescription"]["TableArn"].startswith("arn:aws:dynamodb:eu-west-1:")
    assert aws("wait", "table-exists", "--table-name", table_name) is None
    return table_name


def test_items_go_in_and_come_out(aws: Cli, table: str) -> None:
    item = {"id": {"S": "1"}, "n": {"N": "-0.5"}, "tags": {"SS": ["a", "b"]}}
    assert aws("put-item", "--table-name", table, "--item", json.dumps(item)) is None
    assert aws("get-item", "--table-name", table, "--key", '{"id": {"S": "1"}}') == {"Item": item}
    updated = aws(
        *(
            "update-item",
            "--table-name",
            table,
            "--key",
            '{"id": {"S": "1"}}',
            "--return-values",
            "UPDATED_NEW",
        ),
        *("--update-expression", "ADD n :n", "--expression-attribute-values", '{":n": {"N": "2"}}'),
    )
    assert updated == {"Attributes": {"n": {"N": "1.5"}}}


def test_a_scan_is_paged_behind_the_scenes(aws: Cli, table: str) -> None:
    requests = [{"PutRequest": {"Item": {"id": {"S": str(n)}}}} for n in range(25)]
    answer = aws("batch-write-item", "--request-items", json.dumps({table: requests}))
    assert answer == {"UnprocessedItems": {}}
    scanned = aws("scan", "--table-name", table, "--page-size", "4")
    assert sorted(int(item["id"]["S"]) for item in scanned["Items"]) == list(range(25))


def test_a_refusal_is_printed(aws: Cli, table: str) -> None:
    done = aws.run("get-item", "--table-name", table, "--key", '{"key": {"S": "1"}}')
    assert done.returncode > 0
    assert "An error occurred (ValidationException) when calling the GetItem operation" in done.stderr
    assert "The provided key element does not match the schema" in done.stderr


def test_tables_are_listed_and_deleted(start_server: Callable[..., str], tmp_path: Path) -> None:
    aws = Cli(start_server(), tmp_path)
    assert aws("list-tables") == {"TableNames": []}
