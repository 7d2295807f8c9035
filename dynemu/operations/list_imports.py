"""ListImports."""

from typing import Any

from dynemu._core.scalars import String
from dynemu.engine.call import Call
from dynemu.engine.transfer.tasks import IMPORT, decode_token, encode_token, list_tasks
from dynemu.limits import TASKS_PER_PAGE
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("ListImports", members={"NextToken": String()})
_MEMBERS = (
    "ImportArn",
    "ImportStatus",
    "TableArn",
    "S3BucketSource",
    "CloudWatchLogGroupArn",
    "InputFormat",
    "StartTime",
    "EndTime",
)
_TOKEN_BYTES = 56
"""The model says that tokens have 112 characters at least, which SDKs check."""


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """List imports of the last 90 days, the latest of a table first."""
    found, last = list_tasks(
        call,
        IMPORT,
        request.get("TableArn"),
        request.get("PageSize") or TASKS_PER_PAGE,
        decode_token(request.get("NextToken")),
    )
    summaries = [
        {name: description[name] for name in _MEMBERS if name in description} for description in found
    ]
    answer: dict[str, Any] = {"ImportSummaryList": summaries}
    if last is not None:
        answer["NextToken"] = encode_token(last, _TOKEN_BYTES)
    return answer, None


OPERATION = Operation("ListImports", SHAPE, run, BARE)
