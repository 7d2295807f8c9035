"""PynamoDB: what reads and writes many items, its indexes, page iterators, batches and transactions."""

from collections.abc import Iterator
from typing import Any

import pytest
from pynamodb.connection import Connection
from pynamodb.exceptions import TransactGetError, TransactWriteError
from pynamodb.transactions import TransactGet, TransactWrite

from tests.sdk.pynamodb_models import Post, made_tables


@pytest.fixture(scope="module", autouse=True)
def tables(server_url: str) -> Iterator[None]:
    with made_tables(server_url):
        yield


@pytest.fixture
def forum(table_name: str) -> str:
    """Name of a forum that no other test uses."""
    return f"forum-{table_name}"


def write_posts(forum: str, count: int, **attributes: Any) -> None:
    with Post.batch_write() as batch:
        for number in range(count):
            batch.save(Post(forum, number, views=count - number, **attributes))


@pytest.fixture
def connection(server_url: str, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """What transactions go through; unlike models it finds its keys where botocore looks for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    return Connection(host=server_url, region="us-east-1", max_retry_attempts=0)


def numbers(posts: Any) -> list[int]:
    return [post.number for post in posts]


def test_indexes_are_queried_counted_and_scanned(forum: str) -> None:
    write_posts(forum, 5, author=f"author-{forum}", topic=f"topic-{forum}", subject="ducks")
    assert numbers(Post.by_views.query(forum, Post.views > 2)) == [2, 1, 0]
    assert numbers(Post.by_views.query(forum, scan_index_forward=False, limit=2)) == [0, 1]
    assert numbers(Post.by_author.query(f"author-{forum}", Post.views.between(2, 3))) == [3, 2]
    assert Post.by_author.count(f"author-{forum}", filter_condition=Post.number > 0) == 4
    (post, *_) = Post.by_views.query(forum)
    assert (post.subject, post.views, post.author) == ("ducks", 1, None)
    assert sorted(numbers(Post.by_topic.query(f"topic-{forum}"))) == [0, 1, 2, 3, 4]
    found = Post.by_topic.scan(filter_condition=Post.forum == forum)
    assert sorted(numbers(found)) == [0, 1, 2, 3, 4]
    again = Post.by_views.query(forum, consistent_read=True, attributes_to_get=["forum", "number"])
    assert numbers(again) == [4, 3, 2, 1, 0]


def test_pages_go_on_where_they_ended(forum: str) -> None:
    write_posts(forum, 10, author=f"author-{forum}")
    pages = Post.query(forum, page_size=3)
    assert (numbers(pages), pages.total_count) == (list(range(10)), 10)
    assert pages.last_evaluated_key is None
    first = Post.query(forum, limit=4)
    assert numbers(first) == [0, 1, 2, 3]
    assert first.last_evaluated_key == {"forum": {"S": forum}, "number": {"N": "3"}}
    rest = Post.query(forum, last_evaluated_key=first.last_evaluated_key, scan_index_forward=True)
    assert numbers(rest) == [4, 5, 6, 7, 8, 9]
    indexed = Post.by_author.query(f"author-{forum}", limit=2, page_size=4)
    assert numbers(indexed) == [9, 8]
    assert set(indexed.last_evaluated_key) == {"forum", "number", "author", "views"}
    rest = Post.by_author.query(f"author-{forum}", last_evaluated_key=indexed.last_evaluated_key)
    assert numbers(rest) == [7, 6, 5, 4, 3, 2, 1, 0]
    assert Post.count(forum, Post.number >= 3, limit=5) == 7


def test_scans_in_segments_and_by_rate_see_every_item(forum: str) -> None:
    write_posts(forum, 30)
    seen = [
        post.number
        for segment in range(4)
        for post in Post.scan(Post.forum == forum, segment=segment, total_segments=4, page_size=5)
    ]
    assert sorted(seen) == list(range(30))
    limited = Post.scan(Post.forum == forum, rate_limit=1000, page_size=10, consistent_read=True)
    assert sorted(numbers(limited)) == list(range(30))
    assert limited.page_iter.total_scanned_count >= 30
    assert numbers(Post.query(forum, Post.number < 3, rate_limit=1000, page_size=1)) == [0, 1, 2]
    assert len(list(Post.scan(limit=7))) == 7


def test_batches_write_and_read_more_than_a_request_takes(forum: str) -> None:
    write_posts(forum, 60)
    keys = [(forum, number) for number in range(120)]
    assert sorted(numbers(Post.batch_get(keys, consistent_read=True))) == list(range(60))
    with Post.batch_write() as batch:
        for number in range(60):
            batch.delete(Post(forum, number))
    assert list(Post.batch_get(keys, attributes_to_get=["forum", "number"])) == []


def test_transactions_are_done_or_say_why_not(forum: str, connection: Connection) -> None:
    checked, updated, deleted = (Post(forum, number, subject=str(number)) for number in range(3))
    for post in (checked, updated, deleted):
        post.save()
    new = Post(forum, 3)
    with TransactWrite(connection=connection, client_request_token=f"token-{forum}"[-36:]) as transaction:
        transaction.condition_check(Post, forum, 0, condition=Post.subject == "0")
        transaction.update(updated, actions=[Post.views.add(1)], return_values="ALL_OLD")
        transaction.delete(deleted)
        transaction.save(new, condition=Post.forum.does_not_exist())
    assert (updated.version, new.version) == (2, 1)
    with TransactGet(connection=connection) as transaction:
        futures = [transaction.get(Post, forum, number) for number in (0, 1, 3)]
    assert [(post.number, post.views, post.version) for post in map(lambda got: got.get(), futures)] == [
        (0, 0, 1),
        (1, 1, 2),
        (3, 0, 1),
    ]
    with pytest.raises(TransactWriteError) as refused, TransactWrite(connection=connection) as transaction:
        transaction.save(Post(forum, 4))
        transaction.update(
            Post(forum, 1), actions=[Post.views.add(1)], condition=Post.views > 5, return_values="ALL_OLD"
        )
    assert refused.value.cause_response_code == "TransactionCanceledException"
    fine, failed = refused.value.cancellation_reasons
    assert fine is None
    assert (failed.code, failed.message) == ("ConditionalCheckFailed", "The conditional request failed")
    assert failed.raw_item["views"] == {"N": "1"}
    assert Post.count(forum) == 3


def test_a_transaction_does_not_read_what_is_not_there(forum: str, connection: Connection) -> None:
    with TransactGet(connection=connection) as transaction:
        future = transaction.get(Post, forum, 1)
    with pytest.raises(Post.DoesNotExist):
        future.get()
    with pytest.raises(TransactGetError) as refused, TransactGet(connection=connection) as transaction:
        for _ in range(2):
            transaction.get(Post, forum, 1)
    assert refused.value.cause_response_code == "ValidationException"
