"""The pytest plugin in projects that use it, in process, over HTTP and in several processes."""

import os
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dynemu.testing.remote import RemoteDatabase
from tests.plugin.projects import BASELINE, COUNT, run_pytest

MODES = ["process", "server"]
ISOLATED = f"""{COUNT}
@pytest.mark.parametrize("number", range(4))
def test_items(dynamodb_client, number):
    assert count(dynamodb_client) == 1
    dynamodb_client.put_item(TableName="films", Item={{"pk": {{"S": str(number)}}}})
    assert count(boto3.client("dynamodb")) == 2

@pytest.mark.parametrize("number", range(2))
def test_tables(dynamodb_resource, dynemu, number):
    dynamodb_resource.Table("films").delete()
    assert dynemu.call("ListTables")["TableNames"] == []

def test_url(dynemu_url):
    client = boto3.client("dynamodb", "us-east-1", endpoint_url=dynemu_url,
                          aws_access_key_id="key", aws_secret_access_key="secret")
    assert count(client) == 1
    client.delete_item(TableName="films", Key={{"pk": {{"S": "seed"}}}})

@pytest.fixture
def more(dynamodb_client):
    dynamodb_client.put_item(TableName="films", Item={{"pk": {{"S": "more"}}}})

def test_fixtures_of_ones_own_are_undone_too(more, dynamodb_client):
    assert count(dynamodb_client) == 2

def test_streams(dynamodb_streams_client):
    assert dynamodb_streams_client.meta.service_model.service_name == "dynamodbstreams"

@pytest.mark.dynemu(clock="2026-01-01T00:00:00Z")
def test_clock(dynemu):
    assert dynemu.clock.now() == 1767225600.0

def test_clock_goes_on_again(dynemu):
    assert dynemu.clock.now() > 1767225600.0 + 10_000
"""


@pytest.mark.parametrize("mode", MODES)
def test_every_test_starts_from_the_baseline(tmp_path: Path, mode: str) -> None:
    run = run_pytest(tmp_path, f"--dynemu-mode={mode}", conftest=BASELINE, test_films=ISOLATED)
    assert run.counts == {"passed": 11}, run.output


def test_faults_of_a_marker_happen_over_http_too(tmp_path: Path) -> None:
    tests = f"""{COUNT}
@pytest.mark.dynemu(faults=[{{"kind": "throttle", "operation": "Scan", "times": 1}}])
def test_fault(dynemu, dynamodb_client):
    assert dynamodb_client.scan(TableName="films")["ResponseMetadata"]["RetryAttempts"] == 1
    assert [fault["hit"] for fault in dynemu.faults.list()] == [1]

def test_it_is_gone(dynemu, dynamodb_client):
    assert dynemu.faults.list() == []
    assert dynamodb_client.scan(TableName="films")["ResponseMetadata"]["RetryAttempts"] == 0
"""
    run = run_pytest(tmp_path, "--dynemu-mode=server", conftest=BASELINE, test_films=tests)
    assert run.counts == {"passed": 2}, run.output


@pytest.mark.parametrize("mode", MODES)
def test_workers_have_databases_of_their_own(tmp_path: Path, mode: str) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\ndynemu_mode = {mode}\n")
    run = run_pytest(tmp_path, "-n", "2", conftest=BASELINE, test_films=ISOLATED)
    assert run.counts == {"passed": 11}, run.output


def test_workers_share_a_running_server(tmp_path: Path, start_server: Callable[..., str]) -> None:
    url = start_server()
    arguments = ("-n", "2", "--dynemu-url", url)
    run = run_pytest(tmp_path, *arguments, conftest=BASELINE, test_films=ISOLATED)
    assert run.counts == {"passed": 11}, run.output
    database = RemoteDatabase(url)
    assert database.call("ListTables") == {"TableNames": []}
    # Their namespaces are dropped.
    assert database.ask("GET")["name"] == "default"
    database.close()


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, "--dynemu-url", "http://127.0.0.1:9", test_one="def test_one(dynemu): pass")
    assert run.counts == {"error": 1}
    assert "No answer from http://127.0.0.1:9" in run.output


