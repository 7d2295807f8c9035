"""AWS's operations, one module for each; this is the one table of their names."""

from dynemu.operations import (
    batch_get_item,
    batch_write_item,
    create_table,
    delete_item,
    delete_table,
    describe_table,
    describe_time_to_live,
    get_item,
    list_tables,
    put_item,
    query,
    scan,
    transact_get_items,
    transact_write_items,
    update_item,
    update_table,
    update_time_to_live,
)
from dynemu.operations.operation import Operation

OPERATIONS: dict[str, Operation] = {
    "BatchGetItem": batch_get_item.OPERATION,
    "BatchWriteItem": batch_write_item.OPERATION,
    "CreateTable": create_table.OPERATION,
    "DeleteItem": delete_item.OPERATION,
    "DeleteTable": delete_table.OPERATION,
    "DescribeTable": describe_table.OPERATION,
    "DescribeTimeToLive": describe_time_to_live.OPERATION,
    "GetItem": get_item.OPERATION,
    "ListTables": list_tables.OPERATION,
    "PutItem": put_item.OPERATION,
    "Query": query.OPERATION,
    "Scan": scan.OPERATION,
    "TransactGetItems": transact_get_items.OPERATION,
    "TransactWriteItems": transact_write_items.OPERATION,
    "UpdateItem": update_item.OPERATION,
    "UpdateTable": update_table.OPERATION,
    "UpdateTimeToLive": update_time_to_live.OPERATION,
}
"""Targets ``DynamoDB_20120810.<name>``."""
STREAM_OPERATIONS: dict[str, Operation] = {}
"""Targets ``DynamoDBStreams_20120810.<name>``."""
