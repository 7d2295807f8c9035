"""A check finds whatever is spoilt behind the engine's back, and nothing in a sound database."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from dynemu import cli
from dynemu.database import Database
from dynemu.engine.checking import check
from dynemu.engine.expiry import queue_key
from dynemu.engine.jobs import FILLING, job_key
from dynemu.engine.streams import OPEN, RECORDS, SHARDS
from dynemu.engine.tables import GONE, settled
from dynemu.storage.base import DOCUMENTS, HISTORY, TOKENS, WriteSet
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
            {
                "items counted",
                "bytes counted",
                "row of index by-g",
                "row of vector index near",
                "expiry",
                "item after its last record",
            },
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


def last_record(database: Database, key: str) -> tuple[bytes, bytes]:
    with database.use() as engine:
        rows = engine.store.view().scan(RECORDS, RECORDS + b"\xff" * 40)
        return [(record, row) for record, row in rows if f'"pk":{{"S":"{key}"}}'.encode() in row][-1]


def test_items_are_as_the_last_record_says(database: Database) -> None:
    key = {"TableName": "things", "Key": {"pk": {"S": "1"}}}
    database.call("DeleteItem", key)
    database.call("PutItem", {"TableName": "things", "Item": key["Key"]})
    database.call("DeleteItem", {**key, "Key": {"pk": {"S": "2"}}})
    assert database.check() == []
    record, row = last_record(database, "3")
    spoil(database, puts=[(record, row.replace(b'"g":{"S":"x"}', b'"g":{"S":"y"}'))])
    (problem,) = database.check()
    assert (problem.what, problem.key) == ("item after its last record", {"pk": {"S": "3"}})
    assert (problem.expected["g"], problem.found["g"]) == ({"S": "y"}, {"S": "x"})


@pytest.mark.parametrize("view", ["NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY", "NEW_AND_OLD_IMAGES"])
def test_records_without_images_tell_whether_there_is_an_item(view: str) -> None:
    specification = {"StreamEnabled": True, "StreamViewType": view}
    with Database() as database:
        database.call("CreateTable", {**TABLE, "StreamSpecification": specification})
        for number in range(3):
            database.call("PutItem", {"TableName": "things", "Item": {"pk": {"S": str(number)}}})
        database.call("DeleteItem", {"TableName": "things", "Key": {"pk": {"S": "0"}}})
        assert database.check() == []
        spoil(database, deletes=[first(database, ids(database)[0])])
        found = [problem for problem in database.check() if problem.what == "item after its last record"]
        assert [(problem.key, problem.found) for problem in found] == [(found[0].expected, None)]


def test_what_lay_before_a_change_is_the_same_item(database: Database) -> None:
    database.call("DeleteItem", {"TableName": "things", "Key": {"pk": {"S": "1"}}})
    with database.use() as engine:
        rows = engine.store.view().scan(HISTORY + ids(database)[0], HISTORY + ids(database)[0] + b"\xff" * 40)
        ((key, row),) = [(key, row) for key, row in rows if b'"pk":{"S":"1"}' in row]
    spoil(database, puts=[(key, row.replace(b'"pk":{"S":"1"}', b'"pk":{"S":"7"}'))])
    assert complaints(database) == {"item before a change"}


def spoil_document(database: Database, kind: str, change: Any) -> None:
    with database.use() as engine:
        start = DOCUMENTS + kind.encode() + b"\0"
        ((key, row),) = engine.store.view().scan(start, start + b"\xff")
    document = orjson.loads(row)
    change(document)
    spoil(database, puts=[(key, orjson.dumps(document))])


def test_documents_and_pins_agree(database: Database) -> None:
    backup = database.call("CreateBackup", {"TableName": "things", "BackupName": "one"})["BackupDetails"]
    database.call("RestoreTableFromBackup", {"BackupArn": backup["BackupArn"], "TargetTableName": "restored"})
    assert database.check() == []
    spoil_document(database, "history", lambda document: document["pins"].clear())
    assert complaints(database) == {"history kept for"}
    spoil_document(database, "history", lambda document: document["pins"].update({"restore/999": (1, False)}))
    assert [(problem.key, problem.found) for problem in database.check()] == [
        ("restore/999", "kept"),
        (backup["BackupArn"], None),
    ]


def test_history_of_a_table_that_is_not_there_is_found(database: Database) -> None:
    database.call("DeleteTable", {"TableName": "things"})
    assert database.check() == []
    spoil_document(database, "history", lambda document: document.update(gone=False))
    assert any(what.startswith("table of the history of id") for what in complaints(database))


@pytest.mark.parametrize(("kind", "status"), [("export", "ExportStatus"), ("bulk", "BulkOperationStatus")])
def test_tasks_and_their_work_agree(database: Database, kind: str, status: str) -> None:
    # As its names are free, a document may stand for a task that never was.
    document = {"description": {status: "IN_PROGRESS"}}
    key = DOCUMENTS + kind.encode() + b"\0some"
    spoil(database, puts=[(key, orjson.dumps(document))])
    assert [(problem.what, problem.key) for problem in database.check()] == [(f"work of {kind}", "some")]
    with database._lock:
        engine = database._namespaces.get("default")
        writes = WriteSet()
        document["description"][status] = "COMPLETED"
        writes.puts += [(key, orjson.dumps(document)), (job_key(kind, "some"), b"some")]
        engine.store.commit(writes)
        problems = list(check(engine.store.view(), engine.clock.now()))
    assert [(problem.expected, problem.found) for problem in problems] == [("COMPLETED", "under way")]
    spoil(database, deletes=[job_key(kind, "some"), key])
    token = orjson.dumps({"arn": "nowhere", "until": 0, "fingerprint": ""})
    spoil(database, puts=[(DOCUMENTS + f"{kind}-token\0one".encode(), token)])
    assert complaints(database) == {f"token of {kind}"}


def test_work_that_nobody_does_is_found(tmp_path: Path) -> None:
    with Database() as database:
        database.clock.freeze(1000)
        with database.use() as engine:
            engine.settings = replace(engine.settings, table_delay=5)
        database.call("CreateTable", {**TABLE, "TableName": "new"})
        database.call("CreateTable", {**TABLE, "TableName": "old"})
        database.clock.advance(6)
        database.call("DeleteTable", {"TableName": "old"})
        assert database.check() == []
        spoil(database, deletes=[GONE + b"old"])
        assert complaints(database) == {"deletion"}
        database.clock.advance(6)
        with database.use() as engine:
            schema = engine.catalogue.find(engine.store.view(), "new").schema  # type: ignore[union-attr]
            schema = settled(schema, engine.clock.now()) or schema
            index = replace(schema.indexes[0], backfilling=True)
            writes = WriteSet()
            stuck = replace(schema, indexes=(index,), status="CREATING")
            engine.catalogue.put(engine.store.view(), writes, stuck)
            engine.store.commit(writes)
        assert complaints(database) == {"creation", "filling of index by-g"}


def test_tokens_and_queues_of_nothing_are_found(database: Database) -> None:
    put = {"Put": {"TableName": "things", "Item": {"pk": {"S": "t"}}}}
    database.call("TransactWriteItems", {"TransactItems": [put], "ClientRequestToken": "token"})
    assert database.check() == []
    spoil(database, deletes=[first(database, TOKENS + b"\1")])
    far = (5000).to_bytes(4, "big")
    spoil(database, puts=[(queue_key(far + b"x", 7), b"")])
    assert complaints(database) == {"token of a transaction", "expiry of id 5000"}


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
