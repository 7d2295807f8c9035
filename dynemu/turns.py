"""Having the engine of a database to oneself: what ``Database`` does around all that it is asked."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from dynemu.engine.database import Engine
from dynemu.engine.namespaces import Namespaces

if TYPE_CHECKING:
    import threading


class Turn(AbstractContextManager[Engine]):
    """Gives the engine called *name*, after *before* was done to it, to one thread for a block.

    What the block leaves to be done in the background is done at its end. Raises: ValueError when
    *namespaces* are closed.
    """

    # PERF: two generators with contextlib.contextmanager take four times as long, in every call
    # (benchmarks.macro.in_process).
    __slots__ = ("_before", "_engine", "_lock", "_name", "_namespaces")

    _engine: Engine

    def __init__(
        self,
        namespaces: Namespaces,
        name: str,
        lock: "threading.RLock",
        before: Callable[[Engine], None] | None = None,
    ) -> None:
        self._namespaces = namespaces
        self._name = name
        self._lock = lock
        self._before = before

    def __enter__(self) -> Engine:
        self._lock.acquire()
        try:
            if self._namespaces.closed:
                raise ValueError("the database is closed")
            engine = self._engine = self._namespaces.get(self._name)
            if self._before is not None:
                self._before(engine)
        except BaseException:
            self._lock.release()
            raise
        return engine

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._end()
        finally:
            self._lock.release()

    def _end(self) -> None:
        engine, namespaces = self._engine, self._namespaces
        while engine.has_work:
            engine.work(1.0)
        # Another namespace may have been reached by its path.
        while namespaces.has_work:
            namespaces.work(1.0)
        if namespaces.needs_sync:
            namespaces.sync()
