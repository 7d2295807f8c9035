"""DescribeBulkOperation."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.transfer.bulk import find_bulk
from dynemu.errors import ResourceNotFoundException
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

SHAPE = input_shape("DescribeBulkOperation")


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Describe a bulk operation and how far it has come."""
    arn = request["BulkOperationArn"]
    task = find_bulk(call.view, arn)
    if task is None:
        raise ResourceNotFoundException(f"Requested resource not found: Bulk operation: {arn} not found")
    return {"BulkOperationDescription": task["description"]}, None


OPERATION = Operation("DescribeBulkOperation", SHAPE, run, BARE)
