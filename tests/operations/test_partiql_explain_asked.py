"""Plans of statements as a database, the admin API and the command line give them."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import dynemu
from dynemu.cli import main
from dynemu.errors import AwsError
from dynemu.operations.explaining import answer_admin

TABLE = {
    "TableName": "music",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
GET = "SELECT n FROM music WHERE pk = ? AND n > 1"
GET_PLAN = {
    "operation": "GetItem",
    "table": "music",
    "key": ["pk = ?"],
    "filter": "n > 1",
    "columns": ["n"],
    "estimate": {"items": 1, "bytes": 3, "units": 0.5},
}
GET_TEXT = """GetItem on music
  key: pk = ?
  filter: n > 1
  columns: n
  reads 1 item, 3 bytes, 0.5 units"""
SCAN_TEXT = """Scan on music
  why: there is no WHERE clause
  reads 1 item, 3 bytes, 0.5 units"""
PARAMETERS = [{"S": "a"}]


def fill(database: dynemu.Database) -> None:
    database.call("CreateTable", TABLE)
    database.call("PutItem", {"TableName": "music", "Item": {"pk": {"S": "a"}}})


@pytest.fixture
def directory(tmp_path: Path) -> str:
    with dynemu.Database(tmp_path / "data") as database:
        fill(database)
    return str(tmp_path / "data")


def test_a_database_explains() -> None:
    with dynemu.Database() as database:
        fill(database)
        assert database.explain(GET, PARAMETERS) == {"plan": GET_PLAN, "text": GET_TEXT}
        consistent = database.explain("SELECT * FROM music", consistent=True)["plan"]
        assert consistent["estimate"] == {"items": 1, "bytes": 3, "units": 1.0}
        database.explain("DELETE FROM music WHERE pk = 'a'")
        assert database.call("Scan", {"TableName": "music"})["Count"] == 1


def test_parts_are_told() -> None:
    with dynemu.Database() as database:
        fill(database)
        plan = database.explain("SELECT * FROM music WHERE pk IN ['a', 'b']")["plan"]
        assert [part["estimate"]["items"] for part in plan["parts"]] == [1, 0]
        assert plan["estimate"] == {"items": 1, "bytes": 3, "units": 1.0}


@pytest.mark.parametrize(
    ("statement", "parameters"), [("SELECT *", []), (GET, [{"N": "x"}]), ("", []), ("DELETE FROM absent", [])]
)
def test_what_is_wrong_is_told_as_by_execute_statement(statement: str, parameters: list[Any]) -> None:
    request = {"Statement": statement, "Parameters": parameters} if parameters else {"Statement": statement}
    with dynemu.Database() as database:
        fill(database)
        with pytest.raises(AwsError) as explained:
            database.explain(statement, parameters)
        with pytest.raises(AwsError) as executed:
            database.call("ExecuteStatement", request)
    assert explained.value.to_body() == executed.value.to_body()


def test_a_closed_database_explains_nothing() -> None:
    database = dynemu.Database()
    database.close()
    with pytest.raises(ValueError, match="closed"):
        database.explain(GET)


def test_the_wire_knows_no_explain() -> None:
    with dynemu.Database() as database:
        fill(database)
        with pytest.raises(AwsError, match="Statement wasn't well formed"):
            database.call("ExecuteStatement", {"Statement": f"EXPLAIN {GET}"})


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["explain", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_command_asks_a_directory(capsys: pytest.CaptureFixture[str], directory: str) -> None:
    assert run(capsys, "SELECT * FROM music", "--db-path", directory) == (0, SCAN_TEXT + "\n", "")
    words = (GET, "--parameters", json.dumps(PARAMETERS), "--db-path", directory)
    assert run(capsys, *words) == (0, GET_TEXT + "\n", "")
    code, output, errors = run(capsys, *words, "--json")
    assert (code, json.loads(output), errors) == (0, GET_PLAN, "")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("SELECT * FROM absent",), "dynemu: Requested resource not found\n"),
        (
            (GET, "--parameters", "a"),
            'dynemu: --parameters wants a JSON list of attribute values, such as \'[{"S": "a"}]\'.\n',
        ),
    ],
)
def test_the_command_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str], directory: str, words: tuple[str, ...], error: str
) -> None:
    assert run(capsys, *words, "--db-path", directory) == (1, "", error)


class AdminApi(BaseHTTPRequestHandler):
    """What a server does for the command, with a database of its own."""

    asked: list[tuple[str, str | None]]

    def do_POST(self) -> None:
        members = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["Authorization"]))
        with dynemu.Database() as database:
            fill(database)
            try:
                status, answer = 200, answer_admin(database._engine, members)
            except ValueError as error:
                status, answer = 400, {"error": str(error)}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    AdminApi.asked = []
    with HTTPServer(("127.0.0.1", 0), AdminApi) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_command_asks_a_server(capsys: pytest.CaptureFixture[str], url: str) -> None:
    words = (GET, "--parameters", json.dumps(PARAMETERS), "--url", url, "--namespace", "a b", "--token", "t")
    assert run(capsys, *words) == (0, GET_TEXT + "\n", "")
    assert AdminApi.asked == [("/_dynemu/namespaces/a%20b/explain", "Bearer t")]
    absent = run(capsys, "SELECT * FROM absent", "--url", url)
    assert absent == (1, "", "dynemu: Requested resource not found\n")


def test_a_server_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, errors = run(capsys, GET, "--url", "127.0.0.1:1")
    assert (code, output) == (1, "")
    assert errors.startswith("dynemu: There is no answer from 127.0.0.1:1: ")
