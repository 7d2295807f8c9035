"""Models for the tests of PynamoDB: one with every index, one with every attribute, one that expires."""

from collections.abc import Iterator
from contextlib import contextmanager

from pynamodb.attributes import (
    BinaryAttribute,
    BinarySetAttribute,
    BooleanAttribute,
    DiscriminatorAttribute,
    DynamicMapAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NullAttribute,
    NumberAttribute,
    NumberSetAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.indexes import (
    AllProjection,
    GlobalSecondaryIndex,
    IncludeProjection,
    KeysOnlyProjection,
    LocalSecondaryIndex,
)
from pynamodb.models import Model


class Server:
    """Members of every Meta; the tests set host."""

    host = ""
    region = "us-east-1"
    aws_access_key_id = "local"
    aws_secret_access_key = "local"
    max_retry_attempts = 0


class PostsByViews(LocalSecondaryIndex["Post"]):
    class Meta:
        index_name = "by-views"
        projection = IncludeProjection(["subject"])

    forum = UnicodeAttribute(hash_key=True)
    views = NumberAttribute(range_key=True)


class PostsByAuthor(GlobalSecondaryIndex["Post"]):
    class Meta:
        index_name = "by-author"
        projection = AllProjection()
        read_capacity_units = 2
        write_capacity_units = 1

    author = UnicodeAttribute(hash_key=True)
    views = NumberAttribute(range_key=True, default=0)


class PostsByTopic(GlobalSecondaryIndex["Post"]):
    class Meta:
        index_name = "by-topic"
        projection = KeysOnlyProjection()
        read_capacity_units = 1
        write_capacity_units = 1

    topic = UnicodeAttribute(hash_key=True)


class Post(Model):
    class Meta(Server):
        table_name = "pynamodb-posts"
        read_capacity_units = 10
        write_capacity_units = 5
        stream_view_type = "NEW_IMAGE"
        tags = {"team": "ducks"}  # noqa: RUF012 - this is how PynamoDB is told

    forum = UnicodeAttribute(hash_key=True)
    number = NumberAttribute(range_key=True)
    author = UnicodeAttribute(null=True)
    topic = UnicodeAttribute(null=True)
    subject = UnicodeAttribute(null=True)
    views = NumberAttribute(default=0)
    words: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    notes: ListAttribute = ListAttribute(null=True)
    version = VersionAttribute()

    by_views = PostsByViews()
    by_author = PostsByAuthor()
    by_topic = PostsByTopic()


class Address(MapAttribute):
    street = UnicodeAttribute()
    number = NumberAttribute(attr_name="no", null=True)


class Sample(Model):
    """One attribute of each kind."""

    class Meta(Server):
        table_name = "pynamodb-samples"
        billing_mode = "PAY_PER_REQUEST"

    key = BinaryAttribute(hash_key=True, legacy_encoding=False)
    text = UnicodeAttribute(null=True)
    integer = NumberAttribute(null=True)
    real = NumberAttribute(null=True)
    yes = BooleanAttribute(null=True)
    nothing = NullAttribute(null=True)
    raw = BinaryAttribute(null=True, legacy_encoding=False)
    encoded = BinaryAttribute(null=True, legacy_encoding=True)
    texts: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    numbers: NumberSetAttribute = NumberSetAttribute(null=True)
    raws: BinarySetAttribute = BinarySetAttribute(null=True, legacy_encoding=False)
    json: JSONAttribute = JSONAttribute(null=True)
    when = UTCDateTimeAttribute(null=True)
    home = Address(null=True)
    homes = ListAttribute(of=Address, null=True)
    free = DynamicMapAttribute(null=True)


class Session(Model):
    class Meta(Server):
        table_name = "pynamodb-sessions"
        billing_mode = "PAY_PER_REQUEST"

    key = UnicodeAttribute(hash_key=True)
    kind = DiscriminatorAttribute()
    expires = TTLAttribute(null=True)


class Login(Session, discriminator="login"):
    user = UnicodeAttribute()


class Basket(Session, discriminator="basket"):
    articles = ListAttribute(of=UnicodeAttribute)


class Nowhere(Model):
    """A model whose table nobody made."""

    class Meta(Server):
        table_name = "pynamodb-nowhere"

    key = UnicodeAttribute(hash_key=True)


TABLES = (Post, Sample, Session)
MODELS = (*TABLES, Login, Basket, Nowhere)


@contextmanager
def made_tables(url: str) -> Iterator[None]:
    """Make the tables of all models on the server at *url*, as an application does at its start."""
    for model in MODELS:
        model.Meta.host = url
    for table in TABLES:
        assert not table.exists()
        table.create_table()
        while table.describe_table()["TableStatus"] != "ACTIVE":
            pass
    yield
    for table in TABLES:
        table.delete_table()
    for table in TABLES:
        while table.exists():
            pass
