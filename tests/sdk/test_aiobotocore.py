"""aiobotocore: many requests at once over pooled connections."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

CONNECTIONS = 8


def run(server_url: str, credentials: dict[str, str], work: Callable[[Any], Awaitable[None]]) -> None:
    """Run *work* with a client; no more than CONNECTIONS of its requests are under way at once."""

    async def main() -> None:
        config = AioConfig(max_pool_connections=CONNECTIONS, retries={"total_max_attempts": 1})
        client = get_session().create_client(
            "dynamodb", endpoint_url=server_url, config=config, **credentials
        )
        async with client as opened:
            await work(opened)

    asyncio.run(main())


async def create(client: Any, name: str) -> None:
    await client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    await client.get_waiter("table_exists").wait(TableName=name)


def test_concurrent_writes_are_all_there(
    server_url: str, credentials: dict[str, str], table_name: str
) -> None:
    async def work(client: Any) -> None:
        await create(client, table_name)
        puts = [client.put_item(TableName=table_name, Item={"id": {"S": str(n)}}) for n in range(200)]
        await asyncio.gather(*puts)
        found = []
        pages = client.get_paginator("scan").paginate(TableName=table_name, PaginationConfig={"PageSize": 33})
        async for page in pages:
            found += [int(item["id"]["S"]) for item in page["Items"]]
        assert sorted(found) == list(range(200))

    run(server_url, credentials, work)


def test_concurrent_counts_are_not_lost(
    server_url: str, credentials: dict[str, str], table_name: str
) -> None:
    async def work(client: Any) -> None:
        await create(client, table_name)
        update = {
            "TableName": table_name,
            "Key": {"id": {"S": "counter"}},
            "UpdateExpression": "ADD hits :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
            "ReturnValues": "UPDATED_NEW",
        }
        answers = await asyncio.gather(*(client.update_item(**update) for _ in range(100)))
        seen = sorted(int(answer["Attributes"]["hits"]["N"]) for answer in answers)
        assert seen == list(range(1, 101))

    run(server_url, credentials, work)


def test_only_one_of_many_takes_a_lock(server_url: str, credentials: dict[str, str], table_name: str) -> None:
    async def work(client: Any) -> None:
        await create(client, table_name)

        async def take(owner: int) -> bool:
            try:
                await client.put_item(
                    TableName=table_name,
                    Item={"id": {"S": "lock"}, "owner": {"N": str(owner)}},
                    ConditionExpression="attribute_not_exists(id)",
                )
            except client.exceptions.ConditionalCheckFailedException:
                return False
            return True

        taken = await asyncio.gather(*(take(owner) for owner in range(50)))
        assert taken.count(True) == 1
        item = (await client.get_item(TableName=table_name, Key={"id": {"S": "lock"}}))["Item"]
        assert item["owner"] == {"N": str(taken.index(True))}

    run(server_url, credentials, work)
