"""DynamoDB inside a Python process: the engine of the server without its socket."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from types import TracebackType
from typing import Any

import orjson

from dynemu.config import Settings
from dynemu.engine.database import open_engine
from dynemu.operations.dispatch import call


class Database:
    """A DynamoDB of its own, in memory or in a directory.

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
    ) -> None:
        """Open the database in the directory *path*, made when it is missing; None keeps it in memory.

        *durability* is ``none``, ``wal`` (the default on disk: answered writes survive the process)
        or ``fsync`` (they survive power loss). *table_delay*: seconds that tables stay CREATING, UPDATING and
        DELETING. *stream_shards*: open shards of a new stream. *s3_dir*: directory that stands for S3 in
        exports, imports and bulk operations.

        Raises: StoreError when the directory cannot be used, for one because another process has it open.
        """
        given: dict[str, Any] = {
            "region": region,
            "account_id": account_id,
            "table_delay": table_delay,
            "stream_shards": stream_shards,
        }
        if path is not None:
            given["db_path"] = fspath(path)
        if s3_dir is not None:
            given["s3_dir"] = fspath(s3_dir)
        if durability is not None:
            given["durability"] = durability
        self._settings = Settings(**given)
        self._engine = open_engine(self._settings)
        self._expires_at = 0.0
        self._closed = False

    def call(self, operation: str, request: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Answer *request* of the operation with the wire name *operation*, such as ``PutItem``.

        *request* is the JSON of the wire as a dict, with binary values as bytes or base64 text; it is not
        changed. Returns the response in the same form; binary values are base64 text.

        Raises: AwsError with what AWS would answer (``error.code``, ``error.message``, ``error.to_body()``).
        """
        if self._closed:
            raise ValueError("the database is closed")
        wire = orjson.loads(orjson.dumps(request or {}, default=_to_json))
        engine = self._engine
        now = engine.clock.now()
        if now >= self._expires_at:
            self._expires_at = now + 1.0
            engine.sweep()
        response = call(engine, operation, wire, self._settings.region, self._settings.account_id)
        while engine.has_work:
            engine.work(1.0)
        if engine.needs_sync:
            engine.sync()
        return {} if response is None else dict(orjson.loads(orjson.dumps(response)))

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

        if self._closed:
            raise ValueError("the database is closed")
        request = make_request(statement, list(parameters), consistent)
        wire = orjson.loads(orjson.dumps(request, default=_to_json))
        return explain_statement(self._engine, wire, self._settings.region, self._settings.account_id)

    def sweep(self) -> int:
        """Delete the items whose time to live has ended by now, which otherwise happens in a second or so.

        Returns: the number of items deleted.
        """
        if self._closed:
            raise ValueError("the database is closed")
        return self._engine.sweep()

    def rotate_shards(self, stream_arn: str, *, split: bool = False) -> list[str]:
        """Close the open shards of a stream and open a child of each, or two with *split*; return their ids.

        The service does this to every shard some time; consumers have to follow the children.
        Raises: AwsError when there is no such stream. A disabled stream has no open shards and gets none.
        """
        if self._closed:
            raise ValueError("the database is closed")
        shards = self._engine.rotate_shards(stream_arn, split=split)
        if self._engine.needs_sync:
            self._engine.sync()
        return shards

    def close(self) -> None:
        """Close the database and free its directory; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._engine.close()

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
