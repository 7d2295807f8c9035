"""aiobotocore in process, beside other tasks."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiobotocore.session import get_session
from botocore.exceptions import ClientError

import dynemu
from dynemu.client import Transport
from tests.mocking.tables import NAME, TABLE, item


def run(work: Callable[[Any], Awaitable[None]], database: dynemu.Database | None = None) -> None:
    """Run *work* with a client of a mock."""

    async def main() -> None:
        with dynemu.mock(database):
            async with get_session().create_client("dynamodb") as client:
                await client.create_table(**TABLE)
                await work(client)

    asyncio.run(main())


def test_tasks_write_at_once() -> None:
    async def work(client: Any) -> None:
        await client.get_waiter("table_exists").wait(TableName=NAME)
        await asyncio.gather(*(client.put_item(TableName=NAME, Item=item(str(n))) for n in range(50)))
        pages = client.get_paginator("scan").paginate(TableName=NAME, PaginationConfig={"PageSize": 20})
        assert [page["Count"] async for page in pages] == [20, 20, 10]
        meta = (await client.list_tables())["ResponseMetadata"]
        assert (meta["HTTPStatusCode"], meta["RetryAttempts"]) == (200, 0)

    run(work)


def test_errors_are_those_of_the_service() -> None:
    async def work(client: Any) -> None:
        with pytest.raises(ClientError) as caught:
            await client.put_item(TableName=NAME, Item={"nope": {"S": "1"}})
        assert caught.value.response["Error"]["Code"] == "ValidationException"
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            await client.describe_table(TableName="nope")

    run(work)


def test_a_held_answer_blocks_no_other_task() -> None:
    async def work(client: Any) -> None:
        started = time.monotonic()
        await client.list_tables()
        assert time.monotonic() - started >= 0.2
        gets = (client.get_item(TableName=NAME, Key=item(str(number))) for number in range(10))
        held = [asyncio.create_task(get) for get in gets]
        await client.list_tables()
        assert not any(task.done() for task in held)
        for task in held:
            task.cancel()

    with dynemu.Database() as database:
        database.faults.add({"kind": "latency", "operation": "GetItem", "seconds": 3600})
        database.faults.add({"kind": "latency", "operation": "ListTables", "seconds": 0.2})
        run(work, database)


def test_what_failed_is_sent_again() -> None:
    async def work(client: Any) -> None:
        answer = await client.get_item(TableName=NAME, Key=item("1"))
        assert answer["ResponseMetadata"]["RetryAttempts"] == 1

    with dynemu.Database() as database:
        database.faults.add({"kind": "error", "operation": "GetItem", "times": 1})
        run(work, database)


def test_calls_go_the_fast_way_unless_a_program_takes_part(monkeypatch: pytest.MonkeyPatch) -> None:
    ways: list[str] = []
    for way in ("ask", "send"):
        original = getattr(Transport, way)
        monkeypatch.setattr(Transport, way, _noting(ways, way, original))

    async def work(client: Any) -> None:
        ways.clear()
        await client.put_item(TableName=NAME, Item={**item("1"), "b": {"B": b"x"}})
        got = await client.get_item(TableName=NAME, Key=item("1"))
        assert got["Item"] == {**item("1"), "b": {"B": b"x"}}
        assert [*got] == ["Item", "ResponseMetadata"]
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            await client.get_item(TableName="none", Key=item("1"))
        assert ways == ["ask"] * 3
        called = []
        client.meta.events.register("before-send.dynamodb", lambda **_: called.append("handler"))
        await client.list_tables()
        assert (called, ways[3:]) == (["handler"], ["send"])

    run(work)


def _noting(seen: list[str], way: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def note(*arguments: Any) -> Any:
        seen.append(way)
        return original(*arguments)

    return note


_LATE = """
import sys, dynemu
with dynemu.mock():
    assert not {"aiobotocore", "asyncio"} & {*sys.modules}
    import asyncio, aiobotocore.session
    async def main():
        async with aiobotocore.session.get_session().create_client("dynamodb") as client:
            assert (await client.list_tables())["TableNames"] == []
            return type(client)._make_api_call
    assert hasattr(asyncio.run(main()), "calls")
assert not hasattr(aiobotocore.client.AioBaseClient._make_api_call, "calls")
"""


def test_aiobotocore_may_be_imported_while_a_mock_is_active() -> None:
    done = subprocess.run([sys.executable, "-c", _LATE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
