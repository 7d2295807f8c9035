"""The admin API: JSON under ``/_dynemu/``, from a request to its answer. docs/admin.md lists the routes.

Wire ── Admin.respond ── access ── find_route ── a function of admin_state or admin_snapshots
"""

import logging
import re
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, unquote

from orjson import JSONDecodeError, loads

from dynemu.config import Settings
from dynemu.engine.namespaces import NamespaceExists, Namespaces
from dynemu.http.access import AdminAccess, Refusal
from dynemu.http.admin_answers import Answer, Asked, Reply, Route, Stream
from dynemu.http.admin_controls import ROUTES as CONTROL_ROUTES
from dynemu.http.admin_faults import ROUTES as FAULT_ROUTES
from dynemu.http.admin_operations import operate
from dynemu.http.admin_questions import ROUTES as QUESTION_ROUTES
from dynemu.http.admin_snapshots import ROUTES as SNAPSHOT_ROUTES
from dynemu.http.admin_state import ROUTES as STATE_ROUTES
from dynemu.http.coding import BodyTooLarge, CodingError, decode_body
from dynemu.http.request import Request
from dynemu.http.response import ResponseWriter
from dynemu.http.routes import ADMIN_PATH, find_route, path_of
from dynemu.limits import REQUEST_BYTES
from dynemu.storage.base import StoreError
from dynemu.storage.places import DEFAULT_NAMESPACE, SnapshotExists, UnknownSnapshot, check_name
from dynemu.storage.portable import UnreadableExport

ROUTES: tuple[Route, ...] = (
    *STATE_ROUTES,
    *SNAPSHOT_ROUTES,
    *FAULT_ROUTES,
    *CONTROL_ROUTES,
    *QUESTION_ROUTES,
)
_STREAM = b"application/octet-stream"
_CHUNKED = b"Transfer-Encoding: chunked\r\n"
_OPEN = ("version",)
"""Paths for which nobody has to show a token."""

log = logging.getLogger("dynemu.http")


class Admin:
    """Answers requests about *namespaces* for a server with *settings*."""

    def __init__(self, namespaces: Namespaces, settings: Settings, writer: ResponseWriter) -> None:
        self._namespaces = namespaces
        self._access = AdminAccess(settings)
        self._writer = writer

    def respond(self, request: Request, request_id: bytes, out: list[bytes]) -> Iterator[list[bytes]] | None:
        """Append the answer to *request* to *out*, or return what makes it in slices."""
        try:
            reply = self._reply(request)
        except Exception as error:
            reply = _failure(error, request_id)
        if isinstance(reply, Answer):
            self._write(request, request_id, reply, out)
            return None
        if isinstance(reply, Stream):
            return self._send_stream(request, request_id, reply)
        return self._send_later(request, request_id, reply)

    def find_upload(self, request: Request) -> Any:
        """Return a file for the body of *request*, whose head alone is read, when it may be a large one."""
        try:
            self._access.check(request)
            route, _ = match_route("POST", target_of(request))
        except Refusal:
            return None
        if not route.takes_file:
            return None
        from tempfile import SpooledTemporaryFile  # noqa: PLC0415 - 2 ms, and few requests bring a file

        return SpooledTemporaryFile(max_size=REQUEST_BYTES)

    def operate(self, request: Request, document: Any, namespace: str | None) -> bytes:
        """Answer an operation that AWS does not have. Raises: AwsError."""
        return operate(self._namespaces, self._access, request, document, namespace or DEFAULT_NAMESPACE)

    def _reply(self, request: Request) -> Reply:
        target = target_of(request)
        if target not in _OPEN:
            if request.method == b"OPTIONS" and self._access.origin_lines(request):
                return Answer(200, {})
            self._access.check(request)
        route, _ = match_route(request.method.decode("latin-1"), target)
        upload = request.upload
        if upload is None and route.takes_file:
            upload = BytesIO(request.body)
        elif upload is not None:
            upload.seek(0)
        body = None if route.takes_file else read_object(request)
        query = find_route(request.url)[1].decode("latin-1")
        return call(self._namespaces, request.method.decode("latin-1"), f"{target}?{query}", body, upload)

    def _write(self, request: Request, request_id: bytes, answer: Answer, out: list[bytes]) -> None:
        content_type, body = answer.content()
        lines = answer.headers + self._access.origin_lines(request)
        self._writer.write(out, request_id, answer.status, content_type, body, request.keep_alive, lines)

    def _send_later(self, request: Request, request_id: bytes, work: Iterator[Any]) -> Iterator[list[bytes]]:
        """Carry out *work*, whose last value is an Answer, and then give the whole response."""
        answer: Any = None
        out: list[bytes] = []
        try:
            for answer in work:  # noqa: B007 - the last one counts
                yield out
        except Exception as error:
            answer = _failure(error, request_id)
        self._write(request, request_id, answer, out)
        yield out

    def _send_stream(self, request: Request, request_id: bytes, stream: Stream) -> Iterator[list[bytes]]:
        """Give the response as it is made: in chunks, or up to the end of a connection that ends with it."""
        # NOTE: HTTP/1.0 knows no chunks; the file itself tells where it ends.
        in_chunks = request.keep_alive
        chunk = next(stream.chunks)
        out: list[bytes] = []
        lines = (_CHUNKED if in_chunks else b"") + stream.headers + self._access.origin_lines(request)
        self._writer.write_start(out, request_id, 200, _STREAM, in_chunks, lines)
        yield out
        for part in chain([chunk], stream.chunks):
            yield [b"%x\r\n" % len(part), part, b"\r\n"] if in_chunks else [part]
        yield [b"0\r\n\r\n"] if in_chunks else []