@pytest.mark.parametrize("mode", MODES)
def test_markers_set_delays_and_faults_for_one_test(tmp_path: Path, mode: str) -> None:
    tests = f"""{COUNT}
pytestmark = pytest.mark.dynemu(table_delay=5, clock=1000)

@pytest.mark.dynemu(faults=[{{"kind": "throttle", "operation": "Scan", "times": 1}}], clock=2000)
def test_with(dynamodb_client, dynemu):
    assert dynamodb_client.scan(TableName="films")["ResponseMetadata"]["RetryAttempts"] == 1
    assert dynemu.clock.now() == 2000
    dynamodb_client.delete_table(TableName="films")
    assert dynamodb_client.describe_table(TableName="films")["Table"]["TableStatus"] == "DELETING"
    dynemu.clock.advance(6)
    assert dynemu.call("ListTables")["TableNames"] == []
    dynemu.faults.add({{"kind": "error", "operation": "ListTables"}})

def test_next(dynamodb_client, dynemu):
    assert dynemu.faults.list() == []
    assert dynamodb_client.scan(TableName="films")["ResponseMetadata"]["RetryAttempts"] == 0
    assert dynemu.clock.now() == 1000
    deleted = dynemu.call("DeleteTable", {{"TableName": "films"}})
    assert deleted["TableDescription"]["TableStatus"] == "DELETING"
    assert dynemu.call("ListTables")["TableNames"] == ["films"]

@pytest.mark.dynemu(table_delay=0)
def test_none(dynemu):
    dynemu.call("DeleteTable", {{"TableName": "films"}})
    assert dynemu.call("ListTables")["TableNames"] == []
"""
    run = run_pytest(
        tmp_path, "--strict-markers", f"--dynemu-mode={mode}", conftest=BASELINE, test_films=tests
    )
    assert run.counts == {"passed": 3}, run.output


@pytest.mark.parametrize("mode", MODES)
def test_markers_that_are_wrong_are_told_and_leave_nothing(tmp_path: Path, mode: str) -> None:
    tests = """
import pytest

@pytest.mark.dynemu(colour=1)
def test_unknown(dynemu): pass

@pytest.mark.dynemu(clock="soon", table_delay=5)
def test_clock(dynemu): pass

@pytest.mark.dynemu(clock=5, faults=[{"kind": "flood"}])
def test_fault(dynemu): pass

def test_after(dynemu):
    assert dynemu.clock.now() > 1767225600.0
    assert dynemu.call("DeleteTable", {"TableName": "films"})["TableDescription"]["TableStatus"] == "DELETING"
    assert dynemu.call("ListTables")["TableNames"] == []
"""
    run = run_pytest(tmp_path, f"--dynemu-mode={mode}", conftest=BASELINE, test_films=tests)
    assert run.counts == {"passed": 1, "errors": 3}, run.output
    assert "the marker dynemu takes clock, table_delay, faults, not colour" in run.output
    assert "The member freeze of a change of the clock is no time: soon." in run.output
    assert "The kind of a fault is one of throttle" in run.output


CONTROLLED = f"""{COUNT}
@pytest.mark.parametrize("round", range(2))
def test_what_the_baseline_set_is_there_again(dynemu, dynamodb_client, round):
    assert dynemu.clock.now() == 1000
    assert [(fault["id"], fault["asked"]) for fault in dynemu.faults.list()] == [("fault-1", 0)]
    assert dynamodb_client.scan(TableName="films")["ResponseMetadata"]["RetryAttempts"] == 1
    assert dynemu.faults.add({{"kind": "error", "operation": "ListTables"}}) == "fault-2"
    dynemu.faults.remove("fault-1")
    dynemu.clock.advance(5)
    dynemu.simulate("strong")
    dynemu.call("PutItem", {{"TableName": "films", "Item": {{"pk": {{"S": "late"}}}}}})
    assert count(dynamodb_client) == 2

@pytest.mark.parametrize("round", range(2))
def test_consistency_too(dynemu, round):
    dynemu.call("PutItem", {{"TableName": "films", "Item": {{"pk": {{"S": "late"}}}}}})
    assert "Item" not in dynemu.call("GetItem", {{"TableName": "films", "Key": {{"pk": {{"S": "late"}}}}}})
"""


