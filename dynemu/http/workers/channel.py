"""What parent and worker tell each other: a JSON object a line, with one member that says what it is."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, cast

from orjson import dumps, loads


class Channel(asyncio.Protocol):
    """One end; *hear* gets what comes, *end* is called when the other end is gone."""

    def __init__(self, hear: Callable[[str, Any], None], end: Callable[[], None]) -> None:
        self._hear = hear
        self._end = end
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    @classmethod
    async def open(
        cls, stream: socket.socket, hear: Callable[[str, Any], None], end: Callable[[], None]
    ) -> "Channel":
        """Return this end of *stream*."""
        stream.setblocking(False)
        loop = asyncio.get_running_loop()
        _, channel = await loop.connect_accepted_socket(lambda: cls(hear, end), stream)
        return channel

    def tell(self, kind: str, value: Any) -> None:
        """Send *value*, which is JSON."""
        if self._transport is not None:
            self._transport.write(line_of(kind, value))

    def close(self) -> None:
        """End this end."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Give the lines that *data* completes to the owner of this end."""
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            ((kind, value),) = loads(line).items()
            self._hear(kind, value)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell the owner of this end."""
        self._transport = None
        self._end()


def line_of(kind: str, value: Any) -> bytes:
    """Return what is sent for *value*."""
    return dumps({kind: value}) + b"\n"
