"""CreateTable."""

from typing import Any

from dynemu.engine.call import Call, table_name
from dynemu.engine.definitions import check_definitions
from dynemu.engine.describe import describe_new, describe_table
from dynemu.engine.policy_documents import parse_policy
from dynemu.engine.replica_views import seen_from
from dynemu.engine.replicas import join_global_table
from dynemu.engine.stream_life import start_stream
from dynemu.engine.table_settings import (
    PROVISIONED,
    check_billing,
    check_index_billing,
    check_new_stream,
    check_on_demand,
    check_warm,
    encryption,
    tags_of,
)
from dynemu.engine.tables import as_created, check_name_is_free, count_ids, new_schema, start_transition
from dynemu.engine.vector_definitions import check_vector_indexes
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.operations.table_members import table_request
from dynemu.storage.base import WriteSet

SHAPE = table_request(
    "CreateTable",
    order=(
        "BillingMode",
        "ProvisionedThroughput",
        "KeySchema",
        "AttributeDefinitions",
        "GlobalSecondaryIndexes",
    ),
    needed=("KeySchema", "AttributeDefinitions"),
    new=True,
    instead="GlobalTableSourceArn",
)


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Create a table; the answer says CREATING, with or without a delay."""
    name = table_name(request["TableName"])
    if request.get("GlobalTableSourceArn") is not None:
        return _join(call, name, request)
    check_new_table(call, request)
    check_name_is_free(call, name)
    writes = WriteSet()
    first_id = call.catalogue.allocate_ids(call.view, writes, count_ids(request))
    schema = new_schema(call, name, request, first_id)
    if schema.stream_view is not None:
        schema = start_stream(call, writes, schema)
    shown = start_transition(call, writes, as_created(schema), schema)
    return {"TableDescription": describe_new(call.view, shown)}, writes


def _join(call: Call, name: str, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Add the replica of a multi-account global table that a request with a source table asks for."""
    writes = WriteSet()
    shown = join_global_table(call, writes, name, request)
    return {"TableDescription": describe_table(call.view, seen_from(shown, call.region))}, writes


def check_new_table(call: Call, request: Request) -> None:
    """Raise ValidationException when a table cannot be as *request* says; its name is not looked at."""
    check_billing(request)
    check_vector_indexes(request)
    check_definitions(request)
    check_index_billing(request)
    check_new_stream(request.get("StreamSpecification"))
    billing, units = request.get("BillingMode") or PROVISIONED, request.get("ProvisionedThroughput")
    check_on_demand(request.get("OnDemandThroughput"), billing)
    check_warm(request.get("WarmThroughput"), billing, units)
    for index in request.get("GlobalSecondaryIndexes") or ():
        check_on_demand(index.get("OnDemandThroughput"), billing, index["IndexName"])
        check_warm(
            index.get("WarmThroughput"), billing, index.get("ProvisionedThroughput"), index["IndexName"]
        )
    encryption(request.get("SSESpecification"), call.region, call.account)
    tags_of(request.get("Tags"))
    if request.get("ResourcePolicy") is not None:
        parse_policy(request["ResourcePolicy"])


OPERATION = Operation("CreateTable", SHAPE, run, BARE)
