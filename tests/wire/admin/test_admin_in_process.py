"""The admin API without a socket: what clients in process get."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import orjson
import pytest

from dynemu.client import Transport
from dynemu.database import Database
from dynemu.engine.differences import Comparison
from dynemu.http import admin_snapshots
from dynemu.http.thread import ServerThread
from dynemu.storage.portable import Export
from tests.wire.admin_client import TABLE, AdminClient
from tests.wire.peer import Peer


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


class Held:
    """Gives a thread the databases of *database* to itself, and tells whether one has them now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.now = False

    @contextmanager
    def hold(self) -> Iterator[None]:
        with self._database.answering():
            self.now = True
            try:
                yield
            finally:
                self.now = False


class Slices:
    """Slices of an answer of a server thread, and whether each had the databases to itself."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self.seen: list[bool] = []
        self.ended = threading.Event()

    def give(self, count: int, part: Any) -> Iterator[Any]:
        try:
            for _ in range(count):
                self.seen.append(self._held.now)
                yield part
        finally:
            self.seen.append(self._held.now)
            self.ended.set()


@pytest.fixture
def served() -> Iterator[tuple[str, Slices]]:
    """The endpoint of a server in a thread, and slices for it."""
    with Database() as database:
        database.snapshot("before")
        held = Held(database)
        server = database.use_wire(lambda namespaces: ServerThread(namespaces, held.hold))
        yield server.url, Slices(held)
        server.stop()


def test_slices_have_the_databases_of_other_threads_to_themselves(
    served: tuple[str, Slices], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, slices = served
    monkeypatch.setattr(Comparison, "slices", lambda _: slices.give(3, None))
    assert AdminClient(url).ask("GET", "snapshots/before/diff")[0] == 200
    assert slices.seen == [True] * 4


def test_what_a_client_that_goes_away_had_begun_is_ended_in_the_same_way(
    served: tuple[str, Slices], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, slices = served
    monkeypatch.setattr(admin_snapshots, "write_export", lambda *_: slices.give(1 << 40, b"x" * (1 << 16)))
    with Peer(url) as peer:
        peer.send(b"GET /_dynemu/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert peer.has_data(30)
    assert slices.ended.wait(30)
    assert all(slices.seen)
