"""A server with a file of hooks, and the examples of docs/hooks.md as they stand there."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

GUIDE = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text()


def example(name: str, folder: Path) -> str:
    """Write the example *name* of the guide to *folder* and return its path."""
    [code] = re.findall(rf"^```python\n(# {name}\n.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    path = folder / name
    path.write_text(code)
    return str(path)


def create(client: Any, name: str) -> None:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_the_audit_trail_holds_every_change(
    start_server: Any, make_client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = tmp_path / "trail"
    monkeypatch.setenv("AUDIT_FILE", str(trail))
    client = make_client(start_server("--hooks", example("audit.py", tmp_path)))
    create(client, "things")
    key = {"pk": {"S": "a"}}
    client.put_item(TableName="things", Item=key)
    client.execute_statement(Statement="UPDATE things SET n = 1 WHERE pk = 'a'")
    client.delete_item(TableName="things", Key=key)
    assert [json.loads(line) for line in trail.read_text().splitlines()] == [
        {"by": "PutItem", "table": "things", "keys": key, "old": None, "new": key},
        {
            "by": "ExecuteStatement",
            "table": "things",
            "keys": key,
            "old": key,
            "new": {**key, "n": {"N": "1"}},
        },
        {"by": "DeleteItem", "table": "things", "keys": key, "old": {**key, "n": {"N": "1"}}, "new": None},
    ]


def test_the_rule_refuses_in_the_words_of_aws(start_server: Any, make_client: Any, tmp_path: Path) -> None:
    client = make_client(start_server("--hooks", example("rules.py", tmp_path)))
    create(client, "orders")
    with pytest.raises(ClientError) as refused:
        client.put_item(TableName="orders", Item={"pk": {"S": "1"}})
    assert refused.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "An order must have a customer",
    }
    client.put_item(TableName="orders", Item={"pk": {"S": "1"}, "customer": {"S": "me"}})


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (None, "no such file or directory"),
        ("def (", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import dynemu\n@dynemu.hookimpl\ndef before(context): pass\n", "unknown hook 'before'"),
        ("import dynemu\n@dynemu.hookimpl\ndef before_operation(ctx): pass\n", "Argument(s) {'ctx'}"),
    ],
)
def test_hooks_that_cannot_be_used_are_told_in_a_sentence(
    tmp_path: Path, code: str | None, sentence: str
) -> None:
    path = tmp_path / "hooks.py"
    if code is not None:
        path.write_text(code)
    command = [sys.executable, "-m", "dynemu", "serve", "--port", "0", "--hooks", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"dynemu: The hooks {path} can")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
