"""gzip and deflate, of requests and of responses."""

import gzip
import zlib

import pytest

from tests.wire.peer import post

SERIALIZATION = {"__type": "com.amazon.coral.service#SerializationException"}
PLAIN = b'{"Limit": 2}'


def raw_deflate(data):
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


@pytest.fixture(scope="module")
def big(client):
    """A table with an item whose answer is large enough to be worth coding."""
    name = "coded-responses"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.put_item(TableName=name, Item={"pk": {"S": "a"}, "text": {"S": "word " * 2000}})
    return {"TableName": name, "Key": {"pk": {"S": "a"}}}


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(PLAIN)),
        ("GZIP", gzip.compress(PLAIN)),
        ("x-gzip", gzip.compress(PLAIN)),
        ("deflate", zlib.compress(PLAIN)),
        ("deflate", raw_deflate(PLAIN)),
        ("identity", PLAIN),
        ("deflate, gzip", gzip.compress(zlib.compress(PLAIN))),
    ],
)
def test_a_coded_request_is_decoded(peer, coding, body):
    assert peer.ask(post(body, content_encoding=coding)).status == 200


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", PLAIN),
        ("gzip", gzip.compress(PLAIN)[:-4]),
        ("gzip", gzip.compress(PLAIN) + b"more"),
        ("deflate", b"\x78\x9cnonsense"),
        ("br", PLAIN),
    ],
)
def test_a_request_in_no_known_coding_is_refused(peer, coding, body):
    response = peer.ask(post(body, content_encoding=coding))
    assert (response.status, response.json()) == (400, SERIALIZATION)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br", "gzip"),
        ("deflate", "deflate"),
        ("gzip;q=0.2, deflate;q=0.8", "deflate"),
        ("*", "gzip"),
        ("gzip;q=0, *", "deflate"),
        ("identity", None),
        ("br", None),
        ("gzip;q=0", None),
        ("gzip;q=x", None),
    ],
)
def test_a_large_answer_is_coded_as_the_client_accepts(peer, big, accepted, coding):
    response = peer.ask(post(big, operation="GetItem", accept_encoding=accepted))
    assert response.status == 200
    assert response.headers.get("content-encoding") == coding
    assert int(response.headers["x-amz-crc32"]) == zlib.crc32(response.body)
    decode = {"gzip": gzip.decompress, "deflate": zlib.decompress, None: bytes}[coding]
    assert b'"word word ' in decode(response.body)
    assert (len(response.body) < 1000) == (coding is not None)


def test_a_small_answer_is_sent_as_it_is(peer):
    response = peer.ask(post(operation="Nonsense", accept_encoding="gzip"))
    assert "content-encoding" not in response.headers
    assert response.json()["__type"].endswith("UnknownOperationException")


def test_boto3_reads_compressed_and_plain_answers(client, big):
    assert client.get_item(**big)["Item"]["pk"] == {"S": "a"}
