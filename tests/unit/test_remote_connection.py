"""Connections of ``dynemu.testing.remote``: answers in any pieces, closed connections, what is no answer."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from dynemu.testing.remote_connection import Connection, ConnectionLost

HEAD = b"HTTP/1.1 200 OK\r\nServer: Server\r\n"
Script = Callable[[socket.socket], None]


@contextmanager
def server(*scripts: Script) -> Iterator[str]:
    """Serve one connection after the other, each by its script; give the address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for script in scripts:
                accepted, _ = listening.accept()
                with accepted:
                    script(accepted)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)
        assert not thread.is_alive()


def answering(*answers: bytes) -> Script:
    """Read a request before each answer, which is sent a byte at a time."""

    def script(peer: socket.socket) -> None:
        for answer in answers:
            read_request(peer)
            for place in range(len(answer)):
                peer.sendall(answer[place : place + 1])

    return script


def read_request(peer: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data or not data.endswith(b"."):
        data += peer.recv(1000)
    return data


def answer(body: bytes, more: bytes = b"") -> bytes:
    return HEAD + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_answers_come_in_pieces_on_one_connection() -> None:
    with server(answering(answer(b"one"), answer(b""), answer(b"three"))) as url:
        connection = Connection(url, 10)
        assert [connection.ask("POST", "/", {}, b".") for _ in range(3)] == [
            (200, b"one"),
            (200, b""),
            (200, b"three"),
        ]
        connection.close()


def test_a_request_is_what_was_given() -> None:
    seen = []

    def script(peer: socket.socket) -> None:
        seen.append(read_request(peer))
        peer.sendall(answer(b"{}"))

    with server(script) as url:
        connection = Connection(url, 10)
        connection.ask("POST", "/a/b", {"X-Amz-Target": "t"}, b"body.")
        connection.close()
        host = url.removeprefix("http://").encode()
    assert seen == [
        b"POST /a/b HTTP/1.1\r\nHost: " + host + b"\r\nX-Amz-Target: t\r\nContent-Length: 5\r\n\r\nbody."
    ]


@pytest.mark.parametrize("more", [b"", b"Connection: close\r\n"])
def test_a_connection_that_was_closed_is_opened_again(more: bytes) -> None:
    with server(answering(answer(b"one", more)), answering(answer(b"two"))) as url:
        connection = Connection(url, 10)
        assert connection.ask("POST", "/", {}, b".") == (200, b"one")
        assert connection.ask("POST", "/", {}, b".") == (200, b"two")
        connection.close()


@pytest.mark.parametrize("said", [b"SSH-2.0\r\n\r\n", HEAD + b"\r\n", b"", answer(b"whole")[:-1]])
def test_what_is_no_whole_answer_is_an_error(said: bytes) -> None:
    with server(answering(said)) as url, pytest.raises(ConnectionLost):
        Connection(url, 10).ask("POST", "/", {}, b".")
