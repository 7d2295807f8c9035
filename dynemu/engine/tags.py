"""Tags of a table: which table an ARN means, what may be set, and what is set then.

Source of texts: recorded answers, topic ttl_tags; published recordings of the service's answers.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynemu.engine.arns import Arn, is_in_place, is_own_account, parse_arn
from dynemu.engine.remembered import remember
from dynemu.engine.table_settings import TOO_MANY_TAGS, check_tag_key, tags_of
from dynemu.engine.tables import check_is_open, find_schema
from dynemu.errors import (
    AccessDeniedException,
    ResourceNotFoundException,
    parameter_error,
    validation,
)
from dynemu.limits import TAGS
from dynemu.model import TableSchema
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

Tag = dict[str, Any]

_STREAM_TAGS = "stream_tags"
"""Member of a definition's ``extra``: the tags of the live stream, by its label."""


def check_new_tags(tags: list[Tag] | None) -> dict[str, str]:
    """Return the *tags* of a TagResource request by key. Raises ValidationException."""
    if not tags:
        raise validation("Atleast one Tag needs to be provided as Input.")
    return tags_of(tags)


def check_keys(keys: list[str] | None) -> None:
    """Raise ValidationException for TagKeys that an UntagResource request may not have."""
    if not keys:
        raise validation("Atleast one Tag Key needs to be provided as Input.")
    for key in keys:
        check_tag_key(key)
    if len(keys) > TAGS:
        raise validation(TOO_MANY_TAGS)


def parse_tagged(text: str | None) -> Arn:
    """Return the ARN of what shall have tags. Raises: ValidationException when it cannot have any."""
    if not text:
        raise validation("Invalid TableArn")
    arn = parse_arn(text)
    if arn.index is not None:
        raise parameter_error(
            "Invalid resource arn provided, only table or stream is accepted. "
            f"Provided resource arn: {arn.text}"
        )
    return arn


def get_tagged(call: "Call", arn: Arn) -> TableSchema:
    """Return the definition of the table that *arn* names, once it exists and can have tags.

    Raises: AccessDeniedException for another account's, ValidationException for another region's,
    ResourceNotFoundException.
    """
    schema = find_schema(call, arn.table)
    if not is_own_account(call, arn, schema):
        raise AccessDeniedException("Access is denied")
    if not is_in_place(call, arn, schema):
        raise validation(f"Invalid TableArn: Invalid ResourceArn provided as input {arn.text}")
    is_there = schema is not None and schema.status != "CREATING"
    if schema is None or not is_there or (arn.stream is not None and not _is_live(schema, arn.stream)):
        raise ResourceNotFoundException(f"Requested resource not found: ResourceArn: {arn.text} not found")
    return schema


def _is_live(schema: TableSchema, label: str) -> bool:
    return schema.stream_view is not None and schema.stream_label == label


def tags_at(schema: TableSchema, arn: Arn) -> dict[str, str]:
    """Return the tags of what *arn* names: of the table, or those that its live stream has for itself."""
    if arn.stream is None:
        return dict(schema.tags)
    kept: dict[str, str] = schema.extra.get(_STREAM_TAGS, {}).get(arn.stream, {})
    return kept


def add_tags(call: "Call", writes: WriteSet, schema: TableSchema, arn: Arn, new: dict[str, str]) -> None:
    """Add to *writes* that what *arn* names has the tags *new*, in place of those with the same keys.

    Raises: ValidationException when they are too many together, ResourceInUseException.
    """
    tags = {**tags_at(schema, arn), **new}
    if len(tags) > TAGS:
        raise validation(TOO_MANY_TAGS)
    _set_tags(call, writes, schema, arn, tags)


def remove_tags(call: "Call", writes: WriteSet, schema: TableSchema, arn: Arn, keys: list[str]) -> None:
    """Add to *writes* that it has no tags with these *keys*. Raises ResourceInUseException."""
    tags = {key: value for key, value in tags_at(schema, arn).items() if key not in keys}
    _set_tags(call, writes, schema, arn, tags)


def _set_tags(call: "Call", writes: WriteSet, schema: TableSchema, arn: Arn, tags: dict[str, str]) -> None:
    if tags == tags_at(schema, arn):
        return
    check_is_open(schema)
    if arn.stream is None:
        remember(call, writes, schema, lambda old: replace(old, tags=tags))
        return
    kept = {_STREAM_TAGS: {arn.stream: tags}}
    remember(call, writes, schema, lambda old: replace(old, extra={**old.extra, **kept}))
