"""How statements are carried out, told without doing it."""

from typing import Any

import pytest

from dynemu.engine.call import Call
from dynemu.engine.statements.explaining import Estimate, Step, describe, explain
from dynemu.errors import ValidationException

INDEXES: dict[str, Any] = {
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-g",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by-n",
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "n", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
}
ITEM_BYTES = 11
"""Of an item that ``fill`` puts: names and values of pk, sk, n and g."""


def fill(db: Any) -> None:
    """Create a table with ten items under ``a`` and one under ``b``."""
    db.create(attributes={"g": "S", "n": "N"}, **INDEXES)
    for number in range(10):
        db.put(pk={"S": "a"}, sk={"S": str(number)}, n={"N": "1"}, g={"S": "x"})
    db.put(pk={"S": "b"}, sk={"S": "0"}, n={"N": "1"}, g={"S": "y"})


def explained(db: Any, text: str, *parameters: Any, consistent: bool = False) -> Step:
    """Return the explanation of *text*, made as an operation is run."""

    def run(call: Call, _: Any) -> Any:
        return {"step": explain(call, text, parameters, consistent=consistent)}, None

    step: Step = db.engine.execute(run, {}, "", "")["step"]
    return step


def estimate(items: int, units: float = 0.5) -> Estimate:
    return Estimate(items, items * ITEM_BYTES, units, False)


def test_get(db: Any) -> None:
    fill(db)
    text = "SELECT n, g FROM things WHERE pk = ? AND sk = '1' AND n > 0"
    assert explained(db, text, {"S": "a"}) == Step(
        "GetItem",
        "things",
        key=("pk = ?", "sk = '1'"),
        filter="n > 0",
        columns=("n", "g"),
        estimate=estimate(1),
    )


def test_query(db: Any) -> None:
    fill(db)
    text = "SELECT * FROM things WHERE sk > '6' AND pk = 'a' AND (n = 1 OR NOT g IS NULL) ORDER BY sk DESC"
    assert explained(db, text, consistent=True) == Step(
        "Query",
        "things",
        key=("pk = 'a'", "sk > '6'"),
        filter="n = 1 OR NOT g IS NULL",
        backwards=True,
        estimate=estimate(3, 1.0),
    )


def test_query_of_an_index_that_lacks_attributes(db: Any) -> None:
    fill(db)
    found = explained(db, 'SELECT g FROM "things"."by-n" WHERE pk = \'a\'')
    assert (found.operation, found.index, found.fetches) == ("Query", "by-n", True)


def test_several_partitions(db: Any) -> None:
    fill(db)
    part = {"operation": "Query", "table": "things", "key": ("pk IN ['a', 'b']",)}
    assert explained(db, "SELECT * FROM things WHERE pk IN ['a', 'b']") == Step(
        **part,
        estimate=estimate(11, 1.0),
        parts=(Step(**part, estimate=estimate(10)), Step(**part, estimate=estimate(1))),
    )


@pytest.mark.parametrize(
    ("condition", "reasons"),
    [
        ("", ("there is no WHERE clause",)),
        (
            "WHERE g = 'x' AND n = 1",
            ("no condition is about the partition key pk", "index by-g would make it a Query"),
        ),
        (
            "WHERE pk > 'a'",
            ("the conditions leave the partition key pk open: it must be given by = or IN, with values",),
        ),
        (
            "WHERE pk = 'a' OR n = 1",
            ("the conditions leave the partition key pk open: it must be given by = or IN, with values",),
        ),
    ],
)
def test_scan(db: Any, condition: str, reasons: tuple[str, ...]) -> None:
    fill(db)
    found = explained(db, f"SELECT * FROM things {condition}")
    assert found == Step(
        "Scan",
        "things",
        filter=condition.removeprefix("WHERE ") or None,
        reasons=reasons,
        estimate=estimate(11),
    )


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("INSERT INTO things VALUE {'pk': 'c'}", Step("PutItem", "things")),
        (
            "UPDATE things SET n = 1 WHERE pk = 'a' AND sk = '1' AND n = 2",
            Step("UpdateItem", "things", key=("pk = 'a'", "sk = '1'"), filter="n = 2"),
        ),
        (
            "DELETE FROM things WHERE pk = 'a' AND sk = '1'",
            Step("DeleteItem", "things", key=("pk = 'a'", "sk = '1'")),
        ),
        (
            "EXISTS(SELECT * FROM things WHERE pk = 'a' AND sk = '1' AND n IS NOT NULL)",
            Step("ConditionCheck", "things", key=("pk = 'a'", "sk = '1'"), filter="NOT n IS NULL"),
        ),
    ],
)
def test_writes(db: Any, text: str, step: Step) -> None:
    fill(db)
    assert explained(db, text) == step


def test_without_its_parameters_there_is_no_estimate(db: Any) -> None:
    fill(db)
    found = explained(db, "SELECT * FROM things WHERE pk = ? AND n < ?")
    assert found == Step("Query", "things", key=("pk = ?",), filter="n < ?")


def test_problems_are_those_of_the_statement(db: Any) -> None:
    fill(db)
    with pytest.raises(ValidationException, match="Unrecognized function"):
        explained(db, "SELECT * FROM things WHERE foo(n)")
    with pytest.raises(ValidationException, match="operand type: BOOL"):
        explained(db, "SELECT * FROM things WHERE n < ?", {"BOOL": True})


def test_a_first_page_is_said_to_be_one(db: Any) -> None:
    db.create()
    for number in range(4):
        db.put(pk={"S": "a"}, sk={"S": str(number)}, v={"S": "x" * 390_000})
    found = explained(db, "SELECT * FROM things WHERE pk = 'a'").estimate
    assert found is not None
    assert (found.items, found.is_first_page) == (3, True)


def test_as_text(db: Any) -> None:
    fill(db)
    step = explained(db, "SELECT n FROM things WHERE pk IN ['a', 'b'] AND n = 1 ORDER BY pk DESC")
    head = ["Query on things, backwards", "  key: pk IN ['a', 'b']", "  filter: n = 1", "  columns: n"]
    counts = ["  reads 11 items, 121 bytes, 1 unit", "  reads 1 item, 11 bytes, 0.5 units"]
    assert describe(step) == [
        *head,
        counts[0],
        *("  " + line for line in (*head, counts[1])),
        *("  " + line for line in (*head, "  reads 10 items, 110 bytes, 0.5 units")),
    ]
    write = explained(db, "DELETE FROM things WHERE pk = 'a' AND sk = '1' AND n = 1")
    assert describe(write)[-1] == "  condition: n = 1"
    assert describe(explained(db, "SELECT * FROM things"))[1] == "  why: there is no WHERE clause"
