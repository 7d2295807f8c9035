"""The database in this process for asynchronous code: the same methods, awaited.

The engine answers in microseconds and has no asynchronous form. A call is made right on the event loop, which
costs less than any hand-over to a thread; what copies or deletes whole databases is done in one.
"""

import asyncio
from collections.abc import Mapping
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any

from dynemu.database import Database
from dynemu.engine.clock import MovableClock
from dynemu.storage.places import SnapshotInfo

if TYPE_CHECKING:
    from dynemu.faults import FaultPlan


class AsyncDatabase:
    """``Database`` with methods to await, for any number of tasks and event loops.

    >>> async with AsyncDatabase() as database:
    ...     await database.call("ListTables", {})
    {'TableNames': []}
    """

    def __init__(self, path: str | PathLike[str] | None = None, **settings: Any) -> None:
        """Open a database with what ``Database`` takes. Raises: StoreError."""
        self.database = Database(path, **settings)
        """The same database without awaiting."""

    @classmethod
    def over(cls, database: Database) -> "AsyncDatabase":
        """Return the asynchronous form of *database*."""
        made = object.__new__(cls)
        made.database = database
        return made

    @property
    def name(self) -> str:
        """The name of its namespace."""
        return self.database.name

    @property
    def clock(self) -> MovableClock:
        """The clock of this namespace, for tests to move."""
        return self.database.clock

    @property
    def faults(self) -> "FaultPlan":
        """What goes wrong in this namespace on request."""
        return self.database.faults

    async def call(
        self, operation: str, request: Mapping[str, Any] | None = None, *, region: str | None = None
    ) -> dict[str, Any]:
        """Answer *request* as ``Database.call`` does; what a hook wants held back does not block other tasks.

        Raises: AwsError; ConnectionDropped when a hook wants that.
        """
        answered = self.database.answer(operation, request, region)
        if answered.delay:
            await asyncio.sleep(answered.delay)
        return answered.result()

    async def sweep(self) -> int:
        """Delete the items whose time to live has ended by now. Returns: the number of items deleted."""
        return self.database.sweep()

    def register(self, plugin: object) -> None:
        """Call the hooks of *plugin* in this namespace. Raises: ValueError, pluggy.PluginValidationError."""
        self.database.register(plugin)

    def unregister(self, plugin: object) -> None:
        """Call the hooks of *plugin* no more. Raises: ValueError when it is not registered."""
        self.database.unregister(plugin)

    async def savepoint(self, name: str | None = None) -> str:
        """Set a point to go back to, and return its name. Savepoints nest."""
        return self.database.savepoint(name)

    async def rollback(self, name: str | None = None) -> None:
        """Make everything as it was at a savepoint, the latest when *name* is None. Raises: KeyError."""
        self.database.rollback(name)

    async def release(self, name: str | None = None) -> None:
        """Forget a savepoint, and those set after it. Raises: KeyError."""
        self.database.release(name)

    async def snapshots(self) -> list[SnapshotInfo]:
        """Return the snapshots of this namespace, oldest first."""
        return await asyncio.to_thread(self.database.snapshots)

    async def snapshot(self, name: str, note: str = "") -> None:
        """Keep what the database holds now under *name*. Raises: ValueError, SnapshotExists, StoreError."""
        await asyncio.to_thread(self.database.snapshot, name, note)

    async def restore(self, name: str) -> None:
        """Hold what the snapshot called *name* holds. Raises: UnknownSnapshot, StoreError."""
        await asyncio.to_thread(self.database.restore, name)

    async def delete_snapshot(self, name: str) -> None:
        """Forget the snapshot called *name*. Raises: UnknownSnapshot."""
        await asyncio.to_thread(self.database.delete_snapshot, name)

    async def branch(self, name: str, snapshot: str | None = None) -> "AsyncDatabase":
        """Return a new namespace *name* with what this one, or its *snapshot*, holds. Raises: ValueError."""
        return self.over(await asyncio.to_thread(self.database.branch, name, snapshot))

    async def namespace(self, name: str) -> "AsyncDatabase":
        """Return the namespace *name*, made when there is none. Raises: ValueError."""
        return self.over(await asyncio.to_thread(self.database.namespace, name))

    async def namespaces(self) -> list[str]:
        """Return the names of all namespaces."""
        return self.database.namespaces()

    async def drop(self) -> None:
        """Forget this namespace and its snapshots."""
        await asyncio.to_thread(self.database.drop)

    async def reset(self) -> None:
        """Delete everything in this namespace but its snapshots."""
        await asyncio.to_thread(self.database.reset)

    async def close(self) -> None:
        """Close the database with all its namespaces; a second call does nothing."""
        await asyncio.to_thread(self.database.close)

    async def __aenter__(self) -> "AsyncDatabase":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
