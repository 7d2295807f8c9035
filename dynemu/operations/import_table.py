"""ImportTable: a new table out of objects in a bucket."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.tables import check_name_is_free, count_ids, new_schema
from dynemu.engine.transfer.imports import start_import
from dynemu.engine.transfer.tasks import IMPORT, check_room, find_answered
from dynemu.errors import ImportConflictException, invalid_request
from dynemu.limits import IMPORTS
from dynemu.operations import table_members as members
from dynemu.operations.api import input_shape
from dynemu.operations.create_table import check_new_table
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape(
    "ImportTable",
    shapes=members.TABLE_SHAPES,
)
_CONFLICT = "Import conflict: Duplicate request detected with conflicting parameters"


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet | None]:
    """Begin to import; the table is CREATING until all has been read."""
    if request.get("InputFormatOptions") is not None and request["InputFormat"] != "CSV":
        raise invalid_request(
            f"Unsupported InputFormatOptions for the given input format: {request['InputFormat']}."
        )
    answered = find_answered(call, IMPORT, request, ImportConflictException(_CONFLICT))
    if answered is not None:
        if answered["description"]["ImportStatus"] != "IN_PROGRESS":
            check_name_is_free(call, request["TableCreationParameters"]["TableName"])
        return {"ImportTableDescription": answered["description"]}, None
    parameters = request["TableCreationParameters"]
    check_new_table(call, parameters)
    check_name_is_free(call, parameters["TableName"])
    check_room(call.view, IMPORT, IMPORTS)
    writes = WriteSet()
    first_id = call.catalogue.allocate_ids(call.view, writes, count_ids(parameters))
    schema = new_schema(call, parameters["TableName"], parameters, first_id)
    return {"ImportTableDescription": start_import(call, writes, request, schema)}, writes


OPERATION = Operation("ImportTable", SHAPE, run, BARE)
