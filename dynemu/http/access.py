"""Who may ask the admin API: by the address that is listened on, the token, and what a browser tells.

A page of another site can make a browser send requests to this machine, and by a name that changes its
address (DNS rebinding) even read the answers. Browsers tell both in Host and Origin; pages cannot alter it.
"""

from ipaddress import ip_address

from dynemu.config import Settings
from dynemu.http.request import Request

_OFF = (
    "The admin API is off because dynemu listens on {} without a token: start it with --admin-token TEXT, "
    "or with --host 127.0.0.1."
)
_NAMELESS = (
    "The admin API does not answer under the name {!r}: ask for it by an address or localhost, "
    "or start dynemu with --allowed-host NAME."
)
_FOREIGN = (
    "The admin API does not answer pages of {!r}: start dynemu with --allowed-host and the page's host name."
)
_UNKNOWN = (
    "The admin API wants the token that dynemu was started with, as the header Authorization: Bearer TOKEN"
)


class Refusal(Exception):
    """A request that is not carried out; the text is one sentence for the user."""

    def __init__(self, status: int, sentence: str, headers: bytes = b"") -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers


class AdminAccess:
    """Decides about requests of a server with *settings*."""

    def __init__(self, settings: Settings) -> None:
        self._host = settings.host
        self._token = settings.admin_token.encode()
        self._allowed = frozenset(settings.allowed_host)

    def check(self, request: Request) -> None:
        """Raise Refusal, with status 401 or 403, unless *request* may use the admin API."""
        host = (request.host or b"").decode("latin-1").strip().lower()
        if not self._is_known(host):
            raise Refusal(403, _NAMELESS.format(host))
        origin = self._origin(request)
        if origin and not self._may_ask(origin, host):
            raise Refusal(403, _FOREIGN.format(origin))
        if not self._token:
            if not _is_loopback(self._host):
                raise Refusal(403, _OFF.format(self._host))
        elif not _is_same(_token_of(request), self._token):
            raise Refusal(401, _UNKNOWN + ".", b'WWW-Authenticate: Bearer realm="dynemu"\r\n')

    def origin_lines(self, request: Request) -> bytes:
        """Return the header lines that let a page of another host read the answer, if it may."""
        host = (request.host or b"").decode("latin-1").strip().lower()
        origin = self._origin(request)
        if not origin or _authority(origin) == host or not self._may_ask(origin, host):
            return b""
        lines = f"Access-Control-Allow-Origin: {origin}\r\nVary: Origin\r\n"
        if request.method == b"OPTIONS":
            lines += "Access-Control-Allow-Methods: GET, POST, DELETE\r\n"
            lines += "Access-Control-Allow-Headers: authorization, content-type, x-dynemu-token\r\n"
        return lines.encode("latin-1")

    def _origin(self, request: Request) -> str:
        return (request.others or {}).get(b"origin", b"").decode("latin-1").strip().lower()

    def _is_known(self, host: str) -> bool:
        name = _without_port(host)
        return name == "localhost" or name.endswith(".localhost") or _is_address(name) or self._allows(host)

    def _may_ask(self, origin: str, host: str) -> bool:
        authority = _authority(origin)
        return bool(authority) and (authority == host or self._allows(authority))

    def _allows(self, host: str) -> bool:
        return host in self._allowed or _without_port(host) in self._allowed


def _is_same(one: bytes, other: bytes) -> bool:
    from hmac import compare_digest  # noqa: PLC0415 - loads OpenSSL, 4 MB, and most servers have no token

    return compare_digest(one, other)


def _token_of(request: Request) -> bytes:
    """Return the token in Authorization, or in a header of its own beside a signature."""
    scheme, _, token = (request.authorization or b"").partition(b" ")
    if scheme.lower() == b"bearer":
        return token.strip()
    return (request.others or {}).get(b"x-dynemu-token", b"").strip()


def _authority(origin: str) -> str:
    scheme, mark, authority = origin.partition("://")
    return authority if mark and scheme in ("http", "https") else ""


def _without_port(host: str) -> str:
    name, mark, port = host.rpartition(":")
    return name if mark and port.isdigit() and not (":" in name and name[0] != "[") else host


def _is_address(name: str) -> bool:
    try:
        ip_address(name[1:-1] if name[:1] == "[" and name[-1:] == "]" else name)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)
