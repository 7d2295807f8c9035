"""What a mock changes in aiobotocore, and so in aioboto3; and how it decorates coroutines."""

import functools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from dynemu.mocking import botocore_state, patching
from dynemu.mocking.fast_calls import FastCalls
from dynemu.mocking.known_clients import talk

Again = Callable[[], AbstractContextManager[Any]]


def install(changes: ExitStack) -> None:
    """Make the changes; they are undone when *changes* end."""
    import aiobotocore.client  # noqa: PLC0415 - an optional dependency
    import aiobotocore.endpoint  # noqa: PLC0415
    import aiobotocore.session  # noqa: PLC0415
    import aiobotocore.signers  # noqa: PLC0415

    patching.replace(changes, aiobotocore.endpoint.AioEndpoint, "_send", _sender)
    patching.replace(changes, aiobotocore.signers.AioRequestSigner, "get_auth_instance", _signer)
    patching.replace(changes, aiobotocore.session.AioSession, "_create_client", _creator)
    watches = [botocore_state.watch_clients(), botocore_state.watch_async_clients()]
    calls = FastCalls(watches, patching.innermost_transport)
    patching.replace_calls(changes, aiobotocore.client.AioBaseClient, calls, _caller)


def _caller(original: Any, calls: FastCalls) -> Any:
    import asyncio  # noqa: PLC0415 - programs without aiobotocore may do without it

    async def make_api_call(self: Any, operation_name: str, api_params: Any) -> Any:
        known = calls.find(self) if calls.active else None
        if known is None:
            return await original(self, operation_name, api_params)
        if known.authorization is None:
            with talk() as current, known.learning(current):
                return await original(self, operation_name, api_params)
        call = calls.begin(known, self, operation_name, api_params)
        if call is None:
            return await original(self, operation_name, api_params)
        if call.delay:
            await asyncio.sleep(call.delay)
        response = call.response(self)
        if response is None:
            with talk(call.retell()):
                return await original(self, operation_name, call.parameters)
        return response

    return make_api_call


class _Raw:
    """A body as aiobotocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self) -> bytes:
        return self._body

    aread = read


def _sender(original: Any) -> Any:

    from aiobotocore.awsrequest import AioAWSResponse  # noqa: PLC0415 - an optional dependency

    async def send(self: Any, request: Any) -> Any:
        if not patching.is_ours(request):
            return await original(self, request)
        answered = patching.answer(request)
        if answered.delay:
            import asyncio  # noqa: PLC0415 - who uses boto3 needs none of it

            await asyncio.sleep(answered.delay)
        return AioAWSResponse(request.url, answered.status, answered.headers, _Raw(answered.body))

    return send


def _signer(original: Any) -> Any:
    async def get_auth_instance(
        self: Any, signing_name: str, region_name: str, signature_version: Any = None, **kwargs: Any
    ) -> Any:
        if patching.needs_no_signature(self, signature_version):
            return patching.Signature(region_name)
        return await original(self, signing_name, region_name, signature_version=signature_version, **kwargs)

    return get_auth_instance


def _creator(original: Any) -> Any:
    @functools.wraps(original)
    async def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if not args:
            patching.fill_in(self, service_name, kwargs)
        return await original(self, service_name, *args, **kwargs)

    return create_client


def decorate_coroutine(again: Again, decorated: Callable[..., Any]) -> Callable[..., Any]:
    """Return the coroutine function *decorated* that runs within what *again* returns."""

    @functools.wraps(decorated)
    async def run(*args: Any, **kwargs: Any) -> Any:
        with again():
            return await decorated(*args, **kwargs)

    return run


def decorate_generator(again: Again, decorated: Callable[..., Any]) -> Callable[..., Any]:
    """Return the asynchronous generator function *decorated* that runs within what *again* returns."""

    @functools.wraps(decorated)
    async def generate(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        with again():
            async for value in decorated(*args, **kwargs):
                yield value

    return generate
