"""Try one wheel as its users will: install, serve, a boto3 session, stop, uninstall.

    python wheels/smoke_test.py wheels/out/dynemu-….whl

Everything happens in a throw-away environment; the exit code tells the outcome.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

SESSION = """
import sys, boto3
client = boto3.client("dynamodb", endpoint_url=sys.argv[1], region_name="us-east-1",
                      aws_access_key_id="local", aws_secret_access_key="local")
client.create_table(
    TableName="films", BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "year")],
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    GlobalSecondaryIndexes=[{"IndexName": "by-year", "Projection": {"ProjectionType": "ALL"},
                             "KeySchema": [{"AttributeName": "year", "KeyType": "HASH"}]}],
)
client.get_waiter("table_exists").wait(TableName="films")
item = {"id": {"S": "1"}, "year": {"S": "1972"}, "seen": {"N": "1"}}
client.put_item(TableName="films", Item=item)
updated = client.update_item(TableName="films", Key={"id": {"S": "1"}}, UpdateExpression="ADD seen :n",
                             ExpressionAttributeValues={":n": {"N": "41"}}, ReturnValues="ALL_NEW")
assert updated["Attributes"] == {**item, "seen": {"N": "42"}}, updated
found = client.query(TableName="films", IndexName="by-year", KeyConditionExpression="#y = :y",
                     ExpressionAttributeNames={"#y": "year"}, ExpressionAttributeValues={":y": {"S": "1972"}})
assert found["Items"] == [updated["Attributes"]], found
try:
    client.put_item(TableName="films", Item=item, ConditionExpression="attribute_not_exists(id)")
except client.exceptions.ConditionalCheckFailedException:
    pass
else:
    raise AssertionError("the condition was not checked")
client.delete_table(TableName="films")
assert client.list_tables()["TableNames"] == []
client.close()
"""


def main(wheel: Path) -> None:
    """Raise when *wheel* does not do what it should."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        scripts = Path(folder, "Scripts" if os.name == "nt" else "bin")
        python = str(scripts / "python")
        pip(python, "install", "--quiet", str(wheel), "boto3")
        check_kind(python, wheel)
        check_server(python, str(scripts / "dynemu"), folder)
        pip(python, "uninstall", "--quiet", "--yes", "dynemu")
        left = [
            path for name in ("dynemu*", "partiql*") for path in Path(folder).rglob(name) if path.is_file()
        ]
        check(not left, f"uninstalling left {left}")
    print("installed, served, uninstalled")


def check_kind(python: str, wheel: Path) -> None:
    """Check that a platform's wheel runs compiled, and the pure one not."""
    code = "from dynemu import __version__, _core; print(__version__, _core.COMPILED)"
    version, compiled = output(python, "-c", code).split()
    check(wheel.name.startswith(f"dynemu-{version}-"), f"the package says that it is {version}")
    is_pure = wheel.name.endswith("-none-any.whl")
    check(compiled == str(not is_pure), f"compiled: {compiled}")


def check_server(python: str, command: str, folder: str) -> None:
    """Run the session against a server that listens on a free port."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DYNEMU_")}
    flags = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0
    server = subprocess.Popen(
        [command, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment,
        creationflags=flags,
    )
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        address = re.search(r"http://\S+", line)
        check(address is not None, f"the server said {line!r}")
        assert address is not None
        output(python, "-c", SESSION, address.group(), cwd=folder)
    finally:
        server.send_signal(signal.CTRL_BREAK_EVENT if sys.platform == "win32" else signal.SIGTERM)
        code = server.wait(30)
        server.communicate()
    check(code == 0 or sys.platform == "win32", f"the server ended with {code}")


def pip(python: str, *arguments: str) -> None:
    subprocess.run([python, "-m", "pip", "--disable-pip-version-check", *arguments], check=True)


def output(*command: str, cwd: str | None = None) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=cwd).stdout


def check(outcome: bool, problem: str) -> None:
    if not outcome:
        raise SystemExit(problem)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
