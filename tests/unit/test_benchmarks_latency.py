"""The load at fixed rates: that it waits for nobody, and what becomes of its figures."""

import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from benchmarks.macro.latency import LATE_US, MIX, disturbance, note_overload, prepare
from benchmarks.macro.latency_report import latency_lines, latency_medians, milliseconds, verdicts
from benchmarks.macro.load import Client, Refused
from benchmarks.macro.openloop import Generator, Step, find_compiler, frame, parse_step
from benchmarks.macro.report import render

ANSWER = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\n\r\n{}"
REQUEST = [("GetItem", {"TableName": "t"})]


@contextmanager
def server_that_answers_after(count: int, answer: bytes = ANSWER) -> Iterator[int]:
    """Serve on a port; nothing is answered before *count* requests have come, then each at once."""
    held: list[socket.socket] = []
    lock = threading.Lock()
    came = 0

    def serve(connection: socket.socket) -> None:
        nonlocal came
        with connection, suppress(ConnectionError):
            while request := connection.recv(65536):
                assert request.startswith(b"POST / HTTP/1.1\r\n")
                with lock:
                    came += 1
                    held.append(connection)
                    ready = held[:] if came >= count else []
                    del held[: len(ready)]
                for each in ready:
                    each.sendall(answer)

    def accept() -> None:
        with suppress(OSError):
            while True:
                thread = threading.Thread(target=serve, args=[listener.accept()[0]])
                thread.start()
                threads.append(thread)

    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    threads = [threading.Thread(target=accept)]
    threads[0].start()
    try:
        yield listener.getsockname()[1]
    finally:
        # The generator has ended, so that all its connections end too.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join()


if sys.platform == "linux" and find_compiler():

    def test_requests_go_out_while_earlier_ones_wait():
        with Generator() as generator, server_that_answers_after(40) as port:
            step = generator.run(port, REQUEST, rate=200, seconds=0.2, cpu_clock=lambda: 0.0)
        assert step.answered == 1
        # The first was due 39 fortieths of the run before the last, which let all answers go.
        assert step.max_us >= 195_000
        assert step.p50_us >= 95_000

    def test_what_is_never_answered_counts_with_the_time_it_waited():
        with Generator() as generator, server_that_answers_after(1000) as port:
            step = generator.run(port, REQUEST, rate=1000, seconds=0.1, cpu_clock=lambda: 0.0)
        assert step.answered == 0
        assert step.p50_us >= 1_000_000

    def test_answers_other_than_200_are_counted():
        refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
        with Generator() as generator, server_that_answers_after(1, refusal) as port:
            step = generator.run(port, REQUEST, rate=100, seconds=0.05, cpu_clock=lambda: 0.0)
        assert (step.answered, step.refused) == (1, 5)

    def test_an_answer_that_nobody_asked_for_is_said_in_a_sentence():
        with (
            Generator() as generator,
            server_that_answers_after(1, ANSWER * 2) as port,
            pytest.raises(Refused, match="at 100 requests a second: an answer: Protocol error"),
        ):
            generator.run(port, REQUEST, rate=100, seconds=0.1, cpu_clock=lambda: 0.0)

    def test_a_server_that_is_gone_is_said_in_a_sentence():
        with Generator() as generator, pytest.raises(Refused, match="at 10 requests a second: connect: "):
            generator.run(1, REQUEST, rate=10, seconds=1, cpu_clock=lambda: 0.0)


def test_without_a_compiler_it_says_so(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Refused, match="needs a C compiler"):
        Generator()


def test_a_frame_is_a_length_and_a_whole_request():
    length, _, request = frame(8000, "GetItem", {"a": "é"}).partition(b"\n")
    head, _, body = request.partition(b"\r\n\r\n")
    assert int(length) == len(request)
    assert body == b'{"a":"\\u00e9"}'
    assert b"X-Amz-Target: DynamoDB_20120810.GetItem\r\n" in head
    assert head.endswith(b"Content-Length: %d" % len(body))


def test_what_the_generator_prints_becomes_a_step():
    printed = (
        '{"due": 200, "answered": 100, "refused": 3, "seconds": 2.0, "p50_us": 1.0, "p90_us": 2.0, '
        '"p99_us": 3.0, "p999_us": 4.0, "max_us": 5.0, "late_p99_us": 0.5}'
    )
    assert parse_step(printed, (1.0, 0.5, 2.5)) == Step(
        answered=0.5,
        p50_us=1,
        p90_us=2,
        p99_us=3,
        p999_us=4,
        max_us=5,
        late_p99_us=0.5,
        cpu_us=10_000,
        generator_load=0.25,
        other_load=0.5,
        refused=3,
    )


