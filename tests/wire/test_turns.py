"""What a server does around its requests: one sync a turn, background work, faults of the engine."""

import asyncio
import logging

import pytest

from dynemu.http.server import new_event_loop
from tests.wire.peer import Peer, post
from tests.wire.scripted import RunningServer, ScriptedEngine


@pytest.fixture
def engine():
    return ScriptedEngine()


@pytest.fixture(params=[new_event_loop, asyncio.new_event_loop], ids=["default", "asyncio"])
def url(request, engine):
    running = RunningServer(engine, request.param)
    yield running.url
    running.stop()


def do(**request):
    return post(request, operation="Do")


def test_the_answers_of_one_turn_wait_for_one_sync(engine, url):
    with Peer(url) as peer:
        peer.send(do(id=1, write=True) + do(id=2) + do(id=3, write=True))
        assert [peer.read().json()["id"] for _ in range(3)] == [1, 2, 3]
    assert engine.events == [1, 2, 3, "sync"]


def test_answers_without_a_write_wait_for_nothing(engine, url):
    with Peer(url) as peer:
        assert peer.ask(do(id=1)).json() == {"id": 1}
    assert engine.events == [1]


def test_a_write_is_never_acknowledged_when_it_was_not_synced(engine, url, caplog):
    engine.fails_to_sync = True
    with Peer(url) as peer:
        peer.send(do(id=1, write=True))
        with pytest.raises((EOFError, ConnectionError)):
            peer.read()
    assert "could not be synced" in caplog.text


def test_background_work_goes_on_between_requests(engine, url):
    with Peer(url) as peer:
        peer.ask(do(id=1, slices=100))
        for number in range(2, 6):
            assert peer.ask(do(id=number)).json() == {"id": number}
    assert engine.events.index(5) < 50


def test_an_unexpected_exception_is_logged_with_the_request_id(engine, url, caplog):
    with caplog.at_level(logging.ERROR), Peer(url) as peer:
        response = peer.ask(do(id="bug"))
        assert peer.ask(do(id=2)).json() == {"id": 2}
    assert response.status == 500
    assert response.json() == {
        "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
        "message": "Internal server error",
    }
    assert response.headers["x-amzn-requestid"] in caplog.text
    assert "ZeroDivisionError: a bug" in caplog.text


def test_a_store_that_cannot_write_is_logged_in_one_line(engine, url, caplog):
    with caplog.at_level(logging.ERROR), Peer(url) as peer:
        response = peer.ask(do(id="full"))
    assert (response.status, response.json()["message"]) == (500, "Internal server error")
    identity = response.headers["x-amzn-requestid"]
    said = f"request {identity} (b'DynamoDB_20120810.Do') failed: The database has no space left on its disk."
    assert (caplog.messages, "Traceback" in caplog.text) == ([said], False)


def test_an_empty_answer_has_no_body(engine, url):
    with Peer(url) as peer:
        response = peer.ask(do(id="nothing"))
    assert (response.status, response.body, response.headers["x-amz-crc32"]) == (200, b"", "0")


def test_both_loops_speak_http(engine, url):
    with Peer(url) as peer:
        request = do(id=1)
        peer.send(request[:50], request[50:], pause=0.01)
        assert peer.read().json() == {"id": 1}
        peer.send(do(id=2) * 300)
        assert [peer.read().json()["id"] for _ in range(300)] == [2] * 300
        peer.send(post({"id": 3}, operation="Do", connection="close"))
        assert peer.read().json() == {"id": 3}
        assert peer.read_end() == b""
