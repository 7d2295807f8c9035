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
    if schema is None or schema.status == "CREATING" or arn.stream is not None:
        raise ResourceNotFoundException(f"Requested resource not found: ResourceArn: {arn.text} not found")
    return schema


def add_tags(call: "Call", writes: WriteSet, schema: TableSchema, new: dict[str, str]) -> None:
    """Add to *writes* that the table has the tags *new*, in place of those with the same keys.

    Raises: ValidationException when they are too many together, ResourceInUseException.
    """
    tags = {**schema.tags, **new}
    if len(tags) > TAGS:
        raise validation(TOO_MANY_TAGS)
    _set_tags(call, writes, schema, tags)


def remove_tags(call: "Call", writes: WriteSet, schema: TableSchema, keys: list[str]) -> None:
    """Add to *writes* that the table has no tags with these *keys*. Raises ResourceInUseException."""
    _set_tags(call, writes, schema, {key: value for key, value in schema.tags.items() if key not in keys})


def _set_tags(call: "Call", writes: WriteSet, schema: TableSchema, tags: dict[str, str]) -> None:
    if tags == schema.tags:
        return
    check_is_open(schema)
    remember(call, writes, schema, lambda old: replace(old, tags=tags))
