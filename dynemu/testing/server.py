"""Databases for tests on a server in another process: one that is started for them, or one that runs."""

import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from dynemu.client import KEY_ID
from dynemu.mocking.patching import REGION
from dynemu.testing.base import TestDatabase, wanted_controls
from dynemu.testing.recorder import record
from dynemu.testing.remote import RemoteDatabase, ServerProcess


class ServerTestDatabase(TestDatabase):
    """A namespace of the server at *url*, dropped in the end; None starts a server for it.

    SDKs find it through the environment: ``AWS_ENDPOINT_URL_DYNAMODB``. The token of one that wants it is in
    ``DYNEMU_ADMIN_TOKEN``.
    """

    database: RemoteDatabase

    def __init__(self, url: str | None = None, worker: str = "main") -> None:
        super().__init__()
        self._given = url
        if url is None:
            server = ServerProcess()
            self._stack.callback(server.stop)
            url = server.url
        # Other runs, and their workers, may use the same server.
        name = f"tests-{worker}-{uuid.uuid4().hex[:8]}"
        token = os.environ.get("DYNEMU_ADMIN_TOKEN", "") if self._given else ""
        self.database = RemoteDatabase(url, name, token=token)
        self._stack.callback(self.database.close)
        self.database.make()
        self._stack.callback(self._drop)

    def _drop(self) -> None:
        # What failed tests left to look at stays.
        if not self._failures:
            self.database.drop()

    @property
    def url(self) -> str:
        """The endpoint of the namespace."""
        return self.database.url

    def export(self, snapshot: str) -> Iterator[bytes]:
        """Give the file of a snapshot in parts."""
        return self.database.export(snapshot)

    def place(self) -> str:
        """Return where snapshots are, for people."""
        place = f"of namespace {self.database.name}"
        return f"{place} at {self._given}" if self._given else f"{place} while the server runs"

    def client_options(self) -> dict[str, str]:
        """Return what a client needs to be told to reach the database."""
        return {"endpoint_url": self.url}

    @contextmanager
    def connected(self) -> Iterator[RemoteDatabase]:
        """Let the SDKs of this process talk to the database, within a block."""
        with ExitStack() as stack:
            stack.enter_context(patch.dict(os.environ, endpoint_environment(self.url)))
            record(stack, self.recorder.note)
            yield self.database

    @contextmanager
    def isolated(
        self,
        clock: str | float | None = None,
        table_delay: float | None = None,
        faults: Sequence[Any] = (),
    ) -> Iterator[RemoteDatabase]:
        """Connect SDKs within a block, and make everything as it was before when it ends."""
        savepoint = self.begin()
        before = self.database.ask("GET", "controls")
        try:
            wanted = wanted_controls(clock, table_delay)
            if wanted:
                self.database.ask("POST", "controls", wanted)
            for fault in faults:
                self.database.faults.add(fault if isinstance(fault, dict) else fault.to_dict())
            with self.connected():
                yield self.database
        finally:
            self.database.ask("POST", "controls", before)
            self.end(savepoint)


def endpoint_environment(url: str, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables that send SDKs to the endpoint *url*, with keys and a region if there are none."""
    wanted = {"AWS_ENDPOINT_URL_DYNAMODB": url, "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": url}
    if "AWS_ACCESS_KEY_ID" not in environment:
        wanted.update(AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=KEY_ID)
    if "AWS_DEFAULT_REGION" not in environment:
        wanted["AWS_DEFAULT_REGION"] = environment.get("AWS_REGION", REGION)
    return wanted
