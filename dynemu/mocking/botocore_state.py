"""Tells whether botocore is as it came: what a program registered, wrapped or asked to be logged is in use.

Only then is a call answered without botocore's own work, of which nothing could be seen (``fast_calls``).
"""

import importlib
import logging
import sys
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

_LOGGERS = tuple(
    logging.getLogger(f"botocore.{module}")
    for module in ("client", "endpoint", "handlers", "hooks", "parsers", "regions", "retryhandler")
)
_ENDPOINT = (
    "_do_get_response",
    "_get_response",
    "_needs_retry",
    "_send",
    "_send_request",
    "create_request",
    "make_request",
    "prepare_request",
)
_CLIENT = ("_convert_to_request_dict", "_emit_api_params", "_make_request", "_resolve_endpoint_ruleset")
_WATCHED = {
    "botocore.client:BaseClient": _CLIENT,
    "botocore.endpoint:Endpoint": _ENDPOINT,
    "botocore.hooks:EventAliaser": ("emit", "emit_until_response"),
    "botocore.hooks:HierarchicalEmitter": ("emit", "emit_until_response"),
    "botocore.parsers:JSONParser": ("parse",),
    "botocore.serialize:JSONSerializer": ("serialize_to_request",),
    "botocore.signers:RequestSigner": ("get_auth_instance", "handler", "sign"),
    "botocore.validate:ParamValidator": ("_validate", "validate"),
}
_WATCHED_ASYNC = {
    "aiobotocore.client:AioBaseClient": _CLIENT,
    "aiobotocore.endpoint:AioEndpoint": _ENDPOINT,
    "aiobotocore.signers:AioRequestSigner": ("get_auth_instance", "handler", "sign"),
}
_TAGS = ("n", "s", "b", "ss", "ns", "bs", "l", "m")
_WATCHED_RESOURCES = {
    "boto3.dynamodb.transform:ParameterTransformer": ("transform",),
    "boto3.dynamodb.transform:TransformationInjector": (
        "inject_attribute_value_input",
        "inject_attribute_value_output",
        "inject_condition_expressions",
    ),
    "boto3.dynamodb.types:TypeDeserializer": (
        "deserialize",
        *(f"_deserialize_{tag}" for tag in (*_TAGS, "null", "bool")),
    ),
    "boto3.dynamodb.types:TypeSerializer": (
        "serialize",
        "_get_dynamodb_type",
        *(f"_is_{kind}" for kind in ("binary", "boolean", "listlike", "map", "null", "number", "set")),
        *(f"_is_{kind}" for kind in ("string", "type_set")),
        *(f"_serialize_{tag}" for tag in (*_TAGS, "null", "bool")),
    ),
}
_OURS = ("aiobotocore", "boto3", "botocore", "dynemu")

COPY = "boto3.dynamodb.transform:copy_dynamodb_params"
INPUT = "boto3.dynamodb.transform:TransformationInjector.inject_attribute_value_input"
CONDITIONS = "boto3.dynamodb.transform:TransformationInjector.inject_condition_expressions"
OUTPUT = "boto3.dynamodb.transform:TransformationInjector.inject_attribute_value_output"
TOKENS = "botocore.handlers:generate_idempotent_uuid"
QUOTA = "botocore.retries.standard:RetryQuotaChecker.release_retry_quota"
RESOURCE = frozenset((COPY, INPUT, CONDITIONS, OUTPUT))
"""What boto3's resources register; all of it or nothing."""

_KNOWN: dict[str, tuple[str, ...]] = {
    "provide-client-params": (COPY,),
    "before-parameter-build": (
        CONDITIONS,
        INPUT,
        "botocore.discovery:block_endpoint_discovery_required_operations",
        "botocore.handlers:_handle_request_validation_mode_member",
        TOKENS,
    ),
    "before-endpoint-resolution": (),
    "before-call": (
        "aiobotocore.handlers:inject_api_version_header_if_needed",
        "botocore.handlers:add_recursion_detection_header",
        "botocore.handlers:inject_api_version_header_if_needed",
    ),
    "request-created": (
        "aiobotocore.signers:AioRequestSigner.handler",
        "botocore.handlers:add_retry_headers",
        "botocore.retries.standard:MaxAttemptsSeeder.seed_max_attempts",
        "botocore.signers:RequestSigner.handler",
        "botocore.useragent:UserAgentString.rebuild_and_replace_user_agent_handler",
    ),
    "choose-signer": (
        "botocore.handlers:_set_auth_scheme_preference_signer",
        "botocore.handlers:set_operation_specific_signer",
    ),
    "before-sign": (),
    # It leaves requests to DynamoDB alone while a mock is active (``patching``).
    "before-send": ("moto.core.botocore_stubber:BotocoreStubber",),
    "response-received": (),
    "before-parse": (),
    "needs-retry": (
        "aiobotocore.retries.standard:AioRetryHandler.needs_retry",
        "aiobotocore.retryhandler:AioRetryHandler",
        "botocore.retries.standard:RetryHandler.needs_retry",
        "botocore.retryhandler:RetryHandler",
    ),
    "after-call": (OUTPUT, QUOTA),
    "after-call-error": (),
}
"""What botocore and boto3 register for each event of a call. When the call succeeds, none of it does
anything to see but what ``fast_calls`` does in its place."""


