"""GetResourcePolicy."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.policies import get_policy, get_resource, parse_resource
from dynemu.engine.policy_documents import shown_policy
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("GetResourcePolicy")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Return the policy of a table or stream."""
    policy = get_policy(get_resource(call, parse_resource(request["ResourceArn"])))
    return {"Policy": shown_policy(policy["document"]), "RevisionId": policy["revision"]}, None


OPERATION = Operation("GetResourcePolicy", SHAPE, run, BARE)
