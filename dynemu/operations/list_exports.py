"""ListExports."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.transfer.tasks import EXPORT, decode_token, encode_token, list_tasks
from dynemu.limits import TASKS_PER_PAGE
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("ListExports")
_MEMBERS = ("ExportArn", "ExportStatus", "ExportType")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """List exports of the last 90 days, in reverse order of their ARNs."""
    found, last = list_tasks(
        call,
        EXPORT,
        request.get("TableArn"),
        request.get("MaxResults") or TASKS_PER_PAGE,
        decode_token(request.get("NextToken")),
    )
    answer: dict[str, Any] = {
        "ExportSummaries": [{name: description[name] for name in _MEMBERS} for description in found]
    }
    if last is not None:
        answer["NextToken"] = encode_token(last)
    return answer, None


OPERATION = Operation("ListExports", SHAPE, run, BARE)
