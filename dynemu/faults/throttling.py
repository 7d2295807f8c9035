"""How the service refuses a request that comes too fast.

Source: API reference, ThrottlingReason and TransactionCanceledException; developer guide, "Diagnosing
throttling" (its two examples) and "Error messages and codes".
"""

from typing import Any

from dynemu.engine.table import Table
from dynemu.engine.table_settings import ON_DEMAND
from dynemu.engine.transactions import check_reasons
from dynemu.errors import (
    AwsError,
    ProvisionedThroughputExceededException,
    RequestLimitExceeded,
    ThrottlingException,
)

PROVISIONED_LIMIT = "ProvisionedThroughputExceeded"
KEY_RANGE = "KeyRangeThroughputExceeded"
MAXIMUM = "MaxOnDemandThroughputExceeded"
ACCOUNT = "AccountLimitExceeded"
LIMITS = (PROVISIONED_LIMIT, KEY_RANGE, MAXIMUM, ACCOUNT)

_TABLE_PROVISIONED = (
    "The level of configured provisioned throughput for the table was exceeded. Consider increasing your "
    "provisioning level with the UpdateTable API."
)
_INDEX_PROVISIONED = (
    "The level of configured provisioned throughput for one or more global secondary indexes of the table "
    "was exceeded. Consider increasing your provisioning level for the under-provisioned global secondary "
    "indexes with the UpdateTable API."
)
_TABLE_SCALES = (
    "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your "
    "table or index so please try again shortly. If exceptions persist, check if you have a hot key: "
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"
)
_INDEX_SCALES = (
    "Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is "
    "automatically scaling your index so please try again shortly."
)
_MAXIMUM_EXCEEDED = "Throughput exceeds the maximum OnDemandThroughput configured on table or index"
_ACCOUNT_EXCEEDED = (
    "Throughput exceeds the current throughput limit for your account. Please contact AWS Support at "
    "https://aws.amazon.com/support request a limit increase"
)
_RATE = "Rate of requests exceeds the allowed throughput."


def usual_limit(table: Table, direction: str) -> str:
    """Return the limit that a table is most likely to meet, by its billing mode."""
    schema = table.schema
    if schema.billing != ON_DEMAND:
        return PROVISIONED_LIMIT
    maximum = (schema.on_demand or {}).get(f"Max{direction}RequestUnits")
    return KEY_RANGE if maximum in (None, -1) else MAXIMUM


def throttled(table: Table, index: str | None, direction: str, limit: str) -> AwsError:
    """Return the error of a request that is over *limit* of *table* or its global *index*."""
    resource = table.schema.arn if index is None else f"{table.schema.arn}/index/{index}"
    kind = "Table" if index is None else "Index"
    reasons = [{"reason": f"{kind}{direction}{limit}", "resource": resource}]
    if limit == ACCOUNT:
        return RequestLimitExceeded(_ACCOUNT_EXCEEDED, ThrottlingReasons=reasons)
    # NOTE: the service model spells the member of this one exception with a small t.
    if limit == MAXIMUM:
        return ThrottlingException(_MAXIMUM_EXCEEDED, throttlingReasons=reasons)
    if limit == KEY_RANGE and table.schema.billing == ON_DEMAND:
        message = _TABLE_SCALES if index is None else _INDEX_SCALES
        return ThrottlingException(message, throttlingReasons=reasons)
    message = _TABLE_PROVISIONED if index is None else _INDEX_PROVISIONED
    return ProvisionedThroughputExceededException(message, ThrottlingReasons=reasons)


def too_many_requests() -> AwsError:
    """Return the error of a control operation that comes too often."""
    return ThrottlingException(_RATE)


def code_of(error: AwsError) -> str:
    """Return how *error* is called at a place of a transaction or a batch of statements."""
    if isinstance(error, RequestLimitExceeded):
        return "RequestLimitExceeded"
    return "ThrottlingError" if isinstance(error, ThrottlingException) else PROVISIONED_LIMIT


def cancel(error: AwsError, places: list[int], count: int) -> None:
    """Cancel a transaction of *count* actions, of which those at *places* are throttled with *error*.

    Raises: TransactionCanceledException; *error* itself when it is about the account.
    """
    if isinstance(error, RequestLimitExceeded):
        raise error
    code = code_of(error)
    reasons: list[dict[str, Any]] = [{"Code": "None"} for _ in range(count)]
    for place in places:
        reasons[place] = {"Code": code, "Message": error.message}
    check_reasons(reasons)
