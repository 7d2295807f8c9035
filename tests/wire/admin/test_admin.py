"""The admin API: namespaces, savepoints, clocks and faults, and what is wrong with requests."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dynemu
from dynemu.http.admin import ROUTES
from tests.wire.admin_client import TABLE, AdminClient, fill, keys

DOCUMENT = (Path(__file__).parents[3] / "docs" / "admin.md").read_text()


def test_namespaces(admin: AdminClient, client: Any, make_client: Callable[[str], Any]) -> None:
    fill(client, "1")
    assert admin.ask("POST", "namespaces", {"name": "one"}) == (201, {"name": "one"})
    assert admin.ask("POST", "namespaces", {"name": "one"}) == (
        409,
        {"error": "There is a namespace called one already."},
    )
    assert admin.ask("POST", "namespaces/default/branch", {"name": "two"}) == (201, {"name": "two"})
    two = make_client(f"{admin.url}/ns/two")
    fill(two, "2")
    assert (keys(client), keys(two)) == (["1"], ["1", "2"])
    names = [{"name": name} for name in ("default", "one", "two")]
    assert admin.ask("GET", "namespaces") == (200, {"namespaces": names})
    status, found = admin.ask("GET", "namespaces/two")
    assert (status, found["tables"]) == (200, [{"name": "things", "items": 2, "bytes": 6}])
    assert admin.ask("DELETE", "namespaces/two") == (200, {"name": "two"})
    assert admin.ask("GET", "namespaces/two") == (404, {"error": "There is no namespace called two."})
    assert admin.ask("POST", "reset") == (200, {"name": "default"})
    assert client.list_tables()["TableNames"] == []
    (kept,) = admin.ask("GET", "snapshots")[1]["snapshots"]
    assert (kept["automatic"], kept["note"]) == (True, "made before reset")


def test_savepoints(admin: AdminClient, client: Any) -> None:
    fill(client, "1")
    assert admin.ask("POST", "savepoints", {"name": "outer"}) == (201, {"name": "outer"})
    fill(client, "2")
    assert admin.ask("POST", "savepoints") == (201, {"name": "savepoint-1"})
    fill(client, "3")
    assert admin.ask("POST", "rollback") == (200, {"savepoints": ["outer", "savepoint-1"]})
    assert keys(client) == ["1", "2"]
    assert admin.ask("POST", "savepoints/outer/rollback") == (200, {"savepoints": ["outer"]})
    assert keys(client) == ["1"]
    assert admin.ask("DELETE", "savepoints/outer") == (200, {"savepoints": []})
    assert admin.ask("GET", "savepoints") == (200, {"savepoints": []})
    assert admin.ask("POST", "rollback") == (404, {"error": "There is no savepoint."})
    assert admin.ask("DELETE", "savepoints/x") == (404, {"error": "There is no savepoint called x."})


def test_a_clock_that_is_moved_expires_items(admin: AdminClient, client: Any) -> None:
    client.create_table(**TABLE)
    attribute = {"Enabled": True, "AttributeName": "ends"}
    client.update_time_to_live(TableName="things", TimeToLiveSpecification=attribute)
    admin.ask("POST", "clock/freeze", {"at": 1_700_000_000})
    client.put_item(TableName="things", Item={"pk": {"S": "1"}, "ends": {"N": "1700000100"}})
    assert admin.ask("POST", "sweep") == (200, {"deleted": 0})
    assert admin.ask("POST", "clock/advance", {"seconds": 7200})[1]["time"] == "2023-11-15T00:13:20Z"
    admin.ask("POST", "sweep")
    assert keys(client) == []


def test_a_clock_stands_still_and_goes_on(admin: AdminClient) -> None:
    frozen = {"now": 1.5, "time": "1970-01-01T00:00:01.500000Z", "rate": 0.0, "follows": False}
    assert admin.ask("POST", "clock/freeze", {"at": 1.5}) == (200, frozen)
    assert admin.ask("GET", "clock") == (200, frozen)
    assert admin.ask("POST", "clock/set", {"at": "2030-01-01T00:00:00Z"})[1]["now"] == 1893456000.0
    assert admin.ask("POST", "clock/rate", {"rate": 60})[1]["rate"] == 60.0
    assert admin.ask("POST", "clock", {"freeze": 3})[1]["now"] == 3.0
    assert admin.ask("POST", "clock/reset")[1]["follows"]
    assert admin.ask("POST", "clock/set", {"at": -1}) == (400, {"error": "Time is between 1970 and 9999."})


def test_faults(admin: AdminClient, client: Any) -> None:
    fill(client, "1")
    status, made = admin.ask("POST", "faults", {"kind": "throttle", "operation": "GetItem"})
    assert status == 201
    with pytest.raises(client.exceptions.ThrottlingException):
        client.get_item(TableName="things", Key={"pk": {"S": "1"}})
    (fault,) = admin.ask("GET", "faults")[1]["faults"]
    assert (fault["id"], fault["hit"]) == (made["id"], 1)
    assert admin.ask("DELETE", f"faults/{made['id']}")[1]["faults"] == []
    assert client.get_item(TableName="things", Key={"pk": {"S": "1"}})["Item"] == {"pk": {"S": "1"}}
    assert admin.ask("POST", "faults", {"kind": "drought"})[0] == 400
    assert admin.ask("DELETE", "faults/none") == (404, {"error": "There is no fault called none."})


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "sentence"),
    [
        ("GET", "nothing", None, 404, "There is nothing at /_dynemu/nothing."),
        ("GET", "namespaces/default/snapshots/a/b/c", None, 404, "There is nothing at"),
        ("DELETE", "clock", None, 405, "This wants GET or POST, not DELETE."),
        ("POST", "namespaces", [], 400, "The body is a JSON object."),
        ("POST", "namespaces", {}, 400, "The member 'name' is missing."),
        ("POST", "namespaces", {"name": 7}, 400, "The member 'name' is a name."),
        (
            "POST",
            "namespaces",
            {"name": "a", "x": 1},
            400,
            "There is no member 'x' here; those that are known",
        ),
        ("POST", "namespaces", {"name": "../a"}, 400, "A namespace is named with"),
        ("GET", "namespaces/..%2F..%2Fetc", None, 400, "A namespace is named with"),
        ("POST", "snapshots", {"name": ".hidden"}, 400, "A snapshot is named with"),
        ("POST", "snapshots/none/load", None, 404, "There is no snapshot called none."),
        ("DELETE", "snapshots/none", None, 404, "There is no snapshot called none."),
        ("GET", "snapshots/none/export", None, 404, "There is no snapshot called none."),
        ("GET", "snapshots/none/diff", None, 404, "There is no snapshot called none."),
        ("GET", "diff?limit=-1", None, 400, "The member 'limit' is a whole number from 0"),
        ("GET", "diff?namespace=none", None, 404, "There is no namespace called none."),
        ("POST", "clock/advance", {"seconds": "soon"}, 400, "The member 'seconds' is a number."),
        ("POST", "namespaces/none/reset", None, 404, "There is no namespace called none."),
    ],
)
def test_a_wrong_request_is_answered_in_one_sentence(
    server_url: str, method: str, path: str, body: Any, status: int, sentence: str
) -> None:
    found, document = AdminClient(server_url).ask(method, path, body)
    assert (found, list(document)) == (status, ["error"])
    assert document["error"].startswith(sentence)


def test_a_body_that_is_no_json(server_url: str) -> None:
    status, _, body = AdminClient(server_url).send("POST", "/_dynemu/clock", b"{")
    assert (status, body) == (400, b'{"error":"The body is no JSON."}')


def test_what_is_allowed_is_told(server_url: str) -> None:
    status, headers, _ = AdminClient(server_url).send("PUT", "/_dynemu/snapshots")
    assert (status, headers["Allow"]) == (405, "GET, POST")


def test_version_and_health(server_url: str) -> None:
    admin = AdminClient(server_url)
    assert admin.ask("GET", "version") == (200, {"version": dynemu.__version__})
    assert admin.ask("GET", "health")[1]["status"] == "ok"


def test_every_route_is_documented() -> None:
    told = set(re.findall(r"^\| `(GET|POST|DELETE) /_dynemu/(\S+?)`", DOCUMENT, re.MULTILINE))
    short = "namespaces/{namespace}/"
    assert told == {(route.method, route.path.removeprefix(short)) for route in ROUTES} | {("GET", "health")}


def test_controls_are_told_and_set_at_once(admin: AdminClient, client: Any) -> None:
    status, before = admin.ask("GET", "controls")
    assert status == 200
    assert (before["clock"]["follows"], before["faults"], before["table_delay"]) == (True, [], 0)
    fault = {"id": "slow", "kind": "throttle", "operation": "ListTables", "times": 1}
    wanted = {
        "clock": {"freeze": 1000},
        "table_delay": 5,
        "consistency": {"mode": "lagged", "seed": 3},
        "faults": [fault],
        "seed": 9,
    }
    status, found = admin.ask("POST", "controls", wanted)
    assert (status, found["clock"]["now"], found["table_delay"]) == (200, 1000, 5)
    assert (found["consistency"], found["seed"]) == ({"mode": "lagged", "seed": 3}, 9)
    assert found["faults"] == [{**fault, "asked": 0, "hit": 0}]
    assert client.create_table(**TABLE)["TableDescription"]["TableStatus"] == "CREATING"
    admin.ask("POST", "clock/advance", {"seconds": 6})
    assert client.describe_table(TableName="things")["Table"]["TableStatus"] == "ACTIVE"
    # What was told can be set again, and null is what the server was started with.
    assert admin.ask("POST", "controls", found)[1] == found
    assert admin.ask("POST", "controls", {"table_delay": None, "consistency": None})[1]["table_delay"] == 0
    assert admin.ask("POST", "controls", before)[1]["clock"]["follows"]
    assert client.list_tables()["TableNames"] == ["things"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"table_delay": -1}, "The table_delay is a number of seconds, 0 or more."),
        ({"table_delay": True}, "The table_delay is a number of seconds, 0 or more."),
        ({"consistency": "strong"}, "The consistency is an object with a mode."),
        ({"consistency": {"mode": "odd"}}, "Consistency is one of strong, lagged, adversarial."),
        ({"faults": {}}, "The faults are a list of objects."),
        ({"faults": [{"kind": "odd"}]}, "The kind of a fault is one of throttle"),
        ({"faults": [{"kind": "drop", "id": 1}]}, "The id of a fault is a name."),
        ({"seed": -1}, "A seed is a whole number, 0 or more."),
        ({"clock": {"freeze": "soon"}}, "The member freeze of a change of the clock is no time"),
        ({"clock": 5}, "A change of the clock is an object"),
        ({"clock": {"follows": False}}, "The member set of a change of the clock is a number."),
        ({"tables": 1}, "Controls are an object with some of clock"),
    ],
)
def test_controls_that_are_wrong_set_nothing(server_url: str, wrong: Any, sentence: str) -> None:
    admin = AdminClient(server_url)
    before = admin.ask("GET", "controls")[1]
    right = {"clock": {"freeze": 5}, "table_delay": 7, "consistency": {"mode": "lagged"}, "seed": 4}
    status, answer = admin.ask("POST", "controls", {**right, **wrong})
    assert (status, answer["error"].startswith(sentence)) == (400, True), answer
    after = admin.ask("GET", "controls")[1]
    assert {**after, "clock": None} == {**before, "clock": None}
    assert after["clock"]["follows"]
