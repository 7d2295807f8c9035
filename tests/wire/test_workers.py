"""Several workers behind one port look like one server, whatever worker a connection reaches first."""

import os
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import orjson
import pytest

from dynemu.http.workers.boundaries import start_of
from dynemu.http.workers.owners import home_of
from tests.conftest import run_server
from tests.wire.admin_client import TABLE, AdminClient
from tests.wire.peer import AUTHORIZATION, Peer, chunked, head, post

POSIX = os.name == "posix"
pytestmark = pytest.mark.skipif(not POSIX, reason="workers hand sockets to each other")

WORKERS = 3
NAMES = [f"one-{number}" for number in range(WORKERS)]
"""A namespace of each worker."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a table in a namespace of every worker, whose one item tells the namespace."""
    with run_server(tmp_path_factory.mktemp("workers") / "server.log", "--workers", str(WORKERS)) as url:
        with Peer(url) as peer:
            for name in NAMES:
                fill(peer, name, name)
        yield url


@pytest.fixture
def peer(url: str) -> Iterator[Peer]:
    with Peer(url) as peer:
        yield peer


def fill(peer: Peer, namespace: str, *keys: str) -> None:
    assert peer.ask(post(TABLE, "CreateTable", path=f"/ns/{namespace}")).status == 200
    for key in keys:
        assert peer.ask(put(namespace, key)).status == 200


def put(namespace: str, key: str, **more: Any) -> bytes:
    item = {"pk": {"S": key}}
    return post({"TableName": "things", "Item": item}, "PutItem", path=f"/ns/{namespace}", **more)


def scan(namespace: str, **more: Any) -> bytes:
    return post({"TableName": "things"}, "Scan", path=f"/ns/{namespace}", **more)


def keys(response: Any) -> list[str]:
    assert response.status == 200, response.body
    return sorted(item["pk"]["S"] for item in response.json()["Items"])


def test_each_of_these_names_has_a_worker_of_its_own() -> None:
    assert sorted(home_of(name, WORKERS) for name in NAMES) == list(range(WORKERS))


@pytest.mark.parametrize("workers", [2, 3, 5, 8])
def test_numbered_names_are_dealt_out_evenly(workers: int) -> None:
    homes = [home_of(f"gw{number}", workers) for number in range(4 * workers)]
    assert [homes.count(worker) for worker in range(workers)] == [4] * workers


def test_a_name_has_the_same_worker_in_every_process() -> None:
    assert [home_of(name, 7) for name in ("default", "a", "test-12", "9" * 5000, "ä")] == [1, 4, 2, 5, 1]


# Connections


def test_a_connection_goes_from_namespace_to_namespace(peer: Peer) -> None:
    for _ in range(5):
        for name in NAMES:
            assert keys(peer.ask(scan(name))) == [name]


def test_the_path_may_end_with_a_slash_or_be_absolute(peer: Peer) -> None:
    for name in NAMES:
        for path in (f"/ns/{name}/", f"http://localhost/ns/{name}"):
            assert keys(peer.ask(post({"TableName": "things"}, "Scan", path=path))) == [name]


def test_a_client_of_boto3_and_threads_for_every_namespace(
    url: str, make_client: Callable[[str], Any]
) -> None:
    names = [f"threads-{number}" for number in range(8)]

    def use(name: str) -> list[int]:
        client = make_client(f"{url}/ns/{name}")
        client.create_table(**TABLE)

        def write(number: int) -> None:
            client.put_item(TableName="things", Item={"pk": {"S": f"{name} {number}"}})

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(write, range(40)))
        found = {item["pk"]["S"] for item in client.scan(TableName="things")["Items"]}
        assert found == {f"{name} {number}" for number in range(40)}
        return [client.describe_table(TableName="things")["Table"]["ItemCount"]]

    with ThreadPoolExecutor(len(names)) as threads:
        assert list(threads.map(use, names)) == [[40]] * len(names)


