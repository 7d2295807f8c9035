"""CreateTable, DescribeTable, ListTables and DeleteTable."""

from typing import Any

import pytest

from tests.operations.conftest import ACCOUNT, REGION, Requests

ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/things"
NOW = 1_700_000_000.0
PK = {"AttributeName": "pk", "KeyType": "HASH"}
PK_S = {"AttributeName": "pk", "AttributeType": "S"}
ALL = {"ProjectionType": "ALL"}


def keys(hashes: str, ranges: str = "") -> list[dict[str, str]]:
    """Return a key schema of one-letter attributes."""
    return [
        *({"AttributeName": name, "KeyType": "HASH"} for name in hashes),
        *({"AttributeName": name, "KeyType": "RANGE"} for name in ranges),
    ]


def strings(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def small(**more: Any) -> dict[str, Any]:
    """Return the request of a table with a hash key only."""
    members = {
        "TableName": "things",
        "KeySchema": [PK],
        "AttributeDefinitions": [PK_S],
        "BillingMode": "PAY_PER_REQUEST",
        **more,
    }
    return {name: value for name, value in members.items() if value is not None}


def with_index(*elements: dict[str, str], defined: str = "abcdefghij", **more: Any) -> dict[str, Any]:
    index = {"IndexName": "gix", "KeySchema": list(elements), "Projection": ALL, **more}
    return small(AttributeDefinitions=[PK_S, *strings(*defined)], GlobalSecondaryIndexes=[index])


def test_new_table_is_creating_in_the_answer_and_active_in_the_next_description(db: Requests) -> None:
    created = db("CreateTable", **small())["TableDescription"]
    described = db("DescribeTable", TableName="things")["Table"]
    assert created == {
        "TableName": "things",
        "TableId": described["TableId"],
        "TableArn": ARN,
        "TableStatus": "CREATING",
        "KeySchema": [PK],
        "AttributeDefinitions": [PK_S],
        "CreationDateTime": NOW,
        "ItemCount": 0,
        "TableSizeBytes": 0,
        "ProvisionedThroughput": {
            "NumberOfDecreasesToday": 0,
            "ReadCapacityUnits": 0,
            "WriteCapacityUnits": 0,
        },
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "TableThroughputModeSummary": {"TableThroughputMode": "PAY_PER_REQUEST"},
        "DeletionProtectionEnabled": False,
    }
    since = {"LastUpdateToPayPerRequestDateTime": NOW}
    assert described == created | {
        "TableStatus": "ACTIVE",
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST", **since},
        "TableThroughputModeSummary": {"TableThroughputMode": "PAY_PER_REQUEST", **since},
        "WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"},
    }


