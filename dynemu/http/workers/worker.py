"""One worker: a process that serves the namespaces it has, and hands over what is another one's."""

import asyncio
import dataclasses
import logging
import signal
import socket
from collections.abc import Mapping
from functools import partial
from typing import Any

from dynemu.config import Settings
from dynemu.http.listening import ServerError
from dynemu.http.preparing import prepare
from dynemu.http.request import Request
from dynemu.http.routes import ADMIN_PATH
from dynemu.http.server import Server, new_event_loop, serve_on
from dynemu.http.wire import make_wire
from dynemu.http.workers.channel import Channel, line_of
from dynemu.http.workers.connection import MovableConnection
from dynemu.http.workers.databases import WorkerNamespaces
from dynemu.http.workers.errands import Errand, Errands
from dynemu.http.workers.links import Link
from dynemu.http.workers.owners import Owners
from dynemu.http.workers.routing import Router
from dynemu.storage.base import StoreError
from dynemu.storage.places import DEFAULT_NAMESPACE, Place

log = logging.getLogger("dynemu.http")


class WorkerServer(Server):
    """A server whose connections move between workers; the parent says when all of them have stopped."""

    connection = MovableConnection

    def __init__(
        self, settings: Settings, databases: WorkerNamespaces, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(databases, make_wire(databases), loop, syncs=settings.durability == "fsync")
        self.settings = settings
        self.worker_databases = databases
        self.router = Router(settings, databases.owners)
        self.links: Mapping[int, Link] = {}
        self.moves = [0, 0]
        """Connections that were handed over, and that were taken."""
        self._errands: Errands | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._claims: dict[str, list[asyncio.Future[bool]]] = {}
        self._reserved: list[str] = []
        """Names that were claimed, and are about to be used."""
        self._parent: Channel | None = None
        databases.on_dropped = self.give_back

    # Connections

    def hand_over(self, worker: int, descriptor: int, data: bytes, flags: int) -> None:
        """Give *worker* a copy of a client's socket, with *data* that was read of it. Raises: OSError."""
        self.links[worker].send(descriptor, data, flags)
        self.moves[0] += 1

    def take(self, descriptor: int, data: bytes, flags: int) -> None:
        """Go on with a connection that another worker hands over."""
        self.moves[1] += 1
        client = socket.socket(fileno=descriptor)
        client.setblocking(False)
        self._run(self._adopt(client, MovableConnection(self, data, flags)))

    async def _adopt(self, client: socket.socket, connection: MovableConnection) -> None:
        protocol: Any = connection  # it has the methods of an asyncio.Protocol, and is none
        try:
            await self.loop.connect_accepted_socket(lambda: protocol, client)
        except OSError:  # the client has gone
            client.close()
        else:
            connection.settle()

    def _run(self, work: Any) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end_task)

    def _end_task(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self.check_stopped()

    # What requests need from other workers

    def prepare_answer(self, connection: MovableConnection, request: Request) -> bool:
        """Tell whether *request* needs something from other workers; it is answered when that is there."""
        if ADMIN_PATH not in request.url:
            return False
        if self._errands is None:
            self._errands = Errands(self)
        errand = self._errands.find(request, connection.is_internal)
        if errand is None:
            return False
        self._run(self._answer_after(errand, connection, request))
        return True

    async def _answer_after(self, errand: Errand, connection: MovableConnection, request: Request) -> None:
        try:
            async with errand:
                connection.answer_prepared(request)
        except Exception:
            log.exception("another worker could not be asked: a connection is closed")
            connection.abort()

    async def claim(self, name: str) -> bool:
        """Have the namespace *name* until ``settle_claim``; return False when there is one already."""
        assert self._parent is not None
        answer: asyncio.Future[bool] = self.loop.create_future()
        self._claims.setdefault(name, []).append(answer)
        self._parent.tell("claim", name)
        return await answer

    def settle_claim(self, name: str) -> None:
        """End a claim that was granted: the namespace is there, or its name is free."""
        self._reserved.remove(name)
        if name not in self._reserved and not self.worker_databases.exists(name):
            self.give_back(name)

    def give_back(self, name: str) -> None:
        """Leave the name of a namespace that is no more to the worker that the name tells."""
        if self._parent is not None and self.worker_databases.owners.give_back(name):
            self._parent.tell("release", name)

    # What the parent says

    async def follow(self, stream: socket.socket) -> Channel:
        """Do what the parent at the other end of *stream* says; return this end."""
        self._parent = await Channel.open(stream, self._hear, self._lose_parent)
        return self._parent

    def _hear(self, kind: str, value: Any) -> None:
        getattr(self, f"_hear_{kind}")(value)

    def _hear_stop(self, _: Any) -> None:
        self.stop()

    def _hear_end(self, _: Any) -> None:
        if not self.stopped.done():
            self.stopped.set_result(None)

    def _hear_moved(self, value: Any) -> None:
        name, worker = value
        self.worker_databases.owners.move(name, worker)

    def _hear_yield(self, value: Any) -> None:
        name, worker = value
        exists = name in self._reserved or self.worker_databases.exists(name)
        if not exists:
            self.worker_databases.owners.move(name, worker)
        assert self._parent is not None
        self._parent.tell("yielded", [name, not exists])

    def _hear_claimed(self, value: Any) -> None:
        name, is_granted = value
        waiting = self._claims[name]
        waiting.pop(0).set_result(is_granted)
        if is_granted:
            self._reserved.append(name)
        if not waiting:
            del self._claims[name]

    def _lose_parent(self) -> None:
        self._parent = None
        if not self.stopping:
            self.stop()
        self.check_stopped()

    def check_stopped(self) -> None:
        """Tell the parent when nothing is left to do; it knows what is on its way between workers."""
        if not self.stops_connections or self.connections or self._tasks:
            return
        if self._parent is not None:
            self._parent.tell("idle", self.moves)
        else:
            self._hear_end(None)


def work(
    number: int,
    settings: Settings,
    place: Place,
    listeners: list[socket.socket],
    parent: socket.socket,
    streams: Mapping[int, socket.socket],
) -> int:
    """Be worker *number* until the parent ends it; return the exit code.

    *streams* lead to the other workers.
    """
    # The parent hears the signals that everyone in a terminal or a service gets.
    for ignored in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ignored, signal.SIG_IGN)
    owners = Owners(number, settings.workers)
    if not owners.has(DEFAULT_NAMESPACE):
        settings = dataclasses.replace(settings, snapshot=None)
    try:
        databases = WorkerNamespaces(settings, place, owners)
        databases.free_idle()
        try:
            prepare(settings, databases)
            _serve(settings, databases, listeners, parent, streams)
        finally:
            databases.close()
    except (ServerError, StoreError) as error:
        parent.setblocking(True)
        parent.sendall(line_of("failed", str(error)))
        return 1
    return 0


def _serve(
    settings: Settings,
    databases: WorkerNamespaces,
    listeners: list[socket.socket],
    parent: socket.socket,
    streams: Mapping[int, socket.socket],
) -> None:
    loop = new_event_loop()
    try:
        server = WorkerServer(settings, databases, loop)
        loop.run_until_complete(_serve_on(server, listeners, parent, streams))
    finally:
        loop.close()


async def _serve_on(
    server: WorkerServer,
    listeners: list[socket.socket],
    parent: socket.socket,
    streams: Mapping[int, socket.socket],
) -> None:
    server.links = {worker: Link(server.loop, stream, server.take) for worker, stream in streams.items()}
    # The parent takes it for the end of this process when the last copy of the channel is closed.
    channel = await server.follow(parent.dup())
    try:
        await serve_on(server, listeners, partial(channel.tell, "ready", None), hears_signals=False)
    finally:
        channel.close()
        await asyncio.sleep(0)
