"""Plans of statements as a database and the admin API give them."""

from typing import Any

import pytest

import dynemu
from dynemu.errors import AwsError

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
