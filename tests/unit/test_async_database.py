"""The database to await: the same answers, savepoints and snapshots, from many tasks."""

import asyncio
import time
from typing import Any

import pytest

import dynemu
from dynemu.errors import ConnectionDropped, ResourceNotFoundException

TABLE: dict[str, Any] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def put(key: str) -> dict[str, Any]:
    return {"TableName": "things", "Item": {"pk": {"S": key}}}


async def count(database: dynemu.AsyncDatabase) -> int:
    return int((await database.call("Scan", {"TableName": "things"}))["Count"])


def test_tasks_share_it() -> None:
    async def main() -> None:
        async with dynemu.AsyncDatabase() as database:
            await database.call("CreateTable", TABLE)
            await asyncio.gather(*(database.call("PutItem", put(str(n))) for n in range(100)))
            assert await count(database) == 100
            with pytest.raises(ResourceNotFoundException):
                await database.call("DescribeTable", {"TableName": "nope"})

    asyncio.run(main())


def test_savepoints_and_snapshots() -> None:
    async def main() -> None:
        async with dynemu.AsyncDatabase() as database:
            await database.call("CreateTable", TABLE)
            name = await database.savepoint()
            await database.call("PutItem", put("1"))
            await database.snapshot("one", "note")
            await database.rollback(name)
            assert await count(database) == 0
            await database.release(name)
            branch = await database.branch("other", "one")
            assert (branch.name, await count(branch), await count(database)) == ("other", 1, 0)
            assert await database.namespaces() == ["default", "other"]
            await branch.drop()
            await database.restore("one")
            assert await count(database) == 1
            assert [info.note for info in await database.snapshots() if not info.automatic] == ["note"]
            await database.delete_snapshot("one")
            await database.reset()
            assert await database.call("ListTables") == {"TableNames": []}
            empty = await database.namespace("new")
            assert await empty.call("ListTables") == {"TableNames": []}

    asyncio.run(main())


def test_what_is_held_back_blocks_no_other_task() -> None:
    async def main() -> None:
        async with dynemu.AsyncDatabase() as database:
            database.faults.add({"kind": "latency", "operation": "ListTables", "seconds": 0.2})
            started = time.monotonic()
            await database.call("ListTables")
            assert time.monotonic() - started >= 0.2
            database.faults.add({"kind": "latency", "operation": "DescribeLimits", "seconds": 3600})
            held = [asyncio.create_task(database.call("DescribeLimits")) for _ in range(10)]
            await database.call("ListTables")
            assert not any(task.done() for task in held)
            for task in held:
                task.cancel()
            database.faults.add({"kind": "drop", "operation": "DescribeTable"})
            with pytest.raises(ConnectionDropped):
                await database.call("DescribeTable", {"TableName": "things"})

    asyncio.run(main())


def test_time_to_live_and_its_clock() -> None:
    async def main() -> None:
        async with dynemu.AsyncDatabase() as database:
            await database.call("CreateTable", TABLE)
            ends = {"Enabled": True, "AttributeName": "ends"}
            await database.call("UpdateTimeToLive", {"TableName": "things", "TimeToLiveSpecification": ends})
            database.clock.freeze(1_800_000_000)
            item = {"pk": {"S": "1"}, "ends": {"N": "1800000060"}}
            await database.call("PutItem", {"TableName": "things", "Item": item})
            database.clock.advance(120)
            assert await database.sweep() == 1

    asyncio.run(main())


def test_it_is_another_face_of_a_database() -> None:
    async def main() -> None:
        with dynemu.Database() as database:
            face = dynemu.AsyncDatabase.over(database)
            await face.call("CreateTable", TABLE)
            assert database.call("ListTables") == {"TableNames": ["things"]}
            await face.close()
            with pytest.raises(ValueError, match="closed"):
                await face.call("ListTables")

    asyncio.run(main())
