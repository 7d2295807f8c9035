"""Shards: shared out by hash, rotated on request and by the clock, described in pages."""

from collections import defaultdict
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.operations.conftest import Requests
from tests.operations.test_stream_records import create, stream_of
from tests.stream_reading import all_records, all_shards, in_order, iterator, key_of, read_on, replay

HOUR = 3600
START = 1_700_000_000
FIRST = 10**20


def put(db: Requests, *names: object) -> None:
    for name in names:
        db.put(pk={"S": str(name)}, sk={"S": "1"}, at={"N": str(db.clock.time)})


def names(records: list[Any]) -> list[str]:
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in records]


def read(db: Requests, arn: str, shard: str) -> list[str]:
    return names(read_on(db, iterator(db, arn, shard)))


def shared_out(db: Requests, shards: int) -> str:
    """Create the table ``things`` with a stream of several shards."""
    db.engine.settings = replace(db.engine.settings, stream_shards=shards)
    return create(db)


def test_a_stream_begins_with_one_open_shard(db: Requests) -> None:
    arn = create(db)
    put(db, "a")
    (shard,) = all_shards(db, arn)
    assert shard == {
        "ShardId": shard["ShardId"],
        "SequenceNumberRange": {"StartingSequenceNumber": str(FIRST + 1)},
    }
    assert shard["ShardId"][:29] == "shardId-00000001700000000000-"
    assert len(shard["ShardId"]) == 37


def test_a_rotated_shard_is_read_to_its_end(db: Requests) -> None:
    arn = create(db)
    put(db, "a", "b")
    (child,) = db.engine.rotate_shards(arn)
    put(db, "c")
    parent, described = all_shards(db, arn)
    assert parent["SequenceNumberRange"] == {
        "StartingSequenceNumber": str(FIRST + 1),
        "EndingSequenceNumber": str(FIRST + 3),
    }
    assert described == {
        "ShardId": child,
        "ParentShardId": parent["ShardId"],
        "SequenceNumberRange": {"StartingSequenceNumber": str(FIRST + 4)},
    }
    answer = db("GetRecords", ShardIterator=iterator(db, arn, parent["ShardId"]))
    assert names(answer["Records"]) == ["a", "b"]
    assert "NextShardIterator" not in answer
    assert read(db, arn, child) == ["c"]


def test_an_iterator_taken_before_the_rotation_comes_to_the_end(db: Requests) -> None:
    arn = create(db)
    put(db, "a")
    shard = all_shards(db, arn)[0]["ShardId"]
    answer = db("GetRecords", ShardIterator=iterator(db, arn, shard))
    db.engine.rotate_shards(arn)
    put(db, "b")
    assert db("GetRecords", ShardIterator=answer["NextShardIterator"]) == {"Records": []}


def test_a_page_that_is_full_is_not_the_end(db: Requests) -> None:
    arn = create(db)
    put(db, "a", "b")
    db.engine.rotate_shards(arn)
    shard = all_shards(db, arn)[0]["ShardId"]
    answer = db("GetRecords", ShardIterator=iterator(db, arn, shard), Limit=2)
    assert names(answer["Records"]) == ["a", "b"]
    assert db("GetRecords", ShardIterator=answer["NextShardIterator"], Limit=2) == {"Records": []}


def test_latest_in_a_closed_shard_is_its_end(db: Requests) -> None:
    arn = create(db)
    put(db, "a")
    (child,) = db.engine.rotate_shards(arn)
    parent = all_shards(db, arn)[0]["ShardId"]
    token, later = iterator(db, arn, parent, "LATEST"), iterator(db, arn, child, "LATEST")
    put(db, "b")
    assert db("GetRecords", ShardIterator=token) == {"Records": []}
    assert names(read_on(db, later)) == ["b"]


