"""The process that was started: forks the workers, decides what they must agree on, stops with them."""

import asyncio
import gc
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from itertools import combinations
from typing import Any

from dynemu.config import Settings
from dynemu.http.listening import ServerError, describe_address, raise_file_limit
from dynemu.http.server import STOP_SECONDS, describe_place, handle_signals, new_event_loop
from dynemu.http.workers.channel import Channel
from dynemu.http.workers.owners import home_of
from dynemu.http.workers.worker import work
from dynemu.storage.base import StoreError
from dynemu.storage.opening import open_place
from dynemu.storage.places import Place

_GRACE_SECONDS = 1.0
"""How much longer than its workers the parent waits for what may be on its way between them."""
_IMPOSSIBLE = (
    "Several workers hand connections to each other, which this system does not allow: "
    "start dynemu with --workers 1."
)
Streams = dict[int, dict[int, socket.socket]]
"""Ends of the streams to other workers, by worker and other worker."""


def serve_workers(
    settings: Settings, listeners: list[socket.socket], announce: Callable[[str], None]
) -> None:
    """Serve with several processes until SIGTERM or SIGINT. Raises: ServerError, also when a worker dies."""
    if not (hasattr(os, "fork") and hasattr(socket, "send_fds")):
        raise ServerError(_IMPOSSIBLE)
    raise_file_limit()
    try:
        place = open_place(settings)
    except StoreError as error:
        raise ServerError(str(error)) from error
    line = (
        f"dynemu is ready on {describe_address(listeners)} "
        f"({describe_place(settings)}, {settings.workers} workers)"
    )
    try:
        processes, channels = _fork(settings, place, listeners)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ServerError(f"The workers cannot be started: {reason}.") from error
    for listener in listeners:
        listener.close()
    loop = new_event_loop()
    try:
        parent = Parent(settings, processes, lambda: announce(line))
        loop.run_until_complete(parent.run(channels))
    finally:
        loop.close()
        place.end()
    if parent.failure is not None:
        raise ServerError(parent.failure)


def _fork(
    settings: Settings, place: Place, listeners: list[socket.socket]
) -> tuple[list[int], list[socket.socket]]:
    """Start the workers; return their processes, and the parent's ends of the channels to them."""
    workers = range(settings.workers)
    channels = [socket.socketpair() for _ in workers]
    streams: Streams = {worker: {} for worker in workers}
    for one, other in combinations(workers, 2):
        streams[one][other], streams[other][one] = socket.socketpair()
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # PERF: memory that a collection does not write to stays shared
    processes = []
    for worker in workers:
        process = os.fork()
        if process == 0:
            _become(worker, settings, place, listeners, channels, streams)
        processes.append(process)
    for _, theirs in channels:
        theirs.close()
    _close_streams(streams)
    return processes, [ours for ours, _ in channels]


def _become(
    worker: int,
    settings: Settings,
    place: Place,
    listeners: list[socket.socket],
    channels: list[tuple[socket.socket, socket.socket]],
    streams: Streams,
) -> None:
    """Be a worker, and end without what the parent does at its end."""
    code = 1
    try:
        mine = streams.pop(worker)
        _close_streams(streams)
        for other, (ours, theirs) in enumerate(channels):
            ours.close()
            if other != worker:
                theirs.close()
        code = work(worker, settings, place, listeners, channels[worker][1], mine)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _close_streams(streams: Streams) -> None:
    for ends in streams.values():
        for end in ends.values():
            end.close()


