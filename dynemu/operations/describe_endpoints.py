"""DescribeEndpoints."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.operations.api import input_shape
from dynemu.operations.operation import BARE, Operation, Request

CACHE_MINUTES = 1440


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """Return the service's own endpoint in the caller's region.

    NOTE: an SDK that was given an endpoint, as for dynemu, never asks for another.
    """
    address = f"dynamodb.{call.region}.amazonaws.com"
    return {"Endpoints": [{"Address": address, "CachePeriodInMinutes": CACHE_MINUTES}]}, None


OPERATION = Operation("DescribeEndpoints", input_shape("DescribeEndpoints"), run, BARE)
