"""Export and import with boto3, with a directory that stands for S3."""

import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

SECONDS = 30


def wait(describe: Callable[[], Any], member: str) -> Any:
    """Return the description once *member* of it says that the work has ended."""
    end = time.monotonic() + SECONDS
    while (description := describe())[member] == "IN_PROGRESS":
        assert time.monotonic() < end, description
    return description


def test_an_export_can_be_imported(
    start_server: Callable[..., str], make_client: Callable[[str], Any], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    client = make_client(start_server("--s3-dir", str(tmp_path)))
    keys: dict[str, Any] = {
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    arn = client.create_table(TableName="source", **keys)["TableDescription"]["TableArn"]
    client.update_continuous_backups(
        TableName="source", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    for number in range(100):
        client.put_item(TableName="source", Item={"pk": {"S": str(number)}, "b": {"B": b"\0\xff"}})

    exported = client.export_table_to_point_in_time(
        TableArn=arn, S3Bucket="data", ExportFormat="ION", ExportTime=datetime.now(timezone.utc)
    )["ExportDescription"]
    description = wait(
        lambda: client.describe_export(ExportArn=exported["ExportArn"])["ExportDescription"], "ExportStatus"
    )
    assert (description["ExportStatus"], description["ItemCount"]) == ("COMPLETED", 100)
    assert [each["ExportArn"] for each in client.list_exports()["ExportSummaries"]] == [exported["ExportArn"]]

    imported = client.import_table(
        S3BucketSource={
            "S3Bucket": "data",
            "S3KeyPrefix": description["ExportManifest"].rpartition("/")[0] + "/data/",
        },
        InputFormat="ION",
        InputCompressionType="GZIP",
        TableCreationParameters={"TableName": "target", **keys},
    )["ImportTableDescription"]["ImportArn"]
    status = wait(
        lambda: client.describe_import(ImportArn=imported)["ImportTableDescription"], "ImportStatus"
    )
    assert (status["ImportStatus"], status["ImportedItemCount"]) == ("COMPLETED", 100)
    assert client.scan(TableName="target")["Items"] == client.scan(TableName="source")["Items"]