class Parent:
    """Keeps the workers in step; *ready* is called when all of them are."""

    def __init__(self, settings: Settings, processes: list[int], ready: Callable[[], None]) -> None:
        self.failure: str | None = None
        """Why the server has stopped, when nobody asked for it."""
        self._settings = settings
        self._processes = dict(enumerate(processes))
        """Those that have not ended."""
        self._workers: dict[int, Channel] = {}
        self._ready = ready
        self._awaited = len(processes)
        self._stopping = False
        self._ending = False
        self._idle: dict[int, list[int]] = {}
        """How many connections each worker had given and taken when it had nothing left to do."""
        self._moved: dict[str, int] = {}
        """Namespaces that another worker has than their names tell."""
        self._claims: dict[str, int] = {}
        """Which worker wants a namespace, while the one that has it is asked."""

    async def run(self, streams: list[socket.socket]) -> None:
        """Follow what the workers at the other ends of *streams* say until all have ended."""
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        handle_signals(self._loop, self.stop)
        for worker, stream in enumerate(streams):
            channel = await Channel.open(
                stream,
                lambda kind, value, worker=worker: self._hear(worker, kind, value),  # type: ignore[misc]
                lambda worker=worker: self._lose(worker),  # type: ignore[misc]
            )
            self._workers[worker] = channel
            if self._stopping:
                channel.tell("stop", None)
        await self._ended

    def stop(self) -> None:
        """Let all workers answer what was asked, and end; the second call ends them at once."""
        if not self._stopping:
            self._stopping = True
            self._loop.call_later(STOP_SECONDS + _GRACE_SECONDS, self._end)
        self._tell_all("stop", None)

    def _end(self) -> None:
        if not self._ending:
            self._ending = True
            self._tell_all("end", None)

    def _tell_all(self, kind: str, value: Any) -> None:
        for worker, channel in self._workers.items():
            if worker in self._processes:
                channel.tell(kind, value)

    # What the workers say

    def _hear(self, worker: int, kind: str, value: Any) -> None:
        getattr(self, f"_hear_{kind}")(worker, value)

    def _hear_ready(self, worker: int, _: Any) -> None:
        self._awaited -= 1
        if not self._awaited and not self._stopping:
            self._ready()

    def _hear_failed(self, worker: int, sentence: str) -> None:
        self.failure = self.failure or sentence

    def _hear_idle(self, worker: int, moves: list[int]) -> None:
        self._idle[worker] = moves
        self._check_idle()

    def _check_idle(self) -> None:
        """End all when nobody has anything left to do and nothing is on its way between them."""
        if not self._stopping or any(worker not in self._idle for worker in self._processes):
            return
        given, taken = (sum(moves) for moves in zip(*self._idle.values(), strict=True))
        if given == taken or len(self._processes) < self._settings.workers:
            self._end()

    def _hear_claim(self, worker: int, name: str) -> None:
        """Ask who has the namespace *name* to let *worker* have it."""
        owner = self._moved.get(name, home_of(name, self._settings.workers))
        if owner == worker or name in self._claims or owner not in self._processes:
            self._workers[worker].tell("claimed", [name, owner == worker])
            return
        self._claims[name] = worker
        self._workers[owner].tell("yield", [name, worker])

    def _hear_yielded(self, owner: int, value: Any) -> None:
        name, is_granted = value
        worker = self._claims.pop(name)
        if is_granted:
            self._moved[name] = worker
            self._tell_all("moved", [name, worker])
        self._workers[worker].tell("claimed", [name, is_granted])

    def _hear_release(self, worker: int, name: str) -> None:
        if self._moved.get(name) == worker and name not in self._claims:
            del self._moved[name]
            self._tell_all("moved", [name, None])

    def _lose(self, worker: int) -> None:
        """Note that a worker has ended; the others end with it."""
        _, status = os.waitpid(self._processes.pop(worker), 0)
        if status and self.failure is None:
            self.failure = self._explain(worker, os.waitstatus_to_exitcode(status))
        if self._processes:
            if not self._stopping:
                self.stop()
            self._check_idle()
        elif not self._ended.done():
            self._ended.set_result(None)

    def _explain(self, worker: int, code: int) -> str:
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        lost = ", and what it kept in memory is lost" if self._settings.in_memory else ""
        return f"Worker {worker + 1} of {self._settings.workers} {how}{lost}: the server has stopped."
