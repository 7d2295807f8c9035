"""DynamoDB inside a Python process: the databases of the server without its socket."""

import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fspath
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import orjson

from dynemu.config import Settings, check_consistency
from dynemu.engine.clock import MovableClock
from dynemu.engine.database import Engine
from dynemu.engine.namespaces import Namespaces
from dynemu.errors import AwsError, ConnectionDropped
from dynemu.operations.dispatch import call
from dynemu.storage.places import DEFAULT_NAMESPACE, SnapshotInfo
from dynemu.turns import Turn

if TYPE_CHECKING:
    from dynemu.engine.problems import Problem
    from dynemu.faults import FaultPlan

T = TypeVar("T")


class Answered(NamedTuple):
    """What became of a call; ``result`` returns or raises it."""

    response: dict[str, Any]
    error: AwsError | None
    delay: float
    """Seconds by which a hook or fault wants it to be held back."""
    drops: bool

    def result(self) -> dict[str, Any]:
        """Return the response. Raises: AwsError, ConnectionDropped."""
        if self.drops:
            raise ConnectionDropped
        if self.error is not None:
            raise self.error
        return self.response


class Database:
    """A DynamoDB of its own, in memory or in a directory; any thread may use it.

    >>> with Database() as database:
    ...     database.call("ListTables", {})
    {'TableNames': []}
    """

    def __init__(
        self,
        path: str | PathLike[str] | None = None,
        *,
        durability: str | None = None,
        region: str = "us-east-1",
        account_id: str = "123456789012",
        table_delay: float = 0.0,
        stream_shards: int = 1,
        s3_dir: str | PathLike[str] | None = None,
        consistency: str = "strong",
        seed: int = 0,
    ) -> None:
        """Open the database in the directory *path*, made when it is missing; None keeps it in memory.

        *durability* is ``none``, ``wal`` (the default on disk: answered writes survive the process)
        or ``fsync`` (they survive power loss). *table_delay*: seconds that tables stay CREATING, UPDATING and
        DELETING. *stream_shards*: open shards of a new stream. *s3_dir*: directory that stands for S3 in
        exports, imports and bulk operations. *consistency*: what eventually consistent reads see: ``strong``,
        ``lagged`` or ``adversarial``. *seed*: what the randomness of those, and of faults, follows from.

        Raises: StoreError when the directory cannot be used, for one because another process has it open.
        """
        check_consistency(consistency)
        given: dict[str, Any] = {
            "region": region,
            "account_id": account_id,
            "table_delay": table_delay,
            "stream_shards": stream_shards,
            "consistency": consistency,
            "seed": seed,
        }
        if path is not None:
            given["db_path"] = fspath(path)
        if s3_dir is not None:
            given["s3_dir"] = fspath(s3_dir)
        if durability is not None:
            given["durability"] = durability
        self._start(Namespaces(Settings(**given)), DEFAULT_NAMESPACE, threading.RLock())

    def _start(self, namespaces: Namespaces, name: str, lock: "threading.RLock") -> None:
        self._namespaces = namespaces
        self._settings = namespaces.settings
        self.name = name
        """The name of its namespace."""
        self._lock = lock
        self._expires_at = 0.0

    def use(self) -> Turn:
        """Have the engine to oneself; what it leaves to be done in the background is done at the end."""
        return Turn(self._namespaces, self.name, self._lock)

    def answering(self) -> Turn:
        """Have the engine to oneself to answer a request: what has expired in this second is gone before."""
        return Turn(self._namespaces, self.name, self._lock, self._expire)

    def _expire(self, engine: Engine) -> None:
        now = engine.clock.now()
        if not self._expires_at - 1.0 <= now < self._expires_at:
            self._expires_at = now + 1.0
            engine.sweep()

    def use_wire(self, make: Callable[[Namespaces], T]) -> T:
        """Return what *make* makes of the databases: how clients in process reach them all."""
        return make(self._namespaces)

    def call(
        self, operation: str, request: Mapping[str, Any] | None = None, *, region: str | None = None
    ) -> dict[str, Any]:
        """Answer *request* of the operation with the wire name *operation*, such as ``PutItem``.

        *request* is the JSON of the wire as a dict, with binary values as bytes or base64 text; it is not
        changed. *region* None is the one of the database. Returns the response in the same form; binary
        values are base64 text.

        Raises: AwsError with what AWS would answer (``error.code``, ``error.message``, ``error.to_body()``);
        ``dynemu.errors.ConnectionDropped`` when a hook or fault wants it.
        """
        answered = self.answer(operation, request, region)
        if answered.delay:
            time.sleep(answered.delay)
        return answered.result()

    def answer(
        self, operation: str, request: Mapping[str, Any] | None = None, region: str | None = None
    ) -> "Answered":
        """Do what ``call`` does, and leave it to the caller to wait and to raise."""
        wire = orjson.loads(orjson.dumps(request or {}, default=_to_json))
        response = error = None
        with self.answering() as engine:
            engine.delay, engine.drops = 0.0, False
            try:
                response = call(
                    engine, operation, wire, region or self._settings.region, self._settings.account_id
                )
            except AwsError as refusal:
                error = refusal
            delay, drops = engine.delay, engine.drops
        plain = {} if response is None else orjson.loads(orjson.dumps(response))
        return Answered(plain, error, delay, drops)

    def explain(
        self, statement: str, parameters: Sequence[Any] = (), *, consistent: bool = False
    ) -> dict[str, Any]:
        """Tell how the PartiQL *statement* would be carried out, without doing it.

        Returns: ``{"plan": {...}, "text": "..."}``, the same as a tree of JSON and as text. With fewer
        *parameters* than the statement has, nothing is estimated. *consistent*: of which reads the units are.
        Raises: AwsError, as ExecuteStatement does.
        """
        # PERF: imported here because few programs need it, and it brings all of PartiQL along.
        from dynemu.operations.explaining import explain_statement, make_request  # noqa: PLC0415

        request = make_request(statement, list(parameters), consistent)
        wire = orjson.loads(orjson.dumps(request, default=_to_json))
        with self.use() as engine:
            return explain_statement(engine, wire, self._settings.region, self._settings.account_id)

    def sweep(self) -> int:
        """Delete the items whose time to live has ended by now, which otherwise happens in a second or so.

        Returns: the number of items deleted.
        """
        with self.use() as engine:
            return engine.sweep()

    @property
    def clock(self) -> MovableClock:
        """The clock of this namespace, for tests to move: ``freeze``, ``advance``, ``set``, ``reset``."""
        with self.use() as engine:
            assert isinstance(engine.clock, MovableClock)
            return engine.clock

    def check(self) -> "list[Problem]":
        """Derive all indexes, counts, queues and records from the items again; return what is not like that.

        It walks through all data; an empty list says that nothing is wrong.
        """
        from dynemu.engine.checking import check  # noqa: PLC0415 - few databases are ever checked

        with self.use() as engine:
            return list(check(engine.store.view(), engine.clock.now()))

    # Hooks

    def register(self, plugin: object) -> None:
        """Call the hooks of *plugin*, a module or object (``dynemu.hookspecs``), in this namespace.

        Raises: ValueError when it is registered, or when a hook of it is none.
        """
        with self.use() as engine:
            engine.register(plugin)

    def unregister(self, plugin: object) -> None:
        """Call the hooks of *plugin* no more. Raises: ValueError when it is not registered."""
        with self.use() as engine:
            engine.unregister(plugin)

    @property
    def faults(self) -> "FaultPlan":
        """What goes wrong in this namespace on request: ``add``, ``remove``, ``clear``, ``list``."""
        from dynemu.faults import plan_of  # noqa: PLC0415 - few databases have faults

        with self.use() as engine:
            return plan_of(engine)

    def simulate(self, consistency: str, seed: int | None = None) -> None:
        """Let eventually consistent reads see *consistency*: ``strong``, ``lagged`` or ``adversarial``.

        *seed* None is that of the database. Raises: ValueError.
        """
        with self.use() as engine:
            engine.simulate(consistency, seed)

    # Savepoints

    def savepoint(self, name: str | None = None) -> str:
        """Set a point to go back to, in microseconds, and return its name. Savepoints nest."""
        with self.use() as engine:
            return engine.savepoint(name)

    def rollback(self, name: str | None = None) -> None:
        """Make everything as it was at a savepoint, the latest when *name* is None; it stays.

        Raises: KeyError when there is no such savepoint.
        """
        with self.use() as engine:
            engine.rollback(name)

    def release(self, name: str | None = None) -> None:
        """Forget a savepoint, and those set after it. Raises: KeyError when there is no such savepoint."""
        with self.use() as engine:
            engine.release(name)

    # Snapshots

    def snapshots(self) -> list[SnapshotInfo]:
        """Return the snapshots of this namespace, oldest first."""
        with self.use():
            return self._namespaces.snapshots(self.name)

    def snapshot(self, name: str, note: str = "") -> None:
        """Keep what the database holds now under *name*. Raises: ValueError, SnapshotExists, StoreError."""
        with self.use():
            self._namespaces.create_snapshot(self.name, name, note)

    def restore(self, name: str) -> None:
        """Hold what the snapshot called *name* holds. Raises: UnknownSnapshot, StoreError."""
        with self.use():
            self._namespaces.load_snapshot(self.name, name)

    def delete_snapshot(self, name: str) -> None:
        """Forget the snapshot called *name*. Raises: UnknownSnapshot."""
        with self.use():
            self._namespaces.delete_snapshot(self.name, name)

    def branch(self, name: str, snapshot: str | None = None) -> "Database":
        """Return a new namespace *name* with what this one, or its *snapshot*, holds.

        Raises: ValueError when there is such a namespace, UnknownSnapshot, StoreError.
        """
        with self.use():
            self._namespaces.branch(self.name, name, snapshot)
        return self.namespace(name)

    # Namespaces

    def namespace(self, name: str) -> "Database":
        """Return the namespace *name*, made when there is none; it closes with this database.

        Raises: ValueError for a name that cannot be one.
        """
        with self._lock:
            self._namespaces.get(name)
        other = object.__new__(type(self))
        other._start(self._namespaces, name, self._lock)
        return other

    def namespaces(self) -> list[str]:
        """Return the names of all namespaces."""
        with self.use():
            return self._namespaces.names()

    def drop(self) -> None:
        """Forget this namespace and its snapshots."""
        with self._lock:
            self._namespaces.drop(self.name)

    def reset(self) -> None:
        """Delete everything in this namespace but its snapshots."""
        with self._lock:
            self._namespaces.reset(self.name)

    def rotate_shards(self, stream_arn: str, *, split: bool = False) -> list[str]:
        """Close the open shards of a stream and open a child of each, or two with *split*; return their ids.

        The service does this to every shard some time; consumers have to follow the children.
        Raises: AwsError when there is no such stream. A disabled stream has no open shards and gets none.
        """
        with self.use() as engine:
            return engine.rotate_shards(stream_arn, split=split)

    def close(self) -> None:
        """Close the database with all its namespaces and free its directory; a second call does nothing."""
        with self._lock:
            if not self._namespaces.closed:
                self._namespaces.close()

    def __enter__(self) -> "Database":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _to_json(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return b64encode(value).decode()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a value of the wire")
