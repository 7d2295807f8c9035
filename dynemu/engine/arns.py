"""ARNs of tables, their indexes and their streams, as requests name resources by them.

Source of texts: published recordings of the service's answers by form of the ARN.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dynemu.engine.regions import REGIONS
from dynemu.errors import parameter_error
from dynemu.model import TableSchema

if TYPE_CHECKING:
    from dynemu.engine.call import Call

FOREIGN = "This action is only supported by accounts that match the resource owner\u2019s account."
_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_TABLE_ARN = re.compile(r"arn:[^:/]+:dynamodb:[^:/]+:[^:/]+:table/[^:/]+")
_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))


@dataclass(frozen=True, slots=True)
class Arn:
    """``arn:aws:dynamodb:region:account:table/name``, with ``/index/name`` or ``/stream/label`` behind it."""

    text: str
    partition: str
    region: str
    account: str
    table: str
    index: str | None = None
    stream: str | None = None
    """Label of the stream."""


def parse_arn(text: str) -> Arn:
    """Return the parts of *text*. Raises: ValidationException when it is no ARN of a table or part of one."""
    if not text.startswith("arn:"):
        raise parameter_error(f"ARNs must start with 'arn:': {text}")
    parts = text.split(":", 5)
    path = parts[-1].split("/")
    if len(parts) < 6 or parts[2] != "dynamodb" or path[0] != "table" or len(path) not in (2, 4):
        raise parameter_error(f"Provided Arn is not a DynamoDB resource arn: {text}")
    _, partition, _, region, account, _ = parts
    if len(path) == 2:
        return Arn(text, partition, region, account, path[1])
    if path[2] == "index":
        return Arn(text, partition, region, account, path[1], index=path[3])
    if path[2] == "stream":
        return Arn(text, partition, region, account, path[1], stream=path[3])
    raise parameter_error(f"Provided Arn is not a DynamoDB resource arn: {text}")


def is_table_arn(text: str) -> bool:
    """Tell whether *text* has the form of the ARN of a table."""
    return _TABLE_ARN.fullmatch(text) is not None


def is_own_account(call: "Call", arn: Arn, schema: TableSchema | None) -> bool:
    """Tell whether *arn* is of the account that calls, or of the table named (None: no such table)."""
    return arn.account == call.account or (schema is not None and arn.account == schema.account)


def is_in_place(call: "Call", arn: Arn, schema: TableSchema | None) -> bool:
    """Tell whether *arn* can name a table here: a good name in the caller's region or in the table's own."""
    if _TABLE_NAME.fullmatch(arn.table) is None:
        return False
    regions = (call.region,) if schema is None else (call.region, schema.region)
    return arn.region in regions and arn.partition in ("aws", partition_of(arn.region))


def is_region(name: str) -> bool:
    """Tell whether *name* is that of a region of AWS, or looks like one of another partition."""
    return name in REGIONS or partition_of(name) != "aws"


def partition_of(region: str) -> str:
    """Return the partition that *region* belongs to."""
    for prefix, partition in _PARTITIONS:
        if region.startswith(prefix):
            return partition
    return "aws"
