"""Calls of boto's clients to DynamoDB, answered without botocore's own work while nobody can see that.

The first call of a client goes botocore's whole way, and tells what its requests are signed with. The next
ones go from the parameters to JSON, to the database, and from JSON to the response. botocore does all of it
again where a program takes part or may see something (``botocore_state``), where parameters may be invalid
(``client_shapes``), and where it may try again: then it gets the answer that there is already.
"""

import uuid
from base64 import b64encode
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import orjson

from dynemu._core.client_shapes import DEEPEST, Node, Unfit
from dynemu.client import Answer, Transport
from dynemu.errors import ConnectionDropped
from dynemu.mocking import botocore_state as state
from dynemu.mocking.botocore_shapes import CONDITIONS, UnknownShape, shapes_of_client, shapes_of_resource
from dynemu.mocking.known_clients import KnownClient, Operation, is_one_of, known_client

_FINAL = (
    "ConditionalCheckFailedException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "TransactionCanceledException",
    "ValidationException",
)
_SUCCESS = SimpleNamespace(status_code=200)


class Call:
    """A call that was answered the fast way; ``parameters`` go to the slow one if that has to take over."""

    __slots__ = ("operation", "outcome", "parameters")

    def __init__(self, operation: Operation, parameters: Any, outcome: Answer | Exception) -> None:
        self.operation = operation
        self.parameters = parameters
        self.outcome = outcome

    @property
    def delay(self) -> float:
        """Seconds by which the answer is to be held back."""
        return 0.0 if isinstance(self.outcome, Exception) else self.outcome.delay

    def response(self, client: Any) -> Any:
        """Return what *client* returns; None when botocore has to see it, as it may want to try again.

        Raises: botocore's ClientError, one of its modelled classes.
        """
        outcome = self.outcome
        if isinstance(outcome, Exception):
            return None
        operation = self.operation
        if outcome.status != 200:
            error = self._read_error(outcome) if outcome.status == 400 else None
            if error is None:
                return None
            raise client.exceptions.from_code(error["Error"]["Code"])(error, operation.name)
        parsed: Any = {}
        if operation.response is not None:
            parsed = operation.response.read(orjson.loads(outcome.body) if outcome.body else {})
        parsed["ResponseMetadata"] = _metadata(outcome)
        if operation.settle is not None:
            operation.settle(context={}, http_response=_SUCCESS)
        return parsed

    def _read_error(self, outcome: Answer) -> dict[str, Any] | None:
        body = orjson.loads(outcome.body)
        code = body["__type"].rpartition("#")[2]
        if code not in self.operation.errors:
            return None
        error = {
            "Error": {"Message": body.get("message", body.get("Message", "")), "Code": code},
            "ResponseMetadata": _metadata(outcome),
        }
        shape = self.operation.errors[code]
        return error if shape is None else error | shape.read(body)

    def retell(self) -> Answer | Exception:
        """Return the outcome for the slow way, which need not wait again."""
        outcome = self.outcome
        return outcome if isinstance(outcome, Exception) else outcome._replace(delay=0.0)


def _metadata(outcome: Answer) -> dict[str, Any]:
    return {
        "RequestId": outcome.headers["x-amzn-requestid"],
        "HTTPStatusCode": outcome.status,
        "HTTPHeaders": outcome.headers,
        "RetryAttempts": 0,
    }


class FastCalls:
    """The fast way for all clients, from the activation of a mock to the end of the last one.

    *watches* are of what the calls would run, *innermost* returns what answers.
    """

    def __init__(self, watches: list[state.Watch], innermost: Callable[[], Transport]) -> None:
        import botocore.history  # noqa: PLC0415 - an optional dependency

        self._recorder = botocore.history.get_global_history_recorder()
        self._watches = watches
        self._resources: state.Watch | None = None
        self._innermost = innermost
        self.active = True

    def find(self, client: Any) -> KnownClient | None:
        """Return what is known of *client*; None when its calls have to go the slow way."""
        if state.is_traced(self._recorder) or not all(watch.holds() for watch in self._watches):
            return None
        return known_client(client)

    def begin(self, known: KnownClient, client: Any, name: str, parameters: Any) -> Call | None:
        """Answer a call; None when that is left to the slow way."""
        if name not in known.operations:
            known.operations[name] = self._prepare(client, name)
        operation = known.operations[name]
        if operation is None or type(parameters) is not dict:
            return None
        if operation.builder is not None:
            if not self._converts():
                return None
            # boto3 copies parameters before anything is done to them.
            parameters = dict(parameters)
        for member in operation.tokens:
            if member not in parameters:
                parameters[member] = str(uuid.uuid4())
        try:
            body = _write(operation, parameters)
        except (Unfit, ArithmeticError, orjson.JSONEncodeError):
            # botocore has to look at it, and to refuse it if it is wrong.
            return None
        outcome: Answer | Exception
        try:
            outcome = self._innermost().ask(operation.target, known.authorization or b"", body)
        except (ConnectionDropped, ValueError) as error:
            outcome = error
        return Call(operation, parameters, outcome)

    def _converts(self) -> bool:
        import boto3.dynamodb.types  # noqa: PLC0415 - an optional dependency

        if self._resources is None:
            self._resources = state.watch_resources()
        return self._resources.holds() and state.has_usual_context(boto3.dynamodb.types)

    def _prepare(self, client: Any, name: str) -> Operation | None:
        service = client.meta.service_model
        try:
            handlers = state.handlers_of(client.meta.events._emitter, service.service_id.hyphenize(), name)
            return _make_operation(service, name, handlers)
        except (state.Foreign, UnknownShape):
            return None