@pytest.mark.parametrize("mode", MODES)
def test_what_a_baseline_sets_besides_data_is_there_for_every_test(tmp_path: Path, mode: str) -> None:
    conftest = BASELINE.replace("dynemu_baseline()", "dynemu_baseline(dynemu_session)")
    conftest += """
    database = dynemu_session.database
    database.clock.freeze(1000)
    database.faults.add({"kind": "throttle", "operation": "Scan", "times": 1})
    database.simulate("adversarial")
"""
    run = run_pytest(tmp_path, f"--dynemu-mode={mode}", conftest=conftest, test_films=CONTROLLED)
    assert run.counts == {"passed": 4}, run.output


FAILING = """
def test_fails(dynamodb_client):
    dynamodb_client.put_item(TableName="films", Item={"pk": {"S": "left"}})
    assert False
"""


@pytest.mark.parametrize("mode", MODES)
def test_what_a_failed_test_left_is_kept_as_a_file(
    tmp_path: Path, mode: str, start_server: Callable[..., str]
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    for number in range(12):
        older = kept / f"older-{number}.dynemu"
        older.touch()
        os.utime(older, (number, number))
    arguments = (f"--dynemu-mode={mode}", "--dynemu-keep", "kept")
    run = run_pytest(tmp_path, *arguments, conftest=BASELINE, test_films=FAILING)
    assert run.counts == {"failed": 1}, run.output
    told = re.search(r"^  dynemu serve --snapshot (\S+)$", run.output, re.MULTILINE)
    assert told, run.output
    assert Path(told[1]) == kept / "failed-test_films.py-test_fails.dynemu"
    with closing(RemoteDatabase(start_server("--snapshot", told[1]))) as database:
        items = database.call("Scan", {"TableName": "films"})["Items"]
    assert sorted(item["pk"]["S"] for item in items) == ["left", "seed"]
    # Of those that were there, the ten latest are left.
    names = {path.name for path in kept.iterdir()} - {Path(told[1]).name}
    assert names == {f"older-{number}.dynemu" for number in range(2, 12)}


def test_files_of_failed_tests_are_in_the_cache_of_pytest(tmp_path: Path) -> None:
    arguments = ("-p", "cacheprovider", "-n", "2")
    tests = FAILING + FAILING.replace("fails", "fails_too")
    run = run_pytest(tmp_path, *arguments, conftest=BASELINE, test_films=tests)
    assert run.counts == {"failed": 2}, run.output
    found = sorted(path.name for path in tmp_path.glob(".pytest_cache/**/*.dynemu"))
    assert found == [f"failed-test_films.py-test_{name}.dynemu" for name in ("fails", "fails_too")]


def test_files_of_failed_tests_can_be_left_out(tmp_path: Path) -> None:
    arguments = ("-p", "cacheprovider", "--dynemu-keep", "no")
    run = run_pytest(tmp_path, *arguments, conftest=BASELINE, test_films=FAILING)
    assert "The state is kept as snapshot" in run.output
    assert "--snapshot" not in run.output
    assert list(tmp_path.glob("**/*.dynemu")) == []


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "https://localhost", "http://", "http://localhost:port"]
)
def test_an_address_that_is_none_is_refused_once(tmp_path: Path, url: str) -> None:
    run = run_pytest(tmp_path, f"--dynemu-url={url}", conftest=BASELINE, test_films=FAILING)
    sentence = f"--dynemu-url wants an address such as http://localhost:8000, not {url!r}"
    assert (run.counts, run.output.count(sentence)) == ({}, 1), run.output


