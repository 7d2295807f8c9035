"""What a mock changes in botocore while it is active: who signs and who sends requests to DynamoDB.

botocore's validation, events, retries, paginators and waiters stay its own, or are what they would be: calls
that nobody takes part in go the way of ``fast_calls``. The changes are made with the
first mock and undone after the last one.
"""

import functools
import sys
import threading
import time
from contextlib import ExitStack
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from dynemu.client import KEY_ID, Answer, Transport
from dynemu.errors import ConnectionDropped
from dynemu.mocking import botocore_state
from dynemu.mocking.fast_calls import FastCalls
from dynemu.mocking.known_clients import talk, talking

REGION = "us-east-1"
SERVICES = ("dynamodb", "dynamodbstreams", "dynamodb-streams")
"""Names of clients, and of services in signatures."""
_KEPT_SIGNATURES = 100
_MOTO = "moto.core.botocore_stubber"
_ASYNC = "aiobotocore.session"


class Active(NamedTuple):
    """A mock that is active."""

    transport: Transport
    region: str
    """Region of clients whose settings name none."""


_lock = threading.Lock()
_active: list[Active] = []
_changes = ExitStack()


def activate(active: Active) -> None:
    """Let *active* answer from now on."""
    with _lock:
        if not _active:
            _install(_changes)
        _active.append(active)


def deactivate(active: Active) -> None:
    """Let *active* answer no more."""
    with _lock:
        for place, other in enumerate(_active):
            if other is active:
                del _active[place]
                break
        if not _active:
            _changes.close()


def _install(changes: ExitStack) -> None:
    import botocore.client  # noqa: PLC0415 - an optional dependency
    import botocore.endpoint  # noqa: PLC0415
    import botocore.session  # noqa: PLC0415
    import botocore.signers  # noqa: PLC0415

    replace(changes, botocore.endpoint.Endpoint, "make_request", _watcher)
    replace(changes, botocore.endpoint.Endpoint, "_send", _sender)
    replace(changes, botocore.signers.RequestSigner, "get_auth_instance", _signer)
    replace(changes, botocore.session.Session, "create_client", _creator)
    _remember_words(changes)
    calls = FastCalls([botocore_state.watch_clients()], innermost_transport)
    replace_calls(changes, botocore.client.BaseClient, calls, _caller)
    if _ASYNC in sys.modules:
        _install_async(changes)
    else:
        replace(changes, botocore.session.Session, "__init__", functools.partial(_notice_async, changes))


def _notice_async(changes: ExitStack, original: Any) -> Any:
    """Return the constructor of sessions, those of aiobotocore among them, that looks whether it is there."""
    # PERF: to import aiobotocore takes longer than a hundred tests do.
    installed: list[bool] = []

    @functools.wraps(original)
    def initialise(self: Any, *args: Any, **kwargs: Any) -> None:
        if _ASYNC in sys.modules:
            with _lock:
                if _active and not installed:
                    installed.append(True)
                    _install_async(changes)
        original(self, *args, **kwargs)

    return initialise


def _install_async(changes: ExitStack) -> None:
    from dynemu.mocking.async_patching import install  # noqa: PLC0415 - it needs aiobotocore

    install(changes)


def replace(changes: ExitStack, owner: Any, name: str, make: Any) -> None:
    """Put what *make* makes of the attribute *name* of *owner* in its place until *changes* end."""
    # PERF: unittest.mock would do the same, and brings asyncio along.
    original = getattr(owner, name)
    changes.callback(setattr, owner, name, original)
    setattr(owner, name, make(original))


def replace_calls(changes: ExitStack, owner: Any, calls: FastCalls, make: Any) -> None:
    """Let calls of the clients of class *owner* go the way of *calls*, unless a program has its own."""
    original = owner._make_api_call
    if hasattr(original, "calls"):
        # What a program put back that had replaced it while an earlier mock was active.
        original = original.__wrapped__
    if not botocore_state.is_original(original):
        return
    made: Any = functools.wraps(original)(make(original, calls))
    made.calls = calls
    owner._make_api_call = made

    def put_back() -> None:
        calls.active = False
        if owner._make_api_call is made:
            owner._make_api_call = original

    changes.callback(put_back)


def _caller(original: Any, calls: FastCalls) -> Any:
    def make_api_call(self: Any, operation_name: str, api_params: Any) -> Any:
        known = calls.find(self) if calls.active else None
        if known is None:
            return original(self, operation_name, api_params)
        if known.authorization is None:
            with talk() as current, known.learning(current):
                return original(self, operation_name, api_params)
        call = calls.begin(known, self, operation_name, api_params)
        if call is None:
            return original(self, operation_name, api_params)
        if call.delay:
            time.sleep(call.delay)
        response = call.response(self)
        if response is None:
            with talk(call.retell()):
                return original(self, operation_name, call.parameters)
        return response

    return make_api_call


def _remember_words(changes: ExitStack) -> None:
    # PERF: botocore builds the User-Agent twice for a request, a fifth of its time; most of that is one
    # pure function of short texts.
    import botocore.useragent  # noqa: PLC0415 - an optional dependency

    name = "sanitize_user_agent_string_component"
    if hasattr(botocore.useragent, name):
        replace(changes, botocore.useragent, name, functools.lru_cache(1024))


