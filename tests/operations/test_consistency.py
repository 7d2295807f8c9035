"""Eventually consistent reads that see older states: which ones, and who never does."""

from typing import Any

import pytest

from tests.operations.conftest import Requests

INDEX = {
    "IndexName": "others",
    "KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
KEY = {"pk": {"S": "a"}}


@pytest.fixture
def stale(db: Requests) -> Requests:
    """A database with the table ``things`` that has been at rest, and adversarial reads from now on."""
    db.create(range=None, attributes={"other": "S"}, GlobalSecondaryIndexes=[INDEX])
    db.engine.simulate("adversarial")
    return db


def put(db: Requests, name: str, number: int = 0) -> dict[str, Any]:
    item = {"pk": {"S": name}, "other": {"S": "one"}, "n": {"N": str(number)}}
    db("PutItem", TableName="things", Item=item)
    return item


def get(db: Requests, **more: Any) -> Any:
    return db("GetItem", TableName="things", Key=KEY, **more).get("Item")


def names(answer: dict[str, Any]) -> list[str]:
    return sorted(item["pk"]["S"] for item in answer["Items"])


def test_an_own_write_is_not_seen_until_its_time_has_come(stale: Requests) -> None:
    first = put(stale, "a", 1)
    assert get(stale) is None
    stale.clock.time += 0.9
    second = put(stale, "a", 2)
    assert get(stale) is None
    stale.clock.time += 0.1
    assert get(stale) == first
    stale.clock.time += 0.9
    assert get(stale) == second


def test_a_consistent_read_sees_the_newest(stale: Requests) -> None:
    item = put(stale, "a")
    assert get(stale, ConsistentRead=True) == item
    assert stale("Scan", TableName="things", ConsistentRead=True)["Items"] == [item]
    keys = {"things": {"Keys": [KEY], "ConsistentRead": True}}
    assert stale("BatchGetItem", RequestItems=keys)["Responses"] == {"things": [item]}
    gets = [{"Get": {"TableName": "things", "Key": KEY}}]
    assert stale("TransactGetItems", TransactItems=gets)["Responses"] == [{"Item": item}]


@pytest.mark.parametrize("index", [None, "others"])
def test_pages_are_old_too(stale: Requests, index: str | None) -> None:
    where = {"TableName": "things"} | ({"IndexName": index} if index else {})
    for name in "bcd":
        put(stale, name)
    stale.clock.time += 1
    put(stale, "a")
    put(stale, "c", 1)
    stale("DeleteItem", TableName="things", Key={"pk": {"S": "d"}})
    assert names(stale("Scan", **where)) == ["b", "c", "d"]
    assert {item["n"]["N"] for item in stale("Scan", **where)["Items"]} == {"0"}
    stale.clock.time += 1
    assert names(stale("Scan", **where)) == ["a", "b", "c"]


def test_a_query_of_an_index_is_old_in_both_directions(stale: Requests) -> None:
    query = {
        "TableName": "things",
        "IndexName": "others",
        "KeyConditionExpression": "#other = :one",
        "ExpressionAttributeNames": {"#other": "other"},
        "ExpressionAttributeValues": {":one": {"S": "one"}},
    }
    for name in "bdfh":
        put(stale, name)
    stale.clock.time += 1
    forward = stale("Query", **query)["Items"]
    for name in "ace":
        put(stale, name)
    stale("DeleteItem", TableName="things", Key={"pk": {"S": "f"}})
    assert stale("Query", **query)["Items"] == forward
    assert stale("Query", **query, ScanIndexForward=False)["Items"] == forward[::-1]
    page = stale("Query", **query, Limit=3)
    assert page["Items"] == forward[:3]
    rest = stale("Query", **query, ExclusiveStartKey=page["LastEvaluatedKey"])
    assert rest["Items"] == forward[3:]


def test_conditions_and_updates_see_the_newest(stale: Requests) -> None:
    put(stale, "a", 1)
    change = {
        "TableName": "things",
        "Key": KEY,
        "UpdateExpression": "SET n = n + :one",
        "ConditionExpression": "n = :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
        "ReturnValues": "UPDATED_NEW",
    }
    assert stale("UpdateItem", **change) == {"Attributes": {"n": {"N": "2"}}}


def test_reads_are_fifty_commits_behind_at_most(stale: Requests) -> None:
    item = put(stale, "a")
    for number in range(49):
        put(stale, f"b{number}")
    assert get(stale) is None
    put(stale, "c")
    assert get(stale) == item


def test_a_whole_table_goes_at_once(stale: Requests) -> None:
    put(stale, "a")
    stale("DeleteTable", TableName="things")
    stale.create(range=None, attributes={"other": "S"}, GlobalSecondaryIndexes=[INDEX])
    assert stale("Scan", TableName="things")["Items"] == []


def history(db: Requests, seed: int) -> list[Any]:
    """Return what lagged reads with *seed* see between writes 40 ms apart."""
    db.engine.simulate("lagged", seed)
    seen = []
    for number in range(12):
        put(db, "a", number)
        seen.append((get(db) or {}).get("n", {}).get("N"))
        db.clock.time += 0.04
    db.clock.time += 0.1
    assert get(db)["n"] == {"N": "11"}
    db("DeleteItem", TableName="things", Key=KEY)
    return seen


def test_lagged_reads_follow_from_the_seed(db: Requests) -> None:
    db.create(range=None, attributes={"other": "S"}, GlobalSecondaryIndexes=[INDEX])
    first = history(db, 1)
    assert history(db, 1) == first
    assert history(db, 2) != first
    behind = [number - int(seen) for number, seen in enumerate(first) if seen is not None]
    assert set(behind) <= {0, 1, 2, 3}
    assert len(set(behind)) > 1


def test_strong_reads_see_everything_again(stale: Requests) -> None:
    stale.engine.simulate("strong")
    item = put(stale, "a")
    assert get(stale) == item
    assert "commit" not in vars(stale.engine.store)


def test_an_unknown_consistency_is_refused(db: Requests) -> None:
    with pytest.raises(ValueError, match=r"^Consistency is one of strong, lagged, adversarial\.$"):
        db.engine.simulate("eventual")
    assert db.engine.stale is None
