"""RestoreTableToPointInTime."""

from typing import Any

from dynemu.engine.backups import check_source
from dynemu.engine.call import Call, table_name
from dynemu.engine.continuous import number_to_restore
from dynemu.engine.describe import describe_new
from dynemu.engine.restore_settings import restored_settings
from dynemu.engine.restores import check_target, restored_schema, start_restore
from dynemu.engine.tables import find_schema
from dynemu.errors import validation
from dynemu.operations import table_members as members
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("RestoreTableToPointInTime", shapes=members.TABLE_SHAPES)


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Make a new table of an earlier state of one; it is CREATING until all items are there."""
    _check(request)
    name = table_name(request.get("SourceTableName") or request["SourceTableArn"])
    source = find_schema(call, name)
    if source is None or source.status != "CREATING":
        # One that is being created has no recovery yet, which is the error that the API reference lists.
        source = check_source(source, name)
    number, time = number_to_restore(call.view, source, request.get("RestoreDateTime"), call.now)
    check_target(call, request["TargetTableName"])
    settings = restored_settings(call, source, request)
    writes = WriteSet()
    count = 1 + len(settings["indexes"]) + len(settings["vector_indexes"])
    first_id = call.catalogue.allocate_ids(call.view, writes, count)
    target = restored_schema(call, source, request["TargetTableName"], first_id, **settings)
    shown = start_restore(call, writes, source, target, number, time=time, backup=None)
    return {"TableDescription": describe_new(call.view, shown)}, writes


def _check(request: Request) -> None:
    """Raise ValidationException for a request that names no source or time, or two."""
    for first, second in (
        ("SourceTableName", "SourceTableArn"),
        ("RestoreDateTime", "UseLatestRestorableTime"),
    ):
        given = [name for name in (first, second) if request.get(name)]
        if not given:
            raise validation(f"One of {first} or {second} must be specified")
        if len(given) > 1:
            raise validation(f"Only one of {first} or {second} can be specified")


OPERATION = Operation("RestoreTableToPointInTime", SHAPE, run, BARE)
