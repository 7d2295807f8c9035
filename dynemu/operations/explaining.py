"""Tells how a statement would be carried out: what ``Database.explain``, the command and a server share.

AWS has no such operation, and refuses EXPLAIN in a statement.
"""

from collections.abc import Mapping
from typing import Any

from dynemu._core.shapes import check_request
from dynemu.engine.call import Call
from dynemu.engine.database import Engine
from dynemu.engine.statements.explaining import describe, explain, to_document
from dynemu.errors import AwsError, ValidationException
from dynemu.operations.dispatch import reworded
from dynemu.operations.execute_statement import OPERATION
from dynemu.operations.operation import Answer, Request


def run(call: Call, request: Request) -> Answer:
    consistent = request.get("ConsistentRead") is True
    step = explain(call, request["Statement"], request.get("Parameters") or (), consistent=consistent)
    return {"plan": to_document(step), "text": "\n".join(describe(step))}, None


def explain_statement(engine: Engine, request: Request, region: str, account: str) -> dict[str, Any]:
    """Return the plan of *request*, which has members of ExecuteStatement, as JSON and as text.

    With fewer parameters than the statement has, nothing is estimated. Raises: AwsError.
    """
    try:
        check_request(OPERATION.shape, request)
        return engine.execute(run, request, region, account) or {}
    except ValidationException as error:
        raise (reworded(error, OPERATION) if error.request_level else error) from None


def answer_admin(engine: Engine, members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plan for a request of the admin API: ``statement``, ``parameters`` and ``consistent``.

    Raises: ValueError with what AWS would answer.
    """
    request = make_request(
        members.get("statement"), members.get("parameters"), members.get("consistent") is True
    )
    settings = engine.settings
    try:
        return explain_statement(engine, request, settings.region, settings.account_id)
    except AwsError as error:
        raise ValueError(error.message or error.code) from None


def make_request(statement: Any, parameters: Any, consistent: bool) -> Request:
    """Return the request of ExecuteStatement that is to be explained."""
    request: Request = {"Statement": statement, "ConsistentRead": consistent}
    return {**request, "Parameters": parameters} if parameters else request