class Foreign(Exception):
    """Something in botocore is not its own."""


def name_handler(handler: Any) -> str:
    """Return ``module:name`` of a handler: a function, a method, or the class of what is called."""
    function = getattr(handler, "__func__", handler)
    if not hasattr(function, "__qualname__"):
        function = type(handler)
    name = f"{function.__module__}:{function.__qualname__}"
    if _resolve(name) is not function:
        raise Foreign(name)
    return name


def _resolve(name: str) -> Any:
    module, _, path = name.partition(":")
    try:
        return attrgetter(path)(sys.modules[module])
    except (AttributeError, KeyError):
        return None


def handlers_of(emitter: Any, service: str, operation: str) -> dict[str, Any]:
    """Return the handlers of all events of a call by their names. Raises: Foreign."""
    found: dict[str, Any] = {}
    for event, known in _KNOWN.items():
        for handler in emitter._handlers.prefix_search(f"{event}.{service}.{operation}"):
            name = name_handler(handler)
            if name not in known or found.get(name, handler) != handler:
                raise Foreign(f"{event}: {name}")
            found[name] = handler
    return found


class Watch:
    """The functions of botocore that a call would run, as they are when this is made."""

    def __init__(self, names: dict[str, tuple[str, ...]]) -> None:
        pairs = [(owner, attrgetter(*attributes)) for owner, attributes in _load(names)]
        self._pairs = pairs
        self._expected = [look(owner) for owner, look in pairs]
        self.sound = all(map(is_original, _functions(names)))
        """Whether all of them were botocore's own, or a mock's, then."""

    def holds(self) -> bool:
        """Tell whether nothing was put in the place of any of them."""
        for (owner, look), expected in zip(self._pairs, self._expected, strict=True):
            if look(owner) != expected:
                return False
        return self.sound


def _load(names: dict[str, tuple[str, ...]]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for name, attributes in names.items():
        module, _, path = name.partition(":")
        yield getattr(importlib.import_module(module), path), attributes


def _functions(names: dict[str, tuple[str, ...]]) -> Iterator[Any]:
    for owner, attributes in _load(names):
        for attribute in attributes:
            yield getattr(owner, attribute)


def is_original(function: Any) -> bool:
    """Tell whether *function* is one of botocore's, aiobotocore's or boto3's own, or of a mock."""
    # A function that another one wraps keeps the name of its module, but not its globals.
    scope = getattr(function, "__globals__", {})
    return type(function).__name__ == "function" and scope.get("__name__", "").partition(".")[0] in _OURS


def watch_clients() -> Watch:
    """Watch what calls of clients run."""
    return Watch(_WATCHED)


def watch_async_clients() -> Watch:
    """Watch what calls of aiobotocore's clients run, beside that of botocore."""
    return Watch(_WATCHED_ASYNC)


def watch_resources() -> Watch:
    """Watch what boto3's resources convert values with."""
    return Watch(_WATCHED_RESOURCES)


def has_usual_context(types: Any) -> bool:
    """Tell whether the decimal context of ``boto3.dynamodb.types`` keeps as many digits as it came with."""
    context = types.DYNAMODB_CONTEXT
    return (context.prec, context.Emin, context.Emax) == (38, -128, 126)


def is_traced(recorder: Any) -> bool:
    """Tell whether somebody reads along: debugging messages, or botocore's history *recorder*."""
    if recorder._enabled:
        return True
    return any(logger.isEnabledFor(logging.DEBUG) for logger in _LOGGERS)
