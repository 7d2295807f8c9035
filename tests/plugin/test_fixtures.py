"""The pytest plugin in projects that use it, in process, over HTTP and in several processes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dynemu.remote import RemoteDatabase
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


def test_markers_set_delays_and_faults_for_one_test(tmp_path: Path) -> None:
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
"""
    run = run_pytest(tmp_path, "--strict-markers", conftest=BASELINE, test_films=tests)
    assert run.counts == {"passed": 2}, run.output


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
