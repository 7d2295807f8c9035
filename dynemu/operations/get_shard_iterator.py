"""GetShardIterator."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.stream_pages import make_iterator
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("GetShardIterator")


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet | None]:
    """Return an iterator for a place in a shard, good for 15 minutes."""
    token, writes = make_iterator(call, request)
    return {"ShardIterator": token}, writes


OPERATION = Operation("GetShardIterator", SHAPE, run, BARE)
