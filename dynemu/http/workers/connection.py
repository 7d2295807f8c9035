"""A connection that moves to the worker whose namespace is asked for, with what is read and not answered.

All that came before is answered and sent first. The other worker reads the same bytes as if the client had
sent them to it; it may know that the namespace has moved on, and then so does the connection.
"""

from typing import TYPE_CHECKING, Any

from dynemu.http.protocol import Connection
from dynemu.http.request import Request
from dynemu.http.workers.boundaries import start_of

if TYPE_CHECKING:
    from dynemu.http.workers.worker import WorkerServer

CONTINUED = 1
"""The client was told to send the body of the first request."""
INTERNAL = 2
"""The client is another worker."""
LAST = 4
"""The answer to the first request ends the connection, because the server stops."""
_STAYS = -1


class MovableConnection(Connection):
    """A connection of one worker; *given* is what another one has read of it, *flags* what it knows of it."""

    def __init__(self, server: "WorkerServer", given: bytes = b"", flags: int = 0) -> None:
        super().__init__(server)
        self.worker = server
        self.router = server.router
        self.here = server.router.here
        self.is_internal = bool(flags & INTERNAL)
        self.given = given
        self.was_continued = bool(flags & CONTINUED)
        self.is_last = bool(flags & LAST)
        self.latest = b""
        """What was received last."""
        self.kept: list[bytes] = []
        """What was received before it, since everything was answered."""
        self.is_whole = True
        """False when the start of it is missing: it belongs to a file, and may be a large one."""
        self.begun = 0
        """Requests in what is kept that are read."""
        self.done = 0
        """Requests in what is kept that are answered."""
        self.continued = _STAYS
        """The request in it whose body the client was told to send."""
        self.leaving_for = _STAYS
        """The worker that this connection moves to."""
        self.leaving_with = 0
        """The first request in what is kept that is answered there."""

    # Called by the loop

    def connection_made(self, transport: Any) -> None:
        """Start reading requests, first in what is given."""
        Connection.connection_made(self, transport)
        if self.given:
            data, self.given = self.given, b""
            self.data_received(data)
            if self.server.stopping:
                self.stop()

    def data_received(self, data: bytes) -> None:
        """Answer the requests that *data* completes as far as they are this worker's."""
        self._keep(data)
        if self.leaving_for == _STAYS:
            self._receive(data)
            if self.leaving_for != _STAYS:
                self.leave()

    def eof_received(self) -> bool:
        """Return True to stay open; a connection that moves meets its end where it goes."""
        return self.leaving_for != _STAYS or Connection.eof_received(self)

    def settle(self) -> None:
        """Stop reading once more: a transport begins to read after ``connection_made``, whatever that did."""
        if self.paused and self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()

    # Called by the reader

    def submit(self, request: Request) -> None:
        """Answer *request*, now or after those that wait already, unless it is read elsewhere."""
        if self.leaving_for == _STAYS:
            self.begun += 1
            if self.is_last:
                request.keep_alive = self.reading = False
            Connection.submit(self, request)

    def expect_body(self) -> None:
        """Send ``100 Continue``, if that is this worker's to do and not done."""
        if self.leaving_for != _STAYS or self.dropped or self.continued == self.begun:
            return
        assert self.request is not None
        owner = self.router.owner_of(self.request)
        if owner != self.router.me:
            self._move(owner, self.begun)
            return
        self.continued = self.begun
        Connection.expect_body(self)

    def find_upload(self, request: Request) -> Any:
        """Return the file for the body of *request*, or None."""
        if self.leaving_for != _STAYS or self.dropped:
            return None
        owner = self.router.owner_of(request)
        if owner != self.router.me:
            self._move(owner, self.begun)
            return None
        return Connection.find_upload(self, request)

    # Called by the server

    def drain(self) -> None:
        """Answer the queue as far as the client and this turn allow, then read on, or leave."""
        Connection.drain(self)
        if self.leaving_for != _STAYS:
            self.leave()

    def is_idle(self) -> bool:
        """Tell whether nothing is half read, unanswered or unsent, here or where the connection goes."""
        return self.leaving_for == _STAYS and not self.given and Connection.is_idle(self)

    def answer_prepared(self, request: Request) -> None:
        """Answer *request* now that there is all it takes from other workers."""
        if self.transport is None:
            return
        self.waiting = False
        self.done += 1
        Connection._answer(self, request)
        self.drain()

    def leave(self) -> None:
        """Move to the other worker, as soon as all that is answered here is sent."""
        transport = self.transport
        if transport is None or self.queue or self.waiting:
            return
        if self.out:
            self.flush()
            if self.out:  # it waits for the sync of this turn
                self.server.loop.call_soon(self.leave)
                return
        if transport.get_write_buffer_size():
            transport.set_write_buffer_limits(0)  # ``drain`` comes by once all of it is sent
            return
        data = b"".join((*self.kept, self.latest))
        data = data[start_of(data, self.leaving_with) :]
        flags = (
            CONTINUED * (self.continued == self.leaving_with)
            | INTERNAL * self.is_internal
            | LAST * self.is_last
        )
        try:
            self.worker.hand_over(self.leaving_for, transport.get_extra_info("socket").fileno(), data, flags)
        finally:
            transport.abort()

    def _answer(self, request: Request) -> None:
        if request.url not in self.here:
            owner = self.router.owner_of(request)
            if owner != self.router.me:
                self.queue.clear()
                self.is_last = self.worker.stopping and not request.keep_alive
                self._move(owner, self.done)
                return
            if self.worker.prepare_answer(self, request):
                self.waiting = True
                self._pause_reading()
                return
        self.done += 1
        Connection._answer(self, request)

    def _keep(self, data: bytes) -> None:
        """Keep *data* until everything in it is answered."""
        if self.leaving_for != _STAYS or self.queue or self.waiting:
            self.kept.append(self.latest)
        elif self.request is None:
            if self.kept:
                self.kept = []
            self.is_whole = True
            self.begun = self.done = 0
            self.continued = 0 if self.was_continued else _STAYS
            self.was_continued = False
        elif self.request.upload is not None:
            self.kept = []
            self.is_whole = False
        else:
            self.kept.append(self.latest)
        self.latest = data

    def _move(self, owner: int, index: int) -> None:
        """Have the request with this *index*, and what follows, answered by worker *owner*."""
        if not self.is_whole:
            # Nobody sends anything behind a file before that is answered; who does may send it again.
            self._drop()
            return
        self.leaving_for = owner
        self.leaving_with = index
        self._pause_reading()
