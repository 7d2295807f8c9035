"""A check finds whatever is spoilt behind the engine's back, and nothing in a sound database."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from dynemu import cli
from dynemu.database import Database
from dynemu.engine.expiry import queue_key
from dynemu.engine.jobs import FILLING
from dynemu.engine.streams import OPEN, RECORDS, SHARDS
from dynemu.storage.base import HISTORY, WriteSet
from dynemu.storage.catalogue import NEXT_ID

BY_G = {
    "IndexName": "by-g",
    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
TABLE: dict[str, Any] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "g", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [BY_G],
    "VectorIndexes": [
        {
            "IndexName": "near",
            "VectorAttribute": {"AttributeName": "v"},
            "Dimensions": 2,
            "DistanceFunction": "COSINE",
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
}
SOON = 1_900_000_000


def fill(database: Database) -> None:
    database.call("CreateTable", TABLE)
    enabled = {"Enabled": True, "AttributeName": "ttl"}
    database.call("UpdateTimeToLive", {"TableName": "things", "TimeToLiveSpecification": enabled})
    recovery = {"PointInTimeRecoveryEnabled": True}
    database.call(
        "UpdateContinuousBackups",
        {"TableName": "things", "PointInTimeRecoverySpecification": recovery},
    )
    for number in range(5):
        item = {"pk": {"S": str(number)}, "g": {"S": "x"}, "ttl": {"N": str(SOON)}}
        item["v"] = {"L": [{"N": "1"}, {"N": str(number)}]}
        database.call("PutItem", {"TableName": "things", "Item": item})


def first(database: Database, prefix: bytes) -> bytes:
    with database.use() as engine:
        return engine.store.view().read_rows(prefix, prefix + b"\xff" * 40, False, 1, 1)[0][0]


def ids(database: Database) -> tuple[bytes, bytes, bytes]:
    """Return the ids of the table, its index and its vector index."""
    with database.use() as engine:
        table = engine.catalogue.find(engine.store.view(), "things")
        assert table is not None
        numbers = (table.id, table.indexes[0].id, table.vectors[0].id)
    first_id, second, third = (number.to_bytes(4, "big") for number in numbers)
    return first_id, second, third


def spoil(database: Database, *, puts: Any = (), deletes: Any = ()) -> None:
    with database.use() as engine:
        writes = WriteSet()
        writes.puts += puts
        writes.deletes += deletes
        engine.store.commit(writes)


def complaints(database: Database) -> set[str]:
    return {problem.what for problem in database.check()}


@pytest.fixture(params=["memory", "disk"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    with Database(None if request.param == "memory" else tmp_path / "data") as opened:
        fill(opened)
        assert opened.check() == []
        yield opened


def test_a_lost_row_is_told_with_its_item(database: Database) -> None:
    _, index, _ = ids(database)
    key = first(database, index)
    spoil(database, deletes=[key])
    lost, counted, size = database.check()
    assert (lost.table, lost.what, lost.found) == ("things", "row of index by-g", None)
    assert lost.key == {"g": {"S": "x"}, "pk": lost.expected["pk"]}
    assert (counted.what, counted.expected, counted.found) == ("items counted of index by-g", 4, 5)
    assert str(counted) == "table things: items counted of index by-g: expected 4, found 5"
    assert size.what == "bytes counted of index by-g"
    assert orjson.loads(orjson.dumps(lost.to_json()))["what"] == lost.what


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (
            0,
            {"items counted", "bytes counted", "row of index by-g", "row of vector index near", "expiry"},
        ),
        (2, {"row of vector index near", *(f"{w} counted of vector index near" for w in ("items", "bytes"))}),
    ],
    ids=["item", "vector"],
)
def test_lost_rows_are_found(database: Database, place: int, expected: set[str]) -> None:
    spoil(database, deletes=[first(database, ids(database)[place])])
    assert complaints(database) == expected


def test_other_rows_in_an_index_are_found(database: Database) -> None:
    table, index, _ = ids(database)
    with database.use() as engine:
        row = engine.store.view().get(first(database, table))
        assert row is not None
    key = first(database, index)
    spoil(database, puts=[(key, row.replace(b'"g"', b'"h"')), (index + b"nonsense", row)])
    found = [problem for problem in database.check() if problem.what == "row of index by-g"]
    assert [(problem.expected is None, problem.found is None) for problem in found] == [
        (False, False),
        (True, False),
    ]
    assert found[1].key == (index + b"nonsense").hex()


def test_expiry_is_compared_in_both_directions(database: Database) -> None:
    table, _, _ = ids(database)
    key = first(database, table)
    spoil(database, deletes=[queue_key(key, SOON)], puts=[(queue_key(key, SOON + 1), b"")])
    found = [(problem.what, problem.expected, problem.found) for problem in database.check()]
    # As many rows as there should be, but one of them missed: it has to be looked for.
    assert found == [("expiry", SOON, None), ("expiry", None, SOON + 1)]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        (OPEN, "open shards of stream"),
        (SHARDS, "shard of stream"),
        (HISTORY + b"\0\0\1", "rows and bytes of"),
    ],
)
def test_records_are_checked(database: Database, prefix: bytes, expected: str) -> None:
    spoil(database, deletes=[first(database, prefix)])
    assert any(what.startswith(expected) for what in complaints(database))


def test_rows_of_nothing_are_found(database: Database) -> None:
    far = (5000).to_bytes(4, "big")
    spoil(
        database, puts=[(far + b"x", b"x"), (RECORDS + b"x" * 32, b"x"), (HISTORY + far + b"x" * 8, b"x" * 8)]
    )
    assert complaints(database) == {"rows with id 5000", "records of no stream", "history of id 5000"}


def test_ids_that_are_to_come_are_free(database: Database) -> None:
    spoil(database, puts=[(NEXT_ID, (257).to_bytes(4, "big"))])
    assert complaints(database) == {"id of by-g", "id of near"}


def test_an_index_being_filled_may_lack_rows_only_of_the_rest(database: Database) -> None:
    table, index, _ = ids(database)
    with database.use() as engine:
        keys = [key for key, _ in engine.store.view().scan(table, table + b"\xff" * 40)]
    marker = FILLING + index
    with database._lock:
        engine = database._namespaces.get("default")
        writes = WriteSet()
        writes.ranges.append((index, index + b"\xff" * 40))
        writes.puts.append((marker, b"things\0" + keys[2]))
        engine.store.commit(writes)
    lost = [problem for problem in database.check() if problem.what == "row of index by-g"]
    assert len(lost) == 2
    spoil(database, puts=[(marker, b"things\0" + keys[0])])
    assert "row of index by-g" not in complaints(database)


def test_the_command_checks_all_namespaces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "data"
    assert cli.main(["check", "--db-path", str(path)]) == 2
    assert capsys.readouterr().err == f"dynemu: There is no database in {path}.\n"
    assert not path.exists()
    with Database(path) as database:
        fill(database.namespace("other"))
        assert cli.main(["check", "--db-path", str(path)]) == 2
        assert "is already in use, by this process or another one." in capsys.readouterr().err
    assert cli.main(["check", "--db-path", str(path)]) == 0
    assert capsys.readouterr().out == "No problems found.\n"
    with Database(path) as database:
        other = database.namespace("other")
        spoil(other, deletes=[first(other, ids(other)[2])])
    assert cli.main(["check", "--db-path", str(path), "--json"]) == 1
    lines = [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["namespace"] for line in lines} == {"other"}
    assert len(lines) == 3
    assert cli.main(["check", "--db-path", str(path)]) == 1
    assert capsys.readouterr().out.endswith("3 problems found.\n")


def test_the_command_needs_a_directory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DYNEMU_DB_PATH", raising=False)
    assert cli.main(["check"]) == 2
    assert (
        capsys.readouterr().err == "dynemu: check wants the directory of a database: --db-path DIRECTORY.\n"
    )
