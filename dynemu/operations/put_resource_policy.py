"""PutResourcePolicy."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.policies import get_resource, parse_resource, put_policy
from dynemu.engine.policy_documents import parse_policy
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("PutResourcePolicy")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Set the policy of a table or stream."""
    arn = parse_resource(request["ResourceArn"])
    document = parse_policy(request["Policy"], for_stream=arn.stream is not None)
    resource = get_resource(call, arn)
    writes = WriteSet()
    confirmed = request.get("ConfirmRemoveSelfResourceAccess") is True
    revision = put_policy(
        call, writes, resource, document, request.get("ExpectedRevisionId"), confirmed=confirmed
    )
    return {"RevisionId": revision}, writes


OPERATION = Operation("PutResourcePolicy", SHAPE, run, BARE)
