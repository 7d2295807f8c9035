"""One connection: bytes in through httptools, requests to the wire in their order, joined responses out.

A request is answered inside the callback that completes it. It only waits in ``queue`` when the client does
not read its responses, or has sent more requests at once than one turn of the loop should answer.
"""

import logging
from collections import deque
from typing import TYPE_CHECKING, Any

from dynemu.http.reader import RequestReader
from dynemu.http.request import Request
from dynemu.http.response import CONTINUE, JOINED_BYTES

if TYPE_CHECKING:
    from dynemu.http.server import Server

REQUESTS_PER_TURN = 64
PENDING_BYTES = 256 * 1024
"""Output of one turn that is handed over before the turn ends."""
READ_SECONDS = 120
WRITE_SECONDS = 300
IDLE_SECONDS = 3600
LINGER_SECONDS = 5

log = logging.getLogger("dynemu.http")


class Connection(RequestReader):
    """An asyncio protocol; its methods without ``_`` are called by the loop, the reader and the server."""

    def __init__(self, server: "Server") -> None:
        super().__init__()
        self.server = server
        self.wire = server.wire
        self.syncs = server.syncs
        self.databases = server.databases
        self.transport: Any = None
        self.queue: deque[Request] = deque()
        self.out: list[bytes] = []
        self.out_size = 0
        self.answered = 0
        self.seen = 0
        """Tick of the last sign of life."""
        self.paused = False
        self.blocked = False
        """True while the client leaves too much unread."""
        self.waiting = False
        """True while an answer is held back because a hook asked for it, or takes long to make."""
        self.held = False
        self.scheduled = False
        self.continue_due = False
        self.dropped = False
        """True once a hook wanted the connection closed: nothing more is answered."""
        self.ending = False
        """True when the connection closes as soon as all that was asked is answered."""
        self.work: Any = None
        """What makes the parts of an answer that takes long, slice by slice."""
        self.going = False
        """True when the next slice of it is due."""

    # Called by the loop

    def connection_made(self, transport: Any) -> None:
        """Start reading requests."""
        self.transport = transport
        self.seen = self.server.ticks
        self.server.connections.add(self)
        if self.server.stops_connections:
            self.stop()

    def data_received(self, data: bytes) -> None:
        """Answer the requests that *data* completes, with one write."""
        self._receive(data)

    def _receive(self, data: bytes) -> None:
        if not self.reading:
            return
        self.seen = self.server.ticks
        self.answered = 0
        self.read(data)
        if self.out:
            self.flush()

    def eof_received(self) -> bool:
        """Return True to stay open, when the client stopped sending but still waits for answers."""
        self.reading = False
        self.request = None
        self.ending = True
        return not self.is_idle()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget everything that was not answered."""
        self.transport = None
        self.reading = False
        if self.request is not None and self.request.upload is not None:
            self.request.upload.close()
        self.request = None
        if self.work is not None:
            self.work.close()
        self.parser = self.feed = self.should_keep_alive = None
        self.queue.clear()
        self.out = []
        self.server.forget(self)

    def pause_writing(self) -> None:
        """Answer and read nothing more until the client has read."""
        self.blocked = True
        self._pause_reading()

    def resume_writing(self) -> None:
        """Go on after ``pause_writing``."""
        self.blocked = False
        self.seen = self.server.ticks
        if self.work is not None:
            self._schedule_work()
        self.drain()

    # Called by the reader

    def submit(self, request: Request) -> None:
        """Answer *request*, now or after those that wait already."""
        self.continue_due = False
        if self.dropped:
            return
        if self.blocked or self.waiting or self.queue or self.answered >= REQUESTS_PER_TURN:
            self.queue.append(request)
            self._pause_reading()
            if not self.blocked and not self.waiting:
                self._schedule()
        else:
            self._answer(request)

    def expect_body(self) -> None:
        """Send ``100 Continue`` as soon as earlier requests are answered."""
        if self.queue:
            self.continue_due = True
        else:
            self.out.append(CONTINUE)

    def find_upload(self, request: Request) -> Any:
        """Return the file for the body of *request*, or None."""
        return self.wire.admin.find_upload(request)

    # Called by the server

    def flush(self) -> None:
        """Send what is answered, or let the server do so once the turn's commits are synced."""
        if self.syncs and self.databases.needs_sync:
            if not self.held:
                self.held = True
                self.server.hold(self)
        else:
            self.send()

    def send(self) -> None:
        """Hand the answers over to the transport; close it when they were the last ones."""
        self.held = False
        out = self.out
        if self.transport is None or not out:
            return
        if len(out) == 1:
            self.transport.write(out[0])
        elif self.out_size > JOINED_BYTES:
            self.transport.writelines(out)
        else:
            self.transport.write(b"".join(out))
        self.out = []
        self.out_size = 0
        if self.ending and self.is_idle():
            self._finish()

    def drain(self) -> None:
        """Answer the queue as far as the client and this turn allow, then read on."""
        self.scheduled = False
        self.answered = 0
        while self.queue and not (self.blocked or self.waiting) and self.transport is not None:
            if self.answered >= REQUESTS_PER_TURN:
                self._schedule()
                break
            self._answer(self.queue.popleft())
        if not self.queue and self.continue_due:
            self.continue_due = False
            self.out.append(CONTINUE)
        if self.out:
            self.flush()
        elif self.ending and self.is_idle():
            self._finish()
        if not self.queue and not self.blocked:
            self._resume_reading()

    def is_idle(self) -> bool:
        """Tell whether nothing is half read, unanswered or unsent."""
        return self.request is None and not (self.queue or self.out or self.waiting)

    def stop(self) -> None:
        """Close once everything that was asked is answered."""
        self.ending = True
        if self.request is not None:
            self.request.keep_alive = False
        if self.is_idle():
            self._finish()

    def abort(self) -> None:
        """Close without sending anything more."""
        if self.transport is not None:
            self.transport.abort()

    def expire(self) -> None:
        """Close the connection when it has been silent for too long; called about every second."""
        if self.transport is None:
            return
        silence = self.server.ticks - self.seen
        if self.lingering:
            if silence > LINGER_SECONDS:
                self.abort()
        elif self.blocked:
            if silence > WRITE_SECONDS:
                self.abort()
        elif self.request is not None:
            if silence > READ_SECONDS:
                self.refuse(408)
                self.flush()
        elif silence > IDLE_SECONDS and self.is_idle():
            self._finish()

    def _pause_reading(self) -> None:
        if not self.paused and self.transport is not None and not self.transport.is_closing():
            self.paused = True
            self.transport.pause_reading()

    def _resume_reading(self) -> None:
        if self.paused and self.transport is not None and not self.transport.is_closing():
            self.paused = False
            self.transport.resume_reading()

    def _schedule(self) -> None:
        if not self.scheduled:
            self.scheduled = True
            self.server.loop.call_soon(self.drain)

    def _answer(self, request: Request) -> None:
        self.answered += 1
        self.wire.answer(request, self.out)
        if not request.keep_alive:
            self.ending = True
        if self.wire.work is not None:
            self._begin_work()
            return
        if self.wire.delay or self.wire.drops:
            self._hold_back()
            return
        self.out_size += len(self.out[-1])
        if self.out_size > PENDING_BYTES:
            self.flush()
            if self.held:
                self.server.release()

    def _hold_back(self) -> None:
        """Do with the answer that was written last what a hook asked for: send it later, or close instead."""
        answer = self.out[self.wire.written :]
        del self.out[self.wire.written :]
        self.dropped = self.wire.drops
        if self.dropped:
            answer = []
        if not self.wire.delay:
            self._drop()
            return
        self.waiting = True
        self._pause_reading()
        self.server.loop.call_later(self.wire.delay, self._send_late, answer)

    def _send_late(self, answer: list[bytes]) -> None:
        self.waiting = False
        if self.transport is None:
            return
        if self.dropped:
            self._drop()
            return
        self.out += answer
        self.out_size += len(answer[-1])
        self.drain()

    def _drop(self) -> None:
        """Close the connection once what was answered before is sent; the client reads on meanwhile."""
        self.reading = False
        self.request = None
        self.queue.clear()
        self.ending = True
        if self.out:
            self.flush()
        elif self.is_idle():
            self._finish()

    def _begin_work(self) -> None:
        """Make the answer in slices, between which other connections are served."""
        self.work = self.wire.work
        self.waiting = True
        self._pause_reading()
        self._go_on()  # at once: what has begun is ended in order when the client goes away

    def _schedule_work(self) -> None:
        if not self.going:
            self.going = True
            self.server.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Do a slice of the work, unless the client has to read first, and send what it gave."""
        self.going = False
        if self.transport is None or self.blocked or self.work is None:
            return
        try:
            parts = next(self.work)
        except StopIteration:
            self.work = None
            self.waiting = False
            self.drain()
            return
        except Exception:
            log.exception("an answer could not be completed: its connection is closed")
            self.abort()
            return
        if parts:
            self.out += parts
            self.out_size += sum(map(len, parts))
            self.flush()
        self._schedule_work()

    def _finish(self) -> None:
        if self.transport is None:
            return
        if self.lingering and not self.server.stopping and self.transport.can_write_eof():
            # Closing while the client still sends would reset the connection and may lose the answer.
            self.transport.write_eof()
            self._resume_reading()
        else:
            self.transport.close()
