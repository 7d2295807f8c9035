"""DescribeStream."""

from typing import Any

from dynemu._core.scalars import Integer
from dynemu.engine.call import Call
from dynemu.engine.stream_reads import (
    describe_shard,
    describe_stream,
    find_stream,
    parse_shard_id,
    shards_of,
)
from dynemu.errors import parameter_error
from dynemu.limits import SHARDS_PER_PAGE
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("DescribeStream", members={"Limit": Integer(1, SHARDS_PER_PAGE)})


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet | None]:
    """Describe a stream and a page of its shards, parents before their children."""
    start, only = request.get("ExclusiveStartShardId"), request.get("ShardFilter")
    after = None if start is None else _shard_key(start, "ExclusiveStartShardId")
    if only is not None and (only.get("Type") is None or only.get("ShardId") is None):
        raise parameter_error("Type and ShardId must both be specified in ShardFilter")
    parent = None if only is None else _shard_key(only["ShardId"], "ShardId")
    stream = find_stream(call, request["StreamArn"])
    shards, writes = shards_of(call, stream)
    limit = request.get("Limit") or SHARDS_PER_PAGE
    page = [
        shard
        for shard in shards
        if (after is None or shard.key > after) and (parent is None or shard.parent == parent)
    ]
    description = describe_stream(stream, call.now)
    description["Shards"] = [describe_shard(shard) for shard in page[:limit]]
    if len(page) > limit:
        description["LastEvaluatedShardId"] = page[limit - 1].id
    return {"StreamDescription": description}, writes


def _shard_key(text: str, member: str) -> bytes:
    key = parse_shard_id(text)
    if key is None:
        raise parameter_error(f"Invalid {member}: {text}")
    return key


OPERATION = Operation("DescribeStream", SHAPE, run, BARE)
