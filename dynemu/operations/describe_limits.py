"""DescribeLimits."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.limits import ACCOUNT_UNITS, TABLE_UNITS
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Return the quotas of provisioned units that an account starts with; dynemu enforces none of them."""
    return {
        "AccountMaxReadCapacityUnits": ACCOUNT_UNITS,
        "AccountMaxWriteCapacityUnits": ACCOUNT_UNITS,
        "TableMaxReadCapacityUnits": TABLE_UNITS,
        "TableMaxWriteCapacityUnits": TABLE_UNITS,
    }, None


OPERATION = Operation("DescribeLimits", input_shape("DescribeLimits"), run, BARE)
