"""The admin API: snapshots, files of them, differences; large ones while other connections are served."""

import threading
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest

from dynemu.storage.portable import Export
from tests.wire.admin_client import TABLE, AdminClient, fill, keys
from tests.wire.peer import Peer, head, post


def fill_much(client: Any, count: int) -> None:
    client.create_table(**TABLE)
    for start in range(0, count, 25):
        items = [{"pk": {"S": str(start + place)}, "v": {"S": "x" * 800}} for place in range(25)]
        client.batch_write_item(RequestItems={"things": [{"PutRequest": {"Item": item}} for item in items]})


def test_snapshots_are_made_listed_loaded_and_deleted(admin: AdminClient, client: Any) -> None:
    fill(client, "1")
    status, made = admin.ask("POST", "snapshots", {"name": "one", "note": "the first"})
    assert status == 201
    assert (made["name"], made["note"], made["automatic"]) == ("one", "the first", False)
    assert made["size"] >= made["shared"] >= 0
    assert made["created"] == pytest.approx(time.time(), abs=60)
    assert admin.ask("POST", "snapshots", {"name": "one"})[0] == 409
    fill(client, "2")
    assert admin.ask("POST", "snapshots/one/load") == (200, {"name": "one"})
    assert keys(client) == ["1"]
    assert admin.ask("POST", "snapshots/one/branch", {"name": "other"}) == (201, {"name": "other"})
    assert admin.ask("POST", "namespaces/other/snapshots/one/load", {"source": "default"})[0] == 200
    names = [found["name"] for found in admin.ask("GET", "snapshots")[1]["snapshots"]]
    assert (names[0], len(names)) == ("one", 2)
    assert names[1].startswith("before-load-")
    assert admin.ask("GET", "snapshots/one")[1]["note"] == "the first"
    assert admin.ask("DELETE", "snapshots/one") == (200, {"name": "one"})
    assert admin.ask("GET", "snapshots/one")[0] == 404


def test_a_snapshot_goes_from_one_server_to_another(
    admin: AdminClient, client: Any, start_server: Callable[..., str], make_client: Callable[[str], Any]
) -> None:
    fill_much(client, 1000)
    admin.ask("POST", "snapshots", {"name": "one", "note": "golden"})
    fill(client, "later")
    status, headers, data = admin.send("GET", "/_dynemu/snapshots/one/export")
    assert (status, headers["Content-Type"]) == (200, "application/octet-stream")
    assert headers["Content-Disposition"] == 'attachment; filename="one.dynemu"'
    assert Export(BytesIO(data)).about["note"] == "golden"
    other = AdminClient(start_server())
    status, _, body = other.send("POST", "/_dynemu/snapshots/two/import", data)
    assert (status, orjson.loads(body)["note"]) == (201, "golden")
    assert other.ask("POST", "snapshots/two/load")[0] == 200
    copy = make_client(other.url)
    assert copy.describe_table(TableName="things")["Table"]["ItemCount"] == 1000
    assert copy.scan(TableName="things", Select="COUNT")["Count"] == 1000
    assert other.send("POST", "/_dynemu/snapshots/two/import", data)[0] == 409
    now = admin.send("GET", "/_dynemu/export")[2]
    assert sum(map(len, Export(BytesIO(now)).batches())) > sum(map(len, Export(BytesIO(data)).batches()))


