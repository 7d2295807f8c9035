"""From a request to the bytes of its response, in the order in which AWS checks a request.

The operation itself is ``operations.dispatch``'s; this module knows targets, JSON, content types and CORS.
"""

import logging
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, TypeAlias

from orjson import JSONDecodeError, dumps, loads

from dynemu.config import Settings
from dynemu.errors import (
    AwsError,
    InternalServerError,
    SerializationException,
    UnknownOperationException,
    ValidationException,
)
from dynemu.http.auth import Authenticator, Caller
from dynemu.http.coding import (
    SMALLEST_CODED,
    BodyTooLarge,
    CodingError,
    choose_coding,
    decode_body,
    encode_body,
)
from dynemu.http.request import Request
from dynemu.http.response import AMZ_JSON, JSON, TEXT, ResponseWriter
from dynemu.http.routes import ADMIN, API, HEALTH, NOWHERE, find_route
from dynemu.operations import OPERATIONS, STREAM_OPERATIONS, plain_answers
from dynemu.operations.dispatch import call
from dynemu.operations.operation import Plain
from dynemu.storage.base import StoreError

Call: TypeAlias = Callable[[Any, str, dict[str, Any], str, str], "dict[str, Any] | None"]

SPLITS: dict[str, Any] = {
    "path": None,
    "access-key": lambda caller: caller[1],
    "region": lambda caller: caller[0],
    "access-key+region": lambda caller: f"{caller[1]}+{caller[0]}",
}
"""What names the namespace of a request whose path names none, by the setting ``namespace_by``."""
ADMIN_TARGETS = frozenset(
    b"DynamoDB_20120810." + name
    for name in (b"CreateSnapshot", b"LoadSnapshot", b"ListSnapshots", b"DeleteSnapshot", b"DeleteAllData")
)
"""Operations that AWS does not have; programs that reset a local database call them."""
_KEPT_PATHS = 20_000

UNKNOWN_PAGE = b"<UnknownOperationException/>\n"
_EXPOSED = b"x-amzn-RequestId, x-amzn-ErrorType, x-amz-crc32, Date"

log = logging.getLogger("dynemu.http")


