"""Databases for tests: what the pytest plugin and unittest classes share.

Tests use a ``TestDatabase`` one after another: each begins at a savepoint, and ends back there.
"""

import re
import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from dynemu.client import KEY_ID
from dynemu.database import Database
from dynemu.engine.database import Engine
from dynemu.engine.namespaces import Namespaces
from dynemu.faults import FaultPlan
from dynemu.faults.controls import apply_controls, describe_controls
from dynemu.http.admin import call
from dynemu.http.admin_answers import Stream
from dynemu.kept_files import KeptFiles
from dynemu.mocking import mock
from dynemu.patching import REGION
from dynemu.recorder import Recorder

if TYPE_CHECKING:
    from dynemu.http.thread import ServerThread

BASELINE = "baseline-of-tests"
"""Snapshot of what the first test found, for tests that load another one: that ends all savepoints."""
KEPT_FAILURES = 10
"""Snapshots kept of failed tests; later failures are reported without one."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 100


class TestDatabase(ABC):
    """A database that tests share; ``database`` is what they may use directly."""

    __test__ = False
    database: Any

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._clients: dict[tuple[str, str], Any] = {}
        self._failures = 0
        self.kept_files: KeptFiles | None = None
        """Where the state of failed tests is kept as files; None keeps none."""
        self._has_baseline = False
        self.recorder = Recorder()

    @property
    @abstractmethod
    def url(self) -> str:
        """The endpoint of the database over HTTP."""

    @abstractmethod
    def connected(self) -> AbstractContextManager[Any]:
        """Let the SDKs of this process talk to the database, within a block."""

    @abstractmethod
    def isolated(
        self, clock: str | float | None = None, table_delay: float | None = None, faults: Sequence[Any] = ()
    ) -> AbstractContextManager[Any]:
        """Connect SDKs within a block, and make everything as it was before when it ends.

        *clock* stops the time at seconds since the epoch or at a date such as ``2026-01-01T00:00:00Z``;
        *table_delay* is that of ``Database``; *faults* are those of ``Database.faults``.
        """

    def keep_files(self, directory: str | None) -> None:
        """Keep the state of failed tests as files in *directory* too."""
        self.kept_files = None if directory is None else KeptFiles(directory)

    def client_options(self) -> dict[str, Any]:
        """Return what a client needs to be told to reach the database while connected."""
        return {}

    def client(self, service: str = "dynamodb", kind: str = "client") -> Any:
        """Return the boto3 client, or resource, of *service* that talks to the database; always the same."""
        if (service, kind) not in self._clients:
            import boto3  # noqa: PLC0415 - an optional dependency

            session = boto3.Session(KEY_ID, KEY_ID, region_name=REGION)
            self._clients[service, kind] = getattr(session, kind)(service, **self.client_options())
        return self._clients[service, kind]

    def begin(self) -> str:
        """Set the savepoint of a test and return its name."""
        self.recorder.clear()
        if not self._has_baseline:
            self.database.snapshot(BASELINE, "what the first test found")
            self._has_baseline = True
        return str(self.database.savepoint())

    def end(self, savepoint: str) -> None:
        """Make everything as it was when the test began."""
        try:
            self.database.rollback(savepoint)
        except KeyError:
            self.database.restore(BASELINE)
        else:
            self.database.release(savepoint)

    def keep_failure(self, test: str) -> str | None:
        """Keep what the database holds as a snapshot named after *test*; return its name, None after many."""
        if self._failures >= KEPT_FAILURES:
            return None
        self._failures += 1
        name = "failed-" + _NOT_IN_NAMES.sub("-", test)[-_LONGEST_NAME:].strip("-.")
        name = name if self._failures == 1 else f"{name}-{self._failures}"
        self.database.snapshot(name, f"when {test} failed")
        return name

    def report(self, test: str) -> str:
        """Return what helps to see why *test* failed: the last requests, and where the state is kept."""
        lines = self.recorder.lines() or ["no requests"]
        try:
            name = self.keep_failure(test)
        except Exception as error:
            # The report of the test comes first, whatever became of the database.
            return "\n".join([*lines, f"The state could not be kept: {error}"])
        if name is not None:
            lines.append(f"The state is kept as snapshot {name} {self.place()}.")
            lines += self._keep_file(name)
        return "\n".join(lines)

    def _keep_file(self, snapshot: str) -> list[str]:
        """Write *snapshot* to a file that outlives the process; return the lines that say so."""
        if self.kept_files is None:
            return []
        try:
            path = self.kept_files.keep(snapshot, self.export(snapshot))
        except Exception as error:
            return [f"It could not be kept as a file: {error}"]
        return ["To look at it later:", f"  dynemu serve --snapshot {shlex.quote(path)}"]

    @abstractmethod
    def export(self, snapshot: str) -> Iterator[bytes]:
        """Give the file of a snapshot in parts."""

    def place(self) -> str:
        """Return where snapshots are, for people."""
        return "while this process runs"

    def close(self) -> None:
        """End what was started."""
        self._stack.close()


def wanted_controls(clock: str | float | None, table_delay: float | None) -> dict[str, Any]:
    """Return the controls that a test sets to something else than those before it; see ``controls``."""
    wanted: dict[str, Any] = {}
    if clock is not None:
        wanted["clock"] = {"freeze": clock}
    if table_delay is not None:
        wanted["table_delay"] = table_delay
    return wanted


class LocalTestDatabase(TestDatabase):
    """One in this process; *database* None opens one in memory."""

    database: Database

    def __init__(self, database: Database | None = None) -> None:
        super().__init__()
        self.database = database or self._stack.enter_context(Database())
        self._server: ServerThread | None = None
        self.database.register(self.recorder)
        self._stack.callback(self.database.unregister, self.recorder)

    @property
    def url(self) -> str:
        """The endpoint of a server in a thread, which is started when it is first asked for."""
        if self._server is None:
            self._server = self.database.use_wire(self._serve)
            self._stack.callback(self._server.stop)
        return self._server.url

    def _serve(self, namespaces: Namespaces) -> "ServerThread":
        from dynemu.http.thread import ServerThread  # noqa: PLC0415 - it brings asyncio, and few tests a URL

        return ServerThread(namespaces, self.database.answering)

    def export(self, snapshot: str) -> Iterator[bytes]:
        """Give the file of a snapshot in parts."""
        path = f"namespaces/{quote(self.database.name)}/snapshots/{quote(snapshot)}/export"
        with self.database.use():
            reply = self.database.use_wire(lambda namespaces: call(namespaces, "GET", path))
            assert isinstance(reply, Stream)
            yield from reply.chunks

    @contextmanager
    def connected(self) -> Iterator[Database]:
        """Let the SDKs of this process talk to the database, within a block, without HTTP."""
        with mock(self.database) as database:
            yield database

    @contextmanager
    def isolated(
        self, clock: str | float | None = None, table_delay: float | None = None, faults: Sequence[Any] = ()
    ) -> Iterator[Database]:
        """Connect SDKs within a block, and make everything as it was before when it ends."""
        database = self.database
        savepoint = self.begin()
        with database.use() as engine:
            before = _Before(engine)
            own = engine.settings
        try:
            with database.use() as engine:
                apply_controls(engine, wanted_controls(clock, table_delay), own)
            for fault in faults:
                database.faults.add(fault)
            with self.connected():
                yield database
        finally:
            with database.use() as engine:
                before.restore(engine)
            self.end(savepoint)


class _Before:
    """What a test may change besides the data."""

    def __init__(self, engine: Engine) -> None:
        self._settings = engine.settings
        self._plugins = _plugins(engine)
        self._controls = describe_controls(engine)

    def restore(self, engine: Engine) -> None:
        apply_controls(engine, self._controls, self._settings)
        for plugin in _plugins(engine):
            if not isinstance(plugin, FaultPlan) and not any(plugin is known for known in self._plugins):
                engine.unregister(plugin)


def _plugins(engine: Engine) -> list[Any]:
    return [] if engine.hooks is None else engine.hooks.plugins()


class DynamoDBTestCase:
    """Mixin for ``unittest.TestCase`` classes: a database for the class, every test from the same state.

    >>> class OrdersTest(DynamoDBTestCase, unittest.TestCase):
    ...     @classmethod
    ...     def setUpClass(cls):
    ...         super().setUpClass()
    ...         create_tables(boto3.client("dynamodb"))

    What ``setUpClass`` writes is there for each test; what a test writes, ``setUp`` included, for it alone.
    """

    dynemu: ClassVar[LocalTestDatabase]

    @classmethod
    def setUpClass(cls) -> None:
        """Open the database and connect boto3 to it."""
        parent: Any = super()
        parent.setUpClass()
        case: Any = cls
        cls.dynemu = LocalTestDatabase()
        case.addClassCleanup(cls.dynemu.close)
        stack = ExitStack()
        stack.enter_context(cls.dynemu.connected())
        case.addClassCleanup(stack.close)

    @property
    def database(self) -> Database:
        """The database of the class."""
        return self.dynemu.database

    def run(self, result: Any = None) -> Any:
        """Run the test, and undo what it did."""
        if "dynemu" not in vars(type(self)):
            raise RuntimeError(f"{type(self).__name__}.setUpClass has to call super().setUpClass()")
        parent: Any = super()
        with self.dynemu.isolated():
            return parent.run(result)
