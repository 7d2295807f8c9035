"""What imports and bulk operations share: their input is read and its items are put into a table."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dynemu._core.scalars import String
from dynemu._core.shapes import AttributeMap, Map, Structure, Value, check_request
from dynemu._core.values import normalise_item
from dynemu.engine.documents import Document
from dynemu.engine.keys import check_index_keys, get_item_row_key
from dynemu.engine.table import Table
from dynemu.engine.transfer.formats import find_reader
from dynemu.engine.transfer.inputs import Place, Reader, Record
from dynemu.engine.transfer.streams import MissingLibrary
from dynemu.engine.writes import TOO_BIG, Target
from dynemu.errors import AwsError, validation
from dynemu.expressions.bind import bind
from dynemu.limits import ITEM_BYTES
from dynemu.storage.base import View, WriteSet
from dynemu.storage.objects import BadKey, Bucket, NoBucket, open_bucket

if TYPE_CHECKING:
    from dynemu.engine.database import Engine

T = TypeVar("T")

log = logging.getLogger("dynemu.transfer")

RECORD = Structure(
    {
        "Item": AttributeMap(),
        "ConditionExpression": String(),
        "ExpressionAttributeNames": Map(String()),
        "ExpressionAttributeValues": Map(
            Value(), java_name="com.amazonaws.dynamodb.v20120810.AttributeValue"
        ),
    },
    ("Item",),
    "Record",
)
"""One item of an input; the members about a condition are those of bulk operations."""
_NO_BUCKET = (
    "The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket)."
)


class Failure(Exception):
    """What ends a task as FAILED: its FailureCode and FailureMessage."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Loaded(NamedTuple):
    """What became of one record: the item, and the error that refused it, if any."""

    record: Record
    item: dict[str, Any] | None
    error: AwsError | str | None


def find_bucket(engine: "Engine", name: str) -> Bucket:
    """Return the bucket called *name*. Raises: Failure."""
    try:
        return open_bucket(engine.settings.s3_dir, name)
    except NoBucket as error:
        raise Failure("S3NoSuchBucket", f"{_NO_BUCKET} {error}") from error


def guarded(work: Callable[[], T]) -> T:
    """Return what *work* returns. Raises: Failure for what it meets in the bucket."""
    try:
        return work()
    except BadKey as error:
        raise Failure("S3AccessDenied", f"Access Denied. {error}") from error
    except MissingLibrary as error:
        raise Failure("UnsupportedInput", str(error)) from error
    except OSError as error:
        raise Failure(
            "S3InternalError", f"The bucket's directory cannot be used: {error.strerror}."
        ) from error


def open_input(engine: "Engine", key: bytes, task: Document) -> Reader:
    """Return what reads the task's input, kept open by the *key* of its job. Raises: Failure."""
    kept = engine.kept.get(key)
    if isinstance(kept, Reader):
        return kept
    source = task["source"]
    bucket = find_bucket(engine, source["bucket"])
    read_records = find_reader(source["format"], source["csv"], source["types"])
    reader: Reader = guarded(lambda: Reader(bucket, source["prefix"], source["compression"], read_records))
    engine.kept[key] = reader
    return reader


def close_input(engine: "Engine", key: bytes) -> None:
    """Close what ``open_input`` opened."""
    reader = engine.kept.pop(key, None)
    if reader is not None:
        reader.close()


def place_of(task: Document) -> Place:
    """Return how far the task's input is done."""
    key, at, *rest = task["place"]
    return Place(key, tuple(at), *rest)


def load(view: View, table: Table, records: list[Record], writes: WriteSet, *, bulk: bool) -> list[Loaded]:
    """Add to *writes* the items of *records*, up to one with the key of another one among them.

    In a *bulk* operation records may hold a condition, and what is no record at all is the last one done.
    Returns: what became of each record that is done with it; at least one, unless there are no records.
    """
    done: list[Loaded] = []
    seen: set[bytes] = set()
    for record in records:
        if not record.is_item or record.error is not None:
            done.append(Loaded(record, None, record.error))
            if bulk and record.error is not None:
                break
            continue
        content = record.content
        try:
            row_key = _check_item(table, content)
            if row_key in seen:
                break
            seen.add(row_key)
            _put_item(Target(view, table, row_key), content, writes, bulk)
        except AwsError as error:
            done.append(Loaded(record, _item_of(content), error))
        else:
            done.append(Loaded(record, content["Item"], None))
    return done


def _check_item(table: Table, content: Any) -> bytes:
    """Make the item of a record canonical and return its row key. Raises: AwsError."""
    if type(content) is not dict:
        RECORD.check_type(content)
    check_request(RECORD, content)
    item = content["Item"]
    if normalise_item(item) > ITEM_BYTES:
        raise validation(TOO_BIG)
    row_key = get_item_row_key(table, item)
    if table.indexes:
        check_index_keys(table, item)
    return row_key


def _put_item(target: Target, content: dict[str, Any], writes: WriteSet, bulk: bool) -> None:
    """Add to *writes* that the item of a record is put, if its condition holds. Raises: AwsError."""
    if bulk and len(content) > 1:
        bound = bind(content, ("ConditionExpression",))
        bound.check_unused()
        target.check(bound.condition, bound.values, "ALL_OLD")
    target.replace(content["Item"], writes, None)


def _item_of(content: Any) -> dict[str, Any] | None:
    item = content.get("Item") if isinstance(content, dict) else None
    return item if isinstance(item, dict) else None


def pointer(task: Document, record: Record) -> dict[str, Any]:
    """Return where a record is, as AWS tells it of one that cannot be imported."""
    return {
        "bucket": task["source"]["bucket"],
        "key": record.after.key,
        "itemIndex": max(record.after.records - 1, 0),
    }


def error_text(error: AwsError | str) -> str:
    """Return the message of what refused a record."""
    return error if isinstance(error, str) else error.message or error.code
