"""aioboto3 in process: resources over aiobotocore. Tested where it is installed."""

import asyncio

import aioboto3

import dynemu
from tests.mocking.tables import NAME, TABLE


def test_a_resource_works() -> None:
    async def main() -> None:
        with dynemu.mock():
            async with aioboto3.Session().resource("dynamodb") as resource:
                films = await resource.create_table(**TABLE)
                await films.wait_until_exists()
                await films.put_item(Item={"pk": "1", "title": "Vagabond"})
                assert (await films.get_item(Key={"pk": "1"}))["Item"]["title"] == "Vagabond"
                table = await resource.Table(NAME)
                async with table.batch_writer() as batch:
                    for number in range(30):
                        await batch.put_item(Item={"pk": f"b{number}"})
                assert (await table.scan())["Count"] == 31

    asyncio.run(main())