def test_all_settings_come_back(db: Requests) -> None:
    db(
        "CreateTable",
        **small(
            BillingMode=None,
            ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "1234"},
            TableClass="STANDARD_INFREQUENT_ACCESS",
            DeletionProtectionEnabled=True,
            Tags=[{"Key": "a", "Value": "b"}],
        ),
    )
    table = db("DescribeTable", TableName=ARN)["Table"]
    label = "2023-11-14T22:13:20.000"
    assert table["ProvisionedThroughput"] == {
        "NumberOfDecreasesToday": 0,
        "ReadCapacityUnits": 5,
        "WriteCapacityUnits": 6,
    }
    assert table["WarmThroughput"] == {
        "ReadUnitsPerSecond": 5,
        "WriteUnitsPerSecond": 6,
        "Status": "ACTIVE",
    }
    assert "BillingModeSummary" not in table
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert table["LatestStreamLabel"] == label
    assert table["LatestStreamArn"] == f"{ARN}/stream/{label}"
    assert table["SSEDescription"] == {
        "Status": "ENABLED",
        "SSEType": "KMS",
        "KMSMasterKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234",
    }
    assert table["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert table["DeletionProtectionEnabled"] is True


def test_index_keys_have_up_to_four_hash_and_four_range_attributes(db: Requests) -> None:
    elements = keys("abcd", "efgh")
    answer = db("CreateTable", **with_index(*elements, defined="abcdefgh"))
    assert answer["TableDescription"]["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    [index] = db("DescribeTable", TableName="things")["Table"]["GlobalSecondaryIndexes"]
    assert index["KeySchema"] == elements
    assert index["IndexStatus"] == "ACTIVE"
    assert index["IndexArn"] == f"{ARN}/index/gix"
    assert "Backfilling" not in index


INVALID = "One or more parameter values were invalid: "
ONE = "1 validation error detected: "


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            with_index(*keys("abcde")),
            INVALID + "The KeySchema exceeds the maximum allowed number of HASH key attributes",
        ),
        (
            with_index(*keys("a", "bcdef")),
            INVALID + "The KeySchema exceeds the maximum allowed number of RANGE key attributes",
        ),
        (
            with_index(*keys("a", "b"), *keys("c")),
            INVALID + "All HASH key attributes must precede RANGE key attributes in the KeySchema",
        ),
        (with_index(*keys("aba")), "The KeySchema contains multiple key attributes with the same name"),
        (
            small(
                AttributeDefinitions=strings("pk", "sk", "a", "b", "c"),
                KeySchema=[PK, {"AttributeName": "sk", "KeyType": "RANGE"}],
                GlobalSecondaryIndexes=[{"IndexName": "gix", "KeySchema": keys("a"), "Projection": ALL}],
            ),
            INVALID + "Some AttributeDefinitions are not used. "
            "AttributeDefinitions: [sk, a, b, pk, c], keys used: [a, sk, pk]",
        ),
        (
            small(
                AttributeDefinitions=strings("pk", "pk", "sk"),
                KeySchema=[PK, {"AttributeName": "sk", "KeyType": "RANGE"}],
            ),
            "Attribute Name is duplicated: pk",
        ),
        (
            with_index(*keys("a"), Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "x"]}),
            INVALID + "Duplicate element in NonKeyAttributes: x",
        ),
        (
            with_index(
                *keys("a"),
                defined="a",
                ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            ),
            INVALID + "ProvisionedThroughput should not be specified for index: gix when BillingMode is "
            "PAY_PER_REQUEST",
        ),
        (
            small(OnDemandThroughput={"MaxReadRequestUnits": 0}),
            INVALID
            + "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range",
        ),
        (
            small(WarmThroughput={"WriteUnitsPerSecond": 10}),
            INVALID + "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than initial "
            "throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
            "on-demand-capacity-mode.html#on-demand-capacity-mode-initial",
        ),
        (
            small(SSESpecification={"Enabled": True, "SSEType": "AES256"}),
            INVALID + "SSEType AES256 is not supported",
        ),
        (
            small(SSESpecification={"Enabled": False, "KMSMasterKeyId": "k"}),
            INVALID + "KMSMasterKeyId can not be specified if Enabled is false",
        ),
        (small(Tags=[{"Value": "v"}]), "The Tag Key provided is invalid, Key: null"),
        (
            small(Tags=[{"Key": str(number), "Value": "v"} for number in range(51)]),
            "Number of Tags exceed the current limit for the provided ResourceArn",
        ),
        (
            small(KeySchema=[]),
            ONE + "Value '[]' at 'keySchema' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        ),
        (
            small(KeySchema=[PK, PK, PK]),
            ONE + "Value '[KeySchemaElement(attributeName=pk, keyType=HASH), "
            "KeySchemaElement(attributeName=pk, keyType=HASH), "
            "KeySchemaElement(attributeName=pk, keyType=HASH)]' "
            "at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2",
        ),
        (
            small(TableName="arn:aws:dynamodb:eu-central-1:123456789012:table/ab"),
            ONE + "Value 'ab' at 'tableName' failed to satisfy constraint: "
            "Member must have length greater than or equal to 3",
        ),
    ],
)
def test_refused_definitions(db: Requests, request_: dict[str, Any], message: str) -> None:
    assert db.refuse("CreateTable", **request_) == ("ValidationException", message)
    assert db("ListTables") == {"TableNames": []}


