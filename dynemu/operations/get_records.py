"""GetRecords."""

from typing import Any

from dynemu._core.scalars import Integer
from dynemu.engine.call import Call
from dynemu.engine.stream_pages import read_records
from dynemu.limits import RECORDS_PER_PAGE
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("GetRecords", members={"Limit": Integer(1, RECORDS_PER_PAGE)})


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet | None]:
    """Return records of a shard and where to read on; nowhere at the end of a closed one."""
    return read_records(call, request["ShardIterator"], request.get("Limit") or RECORDS_PER_PAGE)


OPERATION = Operation("GetRecords", SHAPE, run, BARE)
