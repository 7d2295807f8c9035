"""``dynemu.mock()``: boto3, aiobotocore and aioboto3 talk to a database in this process, with no socket.

While a mock is active, requests to DynamoDB and its streams are answered here, whichever client sends them
and whenever it was made; those to other services go their usual way, to moto's mocks too. botocore's retries,
paginators, waiters and event hooks are its own: only the signature and the HTTP session are replaced.
"""

import asyncio
import functools
import inspect
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from io import BytesIO
from types import TracebackType
from typing import Any, TypeVar
from unittest.mock import patch
from urllib.parse import urlsplit

from dynemu.client import KEY_ID, Answer, ConnectionDropped, Transport
from dynemu.database import Database

F = TypeVar("F", bound=Callable[..., Any])

_SERVICES = ("dynamodb", "dynamodb-streams")
_active: "list[mock]" = []


class mock:  # noqa: N801 - read as a verb, like moto's
    """Answer DynamoDB in this process while the block runs, or the function or class that this decorates.

    >>> with mock() as database:
    ...     boto3.client("dynamodb").list_tables()

    *database* None means one in memory that ends with the block. Mocks nest: the innermost answers.
    """

    def __init__(self, database: Database | None = None, *, region: str = "us-east-1") -> None:
        self._given = database
        self._region = region
        self._stack = ExitStack()
        self.transport: Transport | None = None

    def __enter__(self) -> Database:
        self._stack = ExitStack()
        database = self._given
        if database is None:
            database = self._stack.enter_context(Database(region=self._region))
        self.transport = Transport(database)
        self._stack.enter_context(patch.dict(os.environ, _environment(self._region)))
        if not _active:
            _install(self._stack)
        _active.append(self)
        self._stack.callback(_active.remove, self)
        return database

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __call__(self, decorated: F) -> F:
        """Run *decorated*, a function, coroutine function or test class, with a mock of its own each time."""
        if inspect.isclass(decorated):
            for name, member in list(vars(decorated).items()):
                if name.startswith("test") and callable(member):
                    setattr(decorated, name, self(member))
            return decorated
        if inspect.iscoroutinefunction(decorated):

            @functools.wraps(decorated)
            async def run_async(*args: Any, **kwargs: Any) -> Any:
                with mock(self._given, region=self._region):
                    return await decorated(*args, **kwargs)

            return run_async  # type: ignore[return-value]

        @functools.wraps(decorated)
        def run(*args: Any, **kwargs: Any) -> Any:
            with mock(self._given, region=self._region):
                return decorated(*args, **kwargs)

        return run  # type: ignore[return-value]


def _environment(region: str) -> dict[str, str]:
    """Return what botocore needs to make a client without looking for keys on the network."""
    wanted = {}
    if "AWS_REGION" not in os.environ and "AWS_DEFAULT_REGION" not in os.environ:
        wanted["AWS_DEFAULT_REGION"] = region
    if "AWS_ACCESS_KEY_ID" not in os.environ and not os.path.exists(os.path.expanduser("~/.aws")):
        wanted.update(AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=KEY_ID)
    return wanted


def _install(stack: ExitStack) -> None:
    """Put ourselves between botocore and its HTTP session until *stack* ends."""
    import botocore.endpoint  # noqa: PLC0415 - an optional dependency
    import botocore.signers  # noqa: PLC0415

    endpoint, signer = botocore.endpoint.Endpoint, botocore.signers.RequestSigner
    stack.enter_context(patch.object(endpoint, "_send", _sender(endpoint._send)))
    stack.enter_context(patch.object(signer, "get_auth_instance", _signer(signer.get_auth_instance)))
    try:
        import aiobotocore.endpoint  # noqa: PLC0415 - an optional dependency
        import aiobotocore.signers  # noqa: PLC0415
    except ImportError:
        pass
    else:
        aio_endpoint, aio_signer = aiobotocore.endpoint.AioEndpoint, aiobotocore.signers.AioRequestSigner
        stack.enter_context(patch.object(aio_endpoint, "_send", _async_sender(aio_endpoint._send)))
        stack.enter_context(
            patch.object(aio_signer, "get_auth_instance", _async_signer(aio_signer.get_auth_instance))
        )
    stubber = sys.modules.get("moto.core.botocore_stubber")
    if stubber is not None:
        stack.enter_context(
            patch.object(stubber.BotocoreStubber, "__call__", _beside_moto(stubber.BotocoreStubber.__call__))
        )


