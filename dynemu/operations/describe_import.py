"""DescribeImport."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.transfer.imports import describe_import
from dynemu.engine.transfer.tasks import IMPORT, get_task
from dynemu.errors import ImportNotFoundException
from dynemu.operations.api import input_shape
from dynemu.operations.arn_shapes import IMPORT_ARN
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("DescribeImport", shapes={"ImportArn": IMPORT_ARN})


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Describe an import and how far it has come."""
    arn = request["ImportArn"]
    task = get_task(call, IMPORT, arn, ImportNotFoundException(f"Import not found: {arn}"))
    return {"ImportTableDescription": describe_import(task["description"])}, None


OPERATION = Operation("DescribeImport", SHAPE, run, BARE)
