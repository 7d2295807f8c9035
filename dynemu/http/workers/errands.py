"""What requests of the admin API need from other workers before they are answered.

An errand is a context: inside it everything is there, and the request is answered like any other.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from dynemu.http.access import AdminAccess, Refusal
from dynemu.http.admin_snapshots import compare, load_snapshot
from dynemu.http.admin_state import branch_namespace, list_namespaces
from dynemu.http.request import Request
from dynemu.http.workers.asking import ask, fetch
from dynemu.http.workers.routing import find_admin_route, members_of
from dynemu.storage.base import StoreError
from dynemu.storage.places import NAME
from dynemu.storage.portable import Export

if TYPE_CHECKING:
    from dynemu.http.workers.databases import Kept
    from dynemu.http.workers.worker import WorkerServer

Errand: TypeAlias = AbstractAsyncContextManager[None]


class Errands:
    """Finds and does the errands of the requests to *server*."""

    def __init__(self, server: "WorkerServer") -> None:
        self._server = server
        self._databases = server.worker_databases
        self._owners = server.worker_databases.owners
        self._access = AdminAccess(server.settings)

    def find(self, request: Request, is_internal: bool) -> Errand | None:
        """Return what has to be done for *request*, which is about a namespace of this worker, or None."""
        found = find_admin_route(request)
        if found is None:
            return None
        try:
            self._access.check(request)
        except Refusal:
            return None
        route, names = found
        members = members_of(request)
        if route.run is list_namespaces:
            return None if is_internal else self._list()
        if route.run is branch_namespace and self._is_elsewhere(members.get("name")):
            return self._claim(members["name"])
        if route.run is load_snapshot:
            return self._find_fetch(names[0], members.get("source"), names[1])
        if route.run is compare:
            return self._find_fetch(names[0], members.get("namespace"), members.get("to"))
        return None

    def _find_fetch(self, name: str, source: Any, snapshot: Any) -> Errand | None:
        # The directory of a snapshot can be read by every worker.
        is_known = snapshot is not None and not self._server.settings.in_memory
        if is_known or not self._is_elsewhere(source):
            return None
        return self._fetch(name, source, snapshot)

    def _is_elsewhere(self, name: Any) -> bool:
        return isinstance(name, str) and bool(NAME.fullmatch(name)) and not self._owners.has(name)

    @asynccontextmanager
    async def _list(self) -> AsyncIterator[None]:
        """Learn the names of all namespaces."""
        others = [worker for worker in range(self._owners.workers) if worker != self._owners.me]
        answers = await asyncio.gather(*(ask(self._server, other, "GET", "namespaces") for other in others))
        told = [each["name"] for answer in answers for each in answer["namespaces"]]
        self._databases.elsewhere = told
        try:
            yield
        finally:
            self._databases.elsewhere = []

    @asynccontextmanager
    async def _claim(self, name: str) -> AsyncIterator[None]:
        """Have the namespace *name* here, if there is none of that name yet."""
        is_granted = await self._server.claim(name)
        if not is_granted:
            self._databases.elsewhere = [name]
        try:
            yield
        finally:
            self._databases.elsewhere = []
            if is_granted:
                self._server.settle_claim(name)

    @asynccontextmanager
    async def _fetch(self, name: str, source: str, snapshot: str | None) -> AsyncIterator[None]:
        """Have what *snapshot* of another worker's namespace *source* holds, for namespace *name*."""
        key = (source, snapshot)
        passing = f"passing-{time.time_ns()}"
        found: Kept | Exception
        try:
            found = await self._bring(name, key, passing)
        except (StoreError, ValueError) as error:
            found = error
        self._databases.fetched[key] = found
        try:
            yield
        finally:
            del self._databases.fetched[key]
            await self._tidy(found, passing)

    async def _bring(self, name: str, key: "Kept", passing: str) -> "Kept":
        source, snapshot = key
        owner = self._owners.owner_of(source)
        if not self._server.settings.in_memory:
            await ask(self._server, owner, "POST", f"{_path(source)}/snapshots", {"name": passing})
            return source, passing
        what = "export" if snapshot is None else f"snapshots/{quote(snapshot, safe='')}/export"
        with await fetch(self._server, owner, "GET", f"{_path(source)}/{what}") as file:
            for _ in self._databases.importing(name, passing, Export(file)):
                await asyncio.sleep(0)
        return name, passing

    async def _tidy(self, found: "Kept | Exception", passing: str) -> None:
        if isinstance(found, Exception) or found[1] != passing:
            return
        name = found[0]
        if self._owners.has(name):
            self._databases.delete_snapshot(name, passing)
            return
        with suppress(StoreError, ValueError, OSError):
            owner = self._owners.owner_of(name)
            await ask(self._server, owner, "DELETE", f"{_path(name)}/snapshots/{passing}")


def _path(name: str) -> str:
    return f"namespaces/{quote(name, safe='')}"
