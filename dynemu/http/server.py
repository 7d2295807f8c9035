"""The server: sockets, the event loop, its clock tick, shutdown. Starts no threads.

run ── open_sockets ── Namespaces ── Server ── Connection (protocol.py) ── Wire (wire.py) ── dispatch.call
"""

import asyncio
import gc
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

from dynemu.config import Settings
from dynemu.engine.namespaces import Namespaces
from dynemu.http.listening import BACKLOG, ServerError, describe_address, open_sockets, raise_file_limit
from dynemu.http.preparing import prepare
from dynemu.http.protocol import Connection
from dynemu.http.wire import Wire, make_wire
from dynemu.operations import load_operations
from dynemu.storage.base import StoreError

STOP_SECONDS = 5.0
"""How long requests that are half read, or answers that are half sent, may take after a stop signal."""
SLICE_SECONDS = 0.005
BUSY_SLICE_SECONDS = 0.001
"""PERF: background slices between requests, so that a request waits one millisecond more, not five."""
SILENT_SECONDS = 0.1
"""How long clients have to be silent before something is done that need not be done now."""

_SHARED = ("dynemu.expressions.bind", "dynemu.operations.members")
"""What many operations import: a step for each, so that none takes more than some 4 ms."""

log = logging.getLogger("dynemu.http")


COLLECTED_OBJECTS = 20_000
"""New containers before the garbage collector looks at them."""
OLDER_COLLECTIONS = 2
"""How often it looks at those before it looks at older ones too: tables are dropped late, and in cycles."""


class Server:
    """Connections on one event loop: ``listen``, then run the loop until ``stopped``."""

    connection: Callable[[Any], Connection] = Connection
    """Makes the protocol of a new connection to a server."""

    def __init__(
        self, databases: Namespaces, wire: Wire, loop: asyncio.AbstractEventLoop, syncs: bool
    ) -> None:
        self.databases = databases
        databases.on_work = self.start_work
        self.wire = wire
        self.loop = loop
        self.syncs = syncs
        """Whether answers may have to wait for a sync at all (durability fsync)."""
        self.ticks = 0
        """Seconds since the start, as far as the loop came by."""
        self.stopping = False
        self.stops_connections = False
        """Whether connections end that are made from now on."""
        self.stopped: asyncio.Future[None] = loop.create_future()
        self.connections: set[Connection] = set()
        self._listeners: list[asyncio.AbstractServer] = []
        self._held: list[Connection] = []
        self._works = False
        self._answers_at_work = 0

    async def listen(self, sockets: list[socket.socket]) -> None:
        """Accept connections on *sockets*, which are bound, and start the clock."""
        make: Callable[[], Any] = partial(type(self).connection, self)
        for listener in sockets:
            self._listeners.append(await self.loop.create_server(make, sock=listener, backlog=BACKLOG))
        self._schedule_tick()

    def stop(self) -> None:
        """Stop accepting, answer what was asked, then set ``stopped``; the second call closes at once."""
        if self.stopping:
            self._abort()
            return
        self.stopping = True
        # One more turn each: who has connected is accepted, and what has arrived is read and answered.
        self.loop.call_soon(self.loop.call_soon, self._stop_listening)
        self.loop.call_later(STOP_SECONDS, self._abort)

    def _stop_listening(self) -> None:
        for listener in self._listeners:
            listener.close()
        self.loop.call_soon(self.loop.call_soon, self._stop_connections)

    def _stop_connections(self) -> None:
        self.stops_connections = True
        for connection in tuple(self.connections):
            connection.stop()
        self.check_stopped()

    def _abort(self) -> None:
        for connection in tuple(self.connections):
            connection.abort()
        self.check_stopped()

    def forget(self, connection: Connection) -> None:
        """Note that *connection* is lost."""
        self.connections.discard(connection)
        self.check_stopped()

    def check_stopped(self) -> None:
        """Set ``stopped`` when nothing is left to do."""
        if self.stops_connections and not self.connections and not self.stopped.done():
            self.stopped.set_result(None)

    # Durability fsync: the answers of one turn wait for one sync

    def hold(self, connection: Connection) -> None:
        """Send the answers of *connection* after this turn's sync."""
        if not self._held:
            self.loop.call_soon(self.release)
        self._held.append(connection)

    def release(self) -> None:
        """Sync once, then send all answers that waited for it."""
        held, self._held = self._held, []
        if not held:
            return
        try:
            self.databases.sync()
        except Exception:
            log.exception("commits could not be synced: their answers are dropped")
            for connection in held:
                connection.abort()
            return
        for connection in held:
            connection.send()

    # Background work in slices

    def start_work(self) -> None:
        """Do background work between requests from now on."""
        if not self._works:
            self._works = True
            self.loop.call_soon(self._work)

    def _work(self) -> None:
        answers = self.wire.answers
        busy = answers != self._answers_at_work
        self._answers_at_work = answers
        try:
            self.databases.work(BUSY_SLICE_SECONDS if busy else SLICE_SECONDS)
        except Exception:
            log.exception("background work failed")
        self._works = self.databases.has_work
        if self._works:
            self.loop.call_soon(self._work)

    # What may be done before it is needed

    def prepare(self, steps: Iterator[None], seen: tuple[int, int] | None = None) -> None:
        """Take *steps* while clients are silent: a request that comes between waits for one of them at most.

        *seen* is how many answers and connections there were at the last look, None at the first: who waited
        for the server to be ready asks at once, and should not wait for what others may need.
        """
        now = (self.wire.answers, len(self.connections))
        if now != seen:
            self.loop.call_later(SILENT_SECONDS, self.prepare, steps, now)
        elif not self.stopping and next(steps, self) is None:
            self.loop.call_soon(self.prepare, steps, now)

    # The clock

    def _schedule_tick(self) -> None:
        now = time.time()
        self.loop.call_at(self.loop.time() + 1.0 - now % 1.0, self._tick)

    def _tick(self) -> None:
        self.ticks += 1
        self.wire.writer.tick(time.time())
        for connection in tuple(self.connections):
            connection.expire()
        try:
            self.databases.expire()
        except Exception:
            log.exception("what has expired or is idle could not be looked after")
        if not self.stopped.done():
            self._schedule_tick()


