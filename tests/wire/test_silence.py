"""How long a silent connection lasts. The server's clock is moved, so that no test waits for it."""

import contextlib
import threading

import pytest

from dynemu.http.protocol import IDLE_SECONDS, LINGER_SECONDS, READ_SECONDS, WRITE_SECONDS
from dynemu.http.server import new_event_loop
from tests.wire.peer import Peer, head, post
from tests.wire.scripted import RunningServer, ScriptedEngine


@pytest.fixture
def running():
    server = RunningServer(ScriptedEngine(), new_event_loop)
    yield server
    server.stop()


@pytest.fixture
def peer(running):
    with Peer(running.url) as peer:
        yield peer


def do(**request):
    return post(request, operation="Do")


def test_half_a_request_times_out(running, peer):
    assert peer.ask(do(id=1)).status == 200
    peer.send(do(id=2)[:-1])
    with Peer(running.url) as other:
        assert other.ask(do(id=3)).status == 200
    running.pass_time(READ_SECONDS + 1)
    response = peer.read()
    assert (response.status, response.headers["connection"]) == (408, "close")
    assert peer.read_end() == b""


def test_an_idle_connection_is_kept_for_an_hour(running, peer):
    assert peer.ask(do(id=1)).status == 200
    running.pass_time(IDLE_SECONDS - 10)
    assert peer.ask(do(id=2)).status == 200
    running.pass_time(IDLE_SECONDS + 1)
    assert peer.read_end() == b""


def send_until_lost(peer, flood):
    with contextlib.suppress(ConnectionError):
        while True:
            peer.send(flood)


def test_a_client_that_reads_nothing_is_cut_off(running, peer):
    sender = threading.Thread(target=send_until_lost, args=(peer, do(id="x" * 100_000)))
    sender.start()
    answered = -1
    while sender.is_alive():
        # Once nothing more is answered, the server waits for the client.
        if answered == len(running.engine.events):
            running.pass_time(WRITE_SECONDS + 1)
        answered = len(running.engine.events)
        sender.join(0.5)
    with pytest.raises((ConnectionError, EOFError)):
        while True:
            peer.read()


def test_a_refused_client_that_never_closes_is_cut_off(running, peer):
    peer.send(head(content_length=99_999_999))
    assert peer.read().status == 413
    assert peer.read_end() == b""
    running.pass_time(LINGER_SECONDS + 2)
    with pytest.raises(ConnectionError):
        while True:
            peer.send(b"x" * 100_000)
