"""PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy, and ResourcePolicy of CreateTable."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from dynemu.config import Settings
from dynemu.engine.database import Engine
from dynemu.storage.rocks import RocksStore
from tests.operations.conftest import ACCOUNT, REGION, ManualClock, Requests

ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/things"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
INVALID = "ValidationException"
NO_POLICY = "PolicyNotFoundException"
PREFIX = "Resource-based policy not found for the provided ResourceArn: "
NOW = "1700000000000"


def statement(**members: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": "dynamodb:GetItem",
        "Resource": ARN,
    } | members


def policy(*statements: Any, **members: Any) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": list(statements), **members}).decode()


READ = policy(statement())
WRITE = policy(statement(Action="dynamodb:PutItem"))


def put(db: Requests, document: str = READ, arn: str = ARN, **more: Any) -> str:
    answer = db("PutResourcePolicy", ResourceArn=arn, Policy=document, **more)
    assert answer.keys() == {"RevisionId"}
    return str(answer["RevisionId"])


def get(db: Requests, arn: str = ARN) -> tuple[str, str]:
    answer = db("GetResourcePolicy", ResourceArn=arn)
    assert answer.keys() == {"Policy", "RevisionId"}
    return answer["Policy"], answer["RevisionId"]


def test_policy_is_kept_until_it_is_deleted(db: Requests) -> None:
    db.create()
    assert db.refuse("GetResourcePolicy", ResourceArn=ARN) == (NO_POLICY, PREFIX + ARN)
    assert db("DeleteResourcePolicy", ResourceArn=ARN) == {}
    assert put(db) == NOW
    assert get(db) == (READ, NOW)
    db.clock.time += 20
    assert db("DeleteResourcePolicy", ResourceArn=ARN) == {"RevisionId": NOW}
    assert db.refuse("GetResourcePolicy", ResourceArn=ARN) == (NO_POLICY, PREFIX + ARN)
    assert db("DeleteResourcePolicy", ResourceArn=ARN) == {"RevisionId": "1700000020000"}


def test_same_policy_keeps_its_revision_and_others_have_later_ones(db: Requests) -> None:
    db.create()
    first = put(db)
    assert put(db, orjson.dumps(orjson.loads(READ), option=orjson.OPT_INDENT_2).decode()) == first
    second = put(db, WRITE)
    third = put(db, READ)
    assert first < second < third
    assert get(db) == (READ, third)


def test_expected_revision_guards_put_and_delete(db: Requests) -> None:
    db.create()
    wanted = f"{PREFIX}Requested update for policy with revision id 1, but "
    none = (NO_POLICY, f"{wanted}table things has no associated policy.")
    put_one = {"ResourceArn": ARN, "Policy": READ, "ExpectedRevisionId": "1"}
    assert db.refuse("PutResourcePolicy", **put_one) == none
    assert db.refuse("DeleteResourcePolicy", ResourceArn=ARN, ExpectedRevisionId="1") == none
    assert put(db, ExpectedRevisionId="NO_POLICY") == NOW
    other = (
        NO_POLICY,
        f"{wanted}the policy associated to target table things has revision id {NOW}.",
    )
    assert db.refuse("PutResourcePolicy", **put_one) == other
    assert db.refuse("DeleteResourcePolicy", ResourceArn=ARN, ExpectedRevisionId="1") == other
    assert db.refuse("PutResourcePolicy", **put_one | {"ExpectedRevisionId": "NO_POLICY"}) == (
        NO_POLICY,
        f"{PREFIX}Requested policy update expecting none to be present for table things, but a policy exists "
        f"with revision id {NOW}.",
    )
    second = put(db, WRITE, ExpectedRevisionId=NOW)
    removed = db("DeleteResourcePolicy", ResourceArn=ARN, ExpectedRevisionId=second)
    assert removed == {"RevisionId": second}


def test_policy_comes_back_in_the_form_that_aws_keeps(db: Requests) -> None:
    db.create()
    given = {
        "Statement": {
            "Resource": [ARN],
            "Condition": {"Bool": {"aws:SecureTransport": ["true"]}},
            "Action": ["dynamodb:getitem"],
            "Principal": {"AWS": [ACCOUNT, ROOT]},
            "Effect": "allow",
            "Sid": "One",
        },
        "Version": "2012-10-17",
    }
    put(db, orjson.dumps(given, option=orjson.OPT_INDENT_2).decode())
    assert get(db)[0] == (
        '{"Version":"2012-10-17","Statement":[{"Sid":"One","Effect":"Allow",'
        f'"Principal":{{"AWS":"{ROOT}"}},"Action":"dynamodb:getitem","Resource":"{ARN}",'
        '"Condition":{"Bool":{"aws:SecureTransport":["true"]}}}]}'
    )


def test_policy_without_a_version_shows_one_but_is_another_policy(db: Requests) -> None:
    db.create()
    bare = orjson.dumps({"Statement": [statement()]}).decode()
    first = put(db, bare)
    shown, _ = get(db)
    assert orjson.loads(shown)["Version"] == "2008-10-17"
    assert put(db, bare) == first
    assert put(db, shown) > first


def test_policy_given_at_creation(db: Requests) -> None:
    db.create(ResourcePolicy=READ)
    assert get(db) == (READ, NOW)
    table = db("DescribeTable", TableName="things")["Table"]
    assert not {"ResourcePolicy", "RevisionId"} & table.keys()
    problem = "One or more parameter values were invalid: Invalid policy document: This policy contains "
    assert db.refuse(
        "CreateTable",
        TableName="others",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        ResourcePolicy="{not json",
    ) == (INVALID, problem + "invalid Json")


def test_stream_has_a_policy_of_its_own(db: Requests) -> None:
    db.create(StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    stream = db("DescribeTable", TableName="things")["Table"]["LatestStreamArn"]
    assert db.refuse("GetResourcePolicy", ResourceArn=stream) == (NO_POLICY, PREFIX + stream)
    document = policy(statement(Action="dynamodb:GetRecords", Resource=stream))
    revision = put(db, document, arn=stream)
    assert get(db, stream) == (document, revision)
    assert db.refuse("GetResourcePolicy", ResourceArn=ARN)[0] == NO_POLICY
    assert db("DeleteResourcePolicy", ResourceArn=stream) == {"RevisionId": revision}
    unknown = f"{ARN}/stream/2000-01-01T00:00:00.000"
    assert db.refuse("GetResourcePolicy", ResourceArn=unknown) == (
        "ResourceNotFoundException",
        "Requested resource not found: Stream: 2000-01-01T00:00:00.000 not found for Table: things",
    )


PARAMETER = "One or more parameter values were invalid: "
DOCUMENT = PARAMETER + "Invalid policy document: "


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (" " * 20481, PARAMETER + "Maximum policy size of 20480 bytes exceeded"),
        ("{not json", DOCUMENT + "This policy contains invalid Json"),
        ("", DOCUMENT + "This policy contains invalid Json"),
        ("[]", DOCUMENT + "This policy contains invalid Json"),
        ("null", DOCUMENT + "This text appears not to be a policy"),
        ("{}", DOCUMENT + "Syntax error at position (1,3)"),
        (policy(), DOCUMENT + "Could not parse the policy: Statement is empty!"),
        (policy({}), DOCUMENT + "Missing required field Effect"),
        (policy(statement(Resource=None)), DOCUMENT + "Missing required field Resource"),
        (
            policy(statement(Sid="a"), statement(Sid="a")),
            DOCUMENT + "The Statement Ids in the policy are not unique",
        ),
        (
            policy(statement(Action=["dynamodb:GetRecords", "dynamodb:DescribeStream"])),
            DOCUMENT
            + 'The following action names are invalid: "dynamodb:GetRecords", "dynamodb:DescribeStream"',
        ),
        (
            policy(statement(Resource=f"{ARN}/stream/2024-01-01T00:00:00.000")),
            DOCUMENT + 'The relative-id "table/things/stream/2024-01-01T00:00:00.000" is invalid for ARN '
            f'"{ARN}/stream/2024-01-01T00:00:00.000"',
        ),
        (
            policy(statement(Principal={"AWS": "*"})),
            "Resource-based policy grants unbounded access in one or more elements. Please revise the policy "
            "to ensure least-privilege form of access",
        ),
    ],
)
def test_document_that_is_no_policy(db: Requests, document: str, problem: str) -> None:
    db.create()
    revision = put(db)
    assert db.refuse("PutResourcePolicy", ResourceArn=ARN, Policy=document) == (INVALID, problem)
    assert get(db) == (READ, revision)


def test_resources_of_other_tables_and_indexes_are_taken(db: Requests) -> None:
    db.create()
    put(db, policy(statement(Resource=["*", f"{ARN}/index/*", ARN + "2", f"{ARN}/*"])))
    put(db, policy(statement(Effect="Deny", Principal="*", Action="dynamodb:*Item")))


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ACCOUNT}])
def test_policy_that_locks_its_author_out_needs_a_confirmation(db: Requests, principal: Any) -> None:
    db.create()
    document = policy(statement(Effect="Deny", Principal=principal, Action="dynamodb:Put*"))
    assert db.refuse("PutResourcePolicy", ResourceArn=ARN, Policy=document) == (
        "AccessDeniedException",
        "The new resource policy will not allow you to update the resource policy in the future.",
    )
    put(db, document, ConfirmRemoveSelfResourceAccess=True)
    only_delete = statement(Effect="Deny", Principal="*", Action="dynamodb:DeleteResourcePolicy")
    put(db, policy(only_delete))


@pytest.mark.parametrize(
    ("arn", "code", "problem"),
    [
        ("things", INVALID, PARAMETER + "ARNs must start with 'arn:': things"),
        (
            f"{ARN}/backup/0170",
            INVALID,
            f"{PARAMETER}Provided Arn is not a DynamoDB resource arn: {ARN}/backup/0170",
        ),
        (
            f"{ARN}/index/ix",
            INVALID,
            f"{PARAMETER}Invalid resource arn provided, only table or stream is accepted. "
            f"Provided resource arn: {ARN}/index/ix",
        ),
        (
            f"arn:aws:dynamodb:{REGION}:999999999999:table/things",
            INVALID,
            "This action is only supported by accounts that match the resource owner\u2019s account.",
        ),
        (
            f"arn:aws:dynamodb:us-west-9:{ACCOUNT}:table/things",
            INVALID,
            f"{PARAMETER}Invalid resource Arn: arn:aws:dynamodb:us-west-9:{ACCOUNT}:table/things",
        ),
        (ARN.upper(), INVALID, f"{PARAMETER}ARNs must start with 'arn:': {ARN.upper()}"),
        (ARN + "2", "ResourceNotFoundException", "Requested resource not found: Table: things2 not found"),
    ],
)
def test_what_has_no_policy(db: Requests, arn: str, code: str, problem: str) -> None:
    db.create()
    assert db.refuse("GetResourcePolicy", ResourceArn=arn) == (code, problem)
    assert db.refuse("DeleteResourcePolicy", ResourceArn=arn) == (code, problem)
    assert db.refuse("PutResourcePolicy", ResourceArn=arn, Policy=READ) == (code, problem)


def test_policies_while_a_table_comes_and_goes(db: Requests) -> None:
    db.engine.settings = replace(db.engine.settings, table_delay=10.0)
    db.create(ResourcePolicy=READ)
    assert get(db) == (READ, NOW)
    missing = ("ResourceNotFoundException", "Requested resource not found: Table: things not found")
    assert db.refuse("PutResourcePolicy", ResourceArn=ARN, Policy=WRITE) == missing
    db.clock.time += 10
    assert get(db) == (READ, NOW)
    db("DeleteTable", TableName="things")
    assert put(db, READ) == NOW
    deleted = (
        "ResourceInUseException",
        "Attempt to change a resource which is still in use: Table is being deleted: things",
    )
    assert db.refuse("PutResourcePolicy", ResourceArn=ARN, Policy=WRITE) == deleted
    assert db.refuse("DeleteResourcePolicy", ResourceArn=ARN) == deleted
    db.clock.time += 10
    assert db.refuse("GetResourcePolicy", ResourceArn=ARN) == missing
    db.create()
    assert db.refuse("GetResourcePolicy", ResourceArn=ARN)[0] == NO_POLICY


def test_broken_constraints(db: Requests) -> None:
    assert db.refuse("PutResourcePolicy") == (
        INVALID,
        "2 validation errors detected: Value null at 'resourceArn' failed to satisfy constraint: Member must "
        "not be null; Value null at 'policy' failed to satisfy constraint: Member must not be null",
    )
    assert db.refuse("DeleteResourcePolicy", ResourceArn=ARN, ExpectedRevisionId="") == (
        INVALID,
        "1 validation error detected: Value '' at 'expectedRevisionId' failed to satisfy constraint: Member "
        "must have length greater than or equal to 1",
    )


def test_settings_survive_a_restart(tmp_path: Path) -> None:
    table: dict[str, Any] = {"ResourcePolicy": READ, "Tags": [{"Key": "a", "Value": "1"}]}
    clock = ManualClock()
    for first in (True, False):
        engine = Engine(RocksStore(tmp_path / "store", "wal"), Settings(), clock)
        db = Requests(engine, clock)
        if first:
            db.create(**table)
            db("UpdateContributorInsights", TableName="things", ContributorInsightsAction="ENABLE")
        assert get(db) == (READ, NOW)
        assert db("ListTagsOfResource", ResourceArn=ARN) == {"Tags": table["Tags"]}
        insights = db("DescribeContributorInsights", TableName="things")
        assert insights["ContributorInsightsStatus"] == "ENABLED"
        engine.close()
