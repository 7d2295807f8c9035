"""StartBulkPutItems: put items of objects in a bucket into a table."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.tables import check_is_open, get_schema, in_use
from dynemu.engine.transfer.bulk import start_bulk_puts
from dynemu.engine.transfer.tasks import BULK, find_answered
from dynemu.errors import IdempotentParameterMismatchException, constraint_error
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("StartBulkPutItems")
_MISMATCH = (
    "DynamoDB rejected the request because you retried a request with a different payload but with an "
    "idempotent token that was already used."
)


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet | None]:
    """Begin to put items; requests to the table go on meanwhile."""
    if request["OutputS3Configuration"].get("S3Bucket") is None:
        raise constraint_error(
            [
                "Value null at 'outputS3Configuration.s3Bucket' failed to satisfy constraint: "
                "Member must not be null"
            ]
        )
    answered = find_answered(call, BULK, request, IdempotentParameterMismatchException(_MISMATCH))
    if answered is not None:
        return {"BulkOperationDescription": answered["description"]}, None
    schema = get_schema(call, table_name(request["TableName"]))
    check_is_open(schema)
    if any(index.status == "CREATING" for index in schema.all_indexes):
        raise in_use(f"Table: {schema.name} is in the process of being updated.")
    writes = WriteSet()
    return {"BulkOperationDescription": start_bulk_puts(call, writes, request, schema)}, writes


OPERATION = Operation("StartBulkPutItems", SHAPE, run, BARE)
