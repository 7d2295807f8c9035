"""CancelBulkOperation."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.transfer.bulk import CANCELLING, cancel_bulk, find_bulk
from dynemu.errors import ResourceNotFoundException, validation
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("CancelBulkOperation")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Stop a bulk operation; what it has written stays."""
    arn = request["BulkOperationArn"]
    task = find_bulk(call.view, arn)
    if task is None:
        raise ResourceNotFoundException(f"Requested resource not found: Bulk operation: {arn} not found")
    writes = WriteSet()
    status = cancel_bulk(call.view, writes, task)
    if status != CANCELLING:
        raise validation(f"Bulk operation cannot be cancelled because its status is {status}: {arn}")
    return {"BulkOperationArn": arn, "BulkOperationStatus": status}, writes


OPERATION = Operation("CancelBulkOperation", SHAPE, run, BARE)
