"""Clients of boto that were used while a mock was active: what they are made of, and what they sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from dynemu._core.client_shapes import Node
from dynemu.client import Answer

_SERVICES = ("dynamodb", "dynamodb-streams")
_KINDS = {
    "_endpoint": ("botocore.endpoint:Endpoint", "aiobotocore.endpoint:AioEndpoint"),
    "_request_signer": ("botocore.signers:RequestSigner", "aiobotocore.signers:AioRequestSigner"),
    "_serializer": ("botocore.validate:ParamValidationDecorator",),
}
_EVENTS = ("botocore.hooks:EventAliaser",)
_EMITTERS = ("botocore.hooks:HierarchicalEmitter", "aiobotocore.hooks:AioHierarchicalEmitter")
_KEYS = ("botocore.credentials:Credentials", "aiobotocore.credentials:AioCredentials")


_PLACE = "_dynemu_known"


class Talk:
    """What the slow way of one call is given, and what it tells."""

    def __init__(self, outcome: Answer | Exception | None = None) -> None:
        self.outcome = outcome
        """What the first request is answered with, in place of what the database says."""
        self.sent: Any = None
        """The last request that was sent."""


talking: ContextVar[Talk | None] = ContextVar("dynemu_talk", default=None)


@contextmanager
def talk(outcome: Answer | Exception | None = None) -> Iterator[Talk]:
    """Go the slow way within a block."""
    current = Talk(outcome)
    token = talking.set(current)
    try:
        yield current
    finally:
        talking.reset(token)


class Operation(NamedTuple):
    """An operation of one client."""

    name: str
    target: bytes
    request: Node | None
    response: Node | None
    errors: dict[str, Node | None]
    """Errors that botocore does not retry, and their shapes if the model has any."""
    tokens: tuple[str, ...]
    """Members that botocore fills in."""
    settle: Any
    """What standard retries want to be told of a success, else None."""
    conditions: dict[str, bool]
    """Members that take conditions of boto3's, and whether those are about keys."""
    builder: Any
    """What writes such conditions as text, else None."""


class KnownClient:
    """What is known of one client while nothing is registered with it."""

    def __init__(self, client: Any) -> None:
        self.events = client.meta.events
        self.emitter: Any = getattr(self.events, "_emitter", None)
        self.registered = getattr(self.emitter, "_lookup_cache", None)
        """What botocore replaces when a handler is registered or taken away."""
        self.operations: dict[str, Operation | None] = {}
        self.authorization: bytes | None = None
        """The signature of its requests, when one was sent."""
        try:
            self.usable = _is_usual(client)
        except AttributeError:
            # Another botocore, or another client, than those that are known here.
            self.usable = False

    def is_current(self, client: Any) -> bool:
        """Tell whether nothing was registered since."""
        if client.meta.events is not self.events:
            return False
        return getattr(self.emitter, "_lookup_cache", None) is self.registered

    @contextmanager
    def learning(self, current: Talk) -> Iterator[None]:
        """Take over what the slow way of one call tells, within a block."""
        try:
            yield
        finally:
            if current.sent is not None:
                self._learn(current.sent)

    def _learn(self, sent: Any) -> None:
        headers = sent.headers
        path = sent.url.partition("://")[2].partition("/")[2]
        others = any(name in headers for name in ("Content-Encoding", "x-dynemu-token"))
        if path or others or sent.method != "POST" or "X-Amz-Date" not in headers:
            self.usable = False
            return
        authorization = headers.get("Authorization", b"")
        self.authorization = authorization if isinstance(authorization, bytes) else authorization.encode()


def _is_usual(client: Any) -> bool:
    """Tell whether *client* is made of botocore's own parts, and its settings leave the usual way alone."""
    signer, config = client._request_signer, client.meta.config
    return (
        all(is_one_of(getattr(client, name), kinds) for name, kinds in _KINDS.items())
        and is_one_of(client.meta.events, _EVENTS)
        and is_one_of(client.meta.events._emitter, _EMITTERS)
        and client._endpoint._event_emitter is client.meta.events
        and signer._event_emitter._emitter is client.meta.events._emitter
        and (signer._credentials is None or is_one_of(signer._credentials, _KEYS))
        and not client._endpoint._response_parser_factory._defaults
        and not getattr(config, "auth_scheme_preference", None)
        and (config.retries or {}).get("mode", "legacy") in ("legacy", "standard")
    )


def is_one_of(part: Any, kinds: tuple[str, ...]) -> bool:
    """Tell whether the class of *part* is one of *kinds*, not one derived from them."""
    kind = type(part)
    return f"{kind.__module__}:{kind.__qualname__}" in kinds


def known_client(client: Any) -> KnownClient | None:
    """Return what is known of *client* as long as nothing is registered with it; None for another service."""
    # Kept in the client, so that it goes with it. NOTE: botocore tells handlers when an attribute is missing.
    known: KnownClient | None = client.__dict__.get(_PLACE)
    if known is None or not known.is_current(client):
        if client.meta.service_model.service_id.hyphenize() not in _SERVICES:
            return None
        known = KnownClient(client)
        client.__dict__[_PLACE] = known
    return known if known.usable else None