def test_the_token_of_a_running_server_is_in_the_environment(
    tmp_path: Path, start_server: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("--dynemu-url", start_server("--admin-token", "secret"), "--dynemu-keep", str(tmp_path))
    run = run_pytest(tmp_path, *arguments, conftest=BASELINE, test_films=FAILING)
    assert run.counts == {"error": 1}, run.output
    assert "The admin API wants the token that dynemu was started with" in run.output
    monkeypatch.setenv("DYNEMU_ADMIN_TOKEN", "secret")
    run = run_pytest(tmp_path, *arguments)
    assert run.counts == {"failed": 1}, run.output
    assert (tmp_path / "failed-test_films.py-test_fails.dynemu").exists()


@pytest.mark.parametrize("mode", MODES)
def test_a_failed_test_shows_its_last_requests(tmp_path: Path, mode: str) -> None:
    tests = f"""{COUNT}
def test_before(dynamodb_client):
    dynamodb_client.list_tables()

def test_fails(dynamodb_client):
    for number in range(25):
        dynamodb_client.put_item(TableName="films", Item={{"pk": {{"S": f"key-{{number}}" * 100}}}})
    with pytest.raises(dynamodb_client.exceptions.ResourceNotFoundException):
        dynamodb_client.get_item(TableName="nope", Key={{"pk": {{"S": "1"}}}})
    assert count(dynamodb_client) == 1

def test_kept(dynemu, dynamodb_client):
    dynemu.restore("failed-test_films.py-test_fails")
    assert count(dynamodb_client) == 26

def test_after(dynamodb_client):
    assert count(dynamodb_client) == 1
"""
    run = run_pytest(tmp_path, f"--dynemu-mode={mode}", conftest=BASELINE, test_films=tests)
    assert run.counts == {"passed": 3, "failed": 1}, run.output
    shown = run.output.split("DynamoDB requests")[1].splitlines()
    assert shown[1] == "(7 requests before these)"
    assert shown[2].startswith('PutItem films {"Item":{"pk":{"S":"key-7key-7')
    assert shown[2].endswith("… -> OK")
    assert 'GetItem nope {"Key":{"pk":{"S":"1"}}} -> ResourceNotFoundException: ' in run.output
    assert "ListTables" not in run.output
    assert "The state is kept as snapshot failed-test_films.py-test_fails " in run.output


def test_asynchronous_tests_have_a_client(tmp_path: Path) -> None:
    tests = """
async def test_async(async_dynamodb_client, dynemu):
    client = async_dynamodb_client
    assert (await client.scan(TableName="films"))["Count"] == 1
    await client.delete_table(TableName="films")
    assert dynemu.call("ListTables")["TableNames"] == []

async def test_again(async_dynamodb_client):
    assert (await async_dynamodb_client.list_tables())["TableNames"] == ["films"]
"""
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    arguments = ("-o", "asyncio_mode=auto")
    run = run_pytest(tmp_path, *arguments, conftest=BASELINE, test_films=tests)
    assert run.counts == {"passed": 2}, run.output
    run = run_pytest(tmp_path, *arguments, "--dynemu-mode=server", conftest=BASELINE)
    assert run.counts == {"passed": 2}, run.output


def test_fixtures_of_a_wider_scope_connect_by_themselves(tmp_path: Path) -> None:
    tests = f"""{COUNT}
@pytest.fixture(scope="module")
def shared(dynemu_session):
    with dynemu_session.connected():
        boto3.client("dynamodb").put_item(TableName="films", Item={{"pk": {{"S": "shared"}}}})
    yield
    with dynemu_session.connected():
        boto3.client("dynamodb").delete_item(TableName="films", Key={{"pk": {{"S": "shared"}}}})

def test_first(shared, dynamodb_client):
    assert count(dynamodb_client) == 2

def test_second(shared, dynamodb_client):
    assert count(dynamodb_client) == 2
"""
    conftest = BASELINE.replace("def dynemu_baseline():", "def dynemu_baseline(request):")
    first = "def test_seeds(dynemu): pass\n"
    run = run_pytest(tmp_path, conftest=conftest, test_a=first, test_films=tests)
    assert run.counts == {"passed": 3}, run.output


def test_projects_without_it_load_nothing(tmp_path: Path) -> None:
    tests = """
import sys

def test_nothing_is_loaded():
    assert "dynemu.pytest_plugin" in sys.modules
    heavy = ("boto3", "botocore", "orjson", "pluggy._dynemu", "dynemu.engine", "dynemu.http", "asyncio")
    assert [name for name in heavy if name in sys.modules] == []
"""
    run = run_pytest(tmp_path, "-p", "no:asyncio", "-p", "no:xdist", "-p", "no:anyio", test_one=tests)
    assert run.counts == {"passed": 1}, run.output
