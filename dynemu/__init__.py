"""dynemu: a DynamoDB emulator for test suites.

``Database`` is a DynamoDB inside this process, ``AsyncDatabase`` the same to await, ``mock`` lets boto3 talk
to one; ``serve`` is the server, ``hookimpl`` marks a hook of a plugin.
All are loaded when they are first used, so that ``import dynemu`` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

from dynemu import _core  # noqa: F401 - before all others: it may decide to import sources

if TYPE_CHECKING:
    from dynemu.async_database import AsyncDatabase
    from dynemu.database import Database
    from dynemu.hooks import hookimpl
    from dynemu.http.server import serve
    from dynemu.mocking.mocks import mock

__version__ = "0.1.0"
__all__ = ["AsyncDatabase", "Database", "__version__", "hookimpl", "mock", "serve"]

_HOMES = {
    "AsyncDatabase": "dynemu.async_database",
    "Database": "dynemu.database",
    "hookimpl": "dynemu.hooks",
    "mock": "dynemu.mocking.mocks",
    "serve": "dynemu.http.server",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
