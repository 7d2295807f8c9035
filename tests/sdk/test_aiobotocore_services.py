"""aiobotocore beyond items: a reader of streams, PartiQL, backups, exports, paginators and waiters."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

KEYS, ROUNDS, SHARDS = 20, 4, 3
Work = Callable[[Any, Any], Awaitable[None]]
Run = Callable[[Work], None]
POLL = {"Delay": 0, "MaxAttempts": 500}


@pytest.fixture
def run(start_server: Callable[..., str], credentials: dict[str, str], tmp_path: Path) -> Run:
    """Run work with a client of DynamoDB and one of its streams, on a server with several shards."""
    url = start_server("--stream-shards", str(SHARDS), "--s3-dir", str(tmp_path))

    async def main(work: Work) -> None:
        config = AioConfig(max_pool_connections=8, retries={"total_max_attempts": 1})
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(
                    get_session().create_client(service, endpoint_url=url, config=config, **credentials)
                )
                for service in ("dynamodb", "dynamodbstreams")
            ]
            await work(*clients)

    return lambda work: asyncio.run(main(work))


async def create(client: Any, name: str) -> dict[str, Any]:
    """Make a table with a stream and return its description."""
    await client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    await client.get_waiter("table_exists").wait(TableName=name, WaiterConfig=POLL)
    described: dict[str, Any] = (await client.describe_table(TableName=name))["Table"]
    return described


async def write(client: Any, table: str) -> None:
    """Write every key ROUNDS times, many keys at once."""
    for counter in range(ROUNDS):
        items = [{"id": {"S": str(key)}, "n": {"N": str(counter)}} for key in range(KEYS)]
        await asyncio.gather(*(client.put_item(TableName=table, Item=item) for item in items))


async def read_shard(streams: Any, stream: str, shard: str) -> list[tuple[str, int]]:
    """Return keys and counters of a shard's records, read to its end."""
    answer = await streams.get_shard_iterator(
        StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )
    token, changes = answer["ShardIterator"], []
    while token is not None:
        answer = await streams.get_records(ShardIterator=token, Limit=9)
        for record in answer["Records"]:
            change = record["dynamodb"]
            changes.append((change["Keys"]["id"]["S"], int(change["NewImage"]["n"]["N"])))
        token = answer.get("NextShardIterator")
    return changes


def test_shards_are_read_side_by_side_while_items_are_written(run: Run) -> None:
    async def work(client: Any, streams: Any) -> None:
        stream = (await create(client, "read"))["LatestStreamArn"]
        (listed,) = (await streams.list_streams(TableName="read"))["Streams"]
        assert listed["StreamArn"] == stream
        shards = (await streams.describe_stream(StreamArn=stream))["StreamDescription"]["Shards"]
        assert len(shards) == SHARDS
        reading = [asyncio.create_task(read_shard(streams, stream, shard["ShardId"])) for shard in shards]
        await write(client, "read")
        await client.update_table(TableName="read", StreamSpecification={"StreamEnabled": False})
        seen: dict[str, list[int]] = {}
        for changes in await asyncio.gather(*reading):
            for key, counter in changes:
                seen.setdefault(key, []).append(counter)
        assert seen == {str(key): list(range(ROUNDS)) for key in range(KEYS)}

    run(work)


def test_statements_are_executed_at_once_in_batches_and_in_transactions(run: Run) -> None:
    async def work(client: Any, streams: Any) -> None:
        await create(client, "partiql")
        insert = "INSERT INTO partiql VALUE {'id': ?, 'n': ?}"
        await asyncio.gather(
            *(
                client.execute_statement(Statement=insert, Parameters=[{"S": str(key)}, {"N": str(key)}])
                for key in range(KEYS)
            )
        )
        with pytest.raises(client.exceptions.DuplicateItemException):
            await client.execute_statement(Statement=insert, Parameters=[{"S": "1"}, {"N": "1"}])
        found: list[int] = []
        request: dict[str, Any] = {"Statement": "SELECT n FROM partiql WHERE n >= 5", "Limit": 4}
        while True:
            answer = await client.execute_statement(**request)
            found += [int(item["n"]["N"]) for item in answer["Items"]]
            if "NextToken" not in answer:
                break
            request["NextToken"] = answer["NextToken"]
        assert sorted(found) == list(range(5, KEYS))
        update = {"Statement": "UPDATE partiql SET n = n + 100 WHERE id = ?"}
        changes = [{**update, "Parameters": [{"S": str(key)}]} for key in range(3)]
        await client.execute_transaction(TransactStatements=changes)
        reads = [{"Statement": f"SELECT n FROM partiql WHERE id = '{key}'"} for key in range(3)]
        answers = (await client.batch_execute_statement(Statements=reads))["Responses"]
        assert [answer["Item"] for answer in answers] == [{"n": {"N": str(100 + key)}} for key in range(3)]
        with pytest.raises(client.exceptions.TransactionCanceledException) as refused:
            missing = {**update, "Parameters": [{"S": "nobody"}]}
            await client.execute_transaction(TransactStatements=[changes[0], missing])
        codes = [reason["Code"] for reason in refused.value.response["CancellationReasons"]]
        assert codes == ["None", "ConditionalCheckFailed"]

    run(work)


