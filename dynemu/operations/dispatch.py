"""The one door to the operations: shape, body, commit."""

from typing import Any

from dynemu._core.shapes import check_request
from dynemu.engine.database import Engine
from dynemu.errors import UnknownOperationException, ValidationException
from dynemu.operations import find_operation, get_loaded
from dynemu.operations.operation import BARE, ENVELOPE, Operation


def call(
    engine: Engine, name: str, request: dict[str, Any], region: str, account: str
) -> dict[str, Any] | None:
    """Answer one request, which is changed in place to its canonical form.

    Returns: the response, with stored items as ``orjson.Fragment``; None for an empty body.
    Raises: AwsError, ready for the wire.
    """
    if engine.hooks is not None:
        return _call_with_hooks(engine, name, request, region, account)
    return _operate(engine, name, request, region, account)


def _call_with_hooks(
    engine: Engine, name: str, request: dict[str, Any], region: str, account: str
) -> dict[str, Any] | None:
    hooks = engine.hooks
    assert hooks is not None
    context = hooks.context(name, request, engine.name, region, account)
    engine.context = context
    try:
        return hooks.run(context, lambda changed: _operate(engine, name, changed, region, account))
    finally:
        engine.context = None
        engine.delay = context.delay
        engine.drops = context.drops


def _operate(
    engine: Engine, name: str, request: dict[str, Any], region: str, account: str
) -> dict[str, Any] | None:
    operation = get_loaded(name) or find_operation(name)
    if operation is None:
        raise UnknownOperationException()
    try:
        check_request(operation.shape, request)
        return engine.execute(operation.run, request, region, account)
    except ValidationException as error:
        if error.request_level and operation.wording is not BARE:
            raise reworded(error, operation) from error
        raise


def reworded(error: ValidationException, operation: Operation) -> ValidationException:
    """Return *error* in the words of the validator that *operation* runs on."""
    if operation.wording is ENVELOPE:
        return ValidationException(f"1 validation error detected: {error}")
    return ValidationException(error.older or str(error))