class Wire:
    """Answers requests on the databases of *namespaces*.

    *operations* maps targets such as ``b"DynamoDB_20120810.GetItem"`` to operation names; *call* is
    ``dispatch.call``; *plain* has, by operation name, what may answer in its place where there are no hooks.
    """

    def __init__(
        self,
        namespaces: Any,
        settings: Settings,
        operations: Mapping[bytes, str],
        call: Call,
        plain: dict[str, Plain] | None = None,
    ) -> None:
        self.namespaces = namespaces
        self.answers = 0
        """Requests answered so far."""
        self.delay = 0.0
        """Seconds by which the last answer is to be held back, when hooks asked for it."""
        self.drops = False
        """Whether the connection is to be closed in place of the last answer."""
        self.written = 0
        """How many chunks there were before the last answer, when it is held back."""
        self.work: Any = None
        """What goes on making the last answer, in slices: an iterator of lists of chunks; else None."""
        self.writer = ResponseWriter()
        self._settings = settings
        self._admin: Any = None
        self._call = call
        self._operations = dict(operations)
        self._plain = {} if plain is None else plain
        self._authenticator = Authenticator(settings.region)
        self._account = settings.account_id
        self._region = settings.region
        self._splits = SPLITS[settings.namespace_by]
        self._paths: dict[bytes, str | None] = {b"/": None}
        """Namespaces by the paths of endpoints that were used; None where the path names none."""
        self._traces = log.isEnabledFor(logging.DEBUG)
        self._started = monotonic()

    @property
    def admin(self) -> Any:
        """What answers under ``/_dynemu/``: an ``admin.Admin``, made when it is first asked."""
        if self._admin is None:
            from dynemu.http.admin import Admin  # noqa: PLC0415 - most servers are never asked

            self._admin = Admin(self.namespaces, self._settings, self.writer)
        return self._admin

    def run(self, request: Request, namespace: str) -> tuple[int, bytes, bytes]:
        """Return (status, request id, body) of an operation in *namespace*, for who needs no head."""
        self.answers += 1
        self.delay = 0.0
        self.drops = False
        request_id = self.writer.next_id()
        status, body = self._run(request, b"", request_id, namespace)
        return status, request_id, body

    def answer(self, request: Request, out: list[bytes]) -> None:
        """Append the response to *request* to *out*, as one or two chunks."""
        self.answers += 1
        self.delay = 0.0
        self.drops = False
        self.work = None
        self.written = len(out)
        request_id = self.writer.next_id()
        if (
            request.others is not None
            or request.url not in self._paths
            or request.method != b"POST"
            or request.content_type != AMZ_JSON
            or not request.keep_alive
        ):
            self._answer_any(request, request_id, out)
            return
        status, body = self._run(request, b"", request_id, self._paths[request.url])
        if status == 200:
            self.writer.write_ok(out, request_id, body)
        else:
            self.writer.write(out, request_id, status, AMZ_JSON, body, True)

    def _answer_any(self, request: Request, request_id: bytes, out: list[bytes]) -> None:
        """Answer what is not the plain case: another route, a rare header, a connection about to close."""
        where = find_route(request.url)
        if where[0] == ADMIN and not request.refusal:
            self.work = self.admin.respond(request, request_id, out)
            return
        status, content_type, body = self._respond(request, request_id, where)
        lines: list[bytes] = []
        others = request.others or {}
        if b"origin" in others:
            lines += self._cross_origin_lines(request.method, others, status)
        if len(body) >= SMALLEST_CODED and b"accept-encoding" in others:
            coding = choose_coding(others[b"accept-encoding"])
            if coding is not None:
                body = encode_body(body, coding)
                lines.append(b"Content-Encoding: %b\r\n" % coding)
        keep_alive = request.keep_alive
        without_body = request.method == b"HEAD"
        self.writer.write(
            out, request_id, status, content_type, body, keep_alive, b"".join(lines), without_body
        )

    def _respond(
        self, request: Request, request_id: bytes, where: tuple[str, bytes, str | None]
    ) -> tuple[int, bytes, bytes]:
        """Return (status, content type, body) of a request whose route is *where*."""
        if request.refusal:
            return request.refusal, b"", b""
        route, query, namespace = where
        method = request.method
        if route == HEALTH and method == b"GET":
            return 200, JSON, dumps({"status": "ok", "uptime": round(monotonic() - self._started, 3)})
        if route == API and method == b"GET":
            return 200, TEXT, f"healthy: dynamodb.{self._region}.amazonaws.com ".encode()
        if route != NOWHERE and method == b"OPTIONS" and b"origin" in (request.others or {}):
            return 200, b"", b""
        content_type = _response_type(request)
        if route != API or method != b"POST" or content_type is None:
            return 404, b"", UNKNOWN_PAGE
        status, body = self._run(request, query, request_id, namespace)
        if status == 200 and namespace is not None and not query:
            self._keep_path(request.url, namespace)
        return status, content_type, body

    def _keep_path(self, url: bytes, namespace: str) -> None:
        if len(self._paths) >= _KEPT_PATHS:
            self._paths = {b"/": None}
        self._paths[url] = namespace

    def _cross_origin_lines(self, method: bytes, others: Mapping[bytes, bytes], status: int) -> list[bytes]:
        lines = [b"Access-Control-Allow-Origin: *\r\n"]
        if method != b"OPTIONS":
            lines.append(b"Access-Control-Expose-Headers: %b\r\n" % _EXPOSED)
        elif status == 200:
            lines.append(b"Access-Control-Max-Age: 172800\r\n")
            for asked, allowed in (
                (b"access-control-request-headers", b"Access-Control-Allow-Headers"),
                (b"access-control-request-method", b"Access-Control-Allow-Methods"),
            ):
                if asked in others:
                    lines.append(b"%b: %b\r\n" % (allowed, others[asked]))
        return lines

    def _run(
        self, request: Request, query: bytes, request_id: bytes, namespace: str | None
    ) -> tuple[int, bytes]:
        """Return (status, body) of the operation. An unexpected exception is logged and answered with 500."""
        try:
            status, body = 200, self._execute(request, query, namespace)
        except AwsError as error:
            status, body = error.status, dumps(error.to_body())
        except BodyTooLarge:
            status, body = 413, b""
        except Exception as error:
            # A full disk, for one, is no bug whose trace would tell anything, and meets every write.
            trace = not isinstance(error, StoreError)
            log.error(
                "request %s (%r) failed: %s", request_id.decode(), request.target, error, exc_info=trace
            )
            fault = InternalServerError("Internal server error")
            status, body = fault.status, dumps(fault.to_body())
        if self._traces:
            operation = self._operations.get(request.target or b"")
            log.debug("%s %s %d, %d bytes", request_id.decode(), operation, status, len(body))
        return status, body

    def _execute(self, request: Request, query: bytes, namespace: str | None) -> bytes:
        document = None
        body = request.body
        if request.others is not None and b"content-encoding" in request.others:
            body = _decoded(request)
        if body:
            try:
                document = loads(body)
            except JSONDecodeError:
                raise SerializationException() from None
        name = self._operations.get(request.target or b"")
        if name is None:
            return self._execute_admin(request, document, query, namespace)
        caller = self._authenticator.check(request.authorization, request.has_date, query)
        if not body:
            raise SerializationException()
        if not isinstance(document, dict):
            raise SerializationException("Unexpected value type in payload")
        if namespace is None and self._splits is None:
            engine = self.namespaces.default
        else:
            engine = self._engine(namespace, caller)
        if engine.hooks is not None:
            return self._execute_with_hooks(engine, name, document, caller[0])
        plain = self._plain.get(name)
        if plain is not None:
            answer = plain(engine, document)
            if answer is not None:
                return answer
        response = self._call(engine, name, document, caller[0], self._account)
        return b"" if response is None else dumps(response)

    def _execute_admin(self, request: Request, document: Any, query: bytes, namespace: str | None) -> bytes:
        """Run what AWS does not have: snapshots and the like as operations, with or without a signature."""
        if request.target not in ADMIN_TARGETS:
            raise UnknownOperationException()
        if namespace is None and self._splits is not None:
            caller = self._authenticator.check(request.authorization, request.has_date, query)
            namespace = self._splits(caller)
        answer: bytes = self.admin.operate(request, document, namespace)
        return answer

    def _execute_with_hooks(self, engine: Any, name: str, document: dict[str, Any], region: str) -> bytes:
        try:
            response = self._call(engine, name, document, region, self._account)
        finally:
            self.delay, self.drops = engine.delay, engine.drops
        return b"" if response is None else dumps(response)

    def _engine(self, namespace: str | None, caller: Caller) -> Any:
        """Return the database that a path or a caller names. Raises: ValidationException for a bad name."""
        try:
            return self.namespaces.get(namespace or self._splits(caller))
        except ValueError as error:
            raise ValidationException(str(error)) from None


def make_wire(namespaces: Any, kind: type[Wire] = Wire) -> Wire:
    """Return the wire of the databases of *namespaces*, with all operations; *kind* is its class."""
    targets = {b"DynamoDB_20120810.%b" % name.encode(): name for name in OPERATIONS}
    targets.update({b"DynamoDBStreams_20120810.%b" % name.encode(): name for name in STREAM_OPERATIONS})
    return kind(namespaces, namespaces.settings, targets, call, plain_answers)


def _decoded(request: Request) -> bytes:
    codings = (request.others or {})[b"content-encoding"]
    try:
        return decode_body(request.body, codings)
    except CodingError:
        raise SerializationException() from None


def _response_type(request: Request) -> bytes | None:
    """Return the content type of the answer, None when the request's own is no type of this service's."""
    if request.content_type is None:
        return None if request.body else AMZ_JSON
    base = request.content_type.partition(b";")[0].strip().lower()
    return base if base in (AMZ_JSON, JSON) else None