@pytest.mark.parametrize("seed", range(6))
def test_pipelined_requests_across_namespaces_are_answered_in_their_order(url: str, seed: int) -> None:
    chooser = random.Random(seed)
    names = [chooser.choice(NAMES) for _ in range(150)]
    data = b"".join(
        scan(name)
        if chooser.random() < 0.7
        else head(path=f"/ns/{name}", transfer_encoding="chunked", x_amz_target="DynamoDB_20120810.Scan")
        + chunked(b'{"TableName"', b':"things"}')
        for name in names
    )
    with Peer(url) as peer:
        while data:
            size = chooser.choice([1, 50, 700, 20_000, 200_000])
            peer.send(data[:size])
            data = data[size:]
        assert [keys(peer.read()) for _ in names] == [[name] for name in names]


def test_a_request_may_be_cut_anywhere(url: str) -> None:
    for name in NAMES:
        request = scan(name)
        with Peer(url) as peer:
            for place in range(1, len(request), 23):
                peer.send(request[:place], request[place:], pause=0.001)
                assert keys(peer.read()) == [name]
                assert keys(peer.ask(scan(NAMES[0]))) == [NAMES[0]]


@pytest.mark.parametrize("name", NAMES)
def test_who_waits_to_send_a_body_is_told_once_to_go_on(url: str, name: str) -> None:
    body = orjson.dumps({"TableName": "things"})
    request = scan(name, expect="100-continue")
    with Peer(url) as peer:
        # Behind a request for another worker, and on its own.
        for before in (scan(NAMES[0]), b""):
            peer.send(before + request[: -len(body)])
            if before:
                assert keys(peer.read()) == [NAMES[0]]
            assert peer.read().status == 100
            assert keys(peer.ask(body)) == [name]


def test_who_waits_to_send_the_name_of_a_namespace_is_told_once_to_go_on(url: str) -> None:
    for number in range(WORKERS):
        body = orjson.dumps({"name": f"waits-{number}"})
        request = post(body, path="/_dynemu/namespaces", expect="100-continue")
        with Peer(url) as peer:
            assert peer.ask(request[: -len(body)]).status == 100
            assert peer.ask(body).status == 201


def test_a_large_body_arrives(peer: Peer) -> None:
    for name in NAMES:
        fill(peer, f"large-{name}")
        puts = [
            {"PutRequest": {"Item": {"pk": {"S": f"{number}"}, "v": {"S": "x" * 390_000}}}}
            for number in range(25)
        ]
        request = post({"RequestItems": {"things": puts}}, "BatchWriteItem", path=f"/ns/large-{name}")
        assert peer.ask(request).json() == {"UnprocessedItems": {}}
    for name in NAMES:
        counted = post({"TableName": "things"}, "DescribeTable", path=f"/ns/large-{name}")
        assert peer.ask(counted).json()["Table"]["ItemCount"] == 25


@pytest.mark.parametrize("name", NAMES)
def test_a_connection_that_ends_with_its_answer_ends(url: str, name: str) -> None:
    for more in ({"connection": "close"}, {"version": "1.0"}):
        with Peer(url) as peer:
            assert keys(peer.ask(scan(name, **more))) == [name]
            assert peer.read_end() == b""


@pytest.mark.parametrize("name", NAMES)
def test_a_client_that_sends_no_more_is_answered(url: str, name: str) -> None:
    with Peer(url) as peer:
        peer.send(scan(NAMES[0]) + scan(name))
        peer.socket.shutdown(1)
        assert [keys(peer.read()), keys(peer.read())] == [[NAMES[0]], [name]]
        assert peer.read_end() == b""


def test_what_is_no_request_is_refused_behind_requests_for_several_workers(url: str) -> None:
    with Peer(url) as peer:
        peer.send(b"".join(scan(name) for name in NAMES) + b"nonsense\r\n\r\n")
        assert [keys(peer.read()) for _ in NAMES] == [[name] for name in NAMES]
        assert peer.read().status == 400


def test_a_slow_reader_gets_every_answer_once(url: str) -> None:
    with Peer(url) as peer:
        fill(peer, "slow-1")
        for number in range(4):
            item = {"pk": {"S": f"{number}"}, "v": {"S": "x" * 200_000}}
            assert (
                peer.ask(post({"TableName": "things", "Item": item}, "PutItem", path="/ns/slow-1")).status
                == 200
            )
        rounds = 12
        peer.send(b"".join(scan("slow-1") + b"".join(map(scan, NAMES)) for _ in range(rounds)))
        for _ in range(rounds):
            assert keys(peer.read()) == ["0", "1", "2", "3"]
            assert [keys(peer.read()) for _ in NAMES] == [[name] for name in NAMES]


