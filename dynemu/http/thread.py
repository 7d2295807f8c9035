"""The server in a thread of its own, for databases that this process uses directly too."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, suppress
from typing import Any

from dynemu.engine.namespaces import Namespaces
from dynemu.http.listening import open_sockets
from dynemu.http.request import Request
from dynemu.http.server import Server, new_event_loop
from dynemu.http.wire import Wire, make_wire

_STOP_SECONDS = 10.0
Hold = Callable[[], AbstractContextManager[Any]]


class SharedWire(Wire):
    """A wire that has the databases to itself while it answers, and between the slices of an answer not."""

    hold: Hold

    def answer(self, request: Request, out: list[bytes]) -> None:
        """Append the response to *request* to *out*, as one or two chunks."""
        with self.hold():
            super().answer(request, out)
        if self.work is not None:
            self.work = self._hold_slices(self.work)

    def _hold_slices(self, work: Generator[list[bytes], None, None]) -> Iterator[list[bytes]]:
        """Go on with *work* as before, each slice of it with the databases to itself."""
        try:
            while True:
                with self.hold():
                    parts = next(work, None)
                if parts is None:
                    return
                yield parts
        except GeneratorExit:
            # The client went away. A database that is closed meanwhile has nothing left to be closed.
            with suppress(ValueError), self.hold():
                work.close()
            raise


class SharedServer(Server):
    """A server whose databases other threads use too; whoever uses them does their background work."""

    def __init__(self, namespaces: Namespaces, hold: Hold, loop: Any) -> None:
        wire = make_wire(namespaces, SharedWire)
        assert isinstance(wire, SharedWire)
        wire.hold = hold
        super().__init__(namespaces, wire, loop, syncs=False)
        namespaces.on_work = None
        self._hold_databases = hold

    def _tick(self) -> None:
        with self._hold_databases():
            super()._tick()


class ServerThread:
    """Serves *namespaces* on a free port of this machine; ``url`` is its endpoint.

    *hold* gives a thread the databases to itself for a while.
    """

    def __init__(self, namespaces: Namespaces, hold: Hold) -> None:
        sockets = open_sockets("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        self._loop = new_event_loop()
        self._server = SharedServer(namespaces, hold, self._loop)
        self._thread = threading.Thread(target=self._run, args=(sockets,), name="dynemu-server", daemon=True)
        self._thread.start()

    def _run(self, sockets: list[Any]) -> None:
        try:
            self._loop.run_until_complete(self._server.listen(sockets))
            self._loop.run_until_complete(self._server.stopped)
        finally:
            for listener in sockets:
                listener.close()
            self._loop.close()

    def stop(self) -> None:
        """Answer what was asked, then end."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(_STOP_SECONDS)