def _is_ours(target: str) -> bool:
    return target.startswith(("DynamoDB_", "DynamoDBStreams_"))


def _target(request: Any) -> str:
    target = request.headers.get("X-Amz-Target", b"")
    return target.decode() if isinstance(target, bytes) else str(target)


def _answer(request: Any) -> Answer:
    from botocore.exceptions import ConnectionClosedError  # noqa: PLC0415 - an optional dependency

    transport = _active[-1].transport
    assert transport is not None
    body = request.body or b""
    try:
        return transport.send(
            request.method,
            urlsplit(request.url).path,
            request.headers,
            body.encode() if isinstance(body, str) else bytes(body),
        )
    except ConnectionDropped as error:
        raise ConnectionClosedError(error=error, request=request, endpoint_url=request.url) from error


class _Raw(BytesIO):
    """A body as botocore reads it from urllib3."""

    def stream(self, **_: Any) -> Any:
        yield self.getvalue()


class _AsyncRaw:
    """A body as aiobotocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self) -> bytes:
        return self._body

    aread = read


def _sender(original: Any) -> Any:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - an optional dependency

    def send(self: Any, request: Any) -> Any:
        if not _is_ours(_target(request)):
            return original(self, request)
        answer = _answer(request)
        if answer.delay:
            time.sleep(answer.delay)
        return AWSResponse(request.url, answer.status, answer.headers, _Raw(answer.body))

    return send


def _async_sender(original: Any) -> Any:
    from aiobotocore.awsrequest import AioAWSResponse  # noqa: PLC0415 - an optional dependency

    async def send(self: Any, request: Any) -> Any:
        if not _is_ours(_target(request)):
            return await original(self, request)
        answer = _answer(request)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        return AioAWSResponse(request.url, answer.status, answer.headers, _AsyncRaw(answer.body))

    return send


class _Signature:
    """Marks a request with its caller, and signs nothing: no one looks at the signature."""

    def __init__(self, credentials: Any, region: str) -> None:
        key = credentials.access_key if credentials is not None else KEY_ID
        self._authorization = (
            f"AWS4-HMAC-SHA256 Credential={key}/20000101/{region}/dynamodb/aws4_request, "
            "SignedHeaders=host, Signature=none"
        )

    def add_auth(self, request: Any) -> None:
        request.headers["Authorization"] = self._authorization
        request.headers["X-Amz-Date"] = "20000101T000000Z"


def _service(signer: Any) -> str:
    return str(signer._service_id.hyphenize())


def _signer(original: Any) -> Any:
    def get_auth_instance(self: Any, signing_name: str, region_name: str, *args: Any, **kwargs: Any) -> Any:
        if _service(self) not in _SERVICES:
            return original(self, signing_name, region_name, *args, **kwargs)
        return _Signature(self._credentials, region_name)

    return get_auth_instance


def _async_signer(original: Any) -> Any:
    async def get_auth_instance(
        self: Any, signing_name: str, region_name: str, *args: Any, **kwargs: Any
    ) -> Any:
        if _service(self) not in _SERVICES:
            return await original(self, signing_name, region_name, *args, **kwargs)
        return _Signature(self._credentials, region_name)

    return get_auth_instance


def _beside_moto(original: Any) -> Any:
    def process(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        return None if _is_ours(_target(request)) else original(self, event_name, request, **kwargs)

    return process
