"""Status, headers and body of answers, and the order in which a request is checked."""

import re
import zlib

import pytest

from tests.wire.peer import head, post

SERVICE = "com.amazon.coral.service#"
SERIALIZATION = {"__type": SERVICE + "SerializationException"}
UNKNOWN = {"__type": SERVICE + "UnknownOperationException"}
MISSING_TOKEN = {
    "__type": SERVICE + "MissingAuthenticationTokenException",
    "message": "Request is missing Authentication Token",
}
UNKNOWN_PAGE = b"<UnknownOperationException/>\n"


def test_an_answer_carries_the_headers_of_aws(peer):
    response = peer.ask(post())
    assert response.status == 200
    assert "TableNames" in response.json()
    headers = dict(response.headers)
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers.pop("date"))
    assert re.fullmatch(r"[0-9A-Z]{52}", headers.pop("x-amzn-requestid"))
    assert headers == {
        "server": "Server",
        "content-type": "application/x-amz-json-1.0",
        "content-length": str(len(response.body)),
        "connection": "keep-alive",
        "x-amz-crc32": str(zlib.crc32(response.body)),
    }


def test_request_ids_never_repeat(peer):
    peer.send(b"".join(post() for _ in range(2100)))
    assert len({peer.read().headers["x-amzn-requestid"] for _ in range(2100)}) == 2100


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("application/x-amz-json-1.0", "application/x-amz-json-1.0"),
        ("application/x-amz-json-1.0; charset=utf-8", "application/x-amz-json-1.0"),
        ("application/json", "application/json"),
        ("application/json;charset=UTF-8", "application/json"),
    ],
)
def test_the_content_type_is_echoed_without_parameters(peer, sent, answered):
    response = peer.ask(post(content_type=sent))
    assert (response.status, response.headers["content-type"]) == (200, answered)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-amz-json-1.1", "application/x-json", "", None]
)
def test_other_content_types_are_not_found(peer, content_type):
    response = peer.ask(post(content_type=content_type))
    assert (response.status, response.body) == (404, UNKNOWN_PAGE)
    assert int(response.headers["x-amz-crc32"]) == zlib.crc32(UNKNOWN_PAGE)


def test_neither_type_nor_body_is_a_request_still(peer):
    assert peer.ask(post(b"", content_type=None)).json() == SERIALIZATION


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_not_found(peer, method):
    response = peer.ask(post(method=method))
    assert (response.status, response.body) == (404, UNKNOWN_PAGE)


@pytest.mark.parametrize("path", ["/foo", "//", "/_dynemu", "/_dynemu/health", "*"])
def test_other_paths_are_not_found(peer, path):
    response = peer.ask(post(path=path))
    assert (response.status, response.body) == (404, UNKNOWN_PAGE)


def test_a_query_string_does_not_matter(peer):
    assert peer.ask(post(path="/?Action=x&empty")).status == 200


def test_get_answers_the_health_line(peer):
    response = peer.ask(head(method="GET", authorization=None, content_type=None))
    assert (response.status, response.body) == (200, b"healthy: dynamodb.us-east-1.amazonaws.com ")


def test_head_has_no_body(peer):
    response = peer.ask(head(method="HEAD"), without_body=True)
    assert (response.status, response.headers["content-length"]) == (404, str(len(UNKNOWN_PAGE)))
    assert peer.ask(post()).status == 200


def test_the_health_address_answers_json(peer):
    response = peer.ask(head(method="GET", path="/_dynemu/health", authorization=None))
    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    assert response.json()["status"] == "ok"


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (post(b"{", operation="Nonsense", authorization=None), SERIALIZATION),
        (post(operation="Nonsense", authorization=None), UNKNOWN),
        (post(b"", operation="Nonsense", authorization=None), UNKNOWN),
        (post(b"", authorization=None), MISSING_TOKEN),
        (post(authorization=None), MISSING_TOKEN),
        (post(b""), SERIALIZATION),
        (post(b" "), SERIALIZATION),
        (post(x_amz_target=None), UNKNOWN),
        (post(x_amz_target=""), UNKNOWN),
        (post(x_amz_target="ListTables"), UNKNOWN),
        (post(x_amz_target="DynamoDB_20111205.ListTables"), UNKNOWN),
        (post(x_amz_target="dynamodb_20120810.listtables"), UNKNOWN),
        (post(x_amz_target="DynamoDBStreams_20120810.ListTables"), UNKNOWN),
        (post(x_amz_target="DynamoDB_20120810.ListStreams"), UNKNOWN),
    ],
)
def test_requests_are_checked_in_the_order_of_aws(peer, request_bytes, expected):
    response = peer.ask(request_bytes)
    assert (response.status, response.json()) == (400, expected)
    assert int(response.headers["x-amz-crc32"]) == zlib.crc32(response.body)


@pytest.mark.parametrize(
    "body",
    [
        b"{} x",
        b"{'Limit':1}",
        b'{"Limit":NaN}',
        b'{"Limit":01}',
        b'{"ExclusiveStartTableName":"\xff"}',
        b'{"ExclusiveStartTableName":"\\ud800"}',
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_not_json_is_refused(peer, body):
    response = peer.ask(post(body))
    assert (response.status, response.json()) == (400, SERIALIZATION)


@pytest.mark.parametrize("body", [b'"x"', b"5", b"[]", b"true", b"null"])
def test_json_that_is_no_object_is_refused(peer, body):
    response = peer.ask(post(body))
    assert (response.status, response.json()["__type"]) == (400, SERVICE + "SerializationException")


def test_the_last_of_repeated_members_counts(peer):
    assert peer.ask(post(b'{"Limit": "x", "Limit": 1}')).status == 200


def test_the_region_comes_from_the_credential(peer, table_name):
    created = {
        "TableName": table_name,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    authorization = (
        "AWS4-HMAC-SHA256 Credential=a/20240101/eu-west-3/dynamodb/aws4_request, SignedHeaders=b, Signature=c"
    )
    table = peer.ask(post(created, operation="CreateTable", authorization=authorization)).json()[
        "TableDescription"
    ]
    assert table["TableArn"] == f"arn:aws:dynamodb:eu-west-3:123456789012:table/{table_name}"
