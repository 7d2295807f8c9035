"""Reading streams as consumers do: all pages of shards, parents before children, each shard to its end."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson

Ask = Callable[..., Any]
"""Answers an operation: ``ask("ListStreams", TableName="things")``."""


def all_shards(ask: Ask, arn: str, limit: int = 100, **more: Any) -> list[Any]:
    """Return the shards of all pages of DescribeStream."""
    found: list[Any] = []
    start: dict[str, str] = {}
    while True:
        description = ask("DescribeStream", StreamArn=arn, Limit=limit, **start, **more)["StreamDescription"]
        found += description["Shards"]
        if "LastEvaluatedShardId" not in description:
            return found
        start = {"ExclusiveStartShardId": description["LastEvaluatedShardId"]}


def in_order(shards: list[Any]) -> Iterator[str]:
    """Iterate over the ids of *shards*, each behind its parent."""
    waiting = {shard["ShardId"]: shard.get("ParentShardId") for shard in shards}
    while waiting:
        ready = [shard for shard, parent in waiting.items() if parent not in waiting]
        assert ready, f"no shard of {waiting} comes first"
        for shard in ready:
            del waiting[shard]
            yield shard


def iterator(ask: Ask, arn: str, shard: str, kind: str = "TRIM_HORIZON", **more: Any) -> str:
    """Return a shard iterator."""
    request = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": kind, **more}
    return str(ask("GetShardIterator", **request)["ShardIterator"])


def read_on(ask: Ask, token: str | None, limit: int = 1000) -> list[Any]:
    """Return the records from an iterator on, to the end of the shard, or its tip while it is open."""
    records: list[Any] = []
    while token is not None:
        answer = ask("GetRecords", ShardIterator=token, Limit=limit)
        records += answer["Records"]
        token = answer.get("NextShardIterator")
        if not answer["Records"]:
            break
    return records


def all_records(ask: Ask, arn: str, limit: int = 1000, page: int = 100) -> list[Any]:
    """Return the records of all shards of a stream."""
    return [
        record
        for shard in in_order(all_shards(ask, arn, page))
        for record in read_on(ask, iterator(ask, arn, shard), limit)
    ]


def key_of(keys: Any) -> bytes:
    """Return something that tells the item with these key attributes from others."""
    return orjson.dumps(keys, option=orjson.OPT_SORT_KEYS)


def replay(records: list[Any]) -> dict[bytes, Any]:
    """Return the items that *records* of both images lead to; each has to fit what came before."""
    items: dict[bytes, Any] = {}
    seen = set()
    for record in records:
        change, key = record["dynamodb"], key_of(record["dynamodb"]["Keys"])
        assert record["eventID"] not in seen
        seen.add(record["eventID"])
        assert items.get(key) == change.get("OldImage"), record
        event = "INSERT" if key not in items else "MODIFY" if "NewImage" in change else "REMOVE"
        assert record["eventName"] == event
        if "NewImage" in change:
            items[key] = change["NewImage"]
        else:
            del items[key]
    return items
