"""UntagResource."""

from dynemu._core.scalars import String
from dynemu._core.shapes import List, Structure
from dynemu.engine.call import Call
from dynemu.engine.tags import check_keys, get_tagged, parse_tagged, remove_tags
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = Structure({"ResourceArn": String(), "TagKeys": List(String())}, (), "UntagResourceInput")


def run(call: Call, request: Request) -> tuple[None, WriteSet]:
    """Take tags off a table, those that it has; the answer has an empty body."""
    arn = parse_tagged(request.get("ResourceArn"))
    keys = request.get("TagKeys") or []
    check_keys(keys)
    writes = WriteSet()
    remove_tags(call, writes, get_tagged(call, arn), arn, keys)
    return None, writes


OPERATION = Operation("UntagResource", SHAPE, run, BARE)
