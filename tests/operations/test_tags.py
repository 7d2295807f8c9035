"""TagResource, UntagResource, ListTagsOfResource, DescribeLimits, DescribeEndpoints."""

from dataclasses import replace

import pytest

from tests.operations.conftest import ACCOUNT, REGION, Requests

ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/things"
INVALID = "ValidationException"
TOO_MANY = (INVALID, "Number of Tags exceed the current limit for the provided ResourceArn")
NOT_FOUND = ("ResourceNotFoundException", f"Requested resource not found: ResourceArn: {ARN} not found")


def tag(db: Requests, **tags: str) -> object:
    given = [{"Key": key, "Value": value} for key, value in tags.items()]
    return db("TagResource", ResourceArn=ARN, Tags=given)


def tags(db: Requests) -> dict[str, str]:
    answer = db("ListTagsOfResource", ResourceArn=ARN)
    assert answer.keys() == {"Tags"}
    return {each["Key"]: each["Value"] for each in answer["Tags"]}


def test_tags_are_set_overwritten_and_taken_off(db: Requests) -> None:
    db.create(Tags=[{"Key": "Env", "Value": ""}])
    assert tag(db, a="1", b="2") is None
    assert tag(db, b="3", env="x") is None
    assert tags(db) == {"Env": "", "a": "1", "b": "3", "env": "x"}
    assert db("UntagResource", ResourceArn=ARN, TagKeys=["a", "never"]) is None
    assert tags(db) == {"Env": "", "b": "3", "env": "x"}
    assert "Tags" not in db("DescribeTable", TableName="things")["Table"]


def test_tags_go_with_the_table(db: Requests) -> None:
    db.create()
    tag(db, a="1")
    db("DeleteTable", TableName="things")
    assert db.refuse("ListTagsOfResource", ResourceArn=ARN) == NOT_FOUND
    db.create()
    assert tags(db) == {}


def test_fifty_tags_are_one_page_and_one_more_is_refused(db: Requests) -> None:
    db.create()
    fifty = {f"k{number}": "v" for number in range(50)}
    tag(db, **fifty)
    assert tags(db) == fifty
    tag(db, **dict.fromkeys(fifty, "w"))
    more = [{"Key": "k0", "Value": "x"}, {"Key": "new", "Value": "x"}]
    assert db.refuse("TagResource", ResourceArn=ARN, Tags=more) == TOO_MANY
    assert tags(db) == dict.fromkeys(fifty, "w")
    assert db.refuse("UntagResource", ResourceArn=ARN, TagKeys=[*fifty, "x"]) == TOO_MANY


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("", "v", "The Tag Key provided is invalid, Key: "),
        ("k" * 129, "v", f"The Tag Key provided is invalid, Key: {'k' * 129}"),
        ("bad#char", "v", "The Tag Key provided is invalid, Key: bad#char"),
        (None, "v", "The Tag Key provided is invalid, Key: null"),
        ("AWS:foo", "v", "Tag Key cannot be prefixed with aws:, Key: AWS:foo"),
        ("k", None, "The Tag Value provided is invalid, Value: null"),
        ("k", "v" * 257, f"The Tag Value provided is invalid, Value: {'v' * 257}"),
        ("k", "100%", "The Tag Value provided is invalid, Value: 100%"),
        ("k", "\U0001f511", "The Tag Value provided is invalid, Value: \U0001f511"),
    ],
)
def test_bad_tags_are_refused_with_the_good_ones(
    db: Requests, key: str | None, value: str | None, problem: str
) -> None:
    db.create()
    given = [{"Key": "good", "Value": "x"}, {"Key": key, "Value": value}]
    assert db.refuse("TagResource", ResourceArn=ARN, Tags=given) == (INVALID, problem)
    assert tags(db) == {}


def test_letters_of_any_script_and_the_signs_of_tags_are_good(db: Requests) -> None:
    db.create()
    given = {"\u043a\u043b\u044e\u0447": "\u00fcber", " sp ace": "a b+c-d=e.f_g:h/i@j", "k" * 128: "v" * 256}
    tag(db, **given)
    assert tags(db) == given


def test_one_request_may_not_set_a_key_twice(db: Requests) -> None:
    db.create()
    twice = [{"Key": "dup", "Value": "1"}, {"Key": "dup", "Value": "2"}]
    problem = "Duplicate Tag Keys provided as input: Duplicate Tag Key found dup"
    assert db.refuse("TagResource", ResourceArn=ARN, Tags=twice) == (INVALID, problem)


def test_keys_of_aws_cannot_be_taken_off(db: Requests) -> None:
    db.create()
    problem = "Tag Key cannot be prefixed with aws:, Key: aws:foo"
    assert db.refuse("UntagResource", ResourceArn=ARN, TagKeys=["aws:foo"]) == (INVALID, problem)


NOT_TABLE = "Invalid TableArn: Invalid ResourceArn provided as input {}"
NOT_DYNAMODB = "One or more parameter values were invalid: Provided Arn is not a DynamoDB resource arn: {}"


