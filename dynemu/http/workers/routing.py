"""From a request to the worker that answers it."""

from typing import Any
from urllib.parse import parse_qsl

from dynemu.config import Settings
from dynemu.errors import AwsError
from dynemu.http.access import Refusal
from dynemu.http.admin import match_route, read_object, target_of
from dynemu.http.admin_answers import Route
from dynemu.http.admin_state import create_namespace
from dynemu.http.auth import Authenticator
from dynemu.http.request import Request
from dynemu.http.routes import ADMIN, API, find_route
from dynemu.http.wire import SPLITS
from dynemu.http.workers.owners import Owners
from dynemu.storage.places import DEFAULT_NAMESPACE

_KEPT_PATHS = 20_000


class Router:
    """Knows what a request is about; all that is about nothing, or wrong, is answered where it is."""

    def __init__(self, settings: Settings, owners: Owners) -> None:
        self.me = owners.me
        self.here = owners.here
        self._owners = owners
        self._split = SPLITS[settings.namespace_by]
        self._authenticator = Authenticator(settings.region)

    def owner_of(self, request: Request) -> int:
        """Return the worker that answers *request*; its body counts where nothing else names a namespace."""
        if request.refusal:
            return self.me
        route, query, namespace = find_route(request.url)
        if route == ADMIN:
            name = self._named_to_admin(request)
        elif route == API and request.method == b"POST":
            name = namespace or self._named_by_caller(request, query)
        else:
            name = None
        if name is None:
            return self.me
        owner = self._owners.owner_of(name)
        if route == API and owner == self.me and (namespace or self._split is None):
            self._keep(request.url)
        return owner

    def _keep(self, url: bytes) -> None:
        if len(self.here) >= _KEPT_PATHS:
            self.here.clear()
        self.here.add(url)

    def _named_by_caller(self, request: Request, query: bytes) -> str | None:
        if self._split is None:
            return DEFAULT_NAMESPACE
        try:
            caller = self._authenticator.check(request.authorization, request.has_date, query)
        except AwsError:
            return None
        name: str = self._split(caller)
        return name

    def _named_to_admin(self, request: Request) -> str | None:
        found = find_admin_route(request)
        if found is None:
            return None
        route, names = found
        if route.run is create_namespace:
            name = members_of(request).get("name")
            return name if isinstance(name, str) else None
        return names[0] if route.is_in_namespace else None


def find_admin_route(request: Request) -> tuple[Route, list[str]] | None:
    """Return what ``match_route`` does, or None when there is nothing at the path of *request*."""
    try:
        return match_route(request.method.decode("latin-1"), target_of(request))
    except Refusal:
        return None


def members_of(request: Request) -> dict[str, Any]:
    """Return the members that *request* gives the admin API, not checked; none when they cannot be read."""
    query = find_route(request.url)[1].decode("latin-1")
    try:
        return {**dict(parse_qsl(query, keep_blank_values=True)), **read_object(request)}
    except (Refusal, ValueError):
        return {}
