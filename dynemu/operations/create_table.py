"""CreateTable."""

from typing import Any

from dynemu._core.shapes import List, String
from dynemu.engine.call import Call, table_name
from dynemu.engine.definitions import check_definitions
from dynemu.engine.describe import describe_new
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
from dynemu.engine.tables import as_created, check_name_is_free, index_count, new_schema, start_transition
from dynemu.engine.vector_definitions import check_vector_indexes
from dynemu.errors import validation
from dynemu.operations import table_members as members
from dynemu.operations.api import node
from dynemu.operations.operation import BARE, Operation, Request
from dynemu.storage.base import WriteSet

UNSUPPORTED = ("GlobalTableSourceArn",)
SHAPE = members.TableRequest(
    {
        "BillingMode": members.BILLING_MODE,
        "ProvisionedThroughput": members.PROVISIONED_THROUGHPUT,
        "KeySchema": members.TABLE_KEY_SCHEMA,
        "AttributeDefinitions": members.ATTRIBUTE_DEFINITIONS,
        "GlobalSecondaryIndexes": List(members.GLOBAL_INDEX),
        "LocalSecondaryIndexes": List(members.LOCAL_INDEX),
        "VectorIndexes": node("VectorIndexList"),
        "StreamSpecification": members.STREAM_SPECIFICATION,
        "SSESpecification": members.SSE_SPECIFICATION,
        "TableClass": members.TABLE_CLASS,
        "DeletionProtectionEnabled": members.FLAG,
        "OnDemandThroughput": members.ON_DEMAND_THROUGHPUT,
        "WarmThroughput": members.WARM_THROUGHPUT,
        "Tags": members.TAGS,
        "ResourcePolicy": String(),
        "GlobalTableSettingsReplicationMode": members.SETTINGS_REPLICATION,
        **dict.fromkeys(UNSUPPORTED, members.REFUSED),
    },
    ("KeySchema", "AttributeDefinitions"),
    new=True,
)


def run(call: Call, request: Request) -> tuple[dict[str, Any], WriteSet]:
    """Create a table; the answer says CREATING, with or without a delay."""
    name = table_name(request["TableName"])
    _check(call, request)
    check_name_is_free(call, name)
    writes = WriteSet()
    count = index_count(request) + len(request.get("VectorIndexes") or ())
    schema = new_schema(call, name, request, call.catalogue.allocate_ids(call.view, writes, count))
    shown = start_transition(call, writes, as_created(schema), schema)
    return {"TableDescription": describe_new(call.view, shown)}, writes


def _check(call: Call, request: Request) -> None:
    for name in UNSUPPORTED:
        if request.get(name) is not None:
            raise validation(f"{name} is not supported")
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


OPERATION = Operation("CreateTable", SHAPE, run, BARE)
