"""The admin API without a socket: what clients in process get."""

from io import BytesIO

import orjson

from dynemu.client import Transport
from dynemu.database import Database
from dynemu.storage.portable import Export
from tests.wire.admin_client import TABLE


def test_answers_are_whole() -> None:
    with Database() as database:
        database.call("CreateTable", TABLE)
        transport = Transport(database)
        made = transport.send("POST", "/_dynemu/snapshots", {}, b'{"name": "one"}')
        assert (made.status, orjson.loads(made.body)["name"]) == (201, "one")
        exported = transport.send("GET", "/_dynemu/snapshots/one/export", {}, b"")
        assert Export(BytesIO(exported.body)).about["snapshot"] == "one"
        imported = transport.send("POST", "/_dynemu/snapshots/two/import", {}, exported.body)
        assert imported.status == 201
        compared = transport.send("GET", "/_dynemu/snapshots/one/diff?to=two", {}, b"")
        assert orjson.loads(compared.body)["same"]
        assert [info.name for info in database.snapshots()] == ["one", "two"]


def test_operations_without_a_signature() -> None:
    with Database() as database:
        database.call("CreateTable", TABLE)
        headers = {
            "X-Amz-Target": "DynamoDB_20120810.DeleteAllData",
            "Content-Type": "application/x-amz-json-1.0",
        }
        assert Transport(database).send("POST", "/", headers, b"{}").body == b"{}"
        assert database.call("ListTables") == {"TableNames": []}