@pytest.mark.parametrize(
    ("arn", "problem"),
    [
        ("", "Invalid TableArn"),
        ("things", "One or more parameter values were invalid: ARNs must start with 'arn:': things"),
        ("arn:aws:s3:::bucket", NOT_DYNAMODB),
        (f"{ARN}/backup/0170", NOT_DYNAMODB),
        (
            f"{ARN}/index/ix",
            "One or more parameter values were invalid: Invalid resource arn provided, "
            "only table or stream is accepted. Provided resource arn: {}",
        ),
        (f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/ab", NOT_TABLE),
        (f"arn:aws:dynamodb:us-west-9:{ACCOUNT}:table/things", NOT_TABLE),
        (f"arn:aws-cn:dynamodb:{REGION}:{ACCOUNT}:table/things", NOT_TABLE),
    ],
)
def test_what_is_no_arn_of_a_table_has_no_tags(db: Requests, arn: str, problem: str) -> None:
    db.create()
    refused = (INVALID, problem.format(arn))
    assert db.refuse("ListTagsOfResource", ResourceArn=arn) == refused
    assert db.refuse("TagResource", ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}]) == refused
    assert db.refuse("UntagResource", ResourceArn=arn, TagKeys=["a"]) == refused


def test_tables_of_another_account_are_denied(db: Requests) -> None:
    db.create()
    arn = f"arn:aws:dynamodb:{REGION}:999999999999:table/things"
    assert db.refuse("ListTagsOfResource", ResourceArn=arn) == (
        "AccessDeniedException",
        "Access is denied",
    )


def test_live_stream_has_tags_of_its_own(db: Requests) -> None:
    db.create(StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    stream = db("DescribeTable", TableName="things")["Table"]["LatestStreamArn"]
    assert db("ListTagsOfResource", ResourceArn=stream) == {"Tags": []}
    tag = {"Key": "a", "Value": "b"}
    db("TagResource", ResourceArn=stream, Tags=[tag, {"Key": "c", "Value": "d"}])
    db("UntagResource", ResourceArn=stream, TagKeys=["c"])
    assert db("ListTagsOfResource", ResourceArn=stream) == {"Tags": [tag]}
    assert db("ListTagsOfResource", ResourceArn=ARN) == {"Tags": []}
    missing = "Requested resource not found: ResourceArn: {} not found"
    other = stream[:-1] + "x"
    not_found = ("ResourceNotFoundException", missing.format(other))
    assert db.refuse("ListTagsOfResource", ResourceArn=other) == not_found
    db("UpdateTable", TableName="things", StreamSpecification={"StreamEnabled": False})
    not_found = ("ResourceNotFoundException", missing.format(stream))
    assert db.refuse("TagResource", ResourceArn=stream, Tags=[tag]) == not_found


def test_missing_table_and_empty_lists(db: Requests) -> None:
    assert db.refuse("TagResource", ResourceArn=ARN, Tags=[{"Key": "a", "Value": "b"}]) == NOT_FOUND
    assert db.refuse("TagResource", ResourceArn=ARN, Tags=[]) == (
        INVALID,
        "Atleast one Tag needs to be provided as Input.",
    )
    assert db.refuse("UntagResource", ResourceArn=ARN) == (
        INVALID,
        "Atleast one Tag Key needs to be provided as Input.",
    )
    assert db.refuse("ListTagsOfResource", ResourceArn=ARN, NextToken="x") == (INVALID, "Invalid NextToken")


def test_tags_of_a_new_table_appear_when_it_is_active(db: Requests) -> None:
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db.create(Tags=[{"Key": "a", "Value": "1"}])
    assert db.refuse("ListTagsOfResource", ResourceArn=ARN) == NOT_FOUND
    assert db.refuse("UntagResource", ResourceArn=ARN, TagKeys=["a"]) == NOT_FOUND
    db.clock.time += 10
    assert tags(db) == {"a": "1"}


def test_tags_set_during_an_update_stay_after_it(db: Requests) -> None:
    db.create()
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db("UpdateTable", TableName="things", TableClass="STANDARD_INFREQUENT_ACCESS")
    tag(db, a="1")
    assert tags(db) == {"a": "1"}
    db.clock.time += 10
    assert tags(db) == {"a": "1"}


def test_table_that_is_deleted_takes_no_other_tags(db: Requests) -> None:
    db.create(Tags=[{"Key": "a", "Value": "1"}])
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db("DeleteTable", TableName="things")
    assert tag(db, a="1") is None
    assert db.refuse("TagResource", ResourceArn=ARN, Tags=[{"Key": "a", "Value": "2"}]) == (
        "ResourceInUseException",
        "Attempt to change a resource which is still in use: Table is being deleted: things",
    )
    db.clock.time += 10
    assert db.refuse("ListTagsOfResource", ResourceArn=ARN) == NOT_FOUND


def test_limits_and_endpoints_are_those_of_an_account_in_its_region(db: Requests) -> None:
    assert db("DescribeLimits") == {
        "AccountMaxReadCapacityUnits": 80000,
        "AccountMaxWriteCapacityUnits": 80000,
        "TableMaxReadCapacityUnits": 40000,
        "TableMaxWriteCapacityUnits": 40000,
    }
    endpoint = {"Address": f"dynamodb.{REGION}.amazonaws.com", "CachePeriodInMinutes": 1440}
    assert db("DescribeEndpoints") == {"Endpoints": [endpoint]}
