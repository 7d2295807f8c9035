"""AWS's operations, one module for each; this is the one table of their names.

A module is imported when its operation is called for the first time: most programs call a few.
"""

import re
from importlib import import_module

from dynemu.operations.operation import Operation

OPERATIONS = (
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "CancelBulkOperation",
    "CreateBackup",
    "CreateGlobalTable",
    "CreateTable",
    "DeleteBackup",
    "DeleteItem",
    "DeleteResourcePolicy",
    "DeleteTable",
    "DescribeBackup",
    "DescribeBulkOperation",
    "DescribeContinuousBackups",
    "DescribeContributorInsights",
    "DescribeEndpoints",
    "DescribeExport",
    "DescribeGlobalTable",
    "DescribeGlobalTableSettings",
    "DescribeImport",
    "DescribeKinesisStreamingDestination",
    "DescribeLimits",
    "DescribeTable",
    "DescribeTableReplicaAutoScaling",
    "DescribeTimeToLive",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "ExecuteStatement",
    "ExecuteTransaction",
    "ExportTableToPointInTime",
    "GetItem",
    "GetResourcePolicy",
    "ImportTable",
    "ListBackups",
    "ListBulkOperations",
    "ListContributorInsights",
    "ListExports",
    "ListGlobalTables",
    "ListImports",
    "ListTables",
    "ListTagsOfResource",
    "PutItem",
    "PutResourcePolicy",
    "Query",
    "RestoreTableFromBackup",
    "RestoreTableToPointInTime",
    "Scan",
    "SearchVectors",
    "StartBulkPutItems",
    "TagResource",
    "TransactGetItems",
    "TransactWriteItems",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateContributorInsights",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateItem",
    "UpdateKinesisStreamingDestination",
    "UpdateTable",
    "UpdateTableReplicaAutoScaling",
    "UpdateTimeToLive",
)
"""Targets ``DynamoDB_20120810.<name>``."""
STREAM_OPERATIONS = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
"""Targets ``DynamoDBStreams_20120810.<name>``."""

_WORD_START = re.compile(r"(?<!^)(?=[A-Z][a-z])")
_known = frozenset((*OPERATIONS, *STREAM_OPERATIONS))
_loaded: dict[str, Operation] = {}


def find_operation(name: str) -> Operation | None:
    """Return the operation that is called *name* on the wire, or None."""
    operation = _loaded.get(name)
    if operation is None and name in _known:
        operation = _loaded[name] = import_module(module_name(name)).OPERATION
    return operation


def module_name(operation: str) -> str:
    """Return the module of *operation*: ``dynemu.operations.put_item`` for ``PutItem``."""
    return f"dynemu.operations.{_WORD_START.sub('_', operation).lower()}"
