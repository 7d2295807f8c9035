"""RestoreTableToPointInTime."""

from typing import Any

from dynemu.engine.arns import FOREIGN, is_own_account, is_table_arn, parse_arn
from dynemu.engine.backups import check_source
from dynemu.engine.call import Call, table_name
from dynemu.engine.continuous import number_to_restore
from dynemu.engine.describe import describe_new
from dynemu.engine.restore_settings import restored_settings
from dynemu.engine.restores import check_target, restored_schema, start_restore
from dynemu.engine.tables import find_schema
from dynemu.errors import invalid_request, parameter_error, validation
from dynemu.operations import table_members as members
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("RestoreTableToPointInTime", shapes=members.RESTORE_SHAPES)


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Make a new table of an earlier state of one; it is CREATING until all items are there."""
    _check(request)
    name = _source_name(call, request)
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
    names = [name for name in ("SourceTableName", "SourceTableArn") if request.get(name) is not None]
    if not names:
        raise validation("The parameter 'TableName' is required but was not present in the request")
    if len(names) > 1:
        raise invalid_request("Must provide exactly one of: sourceTableArn, sourceTableName")
    has_time, latest = request.get("RestoreDateTime") is not None, request.get("UseLatestRestorableTime")
    if has_time and latest:
        raise invalid_request(
            "Both RestoreDateTime and UseLatestRestorableTime cannot be set for point-in-time restore "
            "request. Please specify either RestoreDateTime time or UseLatestRestorableTime"
        )
    if not has_time and not latest:
        raise invalid_request(
            "Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not both"
        )


def _source_name(call: Call, request: Request) -> str:
    """Return the name of the source. Raises: ValidationException for another account's ARN, or for none."""
    if request.get("SourceTableName") is not None:
        return table_name(request["SourceTableName"])
    text = request["SourceTableArn"]
    if not is_table_arn(text):
        raise parameter_error("sourceTableArn is not a valid ARN")
    arn = parse_arn(text)
    if not is_own_account(call, arn, find_schema(call, arn.table)):
        raise validation(FOREIGN)
    return arn.table


OPERATION = Operation("RestoreTableToPointInTime", SHAPE, run, BARE)