def test_backups_are_paged_and_restored(run: Run) -> None:
    async def work(client: Any, streams: Any) -> None:
        await create(client, "kept")
        await write(client, "kept")
        names = [f"backup-{number}" for number in range(5)]
        made = [await client.create_backup(TableName="kept", BackupName=name) for name in names]
        pages = client.get_paginator("list_backups").paginate(PaginationConfig={"PageSize": 2})
        listed = [backup["BackupName"] async for page in pages for backup in page["BackupSummaries"]]
        assert sorted(listed) == names
        await client.restore_table_from_backup(
            TargetTableName="copy", BackupArn=made[0]["BackupDetails"]["BackupArn"]
        )
        await client.get_waiter("table_exists").wait(TableName="copy", WaiterConfig=POLL)
        assert (await client.scan(TableName="copy", Select="COUNT"))["Count"] == KEYS
        names = [
            name
            async for page in client.get_paginator("list_tables").paginate()
            for name in page["TableNames"]
        ]
        assert names == ["copy", "kept"]
        for name in names:
            await client.delete_table(TableName=name)
            await client.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig=POLL)

    run(work)


def test_waiters_see_exports_imports_insights_and_destinations_done(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()

    async def work(client: Any, streams: Any) -> None:
        described = await create(client, "waited")
        await write(client, "waited")
        arn = described["TableArn"]
        recovery = {"PointInTimeRecoveryEnabled": True}
        await client.update_continuous_backups(TableName="waited", PointInTimeRecoverySpecification=recovery)
        export = await client.export_table_to_point_in_time(TableArn=arn, S3Bucket="bucket")
        export_arn = export["ExportDescription"]["ExportArn"]
        await client.get_waiter("export_completed").wait(ExportArn=export_arn, WaiterConfig=POLL)
        done = (await client.describe_export(ExportArn=export_arn))["ExportDescription"]
        imported = await client.import_table(
            S3BucketSource={
                "S3Bucket": "bucket",
                "S3KeyPrefix": done["ExportManifest"].rsplit("/", 1)[0] + "/data/",
            },
            InputFormat="DYNAMODB_JSON",
            InputCompressionType="GZIP",
            TableCreationParameters={
                "TableName": "imported",
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": described["KeySchema"],
                "AttributeDefinitions": described["AttributeDefinitions"],
            },
        )
        import_arn = imported["ImportTableDescription"]["ImportArn"]
        await client.get_waiter("import_completed").wait(ImportArn=import_arn, WaiterConfig=POLL)
        assert (await client.scan(TableName="imported", Select="COUNT"))["Count"] == KEYS
        await client.update_contributor_insights(TableName="waited", ContributorInsightsAction="ENABLE")
        waiter = client.get_waiter("contributor_insights_enabled")
        await waiter.wait(TableName="waited", WaiterConfig=POLL)
        destination = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
        await client.enable_kinesis_streaming_destination(TableName="waited", StreamArn=destination)
        waiter = client.get_waiter("kinesis_streaming_destination_active")
        await waiter.wait(TableName="waited", WaiterConfig=POLL)

    run(work)


def test_tags_are_paged(run: Run) -> None:
    async def work(client: Any, streams: Any) -> None:
        arn = (await create(client, "tagged"))["TableArn"]
        tags = [{"Key": f"tag-{number:02}", "Value": str(number)} for number in range(25)]
        await client.tag_resource(ResourceArn=arn, Tags=tags)
        pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
        found = [tag async for page in pages for tag in page["Tags"]]
        assert sorted(found, key=lambda tag: str(tag["Key"])) == tags

    run(work)