def test_a_broken_file_is_refused_and_leaves_nothing(admin: AdminClient, client: Any) -> None:
    fill_much(client, 200)
    data = admin.send("GET", "/_dynemu/export")[2]
    for broken, sentence in (
        (b"", b"This is not a snapshot that dynemu exported."),
        (data[: len(data) // 2], b"The exported snapshot is cut short."),
        (data[:-1] + b"x", b"The exported snapshot is damaged."),
    ):
        status, _, body = admin.send("POST", "/_dynemu/snapshots/two/import", broken)
        assert (status, body) == (400, b'{"error":"%b"}' % sentence)
    assert admin.ask("GET", "snapshots") == (200, {"snapshots": []})


def test_differences(admin: AdminClient, client: Any) -> None:
    fill(client, "1")
    admin.ask("POST", "snapshots", {"name": "one"})
    assert admin.ask("GET", "snapshots/one/diff") == (200, {"same": True, "listed": 0, "tables": []})
    fill(client, "2")
    admin.ask("POST", "snapshots", {"name": "two"})
    fill(client, "3")
    (table,) = admin.ask("GET", "snapshots/one/diff?to=two")[1]["tables"]
    assert [change["key"] for change in table["changes"]] == [{"pk": {"S": "2"}}]
    assert admin.ask("GET", "snapshots/one/diff")[1]["tables"][0]["items"]["added"] == 2
    status, headers, text = admin.send("GET", "/_dynemu/diff?to=one&format=text&limit=1")
    assert (status, headers.get_content_type()) == (200, "text/plain")
    assert text.startswith(b"table things changed: items 2 removed\n")
    assert text.endswith(b"and 1 more\n")
    admin.ask("POST", "namespaces/default/branch", {"name": "other"})
    assert admin.ask("GET", "diff?namespace=other")[1]["same"]


def test_other_connections_are_served_during_an_export(admin: AdminClient, client: Any) -> None:
    fill_much(client, 4000)
    with Peer(admin.url) as reader, Peer(admin.url) as other:
        reader.send(head("GET", "/_dynemu/export", x_amz_target=None, content_type=None))
        for _ in range(20):
            assert other.ask(post({})).status == 200
        assert reader.has_data(10)


def test_a_client_that_goes_away_during_an_export_leaves_nothing(
    admin: AdminClient, client: Any, tmp_path: Path
) -> None:
    fill_much(client, 4000)
    for path in ("export", "diff", "export") * 3:
        with Peer(admin.url) as reader:
            reader.send(head("GET", f"/_dynemu/{path}"))
            if path == "export":
                assert reader.has_data(10)
    deadline = time.monotonic() + 10
    while list((tmp_path / "data").rglob(".*.open-*")) and time.monotonic() < deadline:
        admin.ask("GET", "version")
    assert list((tmp_path / "data").rglob(".*.open-*")) == []
    assert admin.ask("POST", "snapshots", {"name": "one"})[0] == 201


def test_requests_behind_an_export_are_answered_in_their_order(admin: AdminClient, client: Any) -> None:
    fill(client, "1")
    with Peer(admin.url) as peer:
        export = head("GET", "/_dynemu/diff?format=text", x_amz_target=None, content_type=None)
        peer.send(export + post({}) + export)
        assert peer.read().body == b"no differences\n"
        assert peer.read().json() == {"TableNames": ["things"]}
        assert peer.read().body == b"no differences\n"


def test_an_old_client_gets_the_file_as_it_is(admin: AdminClient, client: Any) -> None:
    fill_much(client, 500)
    with Peer(admin.url) as peer:
        peer.send(head("GET", "/_dynemu/export", version="1.0", x_amz_target=None, content_type=None))
        _, _, body = peer.read_end().partition(b"\r\n\r\n")
    assert sum(map(len, Export(BytesIO(body)).batches())) > 500


def test_a_large_file_is_taken(admin: AdminClient, client: Any) -> None:
    """More than a request of an operation may hold, in pieces that the client makes up as it goes."""
    data = admin.send("GET", "/_dynemu/export")[2]
    noise = b"\0" * (1 << 20)
    with Peer(admin.url) as peer:
        request = head(path="/_dynemu/snapshots/big/import", x_amz_target=None, transfer_encoding="chunked")
        peer.send(request, b"%x\r\n%b\r\n" % (len(data), data))
        for _ in range(20):
            peer.send(b"%x\r\n%b\r\n" % (len(noise), noise))
        answer = peer.ask(b"0\r\n\r\n")
    assert (answer.status, answer.json()) == (400, {"error": "The exported snapshot is damaged."})


def test_snapshots_are_operations_too(admin: AdminClient, client: Any) -> None:
    fill(client, "1")
    status, made = admin.operate("CreateSnapshot", {"SnapshotName": "base", "Note": "n"})
    assert (status, made["SnapshotName"], made["Note"]) == (200, "base", "n")
    status, listed = admin.operate("ListSnapshots", {})
    assert [found["SnapshotName"] for found in listed["Snapshots"]] == ["base"]
    fill(client, "2")
    assert admin.operate("LoadSnapshot", {"SnapshotName": "base"}) == (200, {"SnapshotName": "base"})
    assert keys(client) == ["1"]
    assert admin.operate("DeleteAllData") == (200, {})
    assert client.list_tables()["TableNames"] == []
    assert admin.operate("DeleteSnapshot", {"SnapshotName": "base"}) == (200, {"SnapshotName": "base"})


def test_operations_are_in_the_namespace_of_the_request(
    admin: AdminClient, client: Any, make_client: Callable[[str], Any]
) -> None:
    fill(client, "1")
    other = make_client(f"{admin.url}/ns/other")
    fill(other, "2")
    assert admin.operate("DeleteAllData", {}, "/ns/other") == (200, {})
    assert (keys(client), other.list_tables()["TableNames"]) == (["1"], [])


@pytest.mark.parametrize(
    ("name", "request_", "code"),
    [
        ("LoadSnapshot", {"SnapshotName": "none"}, "ResourceNotFoundException"),
        ("LoadSnapshot", {}, "ValidationException"),
        ("DeleteSnapshot", {"SnapshotName": 1}, "ValidationException"),
        ("CreateSnapshot", {"SnapshotName": "../x"}, "ValidationException"),
        ("CreateSnapshot", [], "SerializationException"),
    ],
)
def test_operations_fail_as_operations_do(server_url: str, name: str, request_: Any, code: str) -> None:
    status, error = AdminClient(server_url).operate(name, request_)
    assert (status, error["__type"].partition("#")[2]) == (400, code)


def test_the_name_of_a_snapshot_is_taken(server_url: str, table_name: str) -> None:
    admin = AdminClient(server_url)
    assert admin.operate("CreateSnapshot", {"SnapshotName": table_name})[0] == 200
    status, error = admin.operate("CreateSnapshot", {"SnapshotName": table_name})
    assert (status, error["__type"].partition("#")[2]) == (400, "ResourceInUseException")


def test_a_server_starts_with_a_snapshot(
    admin: AdminClient,
    client: Any,
    start_server: Callable[..., str],
    make_client: Callable[[str], Any],
    tmp_path: Path,
) -> None:
    fill(client, "1", "2")
    file = tmp_path / "golden"
    file.write_bytes(admin.send("GET", "/_dynemu/export")[2])
    url = start_server("--snapshot", str(file))
    started = make_client(url)
    assert keys(started) == ["1", "2"]
    fill(started, "3")
    assert AdminClient(url).ask("POST", "snapshots/start/load")[0] == 200
    assert keys(started) == ["1", "2"]


def test_many_imports_of_one_name_at_once(admin: AdminClient, client: Any) -> None:
    fill_much(client, 1000)
    data = admin.send("GET", "/_dynemu/export")[2]
    statuses: list[int] = []

    def send() -> None:
        statuses.append(admin.send("POST", "/_dynemu/snapshots/same/import", data)[0])

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 409, 409]
    assert admin.ask("POST", "snapshots/same/load")[0] == 200
