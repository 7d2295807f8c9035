"""boto3 and what is remembered beside a table's definition: tags, policies, destinations, insights."""

import json
from datetime import datetime
from typing import Any

import pytest


@pytest.fixture
def arn(client: Any, table_name: str) -> str:
    created = client.create_table(
        TableName=table_name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        Tags=[{"Key": "stage", "Value": "test"}],
    )
    found: str = created["TableDescription"]["TableArn"]
    return found


def test_empty_answers_of_tagging_are_read(client: Any, arn: str) -> None:
    answer = client.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": ""}])
    assert answer.keys() == {"ResponseMetadata"}
    client.untag_resource(ResourceArn=arn, TagKeys=["stage"])
    pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    assert [tag for page in pages for tag in page["Tags"]] == [{"Key": "team", "Value": ""}]


def test_policy_comes_and_goes(client: Any, arn: str) -> None:
    account = arn.split(":")[4]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": account},
        "Action": ["dynamodb:GetItem"],
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    revision = client.put_resource_policy(ResourceArn=arn, Policy=policy)["RevisionId"]
    kept = client.get_resource_policy(ResourceArn=arn)
    assert kept["RevisionId"] == revision
    assert json.loads(kept["Policy"])["Statement"][0]["Principal"]["AWS"] == f"arn:aws:iam::{account}:root"
    with pytest.raises(client.exceptions.PolicyNotFoundException):
        client.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId="0")
    assert client.delete_resource_policy(ResourceArn=arn)["RevisionId"] == revision
    with pytest.raises(client.exceptions.PolicyNotFoundException):
        client.get_resource_policy(ResourceArn=arn)


def test_destination_and_insights_settle(client: Any, arn: str, table_name: str) -> None:
    stream = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
    enabled = client.enable_kinesis_streaming_destination(TableName=table_name, StreamArn=stream)
    assert enabled["DestinationStatus"] == "ENABLING"
    described = client.describe_kinesis_streaming_destination(TableName=arn)
    assert described["KinesisDataStreamDestinations"] == [
        {"StreamArn": stream, "DestinationStatus": "ACTIVE"}
    ]
    client.update_contributor_insights(TableName=table_name, ContributorInsightsAction="ENABLE")
    insights = client.describe_contributor_insights(TableName=table_name)
    assert insights["ContributorInsightsStatus"] == "ENABLED"
    assert isinstance(insights["LastUpdateDateTime"], datetime)
    assert len(insights["ContributorInsightsRuleList"]) == 2
    listed = client.list_contributor_insights(TableName=table_name)["ContributorInsightsSummaries"]
    assert [entry["TableName"] for entry in listed] == [table_name]


def test_limits_and_endpoints(client: Any) -> None:
    assert client.describe_limits()["TableMaxReadCapacityUnits"] == 40000
    assert client.describe_endpoints()["Endpoints"][0]["CachePeriodInMinutes"] == 1440
