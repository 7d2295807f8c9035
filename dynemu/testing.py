"""Databases for tests: what the pytest plugin and unittest classes share.

Clients reach a ``TestDatabase`` in process or over HTTP; every test begins at a savepoint and ends back there.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, ClassVar
from unittest.mock import patch

from dynemu.client import KEY_ID
from dynemu.database import Database
from dynemu.engine.database import Engine
from dynemu.engine.namespaces import Namespaces
from dynemu.http.thread import ServerThread
from dynemu.mocking import mock
from dynemu.patching import REGION
from dynemu.recorder import Recorder

KEPT_FAILURES = 10
"""Snapshots kept of failed tests; later failures are reported without one."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 100


class TestDatabase:
    """A database that tests share, one after another, each from the same state.

    *over_http*: clients talk to a server in a thread of this process, in place of none.
    """

    __test__ = False

    def __init__(self, database: Database | None = None, *, over_http: bool = False) -> None:
        self._stack = ExitStack()
        self.database = database or self._stack.enter_context(Database())
        self._over_http = over_http
        self._server: ServerThread | None = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._failures = 0
        self.recorder = Recorder()
        self.database.register(self.recorder)
        self._stack.callback(self.database.unregister, self.recorder)

    @property
    def url(self) -> str:
        """The endpoint of a server of the database; it is started when it is first asked for."""
        if self._server is None:
            self._server = self.database.use_wire(self._serve)
            self._stack.callback(self._server.stop)
        return self._server.url

    def _serve(self, namespaces: Namespaces) -> ServerThread:
        return ServerThread(namespaces, self.database.answering)

    @contextmanager
    def connected(self) -> Iterator[Database]:
        """Let the clients of this process talk to the database while the block runs."""
        with ExitStack() as stack:
            if self._over_http:
                stack.enter_context(patch.dict(os.environ, endpoint_environment(self.url)))
            else:
                stack.enter_context(mock(self.database))
            yield self.database

    def client(self, service: str = "dynamodb", kind: str = "client") -> Any:
        """Return the boto3 client, or resource, of *service* that talks to the database; always the same."""
        if (service, kind) not in self._clients:
            import boto3  # noqa: PLC0415 - an optional dependency

            with self.connected():
                session = boto3.Session(KEY_ID, KEY_ID, region_name=REGION)
                made = getattr(session, kind)(service, **self.client_options())
            self._clients[service, kind] = made
        return self._clients[service, kind]

    def client_options(self) -> dict[str, Any]:
        """Return what a client needs to be told to reach the database, while connected."""
        return {"endpoint_url": self.url} if self._over_http else {}

    @contextmanager
    def isolated(
        self,
        clock: str | float | None = None,
        table_delay: float | None = None,
        faults: "list[Any] | tuple[Any, ...]" = (),
    ) -> Iterator[Database]:
        """Connect clients while the block runs, and make everything as it was before when it ends.

        *clock* freezes the time at seconds since the epoch or a date such as ``2026-01-01T00:00:00Z``;
        *table_delay* is that of ``Database``; *faults* are those of ``Database.faults``.
        """
        database = self.database
        self.recorder.clear()
        name = database.savepoint()
        with database.use() as engine:
            before = _Before(engine)
        try:
            if clock is not None:
                database.clock.freeze(epoch_seconds(clock))
            if table_delay is not None:
                with database.use() as engine:
                    engine.settings = replace(engine.settings, table_delay=float(table_delay))
            for fault in faults:
                database.faults.add(fault)
            with self.connected():
                yield database
        finally:
            with database.use() as engine:
                before.restore(engine)
            database.rollback(name)
            database.release(name)

    def keep_failure(self, test: str) -> str | None:
        """Keep what the database holds as a snapshot named after *test*; return its name, None after many."""
        if self._failures >= KEPT_FAILURES:
            return None
        self._failures += 1
        name = "failed-" + _NOT_IN_NAMES.sub("-", test)[-_LONGEST_NAME:].strip("-.")
        taken = {info.name for info in self.database.snapshots()}
        name = name if name not in taken else f"{name}-{self._failures}"
        self.database.snapshot(name, f"when {test} failed")
        return name

    def report(self, test: str) -> str:
        """Return what helps to see why *test* failed: the last requests, and where the state is kept."""
        lines = self.recorder.lines() or ["no requests"]
        name = self.keep_failure(test)
        if name is not None:
            lines.append(f"The state is kept in this process as snapshot {name}.")
        return "\n".join(lines)

    def close(self) -> None:
        """End the server, and the database unless it was given."""
        self._stack.close()


class _Before:
    """What a test may change besides the data."""

    def __init__(self, engine: Engine) -> None:
        self._settings = engine.settings
        self._plugins = _plugins(engine)

    def restore(self, engine: Engine) -> None:
        engine.settings = self._settings
        clock: Any = engine.clock
        clock.reset()
        for plugin in _plugins(engine):
            if not any(plugin is known for known in self._plugins):
                # A plan of faults unregisters itself with its last fault.
                plugin.clear() if hasattr(plugin, "clear") else engine.unregister(plugin)


def _plugins(engine: Engine) -> list[Any]:
    return [] if engine.hooks is None else engine.hooks.plugins()


def epoch_seconds(clock: str | float) -> float:
    """Return seconds since the epoch for them or for an ISO 8601 date, in UTC unless it says otherwise."""
    if isinstance(clock, str):
        # NOTE: Python 3.10 does not read the Z.
        at = datetime.fromisoformat(clock.replace("Z", "+00:00"))
        return (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).timestamp()
    return float(clock)


def endpoint_environment(url: str, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables that send SDKs to the endpoint *url*, with keys and a region if there are none."""
    wanted = {"AWS_ENDPOINT_URL_DYNAMODB": url, "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": url}
    if "AWS_ACCESS_KEY_ID" not in environment:
        wanted.update(AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=KEY_ID)
    if "AWS_DEFAULT_REGION" not in environment:
        wanted["AWS_DEFAULT_REGION"] = environment.get("AWS_REGION", REGION)
    return wanted


class DynamoDBTestCase:
    """Mixin for ``unittest.TestCase`` classes: a database for the class, every test from the same state.

    >>> class OrdersTest(DynamoDBTestCase, unittest.TestCase):
    ...     @classmethod
    ...     def setUpClass(cls):
    ...         super().setUpClass()
    ...         create_tables(boto3.client("dynamodb"))

    What ``setUpClass`` writes is there for each test; what a test writes, ``setUp`` included, for it alone.
    """

    dynemu: ClassVar[TestDatabase]

    @classmethod
    def setUpClass(cls) -> None:
        """Open the database and connect boto3 to it."""
        parent: Any = super()
        parent.setUpClass()
        case: Any = cls
        cls.dynemu = TestDatabase()
        case.addClassCleanup(cls.dynemu.close)
        stack = ExitStack()
        stack.enter_context(cls.dynemu.connected())
        case.addClassCleanup(stack.close)

    @property
    def database(self) -> Database:
        """The database of the class."""
        return self.dynemu.database

    def run(self, result: Any = None) -> Any:
        """Run the test within a savepoint."""
        if not hasattr(self, "dynemu"):
            raise RuntimeError(f"{type(self).__name__}.setUpClass has to call super().setUpClass()")
        parent: Any = super()
        with self.dynemu.isolated():
            return parent.run(result)