def serve(**options: Any) -> None:
    """Serve until SIGTERM or SIGINT, with the fields of ``dynemu.config.Settings`` as *options*.

    Prints one line when it is ready: ``serve(port=0)`` says there which port it took.
    Several workers are forked, which wants a process without other threads.
    Raises: ServerError when the address or the data directory cannot be used, or a worker ended.
    """
    run(Settings(**options), lambda line: print(line, flush=True))


def run(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; *announce* gets the line that says where.

    Raises: ServerError when the address or the data directory cannot be used, or a worker ended.
    """
    process = " [%(process)d]" if settings.workers > 1 else ""
    logging.basicConfig(
        level=settings.log_level.upper(), format=f"%(asctime)s %(levelname)s %(name)s{process}: %(message)s"
    )
    sockets = open_sockets(settings.host, settings.port)
    try:
        if settings.workers > 1:
            from dynemu.http.workers.parent import serve_workers  # noqa: PLC0415 - absent on Windows

            serve_workers(settings, sockets, announce)
            return
        try:
            databases = Namespaces(settings)
            databases.free_idle()
            try:
                prepare(settings, databases)
                _serve(settings, databases, sockets, announce)
            finally:
                databases.close()
        except StoreError as error:
            raise ServerError(str(error)) from error
    finally:
        for listener in sockets:
            listener.close()


def _serve(
    settings: Settings, databases: Namespaces, sockets: list[socket.socket], announce: Callable[[str], None]
) -> None:
    raise_file_limit()
    loop = new_event_loop()
    try:
        server = make_server(settings, databases, loop)
        line = f"dynemu is ready on {describe_address(sockets)} ({describe_place(settings)})"
        # NOTE: uvloop hears a signal only while it runs, so that it has to run before anyone is told.
        loop.run_until_complete(serve_on(server, sockets, lambda: announce(line)))
    finally:
        loop.close()


async def serve_on(
    server: Server, sockets: list[socket.socket], ready: Callable[[], None], hears_signals: bool = True
) -> None:
    """Serve until the server has stopped; call *ready* as soon as clients are answered."""
    await server.listen(sockets)
    if hears_signals:
        handle_signals(server.loop, server.stop)
    # PERF: what is loaded now stays, so the collector need not walk it at every full collection. Requests
    # make many objects and no cycles: at the default threshold it would run in every other one.
    gc.freeze()
    gc.set_threshold(COLLECTED_OBJECTS, OLDER_COLLECTIONS, OLDER_COLLECTIONS)
    gc.enable()
    ready()
    server.prepare(_preparations(server.wire))
    await server.stopped


def _preparations(wire: Wire) -> Iterator[None]:
    """Do in steps what would otherwise make the first requests wait."""
    for name in _SHARED:
        import_module(name)
        yield
    yield from load_operations()
    if not wire.answers:  # what requests have made may become garbage, which is never found if it is frozen
        gc.freeze()


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop of uvloop's, or asyncio's own where uvloop does not exist."""
    try:
        import uvloop  # noqa: PLC0415  - absent on Windows
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def make_server(settings: Settings, databases: Namespaces, loop: asyncio.AbstractEventLoop) -> Server:
    """Return a server of *databases* on *loop* that does not listen yet."""
    return Server(databases, make_wire(databases), loop, syncs=settings.durability == "fsync")


def handle_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    """Call *stop* on *loop* for each signal that asks the process to end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows: the handler runs at the next tick at the latest
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


def describe_place(settings: Settings) -> str:
    """Return where the data is kept, for people."""
    return "data in memory" if settings.db_path is None else f"data in {settings.db_path}"