def test_where_a_request_begins_is_found() -> None:
    requests = [
        scan("a"),
        head(transfer_encoding="chunked") + chunked(b"{", b"}"),
        post(path="/ns/b"),
        scan("c"),
    ]
    requests.insert(2, post(connection="Upgrade", upgrade="h2c"))
    data = b"".join(requests)
    assert [start_of(data, index) for index in range(5)] == [
        len(b"".join(requests[:index])) for index in range(5)
    ]


# By the caller


def test_namespaces_may_be_named_by_the_access_key(
    serving: Callable[..., AbstractContextManager[str]],
) -> None:
    with serving("--workers", "3", "--namespace-by", "access-key") as url, Peer(url) as peer:
        for number in range(6):
            signed = AUTHORIZATION.replace("AKIDEXAMPLE", f"KEY{number}")
            assert peer.ask(post(TABLE, "CreateTable", authorization=signed)).status == 200
        for number in range(6):
            signed = AUTHORIZATION.replace("AKIDEXAMPLE", f"KEY{number}")
            request = post({"TableName": "things"}, "DeleteTable", authorization=signed)
            assert [peer.ask(request).status for _ in range(2)] == [200, 400]
        assert (
            peer.ask(post(authorization=None))
            .json()["__type"]
            .endswith("MissingAuthenticationTokenException")
        )
        found = AdminClient(url).ask("GET", "namespaces")[1]["namespaces"]
        assert [each["name"] for each in found] == [*(f"KEY{number}" for number in range(6)), "default"]


# Namespaces


@pytest.fixture(params=["memory", "disk"])
def admin(request: pytest.FixtureRequest, start_server: Callable[..., str], tmp_path: Path) -> AdminClient:
    place = ["--db-path", str(tmp_path / "data")] if request.param == "disk" else []
    return AdminClient(start_server("--workers", str(WORKERS), *place))


def names_of(admin: AdminClient) -> list[str]:
    return [each["name"] for each in admin.ask("GET", "namespaces")[1]["namespaces"]]


def contents_of(url: str, namespace: str) -> list[str]:
    """Return all keys in a namespace, page by page."""
    found: list[str] = []
    start: Any = {}
    with Peer(url) as peer:
        while start is not None:
            request = {"TableName": "things", **({"ExclusiveStartKey": start} if start else {})}
            page = peer.ask(post(request, "Scan", path=f"/ns/{namespace}"))
            found += keys(page)
            start = page.json().get("LastEvaluatedKey")
    return found


def contents(admin: AdminClient, *namespaces: str) -> list[list[str]]:
    with Peer(admin.url) as peer:
        return [keys(peer.ask(scan(name))) for name in namespaces]


def test_namespaces_are_made_listed_and_dropped(admin: AdminClient) -> None:
    for name in NAMES:
        assert admin.ask("POST", "namespaces", {"name": name}) == (201, {"name": name})
        assert admin.ask("POST", f"namespaces?name={name}")[0] == 409
    assert names_of(admin) == ["default", *NAMES]
    for name in NAMES:
        assert admin.ask("GET", f"namespaces/{name}")[1]["tables"] == []
        assert admin.ask("DELETE", f"namespaces/{name}")[0] == 200
        assert admin.ask("GET", f"namespaces/{name}")[0] == 404
    assert admin.ask("DELETE", "namespaces/default")[0] == 200
    assert names_of(admin) == ["default"]
    assert admin.ask("POST", "namespaces", {"name": "../x"})[0] == 400
    assert admin.ask("POST", "namespaces")[0] == 400


