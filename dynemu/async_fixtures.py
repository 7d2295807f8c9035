"""Fixtures for asynchronous tests; loaded where pytest-asyncio or anyio runs them."""

import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dynemu.database import Database
    from dynemu.testing.base import TestDatabase

# pytest-asyncio wants its own decorator, anyio the usual one.
_asyncio = sys.modules.get("pytest_asyncio")
_fixture: Any = pytest.fixture if _asyncio is None else _asyncio.fixture


@_fixture  # type: ignore[untyped-decorator]
async def async_dynamodb_client(dynemu: "Database", dynemu_session: "TestDatabase") -> AsyncIterator[Any]:
    """A client of aiobotocore, made for the test."""
    from aiobotocore.session import get_session  # noqa: PLC0415 - an optional dependency

    from dynemu.client import KEY_ID  # noqa: PLC0415 - every pytest run loads this module
    from dynemu.mocking.patching import REGION  # noqa: PLC0415

    made = get_session().create_client(
        "dynamodb",
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=KEY_ID,
        **dynemu_session.client_options(),
    )
    async with made as client:
        yield client
