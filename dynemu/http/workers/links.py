"""The stream between two workers: sockets of clients, with the bytes that were read of them.

A message is its length and flags (four bytes and one, big endian) and the bytes; every one has a socket.
"""

import asyncio
import os
import socket
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress

_HEAD = struct.Struct(">IB")
_READ_BYTES = 1 << 16
"""PERF: four times as much is memory that the system maps for each read: 13 microseconds in place of 2."""
_READ_SOCKETS = 64

Arrival = Callable[[int, bytes, int], None]
"""Takes a file descriptor, the bytes and the flags."""


class Link:
    """One end of *stream*, on *loop*; what comes is given to *arrive*."""

    def __init__(self, loop: asyncio.AbstractEventLoop, stream: socket.socket, arrive: Arrival) -> None:
        stream.setblocking(False)
        self._loop = loop
        self._stream = stream
        self._arrive = arrive
        self._received = bytearray()
        self._sockets: deque[int] = deque()
        self._unsent: deque[tuple[memoryview, int | None]] = deque()
        """Bytes, and the socket that goes with them if it has not gone before."""
        loop.add_reader(stream.fileno(), self._read)

    def send(self, descriptor: int, data: bytes, flags: int) -> None:
        """Send a copy of *descriptor* with *data*. Raises: OSError when the other worker is gone."""
        message = memoryview(_HEAD.pack(len(data), flags) + data)
        sent = 0 if self._unsent else self._send_now(message, descriptor)
        if sent == len(message):
            return
        if not self._unsent:
            self._loop.add_writer(self._stream.fileno(), self._write)
        self._unsent.append((message[sent:], None if sent else os.dup(descriptor)))

    def _send_now(self, message: memoryview, descriptor: int | None) -> int:
        """Return how many bytes were sent."""
        try:
            if descriptor is None:
                return self._stream.send(message)
            return socket.send_fds(self._stream, [message], [descriptor])
        except (BlockingIOError, InterruptedError):
            return 0

    def _write(self) -> None:
        message, descriptor = self._unsent[0]
        try:
            sent = self._send_now(message, descriptor)
        except OSError:
            self._give_up()
            return
        if sent and descriptor is not None:
            os.close(descriptor)
            descriptor = None
        if sent < len(message):
            self._unsent[0] = (message[sent:], descriptor)
            return
        self._unsent.popleft()
        if not self._unsent:
            self._loop.remove_writer(self._stream.fileno())

    def _read(self) -> None:
        try:
            data, sockets, flags, _ = socket.recv_fds(self._stream, _READ_BYTES, _READ_SOCKETS)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data, sockets, flags = b"", [], 0
        if not data or flags & socket.MSG_CTRUNC:  # without its socket no message can be told from the next
            self._give_up()
            return
        self._sockets += sockets
        self._received += data
        while len(self._received) >= _HEAD.size:
            size, flags = _HEAD.unpack_from(self._received)
            end = _HEAD.size + size
            if len(self._received) < end:
                return
            data = bytes(self._received[_HEAD.size : end])
            del self._received[:end]
            self._arrive(self._sockets.popleft(), data, flags)

    def _give_up(self) -> None:
        """Close what cannot be sent: the other worker has ended."""
        self._loop.remove_reader(self._stream.fileno())
        self._loop.remove_writer(self._stream.fileno())
        for _, descriptor in self._unsent:
            if descriptor is not None:
                with suppress(OSError):
                    os.close(descriptor)
        self._unsent.clear()
        self._stream.close()
