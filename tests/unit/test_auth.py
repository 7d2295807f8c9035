"""Authentication material: what is accepted, and how AWS words what is missing."""

import pytest

from dynemu.errors import (
    AwsError,
    IncompleteSignatureException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
)
from dynemu.http.auth import Authenticator

SCOPE = "AKID/20240101/eu-west-3/dynamodb/aws4_request"
SIGNED = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, Signature=abc"
QUERY = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20240101%2Feu-west-3%2Fdynamodb%2Faws4_request"
    "&X-Amz-Signature=abc&X-Amz-SignedHeaders=host&X-Amz-Date=20240101T000000Z"
)


def check(authorization, has_date=True, query=""):
    """Return the region, asked for twice: the second answer may come from memory."""
    authenticator = Authenticator("us-east-1")
    header = None if authorization is None else authorization.encode("latin-1")
    regions = {authenticator.check(header, has_date, query.encode()) for _ in range(2)}
    assert len(regions) == 1
    return regions.pop()


@pytest.mark.parametrize(
    ("authorization", "region"),
    [
        (SIGNED, "eu-west-3"),
        (SIGNED.replace(", ", ","), "eu-west-3"),
        (SIGNED.replace(", ", " "), "eu-west-3"),
        (SIGNED.replace(", ", ",   "), "eu-west-3"),
        (f"AWS4-HMAC-SHA256 Signature=abc, SignedHeaders=host, Credential={SCOPE}", "eu-west-3"),
        (SIGNED.replace("AKID", "a/b+c=d"), "eu-west-3"),
        (SIGNED.replace("AKID", "dummy").replace("eu-west-3", "local"), "local"),
        (SIGNED.replace(SCOPE, SCOPE + "/"), "eu-west-3"),
        (SIGNED.replace(SCOPE, "dummy"), "us-east-1"),
        (SIGNED.replace("eu-west-3", ""), "us-east-1"),
        (SIGNED.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256").replace("/eu-west-3", ""), "us-east-1"),
        (SIGNED.replace("AKID", "a/b").replace("/eu-west-3", ""), "us-east-1"),
    ],
)
def test_every_form_of_the_header_is_accepted(authorization, region):
    assert check(authorization)[0] == region


def test_query_parameters_are_accepted():
    assert check(None, has_date=False, query=QUERY) == ("eu-west-3", "AKID")
    assert check(None, has_date=False, query="Action=x&" + QUERY + "&X-Amz-Expires=300") == (
        "eu-west-3",
        "AKID",
    )


def test_other_query_parameters_do_not_matter():
    assert check(SIGNED, query="Action=x") == ("eu-west-3", "AKID")


@pytest.mark.parametrize("authorization", [None, "", "Bearer abc", "AWS3-HTTPS abc", "aws4-hmac-sha256 x"])
def test_a_missing_token(authorization):
    with pytest.raises(
        MissingAuthenticationTokenException, match=r"^Request is missing Authentication Token$"
    ):
        check(authorization)


CREDENTIAL = "Authorization header requires 'Credential' parameter. "
SIGNATURE = "Authorization header requires 'Signature' parameter. "
SIGNED_HEADERS = "Authorization header requires 'SignedHeaders' parameter. "
DATE = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "


@pytest.mark.parametrize(
    ("authorization", "has_date", "problems"),
    [
        ("AWS4-HMAC-SHA256", True, CREDENTIAL + SIGNATURE + SIGNED_HEADERS),
        ("AWS4-HMAC-SHA256", False, CREDENTIAL + SIGNATURE + SIGNED_HEADERS + DATE),
        ("AWS4-", True, CREDENTIAL + SIGNATURE + SIGNED_HEADERS),
        (f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host", True, SIGNATURE),
        (f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=", True, SIGNATURE),
        (f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=, Signature=a", True, SIGNED_HEADERS),
        (f"AWS4-HMAC-SHA256 Credential={SCOPE}, Signature=abc", True, SIGNED_HEADERS),
        ("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=abc", True, CREDENTIAL),
        ("AWS4-HMAC-SHA256 Credential=, SignedHeaders=host, Signature=abc", True, CREDENTIAL),
        (SIGNED, False, DATE),
    ],
)
def test_missing_parts_of_the_header_are_listed(authorization, has_date, problems):
    with pytest.raises(IncompleteSignatureException) as caught:
        check(authorization, has_date)
    assert caught.value.message == f"{problems}Authorization={authorization}"


@pytest.mark.parametrize(
    "worse",
    [SIGNED.replace("host;x-amz-date", ""), SIGNED.replace("abc", ""), SIGNED.partition(", Signature")[0]],
)
def test_a_known_credential_excuses_nothing(worse):
    authenticator = Authenticator("us-east-1")
    assert authenticator.check(SIGNED.encode(), True, b"") == ("eu-west-3", "AKID")
    with pytest.raises(IncompleteSignatureException):
        authenticator.check(worse.encode(), True, b"")
    with pytest.raises(IncompleteSignatureException):
        authenticator.check(SIGNED.encode(), False, b"")


@pytest.mark.parametrize("part", ["Algorithm", "Credential", "Signature", "SignedHeaders", "Date"])
def test_a_missing_part_of_the_query_is_named(part):
    pairs = [pair for pair in QUERY.split("&") if not pair.startswith(f"X-Amz-{part}=")]
    for query in ("&".join(pairs), "&".join([*pairs, f"X-Amz-{part}="])):
        with pytest.raises(IncompleteSignatureException) as caught:
            check(None, query=query)
        assert caught.value.message == (
            f"AWS query-string parameters must include 'X-Amz-{part}'. "
            "Re-examine the query-string parameters."
        )


def test_missing_parts_of_the_query_are_listed_in_order():
    with pytest.raises(IncompleteSignatureException) as caught:
        check(None, query="X-Amz-Algorithm")
    assert caught.value.message == (
        "AWS query-string parameters must include 'X-Amz-Algorithm'. "
        "AWS query-string parameters must include 'X-Amz-Credential'. "
        "AWS query-string parameters must include 'X-Amz-Signature'. "
        "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
        "AWS query-string parameters must include 'X-Amz-Date'. "
        "Re-examine the query-string parameters."
    )


def test_header_and_query_together_are_refused():
    with pytest.raises(InvalidSignatureException) as caught:
        check(SIGNED, query=QUERY)
    assert caught.value.message == (
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
    )


def test_recent_credentials_take_bounded_memory():
    authenticator = Authenticator("us-east-1")
    for number in range(5000):
        authenticator.check(SIGNED.replace("AKID", f"AKID{number}").encode(), True, b"")
    authenticator.check(SIGNED.replace("AKID", "A" * 60_000).encode(), True, b"")
    assert authenticator.check(SIGNED.encode(), True, b"") == ("eu-west-3", "AKID")


def test_refusals_are_answered_with_400():
    with pytest.raises(AwsError) as caught:
        check(None)
    assert caught.value.status == 400
    assert caught.value.to_body() == {
        "__type": "com.amazon.coral.service#MissingAuthenticationTokenException",
        "message": "Request is missing Authentication Token",
    }
