"""ListBulkOperations."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.transfer.tasks import BULK, decode_token, encode_token, list_tasks
from dynemu.limits import BULK_OPERATIONS_PER_PAGE
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("ListBulkOperations")
_MEMBERS = ("BulkOperationArn", "BulkOperationStatus", "StartTime", "EndTime")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """List bulk operations of the last 90 days, the latest first."""
    limit = request.get("MaxResults") or BULK_OPERATIONS_PER_PAGE
    found, last = list_tasks(call, BULK, None, limit, decode_token(request.get("NextToken")))
    summaries = [
        {name: description[name] for name in _MEMBERS if name in description} for description in found
    ]
    answer: dict[str, Any] = {"BulkOperationsSummaryList": summaries}
    if last is not None:
        answer["NextToken"] = encode_token(last)
    return answer, None


OPERATION = Operation("ListBulkOperations", SHAPE, run, BARE)
