"""ListStreams."""

from itertools import islice
from typing import Any

from dynemu._core.scalars import Integer
from dynemu.engine.call import Call
from dynemu.engine.stream_reads import list_streams
from dynemu.limits import STREAMS_PER_PAGE
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("ListStreams", members={"Limit": Integer(1, STREAMS_PER_PAGE)})


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """List streams by the names of their tables and their age, those disabled within a day included."""
    limit = request.get("Limit") or STREAMS_PER_PAGE
    streams = list_streams(call, request.get("TableName"), request.get("ExclusiveStartStreamArn"))
    page = list(islice(streams, limit + 1))
    answer: dict[str, Any] = {
        "Streams": [
            {"StreamArn": stream.arn, "TableName": stream.table, "StreamLabel": stream.label}
            for stream in page[:limit]
        ]
    }
    if len(page) > limit:
        answer["LastEvaluatedStreamArn"] = page[limit - 1].arn
    return answer, None


OPERATION = Operation("ListStreams", SHAPE, run, BARE)
