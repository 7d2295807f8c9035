"""The last requests of a test, for the report when it fails: seen by a plugin, or as they are sent."""

import inspect
from collections import deque
from collections.abc import Callable, Generator
from contextlib import ExitStack
from typing import Any

import orjson

from dynemu.errors import AwsError
from dynemu.hooks import OperationContext, hookimpl
from dynemu.mocking.patching import SERVICES, replace

KEPT = 20
_LONGEST = 300


class Recorder:
    """A plugin that remembers the last *kept* requests and what became of them."""

    def __init__(self, kept: int = KEPT) -> None:
        self._last: deque[tuple[str, Any, str]] = deque(maxlen=kept)
        self.seen = 0
        """Requests since the last ``clear``."""

    def note(self, operation: str, request: Any, outcome: str) -> None:
        """Remember one request, a dict or the JSON of one."""
        self._last.append((operation, request, outcome))
        self.seen += 1

    @hookimpl(wrapper=True, tryfirst=True)
    def after_operation(self, context: OperationContext) -> Generator[None, Any, Any]:
        error: AwsError | None = None
        try:
            result = yield
            error = context.error
        except AwsError as raised:
            error = raised
            raise
        finally:
            outcome = "OK" if error is None else describe(error.code, error.message)
            self.note(context.operation, context.request, outcome)
        return result

    def clear(self) -> None:
        """Forget them."""
        self._last.clear()
        self.seen = 0

    def lines(self) -> list[str]:
        """Return one line for each request, the oldest first."""
        lines = [f"{operation} {shorten(request)} -> {outcome}" for operation, request, outcome in self._last]
        if self.seen > len(lines):
            lines.insert(0, f"({self.seen - len(lines)} requests before these)")
        return lines


def describe(code: str, message: str | None) -> str:
    """Return an error in one line."""
    return f"{code}: {message}" if message else code


def shorten(request: Any) -> str:
    """Return *request* as text, its table first, cut where it gets long."""
    if isinstance(request, (str, bytes)):
        request = orjson.loads(request or b"{}")
    rest = dict(request)
    table = rest.pop("TableName", None)
    text = (f"{table} " if isinstance(table, str) else "") + orjson.dumps(rest, default=str).decode()
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def record(changes: ExitStack, note: Callable[[str, Any, str], None]) -> None:
    """Have *note* told operation, JSON and outcome of requests to DynamoDB, until *changes* end."""
    try:
        import botocore.endpoint  # noqa: PLC0415 - an optional dependency
    except ImportError:
        return

    def make(original: Any) -> Any:
        def make_request(self: Any, operation_model: Any, request_dict: Any) -> Any:
            answered = original(self, operation_model, request_dict)
            if str(operation_model.service_model.service_id.hyphenize()) not in SERVICES:
                return answered
            if inspect.isawaitable(answered):
                note(operation_model.name, request_dict["body"], "sent asynchronously")
            else:
                note(operation_model.name, request_dict["body"], _outcome(answered[1]))
            return answered

        return make_request

    replace(changes, botocore.endpoint.Endpoint, "make_request", make)


def _outcome(parsed: Any) -> str:
    error = parsed.get("Error")
    return "OK" if not error else describe(error.get("Code", ""), error.get("Message"))
