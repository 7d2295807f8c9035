"""What the paths of requests mean; the only place that reads a path."""

API = "api"
HEALTH = "health"
ADMIN = "admin"
NOWHERE = "nowhere"

_PATHS = {b"/": API, b"": API, b"/_dynemu/health": HEALTH}
_NAMESPACE = b"/ns/"
ADMIN_PATH = b"/_dynemu/"


def path_of(url: bytes) -> bytes:
    """Return the path of a request target, without its query."""
    return _split(url)[0]


def find_route(url: bytes) -> tuple[str, bytes, str | None]:
    """Return (route, query, namespace) of a request target such as ``/?a=b`` or ``http://host:8000/ns/one``.

    The route is API, HEALTH, ADMIN or NOWHERE; the query is the raw text after ``?``; the namespace is None
    where the path names none. SDKs post to an endpoint's path as it is given, or with a slash behind.
    """
    path, query = _split(url)
    if path.startswith(_NAMESPACE):
        name, _, rest = path[len(_NAMESPACE) :].partition(b"/")
        if name and not rest:
            return API, query, name.decode("latin-1")
    if path.startswith(ADMIN_PATH) and path not in _PATHS:
        return ADMIN, query, None
    return _PATHS.get(path, NOWHERE), query, None


def _split(url: bytes) -> tuple[bytes, bytes]:
    """Return path and query of a request target."""
    if url.startswith((b"http://", b"https://")):  # the absolute form that proxies use
        _, _, rest = url.partition(b"://")
        authority, slash, path = rest.partition(b"/")
        _host, mark, query = authority.partition(b"?")
        url = slash + path if slash else mark + query
    path, _, query = url.partition(b"?")
    return path, query
