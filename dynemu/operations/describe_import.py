"""DescribeImport."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.documents import find_document
from dynemu.engine.transfer.tasks import IMPORT
from dynemu.errors import ImportNotFoundException
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("DescribeImport")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Describe an import and how far it has come."""
    arn = request["ImportArn"]
    task = find_document(call.view, IMPORT, arn)
    if task is None:
        raise ImportNotFoundException(f"Import not found: {arn}")
    return {"ImportTableDescription": task["description"]}, None


OPERATION = Operation("DescribeImport", SHAPE, run, BARE)
