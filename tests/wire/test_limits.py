"""What is refused before it is a request: bad HTTP, heads and bodies that are too large; ``Expect``."""

import gzip

import pytest

from dynemu.limits import REQUEST_BYTES
from tests.wire.peer import chunked, head, post


def refused(peer, status):
    """Check that the server answers *status* without a body and closes in order."""
    response = peer.read()
    assert (response.status, response.headers["connection"], response.body) == (status, "close", b"")
    assert peer.read_end() == b""


@pytest.mark.parametrize(
    "junk",
    [
        b"nonsense\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nA: b\x00c\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_not_http_is_refused(peer, junk):
    peer.send(junk)
    refused(peer, 400)


def test_requests_before_bad_http_are_answered(peer):
    peer.send(post() + b"nonsense\r\n\r\n")
    assert peer.read().status == 200
    refused(peer, 400)


def test_a_long_request_line_is_refused(peer):
    peer.send(head(path="/?" + "x" * 17_000))
    refused(peer, 414)


def test_an_endless_request_line_is_refused(peer):
    peer.send(b"POST /", *[b"x" * 4096] * 8, pause=0.005)
    refused(peer, 414)


def test_large_headers_are_refused(peer):
    peer.send(post(**{f"x_header_{n}": "y" * 1000 for n in range(70)}))
    refused(peer, 431)


def test_an_endless_header_is_refused(peer):
    peer.send(b"POST / HTTP/1.1\r\nX: ", *[b"y" * 8192] * 12, pause=0.005)
    refused(peer, 431)


def test_headers_of_many_kilobytes_are_accepted(peer):
    assert peer.ask(post(x_amz_security_token="t" * 30_000)).status == 200


def test_a_body_of_16_megabytes_is_accepted(peer):
    assert peer.ask(post(b"{}".ljust(REQUEST_BYTES))).status == 200
    assert peer.ask(head(transfer_encoding="chunked") + chunked(b"{}".ljust(REQUEST_BYTES))).status == 200


def test_a_larger_body_is_refused_by_its_length(peer):
    peer.send(head(content_length=REQUEST_BYTES + 1), b"{")
    refused(peer, 413)


def test_a_client_that_sends_a_larger_body_to_its_end_reads_the_refusal(peer):
    peer.send(post(b" " * (REQUEST_BYTES + 100_000)))
    peer.socket.shutdown(1)
    refused(peer, 413)


def test_a_larger_chunked_body_is_refused(peer):
    megabyte = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    peer.send(head(transfer_encoding="chunked"), *[megabyte] * 17)
    peer.socket.shutdown(1)
    refused(peer, 413)


def test_a_body_that_is_too_large_when_decoded_is_refused(peer):
    response = peer.ask(post(gzip.compress(b" " * (REQUEST_BYTES + 1)), content_encoding="gzip"))
    assert (response.status, response.body) == (413, b"")
    assert peer.ask(post()).status == 200


def test_a_wanted_body_is_asked_for(peer):
    peer.send(head(content_length=2, expect="100-continue"))
    assert peer.read().status == 100
    assert peer.ask(b"{}").status == 200


def test_a_body_is_asked_for_after_earlier_requests(peer):
    peer.send(b"".join(post() for _ in range(150)) + head(content_length=2, expect="100-continue"))
    assert [peer.read().status for _ in range(151)] == [200] * 150 + [100]
    assert peer.ask(b"{}").status == 200


def test_a_body_may_come_without_waiting(peer):
    peer.send(post(expect="100-continue"))
    assert [peer.read().status, peer.read().status] == [100, 200]


@pytest.mark.parametrize("request_line", [{"path": "/other"}, {"method": "PUT"}])
def test_an_unwanted_body_is_not_asked_for(peer, request_line):
    response = peer.ask(head(content_length=2, expect="100-continue", **request_line))
    assert (response.status, response.headers["connection"]) == (404, "close")


def test_a_body_that_would_be_too_large_is_not_asked_for(peer):
    peer.send(head(content_length=REQUEST_BYTES + 1, expect="100-continue"))
    refused(peer, 413)


def test_other_expectations_fail(peer):
    peer.send(head(content_length=2, expect="tea"))
    refused(peer, 417)


def test_expectations_of_http_1_0_are_ignored(peer):
    assert peer.ask(post(version="1.0", expect="100-continue")).status == 200
