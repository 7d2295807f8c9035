"""A database of a server in another process: the methods of ``Database`` that tests need, over HTTP.

Operations go to the endpoint of the namespace, everything else to the admin API.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote, urlsplit

from dynemu import errors
from dynemu.client import KEY_ID
from dynemu.storage.places import DEFAULT_NAMESPACE
from dynemu.testing.remote_connection import Connection

_TIMEOUT = 60.0
_PART_BYTES = 1 << 16
_READY = "dynemu is ready on "


class ServerRefused(Exception):
    """A server that cannot do what was asked; the text is one sentence for the user."""


class RemoteClock:
    """The clock of a namespace on a server; times are seconds since the epoch."""

    def __init__(self, database: "RemoteDatabase") -> None:
        self._database = database

    def _ask(self, change: str = "", **members: Any) -> dict[str, Any]:
        given = {name: value for name, value in members.items() if value is not None}
        method = "POST" if change else "GET"
        return self._database.ask(method, f"clock/{change}".rstrip("/"), given)

    def now(self) -> float:
        """Return what time it is."""
        return float(self._ask()["now"])

    def apply(self, change: Mapping[str, Any]) -> None:
        """Do what the JSON object *change* asks for, as ``Database.clock.apply``. Raises: ValueError."""
        self._database.ask("POST", "clock", change)

    def freeze(self, at: float | str | None = None) -> None:
        """Let time stand still, at *at* or now."""
        self._ask("freeze", at=at)

    def set(self, at: float | str, rate: float | None = None) -> None:
        """Let it be *at* now, and time go on at *rate*."""
        self._ask("set", at=at, rate=rate)

    def advance(self, seconds: float) -> None:
        """Let it be *seconds* later now."""
        self._ask("advance", seconds=seconds)

    def reset(self) -> None:
        """Follow the clock of the machine again."""
        self._ask("reset")


class RemoteFaults:
    """The faults of a namespace on a server; see ``dynemu.faults.FaultPlan``."""

    def __init__(self, database: "RemoteDatabase") -> None:
        self._database = database

    def add(self, fault: Mapping[str, Any], id: str | None = None) -> str:
        """Let *fault*, a JSON object, happen from now on, and return its id. Raises: ValueError."""
        members = {**fault, **({} if id is None else {"id": id})}
        return str(self._database.ask("POST", "faults", members)["id"])

    def list(self) -> "list[dict[str, Any]]":
        """Return all faults, with how often each was asked and hit."""
        return list(self._database.ask("GET", "faults")["faults"])

    def remove(self, id: str) -> None:
        """Let the fault called *id* happen no more. Raises: KeyError."""
        self._database.ask("DELETE", f"faults/{quote(id)}")

    def restart(self, seed: int | None = None) -> None:
        """Begin again with *seed* (None: the same): equal requests meet equal faults as the first time."""
        self._database.ask("POST", "faults/restart", {} if seed is None else {"seed": seed})

    def clear(self) -> None:
        """Let none happen any more."""
        self._database.ask("DELETE", "faults")


class RemoteDatabase:
    """Namespace *name* of the server at *url*; any thread may use it."""

    def __init__(self, url: str, name: str = DEFAULT_NAMESPACE, *, token: str = "") -> None:
        self._server = url.rstrip("/")
        self.name = name
        self._token = token
        self._lock = threading.Lock()
        self._connection = Connection(self._server, _TIMEOUT)
        self.clock = RemoteClock(self)
        self.faults = RemoteFaults(self)

    @property
    def url(self) -> str:
        """The endpoint of the namespace."""
        return self._server if self.name == DEFAULT_NAMESPACE else f"{self._server}/ns/{quote(self.name)}"

    def call(
        self, operation: str, request: Mapping[str, Any] | None = None, *, region: str = "us-east-1"
    ) -> dict[str, Any]:
        """Answer *request* of *operation*, such as ``PutItem``. Raises: AwsError."""
        service = "DynamoDB"
        if operation in ("ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"):
            service = "DynamoDBStreams"
        scope = f"{KEY_ID}/20000101/{region}/dynamodb/aws4_request"
        headers = {
            "X-Amz-Target": f"{service}_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Date": "20000101T000000Z",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none",
        }
        status, body = self._send("POST", urlsplit(self.url).path or "/", headers, dict(request or {}))
        if status == 200:
            return body
        raise _error(body)

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def ask(self, method: str, path: str = "", members: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask the admin API about this namespace.

        Raises: KeyError for what is not there, ValueError for what cannot be, ServerRefused.
        """
        headers = {"Content-Type": "application/json", **self._bearer()}
        target = f"/_dynemu/namespaces/{quote(self.name)}/{path}".rstrip("/")
        status, body = self._send(method, urlsplit(self._server).path + target, headers, members)
        if status < 300:
            return body
        kinds: dict[int, type[Exception]] = {400: ValueError, 404: KeyError, 409: ValueError}
        raise kinds.get(status, ServerRefused)(str(body.get("error", body)))

    def make(self) -> None:
        """Make the namespace unless it is there. Raises: ServerRefused when no dynemu answers."""
        try:
            self.call("ListTables", {"Limit": 1})
            self.ask("GET", "savepoints")
        except (KeyError, errors.AwsError) as error:
            raise ServerRefused(f"There is no dynemu at {self._server}: {error}.") from error

    def savepoint(self, name: str | None = None) -> str:
        """Set a point to go back to, and return its name. Savepoints nest."""
        return str(self.ask("POST", "savepoints", {} if name is None else {"name": name})["name"])

    def rollback(self, name: str | None = None) -> None:
        """Make everything as it was at a savepoint, the latest when *name* is None. Raises: KeyError."""
        self.ask("POST", "rollback" if name is None else f"savepoints/{quote(name)}/rollback")

    def release(self, name: str) -> None:
        """Forget a savepoint, and those set after it. Raises: KeyError."""
        self.ask("DELETE", f"savepoints/{quote(name)}")

    def snapshot(self, name: str, note: str = "") -> None:
        """Keep what the namespace holds now under *name*. Raises: ValueError."""
        self.ask("POST", "snapshots", {"name": name, **({"note": note} if note else {})})

    def snapshots(self) -> list[dict[str, Any]]:
        """Return what is known of the snapshots of this namespace."""
        return list(self.ask("GET", "snapshots")["snapshots"])

    def export(self, snapshot: str) -> Iterator[bytes]:
        """Give the file of a snapshot in parts. Raises: ServerRefused."""
        parts = urlsplit(self._server)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT)
        path = f"{parts.path}/_dynemu/namespaces/{quote(self.name)}/snapshots/{quote(snapshot)}/export"
        try:
            connection.request("GET", path, headers=self._bearer())
            response = connection.getresponse()
            if response.status != 200:
                raise ServerRefused(f"The server answered {response.status}.")
            while part := response.read(_PART_BYTES):
                yield part
        except (HTTPException, OSError) as error:
            raise ServerRefused(f"No file from {self._server}: {error}.") from error
        finally:
            connection.close()

    def simulate(self, consistency: str, seed: int | None = None) -> None:
        """Let eventually consistent reads see *consistency*, as ``Database.simulate``. Raises: ValueError."""
        self.ask("POST", "consistency", {"mode": consistency, **({} if seed is None else {"seed": seed})})

    def restore(self, name: str) -> None:
        """Hold what the snapshot called *name* holds. Raises: KeyError."""
        self.ask("POST", f"snapshots/{quote(name)}/load")

    def sweep(self) -> int:
        """Delete the items whose time to live has ended by now. Returns: the number of items deleted."""
        return int(self.ask("POST", "sweep")["deleted"])

    def reset(self) -> None:
        """Delete everything in this namespace but its snapshots."""
        self.ask("POST", "reset")

    def drop(self) -> None:
        """Forget this namespace and its snapshots."""
        self.ask("DELETE")

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], members: Mapping[str, Any] | None
    ) -> tuple[int, dict[str, Any]]:
        sent = json.dumps(members or {}).encode() if method == "POST" else b""
        with self._lock:
            try:
                status, text = self._connection.ask(method, path, headers, sent)
            except OSError as error:
                raise ServerRefused(f"No answer from {self._server}: {error}.") from error
        try:
            return status, json.loads(text or b"{}")
        except ValueError:
            return status, {"error": text.decode("latin-1")}


def _error(body: dict[str, Any]) -> Exception:
    code = str(body.pop("__type", "")).rpartition("#")[2]
    kind: Any = getattr(errors, code, None)
    if kind is None:
        return ServerRefused(f"The server answered {code or body}.")
    texts = [body.pop(key, None) for key in ("message", "Message")]
    message = texts[0] or texts[1]
    made: Exception = kind(message, **body)
    return made


class ServerProcess:
    """A server with its data in memory, on a free port, as a process of its own; ``url`` is its endpoint."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dynemu", "serve", "--in-memory", "--host", "127.0.0.1", "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith(_READY):
            self.stop()
            raise ServerRefused(f"The server did not start; it said {line!r}.")
        self.url = line[len(_READY) :].split()[0]

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(_TIMEOUT)
        assert self._process.stdout is not None
        self._process.stdout.close()
