"""DeleteResourcePolicy."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.policies import delete_policy, get_resource, parse_resource
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("DeleteResourcePolicy")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Take the policy off a table or stream; no policy is no error."""
    resource = get_resource(call, parse_resource(request["ResourceArn"]))
    writes = WriteSet()
    revision = delete_policy(call, writes, resource, request.get("ExpectedRevisionId"))
    return {} if revision is None else {"RevisionId": revision}, writes


OPERATION = Operation("DeleteResourcePolicy", SHAPE, run, BARE)
