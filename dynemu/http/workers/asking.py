"""A worker as a client of another one: one request to its admin API, over a connection made for it."""

import asyncio
import socket
from typing import TYPE_CHECKING, Any

from orjson import dumps, loads

from dynemu.http.routes import ADMIN_PATH
from dynemu.http.workers.connection import INTERNAL
from dynemu.limits import REQUEST_BYTES
from dynemu.storage.base import StoreError
from dynemu.storage.places import UnknownSnapshot

if TYPE_CHECKING:
    from dynemu.http.workers.worker import WorkerServer

_CHUNK = 1 << 18


async def ask(server: "WorkerServer", worker: int, method: str, path: str, body: Any = None) -> Any:
    """Return the document with which *worker* answers; *path* is what follows ``/_dynemu/``.

    Raises: UnknownSnapshot, ValueError or StoreError with the sentence of the answer; OSError.
    """
    with await fetch(server, worker, method, path, body) as file:
        return loads(file.read())


async def fetch(server: "WorkerServer", worker: int, method: str, path: str, body: Any = None) -> Any:
    """Return a file with what *worker* answers. Raises: as ``ask`` does."""
    from tempfile import SpooledTemporaryFile  # noqa: PLC0415 - 2 ms and 0.4 MB in every worker

    ours, theirs = socket.socketpair()
    with theirs:
        server.hand_over(worker, theirs.fileno(), _request(server, method, path, body), INTERNAL)
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    file: Any = SpooledTemporaryFile(max_size=REQUEST_BYTES)
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        while part := await reader.read(_CHUNK):
            file.write(part)
    except asyncio.IncompleteReadError:
        raise StoreError("Another worker has ended.") from None
    finally:
        writer.close()
    file.seek(0)
    status = int(head.split(b" ", 2)[1])
    if status not in (200, 201):
        raise _error(status, loads(file.read())["error"])
    return file


def _request(server: "WorkerServer", method: str, path: str, body: Any) -> bytes:
    lines = [f"{method} {ADMIN_PATH.decode()}{path} HTTP/1.1", "Host: localhost", "Connection: close"]
    if server.settings.admin_token:
        lines.append(f"Authorization: Bearer {server.settings.admin_token}")
    data = b"" if body is None else dumps(body)
    lines.append(f"Content-Length: {len(data)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def _error(status: int, sentence: str) -> Exception:
    if status == 404:
        return UnknownSnapshot(sentence)
    return ValueError(sentence) if status == 400 else StoreError(sentence)
