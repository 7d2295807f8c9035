"""PynamoDB: tables, attributes, conditions, updates, versions and subclasses of its models."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from pynamodb.exceptions import (
    DeleteError,
    DoesNotExist,
    PutError,
    TableDoesNotExist,
    UpdateError,
)
from pynamodb.expressions.condition import size

from tests.sdk.pynamodb_models import Address, Basket, Login, Nowhere, Post, Sample, Session, made_tables


@pytest.fixture(scope="module", autouse=True)
def tables(server_url: str) -> Iterator[None]:
    with made_tables(server_url):
        yield


@pytest.fixture
def forum(table_name: str) -> str:
    """Name of a forum that no other test uses."""
    return f"forum-{table_name}"


def test_tables_are_as_the_models_say(client: Any) -> None:
    table = client.describe_table(TableName="pynamodb-posts")["Table"]
    assert [index["IndexName"] for index in table["LocalSecondaryIndexes"]] == ["by-views"]
    projections = {
        index["IndexName"]: index["Projection"]
        for index in table["GlobalSecondaryIndexes"] + table["LocalSecondaryIndexes"]
    }
    assert projections == {
        "by-author": {"ProjectionType": "ALL"},
        "by-topic": {"ProjectionType": "KEYS_ONLY"},
        "by-views": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["subject"]},
    }
    throughput = table["ProvisionedThroughput"]
    assert (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]) == (10, 5)
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    tags = client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "ducks"}]
    expiry = client.describe_time_to_live(TableName="pynamodb-sessions")["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}


def test_every_attribute_comes_back_as_it_went_in() -> None:
    values = {
        "text": "Zoë — 漢字 — 🦆",
        "integer": 10**20,
        "real": -12.5,
        "yes": True,
        "nothing": None,
        "raw": b"\x00\x01\xff",
        "encoded": b"\x00\x01\xff",
        "texts": {"a", "b"},
        "numbers": {1, 2.5},
        "raws": {b"a", b"\xff"},
        "json": {"a": [1, None, {"b": "c"}]},
        "when": datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=timezone.utc),
    }
    maps = {
        "home": Address(street="High Street", number=3),
        "homes": [Address(street="a"), Address(street="b", number=1)],
        "free": {"any": {"thing": [1, "two", {"three": True}]}},
    }
    Sample(b"\x00key", **values, **maps).save()
    read = Sample.get(b"\x00key", consistent_read=True)
    assert {name: getattr(read, name) for name in values} == values
    assert read.home.as_dict() == {"street": "High Street", "number": 3}
    assert [home.as_dict() for home in read.homes] == [{"street": "a"}, {"street": "b", "number": 1}]
    assert read.free["any"] == maps["free"]["any"]
    raw = read.serialize()
    assert (raw["integer"], raw["encoded"]) == ({"N": "100000000000000000000"}, {"B": b"AAH/"})
    assert raw["home"] == {"M": {"street": {"S": "High Street"}, "no": {"N": "3"}}}


def test_a_part_of_an_item_is_read(forum: str) -> None:
    Post(forum, 1, author="ann", subject="ducks").save()
    post = Post.get(forum, 1, attributes_to_get=["subject"])
    assert (post.subject, post.author) == ("ducks", None)


def test_what_is_not_there_is_said_by_name(forum: str) -> None:
    with pytest.raises(DoesNotExist):
        Post.get(forum, 1)
    with pytest.raises(Post.DoesNotExist):
        Post(forum, 1).refresh()
    with pytest.raises(TableDoesNotExist):
        Nowhere.describe_table()


def test_versions_keep_writers_apart(forum: str) -> None:
    first = Post(forum, 1, subject="first")
    first.save()
    second = Post.get(forum, 1)
    assert (first.version, second.version) == (1, 1)
    second.update(actions=[Post.subject.set("second")])
    assert second.version == 2
    first.subject = "lost"
    with pytest.raises(PutError) as refused:
        first.save()
    assert refused.value.cause_response_code == "ConditionalCheckFailedException"
    assert refused.value.cause_response_message == "The conditional request failed"
    with pytest.raises(UpdateError):
        first.update(actions=[Post.views.add(1)])
    with pytest.raises(DeleteError):
        first.delete()
    first.update(actions=[Post.views.add(1)], add_version_condition=False)
    assert (first.subject, first.views, first.version) == ("second", 1, 3)
    second.refresh(consistent_read=True)
    second.delete()
    with pytest.raises(PutError):
        first.save()


def test_updates_do_all_their_actions(forum: str) -> None:
    post = Post(forum, 1, author="ann", topic="ducks", words={"a", "b"}, notes=["old"])
    post.save()
    actions = [
        Post.views.set(Post.views + 5),
        Post.subject.set(Post.subject | "none yet"),
        Post.notes.set(Post.notes.append(["new"])),
        Post.words.delete({"a"}),
        Post.topic.remove(),
        Post.author.set("bob"),
    ]
    post.update(actions=actions, condition=(Post.views == 0) & Post.words.contains("a"))
    assert (post.views, post.subject, post.author, post.topic) == (5, "none yet", "bob", None)
    assert (post.notes, post.words) == (["old", "new"], {"b"})
    post.update(actions=[Post.words.add({"c"}), Post.notes[0].remove(), Post.notes[5].set("last")])
    assert (post.notes, post.words) == (["new", "last"], {"b", "c"})
    post.update(actions=[Post.notes.set(Post.notes.prepend(["first"])), Post.views.set(10 - Post.views)])
    assert (post.notes, post.views) == (["first", "new", "last"], 5)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Post.subject == "ducks", True),
        (Post.subject != "ducks", False),
        (Post.views < 7, False),
        (Post.views <= 7, True),
        (Post.views > 6, True),
        (Post.views >= 8, False),
        (Post.views.between(5, 7), True),
        (Post.views.is_in(1, 2, 3), False),
        (Post.author.exists(), False),
        (Post.author.does_not_exist(), True),
        (Post.subject.is_type(), True),
        (Post.subject.startswith("du"), True),
        (Post.subject.contains("ck"), True),
        (Post.words.contains("c"), False),
        (Post.notes[1] == "two", True),
        (Post.notes[9].exists(), False),
        (size(Post.subject) == 5, True),
        (size(Post.words) > size(Post.notes), False),
        (~(Post.subject == "ducks"), False),
        ((Post.views == 1) | (Post.subject == "ducks"), True),
    ],
)
def test_conditions(forum: str, condition: Any, holds: bool) -> None:
    post = Post(forum, 1, subject="ducks", views=7, words={"a", "b"}, notes=["one", "two"])
    post.save()
    assert [found.number for found in Post.query(forum, filter_condition=condition)] == [1] * holds
    if holds:
        post.delete(condition)
    else:
        with pytest.raises(DeleteError):
            post.delete(condition)
    assert Post.count(forum) == (0 if holds else 1)


def test_subclasses_are_read_as_what_they_are(table_name: str) -> None:
    expires = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(hours=1)
    Login(f"{table_name}-1", user="ann", expires=timedelta(hours=1)).save()
    Basket(f"{table_name}-2", articles=["duck"], expires=expires).save()
    mine = Session.key.startswith(table_name)
    assert {type(session) for session in Session.scan(mine)} == {Login, Basket}
    (basket,) = Basket.scan(mine)
    assert (basket.articles, basket.expires) == (["duck"], expires)
    assert isinstance(Session.get(f"{table_name}-1"), Login)
    assert Session.get(f"{table_name}-1").expires >= expires
