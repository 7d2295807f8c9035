"""Where requests begin and end, and how long a connection lasts."""

import socket

import pytest

from tests.wire.peer import chunked, head, post

UNKNOWN = "com.amazon.coral.service#UnknownOperationException"


def test_pipelined_requests_are_answered_in_their_order(peer):
    peer.send(post() + post(operation="Nonsense") + head(method="GET") + post())
    statuses = [(response.status, response.body[:9]) for response in (peer.read() for _ in range(4))]
    assert [status for status, _ in statuses] == [200, 400, 200, 200]
    assert statuses[2][1] == b"healthy: "


def test_many_pipelined_requests_are_all_answered(peer):
    peer.send(b"".join(post(operation="ListTables" if n % 3 else "Nonsense") for n in range(700)))
    assert [peer.read().status for _ in range(700)] == [200 if n % 3 else 400 for n in range(700)]


def test_a_request_may_arrive_byte_by_byte(peer):
    request = post({"Limit": 3})
    peer.send(*(request[at : at + 1] for at in range(len(request))))
    assert peer.read().status == 200


@pytest.mark.parametrize("cut", [1, 4, 5, 6, 14, 17, 40, 90, 200, -3, -1])
def test_a_request_may_arrive_in_two_packets(peer, cut):
    request = post({"Limit": 3}) + post({"Limit": 4})
    peer.send(request[:cut], request[cut:], pause=0.01)
    assert [peer.read().status, peer.read().status] == [200, 200]


def test_a_chunked_body_is_put_together(peer):
    peer.send(head(transfer_encoding="chunked") + chunked(b'{"Lim', b'it"', b": 1}"))
    assert peer.read().status == 200
    peer.send(head(transfer_encoding="chunked"), chunked(b'{"Limit"', b":"), pause=0.01)
    assert peer.read().json() == {"__type": "com.amazon.coral.service#SerializationException"}


def test_trailers_are_no_headers(peer):
    trailer = b"2\r\n{}\r\n0\r\nX-Amz-Target: DynamoDB_20120810.Nonsense\r\nX-Other: 1\r\n\r\n"
    assert peer.ask(head(transfer_encoding="chunked") + trailer).status == 200
    assert peer.ask(post()).status == 200


def test_header_names_are_read_in_any_case(peer):
    assert peer.ask(post().replace(b"X-Amz-Target", b"x-aMZ-tARGET").replace(b"Host", b"HOST")).status == 200


def test_blank_lines_before_a_request_are_skipped(peer):
    assert peer.ask(b"\r\n\r\n" + post()).status == 200


def test_a_connection_is_kept_open(peer):
    for _ in range(3):
        assert peer.ask(post()).headers["connection"] == "keep-alive"
    assert not peer.has_data(0.05)


def test_connection_close_is_honoured(peer):
    peer.send(post(connection="close") + post())
    assert peer.read().headers["connection"] == "close"
    assert peer.read_end() == b""


def test_an_http_1_0_connection_is_closed(peer):
    response = peer.ask(post(version="1.0"))
    assert (response.status, response.headers["connection"]) == (200, "close")
    assert peer.read_end() == b""


def test_an_http_1_0_connection_is_kept_open_when_asked(peer):
    for _ in range(2):
        response = peer.ask(post(version="1.0", connection="keep-alive"))
        assert (response.status, response.headers["connection"]) == (200, "keep-alive")


def test_a_client_may_stop_sending_before_it_reads(peer):
    peer.send(b"".join(post() for _ in range(200)))
    peer.socket.shutdown(socket.SHUT_WR)
    assert [peer.read().status for _ in range(200)] == [200] * 200
    assert peer.read_end() == b""


def test_an_unfinished_request_is_dropped_when_the_client_closes(peer, connect):
    peer.send(post()[:-1])
    peer.socket.shutdown(socket.SHUT_WR)
    assert peer.read_end() == b""
    assert connect().ask(post()).status == 200


def test_the_absolute_form_names_the_same_paths(peer):
    assert peer.ask(post(path="http://localhost:8000/")).status == 200
    assert peer.ask(post(path="http://localhost:8000")).status == 200
    assert peer.ask(post(path="http://localhost:8000?a=b")).status == 200
    assert peer.ask(post(path="http://localhost:8000/other")).status == 404


@pytest.mark.parametrize("pause", [0.0, 0.01])
def test_an_offer_of_http_2_is_ignored(peer, pause):
    offer = {"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2_settings": "AAMAAABk"}
    request = post({"Limit": 2}, **offer)
    end = request.index(b"\r\n\r\n") + 4
    peer.send(request[:end], request[end : end + 3], request[end + 3 :], pause=pause)
    assert peer.read().status == 200
    peer.send(head(transfer_encoding="chunked", **offer) + chunked(b"{", b"}") + post())
    assert [peer.read().status, peer.read().status] == [200, 200]
    peer.send(head(method="GET", **offer) + post())
    assert peer.read().body.startswith(b"healthy")
    assert peer.read().status == 200


def test_connect_is_not_found(peer):
    peer.send(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\nwhatever")
    response = peer.read()
    assert (response.status, response.headers["connection"]) == (404, "close")
