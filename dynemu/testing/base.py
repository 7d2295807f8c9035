"""What the databases for tests have in common: each test begins at a savepoint, and ends back there."""

import re
import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from dynemu.client import KEY_ID
from dynemu.mocking.patching import REGION
from dynemu.testing.kept_files import KeptFiles
from dynemu.testing.recorder import Recorder

BASELINE = "baseline-of-tests"
"""Snapshot of what the first test found, for tests that load another one: that ends all savepoints."""
KEPT_FAILURES = 10
"""Snapshots kept of failed tests; later failures are reported without one."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 100


class TestDatabase(ABC):
    """A database that tests share; ``database`` is what they may use directly."""

    __test__ = False
    database: Any

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._clients: dict[tuple[str, str], Any] = {}
        self._failures = 0
        self.kept_files: KeptFiles | None = None
        """Where the state of failed tests is kept as files; None keeps none."""
        self._has_baseline = False
        self.recorder = Recorder()

    @property
    @abstractmethod
    def url(self) -> str:
        """The endpoint of the database over HTTP."""

    @abstractmethod
    def connected(self) -> AbstractContextManager[Any]:
        """Let the SDKs of this process talk to the database, within a block."""

    @abstractmethod
    def isolated(
        self, clock: str | float | None = None, table_delay: float | None = None, faults: Sequence[Any] = ()
    ) -> AbstractContextManager[Any]:
        """Connect SDKs within a block, and make everything as it was before when it ends.

        *clock* stops the time at seconds since the epoch or at a date such as ``2026-01-01T00:00:00Z``;
        *table_delay* is that of ``Database``; *faults* are those of ``Database.faults``.
        """

    def keep_files(self, directory: str | None) -> None:
        """Keep the state of failed tests as files in *directory* too."""
        self.kept_files = None if directory is None else KeptFiles(directory)

    def client_options(self) -> dict[str, Any]:
        """Return what a client needs to be told to reach the database while connected."""
        return {}

    def client(self, service: str = "dynamodb", kind: str = "client") -> Any:
        """Return the boto3 client, or resource, of *service* that talks to the database; always the same."""
        if (service, kind) not in self._clients:
            import boto3  # noqa: PLC0415 - an optional dependency

            session = boto3.Session(KEY_ID, KEY_ID, region_name=REGION)
            self._clients[service, kind] = getattr(session, kind)(service, **self.client_options())
        return self._clients[service, kind]

    def begin(self) -> str:
        """Set the savepoint of a test and return its name."""
        self.recorder.clear()
        if not self._has_baseline:
            self.database.snapshot(BASELINE, "what the first test found")
            self._has_baseline = True
        return str(self.database.savepoint())

    def end(self, savepoint: str) -> None:
        """Make everything as it was when the test began."""
        try:
            self.database.rollback(savepoint)
        except KeyError:
            self.database.restore(BASELINE)
        else:
            self.database.release(savepoint)

    def keep_failure(self, test: str) -> str | None:
        """Keep what the database holds as a snapshot named after *test*; return its name, None after many."""
        if self._failures >= KEPT_FAILURES:
            return None
        self._failures += 1
        name = "failed-" + _NOT_IN_NAMES.sub("-", test)[-_LONGEST_NAME:].strip("-.")
        name = name if self._failures == 1 else f"{name}-{self._failures}"
        self.database.snapshot(name, f"when {test} failed")
        return name

    def report(self, test: str) -> str:
        """Return what helps to see why *test* failed: the last requests, and where the state is kept."""
        lines = self.recorder.lines() or ["no requests"]
        try:
            name = self.keep_failure(test)
        except Exception as error:
            # The report of the test comes first, whatever became of the database.
            return "\n".join([*lines, f"The state could not be kept: {error}"])
        if name is not None:
            lines.append(f"The state is kept as snapshot {name} {self.place()}.")
            lines += self._keep_file(name)
        return "\n".join(lines)

    def _keep_file(self, snapshot: str) -> list[str]:
        """Write *snapshot* to a file that outlives the process; return the lines that say so."""
        if self.kept_files is None:
            return []
        try:
            path = self.kept_files.keep(snapshot, self.export(snapshot))
        except Exception as error:
            return [f"It could not be kept as a file: {error}"]
        return ["To look at it later:", f"  dynemu serve --snapshot {shlex.quote(path)}"]

    @abstractmethod
    def export(self, snapshot: str) -> Iterator[bytes]:
        """Give the file of a snapshot in parts."""

    def place(self) -> str:
        """Return where snapshots are, for people."""
        return "while this process runs"

    def close(self) -> None:
        """End what was started."""
        self._stack.close()


def wanted_controls(clock: str | float | None, table_delay: float | None) -> dict[str, Any]:
    """Return the controls that a test sets to something else than those before it; see ``controls``."""
    wanted: dict[str, Any] = {}
    if clock is not None:
        wanted["clock"] = {"freeze": clock}
    if table_delay is not None:
        wanted["table_delay"] = table_delay
    return wanted
