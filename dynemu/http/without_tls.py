"""asyncio and uvloop without OpenSSL, for a server that speaks plain HTTP: 4.5 MB and 6 ms less. ADR 0018.

Both import ``ssl`` whether TLS is spoken or not. ``import_loop`` imports them while that name leads
elsewhere: asyncio finds no such module, as in a Python that was built without OpenSSL, and uvloop, which
insists, finds the names that it takes. Then the name is free again: whoever imports ``ssl`` later gets the
real module, and HTTPS by urllib and the like is as ever. Only TLS on the event loop itself is not there.
"""

import importlib
import sys
import threading
from types import ModuleType
from typing import Any, NoReturn

_NAME = "ssl"
_REFUSAL = "This process began without TLS on its event loop (dynemu.http.without_tls)."


def import_loop() -> None:
    """Import asyncio and uvloop, without OpenSSL where nothing can notice.

    Call it in a program that is dynemu's own from start to end: what a user runs in it may want TLS.
    """
    if not _is_alone():
        return
    _import("asyncio", None)
    _import("uvloop", _Names(_NAME))


def _is_alone() -> bool:
    """Tell whether nobody has any of the three yet, and no other thread could import one meanwhile."""
    return (
        sys.modules.keys().isdisjoint((_NAME, "asyncio", "uvloop"))
        and threading.active_count() == 1
        and sys.implementation.name == "cpython"
        and sys.platform != "win32"
    )


def _import(name: str, instead: ModuleType | None) -> None:
    """Import the module called *name* while ``ssl`` is *instead*; None: there is no such module."""
    sys.modules[_NAME] = instead  # type: ignore[assignment]
    try:
        importlib.import_module(name)
    except ImportError:
        pass  # uvloop is not everywhere; asyncio's own loop serves then
    finally:
        if sys.modules.get(_NAME) is instead:
            sys.modules.pop(_NAME, None)


class _Refusing(type):
    """The type of what cannot be made, nor be recognised: loops ask first whether a context is one."""

    def __call__(cls, *_: Any, **__: Any) -> NoReturn:
        raise RuntimeError(_REFUSAL)

    def __instancecheck__(cls, instance: Any) -> NoReturn:
        raise RuntimeError(_REFUSAL)


class _Refused(metaclass=_Refusing):
    """Stands for ``SSLContext``, ``MemoryBIO`` and ``create_default_context``."""


class _NeverRaised(Exception):
    """Stands for the errors, which uvloop catches where it speaks TLS."""


class _Names(ModuleType):
    """What uvloop takes from ``ssl`` when it is imported."""

    SSLContext = MemoryBIO = create_default_context = _Refused
    SSLError = SSLWantReadError = SSLSyscallError = SSLZeroReturnError = CertificateError = _NeverRaised
    SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE, SSL_ERROR_SYSCALL = 2, 3, 5

    def __getattr__(self, name: str) -> Any:
        """Return what another release of uvloop takes: from the real module, which is loaded then."""
        if name.startswith("__"):
            raise AttributeError(name)
        sys.modules.pop(_NAME, None)
        return getattr(importlib.import_module(_NAME), name)
