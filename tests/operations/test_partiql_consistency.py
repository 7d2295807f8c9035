"""Statements that read, where eventually consistent reads are simulated."""

from dynemu.database import Database

CREATE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ONE = {"Statement": "SELECT * FROM things WHERE pk = 'a'"}
ALL = {"Statement": "SELECT * FROM things"}
ITEM = {"pk": {"S": "a"}}


def test_statements_see_older_states_unless_they_are_consistent() -> None:
    with Database(consistency="adversarial") as database:
        database.clock.freeze()
        database.call("CreateTable", CREATE)
        database.call("ExecuteStatement", {"Statement": "INSERT INTO things VALUE {'pk': 'a'}"})
        for statement in (ONE, ALL):
            assert database.call("ExecuteStatement", statement)["Items"] == []
            assert database.call("ExecuteStatement", {**statement, "ConsistentRead": True})["Items"] == [ITEM]
        assert database.call("BatchExecuteStatement", {"Statements": [ONE]})["Responses"] == [
            {"TableName": "things"}
        ]
        assert database.call("BatchExecuteStatement", {"Statements": [{**ONE, "ConsistentRead": True}]})[
            "Responses"
        ] == [{"TableName": "things", "Item": ITEM}]