def is_ours(request: Any) -> bool:
    """Tell whether a prepared request goes to DynamoDB or its streams."""
    target = request.headers.get("X-Amz-Target", b"")
    if isinstance(target, bytes):
        return target.startswith((b"DynamoDB_", b"DynamoDBStreams_"))
    return bool(target.startswith(("DynamoDB_", "DynamoDBStreams_")))


def answer(request: Any) -> Answer:
    """Answer a prepared request in process. Raises: botocore.exceptions.ConnectionClosedError."""
    try:
        return _answer(request)
    except ConnectionDropped as error:
        from botocore.exceptions import ConnectionClosedError  # noqa: PLC0415 - an optional dependency

        raise ConnectionClosedError(error=error, request=request, endpoint_url=request.url) from error


def _answer(request: Any) -> Answer:
    current = talking.get()
    if current is not None:
        current.sent = request
        if (outcome := current.outcome) is not None:
            current.outcome = None
            if isinstance(outcome, Exception):
                raise outcome
            return outcome
    body = request.body or b""
    return _innermost().transport.send(
        request.method,
        urlsplit(request.url).path,
        request.headers,
        body.encode() if isinstance(body, str) else bytes(body),
    )


def _innermost() -> Active:
    try:
        return _active[-1]
    except IndexError:
        raise RuntimeError("a request to DynamoDB was sent while the mock ended") from None


def innermost_transport() -> Transport:
    """Return what answers requests now. Raises: RuntimeError when no mock is active any more."""
    return _innermost().transport


def _sender(original: Any) -> Any:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - an optional dependency

    def send(self: Any, request: Any) -> Any:
        if not is_ours(request):
            return original(self, request)
        answered = answer(request)
        if answered.delay:
            time.sleep(answered.delay)
        response = AWSResponse(request.url, answered.status, answered.headers, None)
        response._content = answered.body
        return response

    return send


# Signatures


@functools.lru_cache(_KEPT_SIGNATURES)
def _authorization(region: str) -> str:
    scope = f"{KEY_ID}/20000101/{region}/dynamodb/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"


class Signature:
    """Marks a request with its region, and signs nothing: no one looks at the signature."""

    def __init__(self, region: str) -> None:
        self._authorization = _authorization(region)

    def add_auth(self, request: Any) -> None:
        """Add the headers of a signature to *request*."""
        request.headers["Authorization"] = self._authorization
        request.headers["X-Amz-Date"] = "20000101T000000Z"


def needs_no_signature(signer: Any, version: Any) -> bool:
    """Tell whether *signer* signs requests that a mock answers; *version* is the kind of signature."""
    if str(signer._service_id.hyphenize()) not in SERVICES:
        return False
    return not str(version).endswith(("-query", "-presign-post"))


def _signer(original: Any) -> Any:
    def get_auth_instance(
        self: Any, signing_name: str, region_name: str, signature_version: Any = None, **kwargs: Any
    ) -> Any:
        if needs_no_signature(self, signature_version):
            return Signature(region_name)
        return original(self, signing_name, region_name, signature_version=signature_version, **kwargs)

    return get_auth_instance


# Clients made while a mock is active


def fill_in(session: Any, service: str, kwargs: dict[str, Any]) -> None:
    """Add what a client of DynamoDB needs and no one gave, so that it is not looked for on the network."""
    if service not in SERVICES:
        return
    region = kwargs.get("region_name") or getattr(kwargs.get("config"), "region_name", None)
    if region is None and session.get_config_variable("region") is None:
        kwargs["region_name"] = _innermost().region
    keys = [kwargs.get(name) for name in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")]
    if keys == [None] * 3 and session._credentials is None:
        kwargs.update(aws_access_key_id=KEY_ID, aws_secret_access_key=KEY_ID)


def _creator(original: Any) -> Any:
    @functools.wraps(original)
    def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if not args:
            fill_in(self, service_name, kwargs)
        return original(self, service_name, *args, **kwargs)

    return create_client


# Beside aiobotocore


def _watcher(original: Any) -> Any:
    """Return ``Endpoint.make_request`` that looks for moto, which answers before anything is sent."""

    @functools.wraps(original)
    def make_request(self: Any, *args: Any, **kwargs: Any) -> Any:
        stubber = sys.modules.get(_MOTO)
        if stubber is not None and not hasattr(stubber.BotocoreStubber.__call__, "steps_aside"):
            _step_before(stubber)
        return original(self, *args, **kwargs)

    return make_request


def _step_before(stubber: Any) -> None:
    with _lock:
        if _active and not hasattr(stubber.BotocoreStubber.__call__, "steps_aside"):
            replace(_changes, stubber.BotocoreStubber, "__call__", _beside_moto)


def _beside_moto(original: Any) -> Any:
    def process(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        return None if is_ours(request) else original(self, event_name, request, **kwargs)

    process.steps_aside = True  # type: ignore[attr-defined]
    return process
