"""The pytest plugin: fixtures with a DynamoDB that every test finds in the same state.

pytest loads it wherever dynemu is installed, so that it imports nothing of weight before a fixture is used.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from dynemu.database import Database
    from dynemu.testing.base import TestDatabase

MODES = ("process", "server")
MARKED = ("clock", "table_delay", "faults")
_SESSION: pytest.StashKey[TestDatabase] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, which an ini file may set too."""
    group = parser.getgroup("dynemu", "DynamoDB (dynemu)")
    group.addoption(
        "--dynemu-mode",
        choices=MODES,
        help="How clients reach the database: process (no socket; the default) or server (HTTP).",
    )
    group.addoption("--dynemu-url", metavar="URL", help="Use the dynemu server at this endpoint.")
    group.addoption(
        "--dynemu-keep",
        metavar="DIRECTORY",
        help="Keep what failed tests left in the database as files there; 'no' keeps none. "
        "By default they are in pytest's cache directory.",
    )
    parser.addini("dynemu_mode", "How clients reach the database: process or server.", default="process")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and the asynchronous fixture where something runs asynchronous tests."""
    config.addinivalue_line(
        "markers",
        "dynemu(clock=None, table_delay=None, faults=()): what the test's DynamoDB does: "
        "its time, how long tables take, what goes wrong",
    )
    _check_url(config.getoption("--dynemu-url"))
    manager = config.pluginmanager
    if manager.hasplugin("asyncio") or manager.hasplugin("anyio"):
        from dynemu import async_fixtures  # noqa: PLC0415 - only where something runs asynchronous tests

        manager.register(async_fixtures, "dynemu_async_fixtures")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Add the last requests to the report of a test that failed, and keep the state it saw."""
    report = yield
    used = item.config.stash.get(_SESSION, None)
    if used is not None and report.failed and report.when != "teardown":
        if "dynemu" in getattr(item, "fixturenames", ()):
            report.sections.append(("DynamoDB requests", used.report(item.nodeid)))
    return report


def _check_url(url: str | None) -> None:
    """Refuse what is no address once, not in every test. Raises: pytest.UsageError."""
    if url is None:
        return
    parts = urlsplit(url)
    try:
        usable = parts.scheme == "http" and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise pytest.UsageError(f"--dynemu-url wants an address such as http://localhost:8000, not {url!r}")


def _open(config: pytest.Config) -> TestDatabase:
    url = config.getoption("--dynemu-url")
    mode = config.getoption("--dynemu-mode") or config.getini("dynemu_mode")
    if mode not in MODES:
        raise pytest.UsageError(f"dynemu_mode is one of {', '.join(MODES)}, not {mode!r}")
    if url is None and mode == "process":
        from dynemu.testing.local import LocalTestDatabase  # noqa: PLC0415 - it loads the engine

        return LocalTestDatabase()
    from dynemu.testing.server import ServerTestDatabase  # noqa: PLC0415

    return ServerTestDatabase(url, os.environ.get("PYTEST_XDIST_WORKER", "main"))


def _kept_in(config: pytest.Config) -> str | None:
    """Return the directory for what failed tests left; None keeps no files."""
    given: str | None = config.getoption("--dynemu-keep")
    if given is not None:
        return None if given == "no" else os.path.join(config.invocation_params.dir, given)
    cache = getattr(config, "cache", None)
    try:
        return None if cache is None else str(cache.mkdir("dynemu"))
    except OSError:
        # A project that nobody may write to has no files either.
        return None


@pytest.fixture(scope="session")
def dynemu_session(request: pytest.FixtureRequest) -> Iterator[TestDatabase]:
    """The database of this process, for fixtures of a wider scope; tests use ``dynemu``.

    ``with dynemu_session.connected():`` lets clients talk to it outside of tests.
    """
    config = request.config
    used = _open(config)
    used.keep_files(_kept_in(config))
    config.stash[_SESSION] = used
    yield used
    del config.stash[_SESSION]
    used.close()


@pytest.fixture(scope="session")
def dynemu_baseline() -> None:
    """Override this to make what all tests begin with: tables and items, with any client; once a session."""


@pytest.fixture(scope="session")
def _dynemu_seeded(request: pytest.FixtureRequest, dynemu_session: TestDatabase) -> TestDatabase:
    with dynemu_session.connected():
        request.getfixturevalue("dynemu_baseline")
    return dynemu_session


@pytest.fixture
def dynemu(request: pytest.FixtureRequest, _dynemu_seeded: TestDatabase) -> Iterator[Database]:
    """The database, with boto3 connected to it; what the test does to it is undone afterwards."""
    wanted: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("dynemu"))):
        if marker.args:
            raise pytest.UsageError("the marker dynemu takes no positional arguments")
        for name in marker.kwargs:
            if name not in MARKED:
                raise pytest.UsageError(f"the marker dynemu takes {', '.join(MARKED)}, not {name}")
        wanted.update(marker.kwargs)
    with _dynemu_seeded.isolated(**wanted) as database:
        yield database


@pytest.fixture
def dynemu_url(dynemu: Database, dynemu_session: TestDatabase) -> str:
    """The endpoint of the database, for other processes and other SDKs."""
    return dynemu_session.url


@pytest.fixture
def dynamodb_client(dynemu: Database, dynemu_session: TestDatabase) -> Any:
    """A boto3 client; the same one in all tests."""
    return dynemu_session.client()


@pytest.fixture
def dynamodb_resource(dynemu: Database, dynemu_session: TestDatabase) -> Any:
    """A boto3 resource; the same one in all tests."""
    return dynemu_session.client(kind="resource")


@pytest.fixture
def dynamodb_streams_client(dynemu: Database, dynemu_session: TestDatabase) -> Any:
    """A boto3 client of DynamoDB Streams; the same one in all tests."""
    return dynemu_session.client("dynamodbstreams")
