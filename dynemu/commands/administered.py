"""What commands work on: a running server, through its admin API, or a data directory that no server uses.

Both are asked the same way; the functions behind the routes are the same too (``data_directory``).
"""

import http.client
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any, BinaryIO, Protocol
from urllib.parse import urlsplit

from orjson import JSONDecodeError, dumps, loads

from dynemu.commands.errors import CommandError, OptionError
from dynemu.config import parse_token

_CHUNK = 1 << 16


class Administered(Protocol):
    """Answers requests of the admin API; paths are what follows ``/_dynemu/``. Raises CommandError."""

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Return the JSON, or text, that is answered."""

    def download(self, path: str) -> Iterator[bytes]:
        """Give the parts of a file that is answered."""

    def upload(self, path: str, file: BinaryIO) -> Any:
        """Send *file*; return the JSON that is answered."""

    def close(self) -> None:
        """Let it go."""


class RunningServer:
    """The server at *url*."""

    def __init__(self, url: str, token: str | None) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise OptionError(f"--url wants an address such as http://localhost:8000, not {url!r}.")
        self._url = url
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        try:
            self._connection = kind(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        except ValueError:
            raise OptionError(f"--url has a port that is none: {url!r}.") from None
        try:
            self._headers = {} if token is None else {"Authorization": f"Bearer {parse_token(token)}"}
        except ValueError as error:
            raise OptionError(f"--token wants {error}.") from None

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._read(self._send(method, path, b"" if body is None else dumps(body)))

    def download(self, path: str) -> Iterator[bytes]:
        response = self._send("GET", path, b"")
        if response.status != 200:
            self._read(response)
        try:
            while part := response.read(_CHUNK):
                yield part
        except http.client.HTTPException:
            raise CommandError(f"The connection to {self._url} ended before the file did.") from None

    def upload(self, path: str, file: BinaryIO) -> Any:
        return self._read(self._send("POST", path, iter(lambda: file.read(_CHUNK), b"")))

    def close(self) -> None:
        self._connection.close()

    def _send(self, method: str, path: str, body: bytes | Iterable[bytes]) -> http.client.HTTPResponse:
        try:
            is_whole = isinstance(body, bytes)
            self._connection.request(
                method,
                f"/_dynemu/{path}",
                body or None if is_whole else body,
                self._headers,
                encode_chunked=not is_whole,
            )
            return self._connection.getresponse()
        except (ConnectionRefusedError, http.client.BadStatusLine):
            raise CommandError(
                f"No dynemu answers at {self._url}: start one, name its address with --url, "
                "or a directory that none uses with --db-path."
            ) from None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise CommandError(f"The server at {self._url} cannot be asked: {reason}.") from None

    def _read(self, response: http.client.HTTPResponse) -> Any:
        body = response.read()
        if response.headers.get_content_type() == "text/plain" and response.status == 200:
            return body.decode()
        try:
            document = loads(body)
        except JSONDecodeError:
            document = None
        if response.status in (200, 201) and document is not None:
            return document
        if isinstance(document, dict) and isinstance(document.get("error"), str):
            raise CommandError(document["error"])
        raise CommandError(f"What answers at {self._url} is no dynemu, or not of this release.")


def reach(url: str | None, db_path: str | None, token: str | None) -> "closing[Administered]":
    """Return a context with what the options of a command name. Raises: CommandError."""
    if url is not None and db_path is not None:
        raise OptionError("--url and --db-path exclude each other.")
    if db_path is not None:
        # PERF: it is all of the engine, and a server has that already.
        from dynemu.commands.data_directory import DataDirectory  # noqa: PLC0415

        return closing(DataDirectory(os.path.expanduser(db_path)))
    token = os.environ.get("DYNEMU_ADMIN_TOKEN") or None if token is None else token
    return closing(RunningServer("http://localhost:8000" if url is None else url, token))
