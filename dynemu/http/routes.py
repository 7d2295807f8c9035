"""What the paths of requests mean; the only place that reads a path."""

API = "api"
HEALTH = "health"
NOWHERE = "nowhere"

_PATHS = {b"/": API, b"": API, b"/_dynemu/health": HEALTH}
_NAMESPACE = b"/ns/"


def find_route(url: bytes) -> tuple[str, bytes, str | None]:
    """Return (route, query, namespace) of a request target such as ``/?a=b`` or ``http://host:8000/ns/one``.

    The route is API, HEALTH or NOWHERE; the query is the raw text after ``?``; the namespace is None where
    the path names none. SDKs post to an endpoint's path as it is given, or with a slash behind.
    """
    if url.startswith((b"http://", b"https://")):  # the absolute form that proxies use
        _, _, rest = url.partition(b"://")
        authority, slash, path = rest.partition(b"/")
        _host, mark, query = authority.partition(b"?")
        url = slash + path if slash else mark + query
    path, _, query = url.partition(b"?")
    if path.startswith(_NAMESPACE):
        name, _, rest = path[len(_NAMESPACE) :].partition(b"/")
        if name and not rest:
            return API, query, name.decode("latin-1")
    return _PATHS.get(path, NOWHERE), query, None