def test_shards_are_closed_every_four_hours(db: Requests) -> None:
    arn = create(db)
    put(db, "a")
    db.clock.time += 4 * HOUR - 1
    put(db, "b")
    assert len(all_shards(db, arn)) == 1
    db.clock.time += 1
    put(db, "c")
    db.clock.time += 4 * HOUR
    # Nothing is written any more: describing the stream is enough, and so is reading.
    assert len(all_shards(db, arn)) == 3
    last = all_shards(db, arn)[2]["ShardId"]
    assert read(db, arn, last) == []
    db.clock.time += 4 * HOUR
    assert db("GetRecords", ShardIterator=iterator(db, arn, last)) == {"Records": []}
    chain = all_shards(db, arn)
    assert [shard.get("ParentShardId") for shard in chain] == [
        None,
        *(shard["ShardId"] for shard in chain[:-1]),
    ]
    ends = [shard["SequenceNumberRange"].get("EndingSequenceNumber") for shard in chain]
    starts = [shard["SequenceNumberRange"]["StartingSequenceNumber"] for shard in chain]
    assert ends.pop() is None
    assert all(start <= end for start, end in zip(starts, ends, strict=False))
    assert all(end < start for end, start in zip(ends, starts[1:], strict=True))
    assert names(all_records(db, arn)) == ["a", "b", "c"]


def test_a_batch_goes_into_the_new_shard_as_a_whole(db: Requests) -> None:
    arn = create(db)
    db.clock.time += 4 * HOUR
    items = [{"pk": {"S": str(number)}, "sk": {"S": "1"}} for number in range(5)]
    db("BatchWriteItem", RequestItems={"things": [{"PutRequest": {"Item": item}} for item in items]})
    old, new = [shard["ShardId"] for shard in all_shards(db, arn)]
    assert read(db, arn, old) == []
    assert sorted(read(db, arn, new)) == list("01234")


def test_idle_streams_get_new_shards_in_the_background(db: Requests) -> None:
    arn = create(db)
    token = iterator(db, arn, all_shards(db, arn)[0]["ShardId"])
    db.engine.sweep()
    db.clock.time += 4 * HOUR
    token = iterator(db, arn, all_shards(db, arn)[0]["ShardId"])
    db.engine.sweep()
    assert db("GetRecords", ShardIterator=token) == {"Records": []}
    assert len(all_shards(db, arn)) == 2


def test_several_shards_share_the_keys_out(db: Requests) -> None:
    arn = shared_out(db, 4)
    for _ in range(3):
        put(db, *range(40))
        db.clock.time += 1
    found = {shard["ShardId"]: read(db, arn, shard["ShardId"]) for shard in all_shards(db, arn)}
    assert len(found) == 4
    assert all(found.values())
    homes = defaultdict(set)
    for shard, keys in found.items():
        for key in keys:
            homes[key].add(shard)
    assert len(homes) == 40
    assert all(len(shards) == 1 for shards in homes.values())


def test_items_of_one_partition_share_a_shard(db: Requests) -> None:
    arn = shared_out(db, 8)
    for number in range(20):
        db.put(pk={"S": "a"}, sk={"S": str(number)})
    assert sorted(len(read(db, arn, shard["ShardId"])) for shard in all_shards(db, arn)) == [0] * 7 + [20]


def test_split_shards_have_two_children_each(db: Requests) -> None:
    arn = shared_out(db, 2)
    put(db, *range(20))
    children = db.engine.rotate_shards(arn, split=True)
    assert len(children) == 4
    db.clock.time += 1
    put(db, *range(20))
    shards = all_shards(db, arn)
    parents = [shard["ShardId"] for shard in shards[:2]]
    for parent in parents:
        mine = [shard["ShardId"] for shard in shards if shard.get("ParentShardId") == parent]
        before = set(read(db, arn, parent))
        after = [set(read(db, arn, child)) for child in mine]
        assert len(mine) == 2
        assert after[0] | after[1] == before
        assert not after[0] & after[1]


def test_shards_come_in_pages(db: Requests) -> None:
    arn = shared_out(db, 3)
    db.engine.rotate_shards(arn)
    db.engine.rotate_shards(arn, split=True)
    whole = all_shards(db, arn)
    assert len(whole) == 12
    for limit in (1, 5, 12):
        assert all_shards(db, arn, limit) == whole
    place = {shard: number for number, shard in enumerate(in_order(whole))}
    for shard in whole:
        assert place.get(shard.get("ParentShardId"), -1) < place[shard["ShardId"]]