def test_a_branch_is_where_its_source_is_and_found_from_everywhere(admin: AdminClient) -> None:
    with Peer(admin.url) as peer:
        fill(peer, NAMES[0], "a")
    branches = [f"branch-{number}" for number in range(2 * WORKERS)]
    for branch in branches:
        assert admin.ask("POST", f"namespaces/{NAMES[0]}/branch", {"name": branch})[0] == 201
        # Every connection begins with some worker, which may be none of those concerned.
        with Peer(admin.url) as peer:
            assert peer.ask(put(branch, branch)).status == 200
    assert contents(admin, NAMES[0], *branches) == [["a"], *(sorted(["a", branch]) for branch in branches)]
    for branch in branches:
        assert admin.ask("POST", f"namespaces/{NAMES[0]}/branch", {"name": branch}) == (
            409,
            {"error": f"There is a namespace called {branch} already."},
        )
    assert names_of(admin) == [*branches, "default", NAMES[0]]


def test_a_name_that_is_free_again_may_be_used_by_any_worker(admin: AdminClient) -> None:
    with Peer(admin.url) as peer:
        for name in NAMES:
            fill(peer, name, name)
        for _ in range(3):
            for name in NAMES:
                assert admin.ask("POST", f"namespaces/{name}/branch", {"name": "again"})[0] == 201
                assert keys(peer.ask(scan("again"))) == [name]
                assert admin.ask("DELETE", "namespaces/again")[0] == 200
        fill(peer, "again", "new")
    assert contents(admin, "again") == [["new"]]


def test_a_branch_that_fails_leaves_the_name_free(admin: AdminClient) -> None:
    for name in NAMES:
        with Peer(admin.url) as peer:
            fill(peer, name)
        missing = admin.ask("POST", f"namespaces/{name}/branch", {"name": "free", "snapshot": "none"})
        assert missing == (404, {"error": "There is no snapshot called none."})
        assert admin.ask("POST", f"namespaces/{name}/branch", {"name": "not free/"})[0] == 400
    for name in NAMES:
        assert admin.ask("POST", f"namespaces/{name}/branch", {"name": "free"})[0] == 201
        assert admin.ask("DELETE", "namespaces/free")[0] == 200


def test_only_one_of_many_gets_a_name(admin: AdminClient) -> None:
    with Peer(admin.url) as peer:
        for name in NAMES:
            fill(peer, name, name)
    for number in range(6):
        start = threading.Barrier(2 * WORKERS)

        def branch(name: str, start: threading.Barrier = start, number: int = number) -> tuple[int, str]:
            start.wait()
            return admin.ask("POST", f"namespaces/{name}/branch", {"name": f"wanted-{number}"})[0], name

        with ThreadPoolExecutor(2 * WORKERS) as threads:
            answers = list(threads.map(branch, NAMES * 2))
        assert sorted(status for status, _ in answers) == [201] + [409] * (2 * WORKERS - 1)
        (winner,) = [name for status, name in answers if status == 201]
        assert contents(admin, f"wanted-{number}") == [[winner]]


def test_snapshots_of_other_workers_are_loaded_and_compared(admin: AdminClient) -> None:
    with Peer(admin.url) as peer:
        for name in NAMES:
            fill(peer, name, name)
    one, other = NAMES[:2]
    assert admin.ask("POST", f"namespaces/{other}/snapshots", {"name": "kept"})[0] == 201
    _, difference = admin.ask("GET", f"namespaces/{one}/diff?namespace={other}")
    assert difference["tables"][0]["items"] == {"added": 1, "removed": 1, "changed": 0}
    assert admin.ask("GET", f"namespaces/{one}/diff?namespace={other}&to=kept")[1] == difference
    assert admin.ask("POST", f"namespaces/{one}/snapshots/kept/load", {"source": other})[0] == 200
    assert contents(admin, one, other) == [[other], [other]]
    assert admin.ask("GET", f"namespaces/{one}/diff?namespace={other}")[1]["same"] is True
    left = [
        each["name"].rpartition("-")[0]
        for name in (one, other)
        for each in admin.ask("GET", f"namespaces/{name}/snapshots")[1]["snapshots"]
    ]
    assert left == ["before-load", ""]