def test_a_late_generator_disturbs_more_than_a_busy_machine():
    busy = Step(**step(), cpu_us=0, late_p99_us=LATE_US, other_load=1.5)
    late = replace(busy, late_p99_us=LATE_US + 1, other_load=0.0)
    calm = replace(busy, other_load=0.1)
    assert sorted((late, busy, calm), key=disturbance) == [calm, busy, late]


def test_the_mix_takes_its_operations_in_turn(monkeypatch):
    monkeypatch.setattr("benchmarks.macro.rows.Row.verify", lambda *_: None)
    monkeypatch.setattr(Client, "close", lambda _: None)
    requests = prepare(MIX, 0, 100)
    assert [name for name, _ in requests[:5]] == ["GetItem", "PutItem", "UpdateItem", "Query", "GetItem"]
    items = [request["Item"] for name, request in requests if name == "PutItem"]
    values = {(item["pk"]["S"], item["sk"]["S"], item["visits"]["N"]) for item in items}
    assert len(values) == len(items) == len(requests) / 4


def step(p99=1000.0, refused=0, answered=1.0, load=0.5):
    names = ("p50_us", "p90_us", "p99_us", "p999_us", "max_us")
    return dict.fromkeys(names, p99) | {"refused": refused, "answered": answered, "generator_load": load}


@pytest.fixture
def result():
    own = {"rates": {"1000": [step(300), step(100), step(200)], "2000": [step(900, load=0.99)]}}
    peer = {"rates": {"1000": [step(250)], "2000": [step(400, refused=1)], "5000": [step(answered=0.5)]}}
    note_overload(peer, 2000)
    note_overload(peer, 5000)
    return {
        "date": "2026-01-01T00:00:00+00:00",
        "machine": {"processor": "Chip", "cores": 2, "memory_gb": 8, "kernel": "Linux", "load_before": 0.1},
        "versions": {"python": "3.11"},
        "settings": {"seconds": 3, "rounds": 3, "connections": 16},
        "data": {"items": 10, "json_bytes_per_item": 500},
        "servers": {"dynemu": {"title": "dynemu", "version": "1"}, "peer": {"title": "Peer", "version": "2"}},
        "rows": {},
        "latency": {
            "get": {"title": "GetItem", "servers": {"dynemu": own, "peer": peer}},
            "put": {
                "title": "PutItem",
                "servers": {"dynemu": {"rates": {"1000": [step()]}}, "peer": {"rates": {}, "unable": "no"}},
            },
        },
    }


def test_a_rate_that_overloads_a_server_has_no_latency(result):
    medians = latency_medians(result, "get")
    assert list(medians["peer"]) == [1000, 2000]
    assert medians["dynemu"][1000]["p99_us"] == 200


def test_lines_show_failures_overload_and_what_is_missing(result):
    lines = dict(latency_lines(result))
    assert lines["GetItem, 1,000 a second"]["dynemu"] == "0.20 · 0.20 · 0.20 · 0.20 · 0.20"
    assert lines["GetItem, 2,000 a second"]["peer"].endswith("0.40 !")
    assert lines["GetItem, 5,000 a second"] == {"dynemu": "n/a", "peer": "overloaded"}
    assert lines["PutItem, 1,000 a second"]["peer"] == "n/a"
    assert [milliseconds(us) for us in (123, 1230, 12300)] == ["0.12", "1.2", "12"]


def test_the_verdict_counts_the_rates_that_both_keep_up_with(result):
    assert list(verdicts(result, "dynemu")) == [
        "p99 no worse than Peer's at 1 of 2 rates that both keep up with; worse: GetItem at 2,000."
    ]


def test_a_result_of_latencies_alone_is_rendered(result):
    text = render(result)
    assert "| GetItem, 1,000 a second" in text
    limit = "at 2,000 the load generator was at its limit; the server may do better"
    assert f"dynemu, GetItem at fixed rates: {limit}" in text
    assert "Peer, PutItem at fixed rates: n/a, no" in text
    assert "requests per second |" not in text
