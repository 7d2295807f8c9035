"""Requests that own framing reads are those that httptools would have read, with the same meaning.

Nothing here can see which of the two read a request: a connection whose first byte came alone is httptools's
as far as its first read goes, so that it is the reference.
"""

import random
from typing import Any

import pytest

from dynemu.http.reader import RequestReader
from dynemu.http.request import Request
from tests.wire.peer import chunked, head, post

FIELDS = (
    "method",
    "url",
    "target",
    "content_type",
    "authorization",
    "has_date",
    "host",
    "length",
    "others",
    "body",
    "keep_alive",
)
SNIPPETS = (
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b":",
    b": ",
    b"\x00",
    b"\x7f",
    b"\xe9",
    b"_",
    b"HTTP/1.0",
    b"HTTP/2.0",
    b"GET ",
    b"POST / HTTP/1.1\r\n",
    b"/_dynemu/health",
    b"http://localhost:8000/",
    b"?a=b",
    b"#f",
    b"Content-Length: 2\r\n",
    b"Content-Length: 0\r\n",
    b"Content-Length: 02\r\n",
    b"Content-Length: +2\r\n",
    b"Content-Length: 99999999\r\n",
    b"content-length:2\r\n",
    b"Content-Length : 2\r\n",
    b"Content-Length: 2, 2\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"TRANSFER-ENCODING:chunked\r\n",
    b"Connection: close\r\n",
    b"connection: Keep-Alive\r\n",
    b"Connection: keep-alive, close\r\n",
    b"Connection: upgrade\r\n",
    b"Proxy-Connection: close\r\n",
    b"Upgrade: h2c\r\n",
    b"Expect: 100-continue\r\n",
    b"Expect: more\r\n",
    b"Accept-Encoding: gzip\r\n",
    b"Accept-Encoding: Identity\r\n",
    b"accept-encoding:identity\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Origin: http://a\r\n",
    b"X-Dynemu-Token: t\r\n",
    b"Access-Control-Request-Method: POST\r\n",
    b"Access-Control-Request-Headers: a\r\n",
    b"X-Empty:\r\n",
    b"X-Folded: a\r\n b\r\n",
    b"X-Blank: a \r\n",
    b"X-Blanks:  a\r\n",
    b"X(odd): a\r\n",
    b": nameless\r\n",
    b"DATE: today\r\n",
    b"Host: other\r\n",
    b"x-amz-target: DynamoDB_20120810.Other\r\n",
    b"X-Amz-Target: DynamoDB_20120810.Other\r\n",
)
ORDINARY = (
    post(),
    post(b""),
    post({"Limit": 3}, connection="keep-alive", accept_encoding="identity"),
    post({"TableName": "t", "Key": {"pk": {"S": "x" * 300}}}, path="/ns/one", user_agent="Boto3/1.44 md/Bot"),
    post(host=None, x_amz_date=None, authorization=None, date="Mon"),
    post(content_type=None, x_amz_target=None),
)
OTHERS = (
    head(method="GET"),
    head(transfer_encoding="chunked") + chunked(b"{", b"}"),
    post(version="1.0", connection="keep-alive"),
    post(expect="100-continue"),
    post(b"\x16\x03POST / HTTP/1.1\r\n\r\n"),
)


class Recorder(RequestReader):
    """Keeps what is submitted, by its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []

    def submit(self, request: Request) -> None:
        # How much of a refused head is known depends on how it came in pieces.
        self.seen.append(request.refusal or {name: getattr(request, name) for name in FIELDS})

    def expect_body(self) -> None:
        self.seen.append("continue")

    def find_upload(self, request: Request) -> None:
        return None


def read(*pieces: bytes) -> list[Any]:
    recorder = Recorder()
    for piece in pieces:
        recorder.read(piece)
    return recorder.seen


def mutated(chance: random.Random) -> bytes:
    """Return some requests, most of them with something odd in them."""
    data = b"".join(
        chance.choice(ORDINARY if chance.random() < 0.8 else OTHERS)
        for _ in range(chance.choice((1, 1, 2, 3)))
    )
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        lines = [at + 2 for at in range(len(data)) if data[at : at + 2] == b"\r\n"]
        at = chance.choice(lines) if lines and chance.random() < 0.6 else chance.randrange(len(data))
        kind = chance.random()
        if kind < 0.6:
            data = data[:at] + chance.choice(SNIPPETS) + data[at:]
        elif kind < 0.75:
            data = data[:at] + bytes((chance.randrange(256),)) + data[at + 1 :]
        elif kind < 0.9:
            data = data[:at] + data[at + chance.randrange(1, 30) :]
        else:
            end = chance.randrange(at, len(data) + 1)
            data = data[:end] + data[at:end] + data[end:]
        if not data:
            return post()
    return data


def cut(data: bytes, chance: random.Random) -> list[bytes]:
    """Return *data* in one to four pieces; one may end where a head does."""
    places = {chance.randrange(len(data) + 1) for _ in range(chance.choice((0, 0, 0, 1, 2)))}
    if chance.random() < 0.5:
        places.add(data.find(b"\r\n\r\n", chance.randrange(len(data))) + 4)
    ends = [*sorted(places), len(data)]
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize("seed", range(20))
def test_requests_mean_the_same_as_to_the_parser(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(500):
        data = mutated(chance)
        pieces = cut(data, chance)
        assert read(*pieces) == read(data[:1], data[1:]), pieces


@pytest.mark.parametrize("request_", ORDINARY)
def test_ordinary_requests_need_no_parser(request_: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httptools.HttpRequestParser", None)
    assert len(read(request_ * 3)) == 3


@pytest.mark.parametrize("request_", ORDINARY)
def test_bodies_that_come_apart_from_their_heads_need_no_parser(
    request_: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read(request_)
    monkeypatch.setattr("httptools.HttpRequestParser", None)
    end = request_.index(b"\r\n\r\n") + 4
    head, body = request_[:end], request_[end:]
    assert read(head, body, head, body) == whole * 2
    assert read(head, body + head, body[:1], body[1:] + request_ + head, body) == whole * 4
    assert read(head, *(body[at : at + 1] for at in range(len(body)))) == whole


@pytest.mark.parametrize("request_", ORDINARY)
def test_what_follows_ordinary_requests_is_read_on(request_: bytes) -> None:
    once = read(request_[:1], request_[1:])
    assert read(request_ * 3) == read(request_, request_ * 2) == once * 3
    assert read(request_ + request_[:7], request_[7:] + request_) == once * 3
    assert read(request_ + b"\r\n", request_) == once * 2


def test_requests_behind_a_refused_one_are_not_read() -> None:
    assert read(post() + b"nonsense\r\n\r\n" + post(), post()) == [*read(post()), 400]


def test_only_the_last_header_of_a_name_counts() -> None:
    (seen,) = read(post().replace(b"content-length", b"x-amz-TARGET: two\r\ncontent-length"))
    assert seen["target"] == b"two"
