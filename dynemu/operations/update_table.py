"""UpdateTable."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.describe import describe_table
from dynemu.engine.index_updates import check_actions
from dynemu.engine.replica_requests import check_replica_request
from dynemu.engine.replica_views import seen_from
from dynemu.engine.table_settings import ON_DEMAND, UNITS_FOR_ON_DEMAND, check_units, present
from dynemu.engine.table_updates import update_table
from dynemu.engine.tables import get_schema
from dynemu.engine.vector_updates import check_vector_actions
from dynemu.errors import parameter_error, validation
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import table_request
from dynemu.storage.base import WriteSet

SHAPE = table_request("UpdateTable", order=("ProvisionedThroughput", "GlobalSecondaryIndexUpdates"))
CHANGES = (
    "ProvisionedThroughput",
    "BillingMode",
    "StreamSpecification",
    "GlobalSecondaryIndexUpdates",
    "VectorIndexUpdates",
    "SSESpecification",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "WarmThroughput",
    "TableClass",
    "GlobalTableSettingsReplicationMode",
    "ReplicaUpdates",
    "DisassociationProtectionEnabled",
)
ALONE = (
    ("SSESpecification", "Server-Side Encryption modification must be the only operation in the request"),
    ("TableClass", "TableClass modification must be the only operation in the request"),
    (
        "DeletionProtectionEnabled",
        "DeletionProtection modification must be the only operation in the request",
    ),
    (
        "DisassociationProtectionEnabled",
        "DisassociationProtection modification must be the only operation in the request",
    ),
)
"""Changes that AWS takes only by themselves, in the order in which it names them."""
_ASKED_FOR = (
    "ProvisionedThroughput",
    "BillingMode",
    "UpdateStreamEnabled",
    "GlobalSecondaryIndexUpdates",
    "SSESpecification",
    "ReplicaUpdates",
    "MultiAccountReplicaReady",
    "ReplicaTransitRoleArn",
    "MultiRegionConsistency",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "WarmThroughput",
)
"""What AWS says that a request lacks, with members that are its own business, and TableClass last."""


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Change a table; the answer shows it as it is while the change is under way."""
    _check(request)
    schema = get_schema(call, table_name(request["TableName"]))
    writes = WriteSet()
    shown = update_table(call, writes, schema, request)
    return {"TableDescription": describe_table(call.view, seen_from(shown, call.region))}, writes


def _check(request: Request) -> None:
    units, billing = request.get("ProvisionedThroughput"), request.get("BillingMode")
    if billing == ON_DEMAND and units is not None:
        raise parameter_error(UNITS_FOR_ON_DEMAND)
    check_units(units)
    updates = request.get("GlobalSecondaryIndexUpdates")
    changes = {name for name in CHANGES if request.get(name) is not None}
    for name in ("OnDemandThroughput", "WarmThroughput"):
        if present(request.get(name)) is None:
            changes.discard(name)
    if changes <= {"GlobalSecondaryIndexUpdates"} and not updates:
        raise _nothing_asked(request)
    if updates is not None and not updates:
        raise parameter_error("List of GlobalSecondaryIndexUpdates is empty")
    check_replica_request(request, changes)
    _check_together(changes, [*(updates or []), *(request.get("VectorIndexUpdates") or [])])
    check_actions(updates or [])
    check_vector_actions(request.get("VectorIndexUpdates"))
    if request.get("GlobalTableSettingsReplicationMode") == "ENABLED_WITH_OVERRIDES":
        raise validation(
            "Value 'ENABLED_WITH_OVERRIDES' at 'GlobalTableSettingsReplicationMode' failed to satisfy "
            "constraint: Only ENABLED and DISABLED settings replication are supported for a Regional Table."
        )


def _nothing_asked(request: Request) -> Exception:
    """Return the error of a request that changes nothing. NOTE: AWS leaves out a member that is there."""
    left = [name for name in _ASKED_FOR if request.get(name) is None or name != "MultiRegionConsistency"]
    return validation(f"At least one of {', '.join(left)} or TableClass is required")


def _check_together(changes: set[str], updates: list[dict[str, Any]]) -> None:
    """Raise ValidationException for changes that AWS does not take in one request."""
    moves_index = any(action.get("Update") is None for action in updates)
    for name, problem in ALONE:
        if name in changes and len(changes) > 1:
            raise parameter_error(problem)
    if "WarmThroughput" in changes and any(action.get("Create") is not None for action in updates):
        raise parameter_error(
            "Create global secondary index cannot be specified when updating WarmThroughput"
        )
    if "WarmThroughput" in changes and len(changes) > 1:
        raise parameter_error("WarmThroughput must be the only operation in the request")
    if "OnDemandThroughput" in changes and not changes <= {"OnDemandThroughput", "BillingMode"}:
        raise parameter_error(
            "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request"
        )
    if "ProvisionedThroughput" in changes and "StreamSpecification" in changes:
        raise parameter_error("You cannot modify stream status while updating table IOPS")
    if moves_index and "ProvisionedThroughput" in changes:
        raise parameter_error("You cannot create or delete index while updating table IOPS")
    if moves_index and "StreamSpecification" in changes:
        raise parameter_error("You cannot create or delete index while changing stream status")


OPERATION = Operation("UpdateTable", SHAPE, run, BARE)
