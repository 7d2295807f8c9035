"""Vector indexes and their search through boto3."""

from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def table(client: Any, table_name: str) -> str:
    client.create_table(
        TableName=table_name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "kind")],
        VectorIndexes=[
            {
                "IndexName": "by-meaning",
                "VectorAttribute": {"AttributeName": "meaning"},
                "Dimensions": 2,
                "DistanceFunction": "EUCLIDEAN",
                "Projection": {"ProjectionType": "KEYS_ONLY"},
                "SearchSchema": [{"AttributeName": "kind", "SearchSchemaElementType": "INLINE_FILTER"}],
            }
        ],
    )
    client.get_waiter("table_exists").wait(TableName=table_name)
    for key, kind, numbers in (("a", "x", "12"), ("b", "y", "34"), ("c", "x", "56")):
        meaning = {"L": [{"N": number} for number in numbers]}
        item = {"pk": {"S": key}, "kind": {"S": kind}, "meaning": meaning}
        client.put_item(TableName=table_name, Item=item)
    return table_name


def test_search_finds_the_nearest_of_a_kind(client: Any, table: str) -> None:
    found = client.search_vectors(
        TableName=table,
        IndexName="by-meaning",
        SearchVector=[{"N": "3"}, {"N": "4"}],
        TopK=2,
        SearchConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": {"S": "x"}},
        ReturnConsumedCapacity="TOTAL",
    )
    assert [result["Item"] for result in found["SearchResults"]] == [
        {"pk": {"S": "a"}, "kind": {"S": "x"}},
        {"pk": {"S": "c"}, "kind": {"S": "x"}},
    ]
    assert [result["Score"] for result in found["SearchResults"]] == pytest.approx([8**0.5] * 2)
    assert found["ConsumedCapacity"] == {"VectorSearchRequestBytes": 1024.0}


def test_vector_of_another_length_is_refused(client: Any, table: str) -> None:
    with pytest.raises(ClientError, match="Input search vector dimension 1 does not match") as caught:
        client.search_vectors(TableName=table, IndexName="by-meaning", SearchVector=[{"N": "3"}], TopK=2)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_index_comes_and_goes(client: Any, table: str) -> None:
    client.update_table(TableName=table, VectorIndexUpdates=[{"Delete": {"IndexName": "by-meaning"}}])
    assert "VectorIndexes" not in client.describe_table(TableName=table)["Table"]
