"""Listening sockets, and the limits that the system sets them."""

import errno
import os
import socket
import sys
from typing import Any

BACKLOG = 2048
OPEN_FILES = 65_536


class ServerError(Exception):
    """A server that cannot start; the text is one sentence for the user."""

    exit_code = 1


class OptionError(ServerError):
    """An option whose value names or holds what cannot be used."""

    exit_code = 2


def open_sockets(host: str, port: int) -> list[socket.socket]:
    """Return bound sockets for every address of *host*, all with the same port; 0 chooses a free one.

    Raises: ServerError.
    """
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in _addresses(host, port):
            listener = socket.socket(family, kind, protocol)
            sockets.append(listener)
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address[0], port, *address[2:]))
            listener.listen(BACKLOG)
            listener.setblocking(False)
            port = listener.getsockname()[1]
    except OSError as error:
        for listener in sockets:
            listener.close()
        raise ServerError(f"Cannot listen on {_join(host, port)}: {_reason(error)}.") from error
    return sockets


def _addresses(host: str, port: int) -> list[Any]:
    # PERF: a str takes a codec, and that the Unicode tables: 0.2 MB, 1 ms.
    name = host.encode() if host.isascii() else host
    return list(
        dict.fromkeys(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE))
    )


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "another program uses this port"
    return (error.strerror or str(error)).lower()


def describe_address(sockets: list[socket.socket]) -> str:
    """Return the URL of the first socket, such as ``http://127.0.0.1:8000``."""
    host, port = sockets[0].getsockname()[:2]
    return "http://" + _join(host, port)


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def raise_file_limit() -> None:
    """Allow as many open files as the system lets us: a connection takes one, and so does a table file."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  - POSIX only

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
