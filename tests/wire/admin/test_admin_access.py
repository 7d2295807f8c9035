"""Who may use the admin API: tokens, addresses, and pages in a browser."""

from collections.abc import Callable

import pytest

from dynemu.config import Settings
from dynemu.http.access import AdminAccess, Refusal
from dynemu.http.request import Request
from tests.wire.admin_client import AdminClient

TOKEN = "a-secret"
WRONG = "wants the token that dynemu was started with"
NAMELESS = "does not answer under the name"
FOREIGN = "does not answer pages of"
OFF = "is off because dynemu listens on"


def check(settings: Settings, host: str = "localhost:8000", **headers: str) -> tuple[int, str] | None:
    """Return how a request is refused, None when it is not."""
    request = Request()
    request.host = host.encode()
    request.authorization = headers.pop("authorization", "").encode() or None
    request.others = {name.replace("_", "-").encode(): text.encode() for name, text in headers.items()}
    try:
        AdminAccess(settings).check(request)
    except Refusal as refusal:
        return refusal.status, str(refusal)
    return None


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:80", "app.localhost:8000", "127.0.0.1:8000", "[::1]:8000", "10.1.2.3", "::1"],
)
def test_addresses_are_known(host: str) -> None:
    assert check(Settings(), host) is None


@pytest.mark.parametrize(
    "host", ["", "evil.test", "localhost.evil.test", "127.0.0.1.evil.test:8000", "notlocalhost", "[::1].evil"]
)
def test_other_names_are_refused(host: str) -> None:
    refused = check(Settings(), host)
    assert refused is not None
    assert refused[0] == 403
    assert NAMELESS in refused[1]


def test_names_can_be_allowed() -> None:
    settings = Settings(allowed_host=("dynemu.test", "other.test:9000"))
    assert check(settings, "dynemu.test") is None
    assert check(settings, "dynemu.test:1234") is None
    assert check(settings, "other.test:9000") is None
    assert check(settings, "other.test:9001") is not None


@pytest.mark.parametrize(
    ("origin", "is_known"),
    [
        ("http://localhost:8000", True),
        ("https://localhost:8000", True),
        ("http://localhost:3000", False),
        ("http://localhost", False),
        ("http://127.0.0.1:8000", False),
        ("http://evil.test", False),
        ("file://localhost:8000", False),
        ("null", False),
        ("http://page.test:1", True),
    ],
)
def test_pages_of_other_origins_are_refused(origin: str, is_known: bool) -> None:
    refused = check(Settings(allowed_host=("page.test",)), origin=origin)
    assert (refused is None) == is_known
    if refused is not None:
        assert refused[0] == 403
        assert FOREIGN in refused[1]


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer other"}, {"x_dynemu_token": ""}])
def test_a_wrong_token_is_refused(headers: dict[str, str]) -> None:
    refused = check(Settings(admin_token=TOKEN), **headers)
    assert refused is not None
    assert refused[0] == 401
    assert WRONG in refused[1]


@pytest.mark.parametrize(
    "headers", [{"authorization": f"Bearer {TOKEN}"}, {"authorization": f"bearer  {TOKEN}"}]
)
def test_the_token_opens(headers: dict[str, str]) -> None:
    assert check(Settings(admin_token=TOKEN, host="0.0.0.0"), **headers) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "box.test"])
def test_it_is_off_on_other_addresses_without_a_token(host: str) -> None:
    refused = check(Settings(host=host))
    assert refused is not None
    assert refused[0] == 403
    assert f"{OFF} {host}" in refused[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_it_is_on_on_this_machine(host: str) -> None:
    assert check(Settings(host=host)) is None


def test_a_server_with_a_token(start_server: Callable[..., str]) -> None:
    url = start_server("--admin-token", TOKEN)
    status, headers, _ = AdminClient(url).send("GET", "/_dynemu/snapshots")
    assert (status, headers["WWW-Authenticate"]) == (401, 'Bearer realm="dynemu"')
    assert AdminClient(url).ask("GET", "version")[0] == 200
    assert AdminClient(url).ask("GET", "health")[0] == 200
    assert AdminClient(url, Authorization=f"Bearer {TOKEN}").ask("GET", "snapshots")[0] == 200
    status, error = AdminClient(url).operate("DeleteAllData", {})
    assert (status, error["__type"].partition("#")[2]) == (400, "AccessDeniedException")
    assert WRONG in error["Message"]
    assert AdminClient(url, X_Dynemu_Token=TOKEN).operate("DeleteAllData", {}) == (200, {})


def test_a_server_on_all_addresses(start_server: Callable[..., str]) -> None:
    url = start_server("--host", "0.0.0.0").replace("0.0.0.0", "127.0.0.1")
    status, document = AdminClient(url).ask("GET", "snapshots")
    assert status == 403
    assert document["error"].endswith("start it with --admin-token TEXT, or with --host 127.0.0.1.")
    assert AdminClient(url).operate("CreateSnapshot", {})[0] == 400
    assert AdminClient(url).ask("GET", "health")[0] == 200


def test_a_page_that_may_ask_can_read_the_answer(start_server: Callable[..., str]) -> None:
    admin = AdminClient(start_server("--allowed-host", "page.test"))
    _, headers, _ = admin.send("GET", "/_dynemu/snapshots", Origin="http://page.test")
    assert headers["Access-Control-Allow-Origin"] == "http://page.test"
    status, headers, _ = admin.send("OPTIONS", "/_dynemu/snapshots", Origin="http://page.test")
    assert (status, headers["Access-Control-Allow-Methods"]) == (200, "GET, POST, DELETE")
    status, headers, _ = admin.send("GET", "/_dynemu/snapshots", Origin="http://evil.test")
    assert (status, headers["Access-Control-Allow-Origin"]) == (403, None)
    assert admin.send("OPTIONS", "/_dynemu/snapshots", Origin="http://evil.test")[0] == 403


def test_a_large_body_is_not_read_for_those_who_may_not(start_server: Callable[..., str]) -> None:
    admin = AdminClient(start_server("--admin-token", TOKEN))
    assert admin.send("POST", "/_dynemu/snapshots/a/import", b"x")[0] == 401
    assert admin.send("POST", "/_dynemu/snapshots/a/import", Content_Length="99999999")[0] == 413