def test_children_of_one_shard(db: Requests) -> None:
    arn = shared_out(db, 2)
    children = db.engine.rotate_shards(arn, split=True)
    parent = all_shards(db, arn)[0]["ShardId"]
    wanted = {"Type": "CHILD_SHARDS", "ShardId": parent}
    found = all_shards(db, arn, ShardFilter=wanted)
    assert [shard["ParentShardId"] for shard in found] == [parent] * 2
    assert all_shards(db, arn, 1, ShardFilter=wanted) == found
    of_a_child = {"Type": "CHILD_SHARDS", "ShardId": children[0]}
    assert all_shards(db, arn, ShardFilter=of_a_child) == []
    for half in ({"Type": "CHILD_SHARDS"}, {"ShardId": parent}):
        assert db.refuse("DescribeStream", StreamArn=arn, ShardFilter=half)[0] == "ValidationException"


def test_a_missing_stream_cannot_be_rotated(db: Requests) -> None:
    arn = create(db)
    db("UpdateTable", TableName="things", StreamSpecification={"StreamEnabled": False})
    assert db.engine.rotate_shards(arn) == []
    with pytest.raises(Exception, match="not found"):
        db.engine.rotate_shards(arn[:-1] + "x")


def write_at_random(db: Requests, random: Random) -> None:
    """Write to the table ``things`` in one of all ways."""
    keys = [
        {"pk": {"S": str(random.randrange(12))}, "sk": {"S": str(number)}}
        for number in random.sample(range(3), 2)
    ]
    items: list[dict[str, Any]] = [{**key, "v": {"N": str(random.randrange(3))}} for key in keys]
    if random.random() < 0.3:
        items[0]["ttl"] = {"N": str(int(db.clock.time) + random.randrange(100))}
    on = {"TableName": "things"}
    way = random.randrange(6)
    if way == 0:
        db("PutItem", **on, Item=items[0])
    elif way == 1:
        values = {":v": {"N": str(random.randrange(2))}}
        db("UpdateItem", **on, Key=keys[0], UpdateExpression="ADD v :v", ExpressionAttributeValues=values)
    elif way == 2:
        db("DeleteItem", **on, Key=keys[0])
    elif way == 3:
        requests: list[Any] = [{"PutRequest": {"Item": items[0]}}, {"DeleteRequest": {"Key": keys[1]}}]
        db("BatchWriteItem", RequestItems={"things": requests})
    elif way == 4:
        actions: list[Any] = [{"Put": {**on, "Item": items[0]}}, {"Delete": {**on, "Key": keys[1]}}]
        db("TransactWriteItems", TransactItems=actions)
    else:
        db.engine.sweep()


@pytest.mark.parametrize("seed", range(3))
def test_records_lead_to_what_the_table_holds(db: Requests, seed: int) -> None:
    random = Random(seed)
    arn = shared_out(db, random.choice((1, 3)))
    specification = {"Enabled": True, "AttributeName": "ttl"}
    db("UpdateTimeToLive", TableName="things", TimeToLiveSpecification=specification)
    for _ in range(250):
        write_at_random(db, random)
        db.clock.time += random.choice((0, 0.2, 30))
        if random.random() < 0.02 and db.clock.time < START + 16 * HOUR:
            db.clock.time += 4 * HOUR
        elif random.random() < 0.03 and len(all_shards(db, arn)) < 60:
            db.engine.rotate_shards(arn, split=random.random() < 0.3)
    records = all_records(db, arn, random.randrange(1, 20), random.randrange(1, 9))
    items = db("Scan", TableName="things")["Items"]
    assert replay(records) == {key_of({"pk": item["pk"], "sk": item["sk"]}): item for item in items}
    assert len(records) > 100
    assert stream_of(db) == arn
