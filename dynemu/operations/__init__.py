"""AWS's operations, one module for each; this is the one table of their names.

A module is imported when its operation is called for the first time: most programs call a few. A server
imports those of ``USUAL`` before, while it waits for requests.
"""

import re
from collections.abc import Iterator
from importlib import import_module

from dynemu.operations.operation import Operation, Plain

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
USUAL = (
    "GetItem",
    "PutItem",
    "CreateTable",
    "Query",
    "UpdateItem",
    "DeleteItem",
    "DescribeTable",
    "ListTables",
    "Scan",
    "BatchWriteItem",
    "BatchGetItem",
    "TransactWriteItems",
    "TransactGetItems",
    "DeleteTable",
)
"""Operations that most programs call, those that the first request is likely to be for at the front."""

_WORD_START = re.compile(r"(?<!^)(?=[A-Z][a-z])")
_known = frozenset((*OPERATIONS, *STREAM_OPERATIONS))
_loaded: dict[str, Operation] = {}
plain_answers: dict[str, Plain] = {}
"""What may answer in place of an operation that is loaded (see ``Operation``)."""
get_loaded = _loaded.get
"""Return the operation that is called so on the wire if it is loaded; PERF: without a Python frame."""


def find_operation(name: str) -> Operation | None:
    """Return the operation that is called *name* on the wire, or None."""
    operation = _loaded.get(name)
    if operation is None and name in _known:
        operation = _loaded[name] = import_module(module_name(name)).OPERATION
        if operation.plain is not None:
            plain_answers[name] = operation.plain
    return operation


def load_operations(names: tuple[str, ...] = USUAL) -> Iterator[None]:
    """Import the operations called *names*, one in each step of the iterator."""
    for name in names:
        find_operation(name)
        yield


def module_name(operation: str) -> str:
    """Return the module of *operation*: ``dynemu.operations.put_item`` for ``PutItem``."""
    return f"dynemu.operations.{_WORD_START.sub('_', operation).lower()}"
