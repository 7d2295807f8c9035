"""A database for tests in this process."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dynemu.database import Database
from dynemu.engine.database import Engine
from dynemu.engine.namespaces import Namespaces
from dynemu.faults import FaultPlan
from dynemu.faults.controls import apply_controls, describe_controls
from dynemu.http.admin import call
from dynemu.http.admin_answers import Stream
from dynemu.mocking.mocks import mock
from dynemu.testing.base import TestDatabase, wanted_controls

if TYPE_CHECKING:
    from dynemu.http.thread import ServerThread


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