def test_table_is_created_and_found_by_arn(db: Requests) -> None:
    arn = "arn:aws:dynamodb:us-west-2:999999999999:table/things"
    assert db("CreateTable", **small(TableName=arn))["TableDescription"]["TableArn"] == ARN
    assert db("DescribeTable", TableName=ARN)["Table"]["TableName"] == "things"
    assert db("DeleteTable", TableName=ARN)["TableDescription"]["TableName"] == "things"


def test_counts_are_exact_for_table_and_indexes(db: Requests) -> None:
    db("CreateTable", **with_index(*keys("a"), defined="a"))
    db.put(pk={"S": "1"}, a={"S": "x"})
    db.put(pk={"S": "2"})
    db.put(pk={"S": "2"}, b={"N": "10"})
    table = db("DescribeTable", TableName="things")["Table"]
    assert (table["ItemCount"], table["TableSizeBytes"]) == (2, 5 + 6)
    [index] = table["GlobalSecondaryIndexes"]
    assert (index["ItemCount"], index["IndexSizeBytes"]) == (1, 5)


def test_deleted_table_is_described_in_short_and_gone(db: Requests) -> None:
    db("CreateTable", **with_index(*keys("a"), defined="a"))
    table_id = db("DescribeTable", TableName="things")["Table"]["TableId"]
    db.put(pk={"S": "1"}, a={"S": "x"})
    since = {"LastUpdateToPayPerRequestDateTime": NOW}
    assert db("DeleteTable", TableName="things")["TableDescription"] == {
        "TableName": "things",
        "TableId": table_id,
        "TableArn": ARN,
        "TableStatus": "DELETING",
        "ItemCount": 1,
        "TableSizeBytes": 5,
        "ProvisionedThroughput": {
            "NumberOfDecreasesToday": 0,
            "ReadCapacityUnits": 0,
            "WriteCapacityUnits": 0,
        },
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST", **since},
        "TableThroughputModeSummary": {"TableThroughputMode": "PAY_PER_REQUEST", **since},
        "DeletionProtectionEnabled": False,
    }
    missing = ("ResourceNotFoundException", "Requested resource not found: Table: things not found")
    assert db.refuse("DescribeTable", TableName="things") == missing
    assert db.refuse("DeleteTable", TableName="things") == missing


def test_table_of_the_same_name_starts_empty(db: Requests) -> None:
    db("CreateTable", **small())
    db.put(pk={"S": "1"})
    first = db("DeleteTable", TableName="things")["TableDescription"]["TableId"]
    db("CreateTable", **small())
    table = db("DescribeTable", TableName="things")["Table"]
    assert table["ItemCount"] == 0
    assert table["TableId"] != first
    assert db("Scan", TableName="things")["Count"] == 0


def test_names_are_listed_in_byte_order_page_by_page(db: Requests) -> None:
    for name in ("beta", "Alpha", "gamma-1", "gamma.1", "_under"):
        db("CreateTable", **small(TableName=name))
    names = ["Alpha", "_under", "beta", "gamma-1", "gamma.1"]
    assert db("ListTables") == {"TableNames": names}
    assert db("ListTables", Limit=5) == {"TableNames": names}
    page = db("ListTables", Limit=2)
    assert page == {"TableNames": names[:2], "LastEvaluatedTableName": "_under"}
    assert db("ListTables", ExclusiveStartTableName="_under") == {"TableNames": names[2:]}
    assert db("ListTables", ExclusiveStartTableName="gamma.1", Limit=1) == {"TableNames": []}


def test_units_beyond_64_bits_are_the_nearest_number_that_fits(db: Requests) -> None:
    assert db.refuse(
        "RestoreTableFromBackup",
        TargetTableName="copy",
        BackupArn=f"{ARN}/backup/01700000000000-0123abcd",
        ProvisionedThroughputOverride={"ReadCapacityUnits": -1e300, "WriteCapacityUnits": 1},
    ) == (
        "ValidationException",
        "1 validation error detected: Value '-9223372036854775808' at "
        "'provisionedThroughputOverride.readCapacityUnits' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1",
    )
