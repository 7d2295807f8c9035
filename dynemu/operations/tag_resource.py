"""TagResource."""

from dynemu._core.scalars import String
from dynemu._core.shapes import List, Structure
from dynemu.engine.call import Call
from dynemu.engine.tags import add_tags, check_new_tags, get_tagged, parse_tagged
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import TABLE_SHAPES
from dynemu.storage.base import WriteSet

SHAPE = Structure({"ResourceArn": String(), "Tags": List(TABLE_SHAPES["Tag"])}, (), "TagResourceInput")


def run(call: Call, request: Request) -> tuple[None, WriteSet]:
    """Set tags of a table or a live stream; the answer has an empty body."""
    arn = parse_tagged(request.get("ResourceArn"))
    tags = check_new_tags(request.get("Tags"))
    writes = WriteSet()
    add_tags(call, writes, get_tagged(call, arn), arn, tags)
    return None, writes


OPERATION = Operation("TagResource", SHAPE, run, BARE)