def _make_operation(service: Any, name: str, handlers: dict[str, Any]) -> Operation | None:
    import botocore.parsers  # noqa: PLC0415 - an optional dependency

    model = service.operation_model(name)
    parse_timestamp = botocore.parsers.DEFAULT_TIMESTAMP_PARSER
    registered = state.RESOURCE & handlers.keys()
    conditions: dict[str, bool] = {}
    builder = None
    if not registered:
        shapes = shapes_of_client(service, parse_timestamp)
    elif registered != state.RESOURCE or not _is_usual_injector(handlers):
        return None
    else:
        import boto3.dynamodb.types  # noqa: PLC0415 - an optional dependency

        shapes = shapes_of_resource(service, parse_timestamp, boto3.dynamodb.types)
        builder = handlers[state.INPUT].__self__._condition_builder
        members = model.input_shape.members if model.input_shape else {}
        conditions = {
            name: CONDITIONS[each.name] for name, each in members.items() if each.name in CONDITIONS
        }
    settle = handlers.get(state.QUOTA)
    errors = _final_errors(service, model, parse_timestamp)
    target = f"{model.metadata['targetPrefix']}.{model.name}".encode()
    tokens = tuple(model.idempotent_members) if state.TOKENS in handlers else ()
    return Operation(name, target, *shapes.find(model), errors, tokens, settle, conditions, builder)


def _final_errors(service: Any, operation: Any, parse_timestamp: Any) -> dict[str, Node | None]:
    """Return the errors that botocore neither retries nor converts, as far as they are frequent."""
    output = operation.output_shape.members if operation.output_shape else {}
    shapes = shapes_of_client(service, parse_timestamp)
    errors: dict[str, Node | None] = {}
    for code in _FINAL:
        shape = service.shape_for_error_code(code)
        if shape is None:
            errors[code] = None
        elif not shape.metadata.get("retryable") and not output.keys() & shape.members.keys():
            errors[code] = shapes.find_error(shape)
    return errors


def _is_usual_injector(handlers: dict[str, Any]) -> bool:
    injector = handlers[state.INPUT].__self__
    same = (state.CONDITIONS, state.OUTPUT)
    return (
        all(handlers[name].__self__ is injector for name in same)
        and is_one_of(injector._serializer, ("boto3.dynamodb.types:TypeSerializer",))
        and is_one_of(injector._deserializer, ("boto3.dynamodb.types:TypeDeserializer",))
        and is_one_of(injector._transformer, ("boto3.dynamodb.transform:ParameterTransformer",))
    )


def _write(operation: Operation, parameters: dict[str, Any]) -> bytes:
    """Return *parameters* as JSON. Raises: Unfit and others, when botocore has to look at them."""
    if operation.builder is not None:
        parameters = _write_conditions(operation, parameters)
    request = operation.request
    if request is None:
        if parameters:
            raise Unfit
    elif request.converts:
        parameters = request.write(parameters, DEEPEST)
    elif not request.accepts(parameters, DEEPEST):
        raise Unfit
    return orjson.dumps(parameters, default=_encode)


def _encode(value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        return b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is not a value of the wire")


def _write_conditions(operation: Operation, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return *parameters* with boto3's conditions as text, and their names and values beside it."""
    from boto3.dynamodb.conditions import ConditionBase  # noqa: PLC0415 - an optional dependency

    found = [name for name in parameters if name in operation.conditions]
    found = [name for name in found if isinstance(parameters[name], ConditionBase)]
    if not found:
        return parameters
    names, values = (parameters.get(f"ExpressionAttribute{part}", {}) for part in ("Names", "Values"))
    if type(names) is not dict or type(values) is not dict:
        raise Unfit
    written, names, values = dict(parameters), dict(names), dict(values)
    operation.builder.reset()
    # boto3 numbers the placeholders of conditions about keys last.
    for name in sorted(found, key=operation.conditions.__getitem__):
        built = operation.builder.build_expression(parameters[name], operation.conditions[name])
        written[name] = built.condition_expression
        names |= built.attribute_name_placeholders
        values |= built.attribute_value_placeholders
    if names:
        written["ExpressionAttributeNames"] = names
    if values:
        written["ExpressionAttributeValues"] = values
    return written
