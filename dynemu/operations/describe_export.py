"""DescribeExport."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.documents import find_document
from dynemu.engine.transfer.tasks import EXPORT
from dynemu.errors import ExportNotFoundException
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("DescribeExport")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Describe an export."""
    arn = request["ExportArn"]
    task = find_document(call.view, EXPORT, arn)
    if task is None:
        raise ExportNotFoundException(f"Export not found: {arn}")
    return {"ExportDescription": task["description"]}, None


OPERATION = Operation("DescribeExport", SHAPE, run, BARE)