def test_what_other_workers_do_not_hold_is_told_as_by_one_server(
    admin: AdminClient, start_server: Callable[..., str]
) -> None:
    single = AdminClient(start_server())
    for each in (admin, single):
        for name in NAMES:
            each.ask("POST", "namespaces", {"name": name})
    one, other = NAMES[:2]
    for method, path, body in (
        ("POST", f"namespaces/{one}/snapshots/none/load", {"source": other}),
        ("POST", f"namespaces/{one}/snapshots/none/load", {"source": "nowhere-1"}),
        ("POST", f"namespaces/{one}/snapshots/none/load", {"source": "no where"}),
        ("GET", f"namespaces/{one}/diff?namespace={other}&to=none", None),
        ("GET", f"namespaces/{one}/diff?namespace=nowhere-2", None),
        ("GET", f"namespaces/{one}/diff?namespace=nowhere-3&to=x", None),
        ("GET", f"namespaces/{one}/diff?namespace=no%20where", None),
        ("GET", f"namespaces/{one}/snapshots/none/diff?namespace={other}", None),
        ("POST", f"namespaces/{one}/branch", {"name": other}),
        ("POST", "namespaces/nowhere-4/branch", {"name": "new"}),
        ("POST", "namespaces/nowhere-5/reset", None),
        ("DELETE", "namespaces/nowhere-6", None),
        ("PUT", f"namespaces/{one}", None),
        ("GET", "nothing", None),
    ):
        assert admin.ask(method, path, body) == single.ask(method, path, body), (method, path)


def test_exports_and_imports_are_of_the_namespace_that_they_name(admin: AdminClient) -> None:
    with Peer(admin.url) as peer:
        for name in NAMES:
            fill(peer, name, name)
    files = [admin.send("GET", f"/_dynemu/namespaces/{name}/export")[2] for name in NAMES]
    for name, file in zip(NAMES, [*files[1:], files[0]], strict=True):
        path = f"/_dynemu/namespaces/{name}/snapshots"
        assert admin.send("POST", f"{path}/brought/import", file)[0] == 201
        assert admin.send("POST", f"{path}/brought/load")[0] == 200
    assert contents(admin, *NAMES) == [[name] for name in [*NAMES[1:], NAMES[0]]]


def test_a_reset_is_of_one_namespace(admin: AdminClient) -> None:
    with Peer(admin.url) as peer:
        for name in NAMES:
            fill(peer, name, name)
    assert admin.operate("DeleteAllData", path=f"/ns/{NAMES[0]}") == (200, {})
    assert admin.ask("POST", f"namespaces/{NAMES[1]}/reset")[0] == 200
    assert [len(admin.ask("GET", f"namespaces/{name}")[1]["tables"]) for name in NAMES] == [0, 0, 1]


def test_clocks_and_faults_are_of_one_namespace(admin: AdminClient) -> None:
    for name in NAMES:
        admin.ask("POST", "namespaces", {"name": name})
    assert admin.ask("POST", f"namespaces/{NAMES[0]}/clock/freeze", {"at": 1_000_000_000})[0] == 200
    assert admin.ask("POST", f"namespaces/{NAMES[1]}/faults", {"kind": "throttle"})[0] == 201
    frozen = [admin.ask("GET", f"namespaces/{name}/clock")[1]["now"] == 1_000_000_000 for name in NAMES]
    faults = [len(admin.ask("GET", f"namespaces/{name}/faults")[1]["faults"]) for name in NAMES]
    assert (frozen, faults) == ([True, False, False], [0, 1, 0])


def test_a_token_is_asked_for_before_other_workers_are(start_server: Callable[..., str]) -> None:
    url = start_server("--workers", "3", "--admin-token", "secret")
    names = {"default", *NAMES}
    with_token, without = AdminClient(url, authorization="Bearer secret"), AdminClient(url)
    for name in NAMES:
        assert with_token.ask("POST", "namespaces", {"name": name})[0] == 201
    assert set(names_of(with_token)) == names
    for method, path, body in (
        ("GET", "namespaces", None),
        ("POST", f"namespaces/{NAMES[0]}/branch", {"name": "x-1"}),
        ("GET", f"namespaces/{NAMES[0]}/diff?namespace={NAMES[1]}", None),
    ):
        assert without.ask(method, path, body)[0] == 401
    assert with_token.ask("GET", f"namespaces/{NAMES[0]}/diff?namespace={NAMES[1]}")[1]["same"] is True
    assert set(names_of(with_token)) == names