def call(
    namespaces: Namespaces, method: str, path: str, body: dict[str, Any] | None = None, upload: Any = None
) -> Reply:
    """Answer a request without HTTP: *path* is what follows ``/_dynemu/``, *upload* a file.

    Raises: Refusal and other exceptions that ``status_of`` and ``sentence_of`` know.
    """
    target, _, query = path.partition("?")
    route, names = match_route(method, target)
    members = {**dict(parse_qsl(query, keep_blank_values=True)), **(body or {})}
    asked = Asked(namespaces, names, route.read(members), upload)
    if route.is_in_namespace:
        check_name("namespace", asked.namespace)
        if not namespaces.exists(asked.namespace):
            raise Refusal(404, f"There is no namespace called {asked.namespace}.")
    return route.run(asked)


def target_of(request: Request) -> str:
    """Return what follows ``/_dynemu/`` in the path of *request*."""
    return path_of(request.url)[len(ADMIN_PATH) :].decode("latin-1")


def match_route(method: str, target: str) -> tuple[Route, list[str]]:
    """Return the route of a request, and the names in its path, that of the namespace first.

    Raises: Refusal, with status 404 or 405.
    """
    given = [unquote(part) for part in target.rstrip("/").split("/")]
    if given[0] not in ("namespaces", "version"):
        given = ["namespaces", DEFAULT_NAMESPACE, *given]
    allowed = []
    for route in ROUTES:
        names = route.match(given)
        if names is not None and route.method == method:
            return route, names
        if names is not None:
            allowed.append(route.method)
    if not allowed:
        raise Refusal(404, f"There is nothing at /_dynemu/{_printable(target)}.")
    allow = f"Allow: {', '.join(allowed)}\r\n".encode()
    raise Refusal(405, f"This wants {' or '.join(allowed)}, not {_printable(method)}.", allow)


def _printable(text: str) -> str:
    return re.sub(r"[^!-~]", "?", text)


def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body, an empty one without a body. Raises: ValueError, Refusal."""
    body = request.body
    try:
        codings = (request.others or {}).get(b"content-encoding", b"")
        document = loads(decode_body(body, codings)) if body else {}
    except BodyTooLarge:
        raise Refusal(413, "The body is too large.") from None
    except (CodingError, JSONDecodeError):
        raise ValueError("The body is no JSON.") from None
    if not isinstance(document, dict):
        raise ValueError("The body is a JSON object.")
    return document


def status_of(error: Exception) -> int:
    """Return the status that stands for *error*; 500 for one that nobody expects."""
    if isinstance(error, Refusal):
        return error.status
    if isinstance(error, (SnapshotExists, NamespaceExists)):
        return 409
    if isinstance(error, (KeyError, UnknownSnapshot)):
        return 404
    return 400 if isinstance(error, (ValueError, UnreadableExport)) else 500


def sentence_of(error: Exception) -> str:
    """Return what went wrong, for the user."""
    return str(error.args[0] if isinstance(error, KeyError) else error)


def _failure(error: Exception, request_id: bytes) -> Answer:
    status = status_of(error)
    if status == 500:
        log.error("request %s failed", request_id.decode(), exc_info=error)
        if not isinstance(error, StoreError):
            return Answer(500, {"error": "Something went wrong inside dynemu; its log has the details."})
    headers = error.headers if isinstance(error, Refusal) else b""
    return Answer(status, {"error": sentence_of(error)}, headers)
