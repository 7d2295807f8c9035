"""What the paths of requests mean; the only place that reads a path."""

API = "api"
HEALTH = "health"
NOWHERE = "nowhere"

_PATHS = {b"/": API, b"": API, b"/_dynemu/health": HEALTH}


def find_route(url: bytes) -> tuple[str, bytes]:
    """Return (route, query) of a request target such as ``/?a=b`` or ``http://host:8000/``.

    The route is API, HEALTH or NOWHERE; the query is the raw text after ``?``.
    """
    if url.startswith((b"http://", b"https://")):  # the absolute form that proxies use
        _, _, rest = url.partition(b"://")
        authority, slash, path = rest.partition(b"/")
        _host, mark, query = authority.partition(b"?")
        url = slash + path if slash else mark + query
    path, _, query = url.partition(b"?")
    return _PATHS.get(path, NOWHERE), query
