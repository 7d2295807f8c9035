"""Answers to browsers."""

import pytest

from tests.wire.peer import head, post


def test_an_answer_to_an_origin_may_be_read_by_it(peer):
    for request in (post(origin="http://localhost:3000"), post(b"{", origin="http://localhost:3000")):
        headers = peer.ask(request).headers
        assert headers["access-control-allow-origin"] == "*"
        assert "x-amz-crc32" in headers["access-control-expose-headers"]


def test_without_an_origin_there_are_no_such_headers(peer):
    assert not [name for name in peer.ask(post()).headers if name.startswith("access-control")]


def test_a_preflight_allows_what_it_asks_for(peer):
    response = peer.ask(
        head(
            method="OPTIONS",
            authorization=None,
            content_type=None,
            origin="http://localhost:3000",
            access_control_request_method="POST",
            access_control_request_headers="authorization,x-amz-target",
        )
    )
    assert (response.status, response.body) == (200, b"")
    allowed = {name: value for name, value in response.headers.items() if name.startswith("access-control")}
    assert allowed == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization,x-amz-target",
        "access-control-max-age": "172800",
    }
    assert peer.ask(post()).status == 200


@pytest.mark.parametrize(("path", "origin"), [("/", None), ("/foo", "http://localhost:3000")])
def test_other_preflights_are_not_found(peer, path, origin):
    response = peer.ask(head(method="OPTIONS", path=path, origin=origin))
    assert (response.status, response.body) == (404, b"<UnknownOperationException/>\n")
