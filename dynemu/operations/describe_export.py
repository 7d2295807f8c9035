"""DescribeExport."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.transfer.tasks import EXPORT, get_task
from dynemu.errors import ExportNotFoundException
from dynemu.operations.api import input_shape
from dynemu.operations.arn_shapes import EXPORT_ARN
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("DescribeExport", shapes={"ExportArn": EXPORT_ARN})


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Describe an export."""
    arn = request["ExportArn"]
    task = get_task(call, EXPORT, arn, ExportNotFoundException(f"Export not found: Export not found: {arn}"))
    return {"ExportDescription": task["description"]}, None


OPERATION = Operation("DescribeExport", SHAPE, run, BARE)
