"""What becomes of a request for each of the service's operations."""

from typing import NamedTuple

REAL = "real"
"""Does what the service does."""
REMEMBERED = "remembered"
"""Checked, kept and shown again; nothing else comes of it."""
REFUSED = "refused"
"""Answered with an error."""
STATES = (REAL, REMEMBERED, REFUSED)


class Capability(NamedTuple):
    """What dynemu does of one operation; *note* says in a line what is real and what is only remembered."""

    operation: str
    state: str
    note: str


CAPABILITIES = (
    Capability("BatchExecuteStatement", REAL, "up to 25 PartiQL statements"),
    Capability("BatchGetItem", REAL, "pages of 16 MB; nothing is left over for throttling"),
    Capability("BatchWriteItem", REAL, "nothing is left over for throttling"),
    Capability("CancelBulkOperation", REAL, "stops a bulk put where it is"),
    Capability("CreateBackup", REAL, "a copy of the table at that moment"),
    Capability("CreateGlobalTable", REMEMBERED, "replicas are kept and shown, nothing is copied"),
    Capability(
        "CreateTable",
        REAL,
        "keys, indexes, streams and limits; encryption, table class and policy are remembered",
    ),
    Capability("DeleteBackup", REAL, ""),
    Capability("DeleteItem", REAL, ""),
    Capability("DeleteResourcePolicy", REMEMBERED, "policies are kept, no request is judged by them"),
    Capability("DeleteTable", REAL, ""),
    Capability("DescribeBackup", REAL, ""),
    Capability("DescribeBulkOperation", REAL, ""),
    Capability("DescribeContinuousBackups", REAL, ""),
    Capability("DescribeContributorInsights", REMEMBERED, "a status, no rules and no reports"),
    Capability("DescribeEndpoints", REAL, "the address of the service itself"),
    Capability("DescribeExport", REAL, ""),
    Capability("DescribeGlobalTable", REMEMBERED, ""),
    Capability("DescribeGlobalTableSettings", REMEMBERED, ""),
    Capability("DescribeImport", REAL, ""),
    Capability("DescribeKinesisStreamingDestination", REMEMBERED, ""),
    Capability("DescribeLimits", REAL, "the service's default quotas, which are not enforced"),
    Capability("DescribeStream", REAL, ""),
    Capability("DescribeTable", REAL, "counts and sizes are exact and current"),
    Capability("DescribeTableReplicaAutoScaling", REMEMBERED, ""),
    Capability("DescribeTimeToLive", REAL, ""),
    Capability("DisableKinesisStreamingDestination", REMEMBERED, ""),
    Capability("EnableKinesisStreamingDestination", REMEMBERED, "a status; no record is sent"),
    Capability("ExecuteStatement", REAL, "PartiQL"),
    Capability("ExecuteTransaction", REAL, "PartiQL, all or nothing"),
    Capability("ExportTableToPointInTime", REAL, "a local directory stands for S3"),
    Capability("GetItem", REAL, ""),
    Capability("GetRecords", REAL, "records of the last 24 hours"),
    Capability("GetResourcePolicy", REMEMBERED, ""),
    Capability("GetShardIterator", REAL, ""),
    Capability("ImportTable", REAL, "a local directory stands for S3"),
    Capability("ListBackups", REAL, ""),
    Capability("ListBulkOperations", REAL, ""),
    Capability("ListContributorInsights", REMEMBERED, ""),
    Capability("ListExports", REAL, ""),
    Capability("ListGlobalTables", REMEMBERED, ""),
    Capability("ListImports", REAL, ""),
    Capability("ListStreams", REAL, ""),
    Capability("ListTables", REAL, ""),
    Capability("ListTagsOfResource", REAL, ""),
    Capability("PutItem", REAL, ""),
    Capability("PutResourcePolicy", REMEMBERED, "policies are kept, no request is judged by them"),
    Capability("Query", REAL, ""),
    Capability("RestoreTableFromBackup", REAL, ""),
    Capability("RestoreTableToPointInTime", REAL, ""),
    Capability("Scan", REAL, "parallel too"),
    Capability("SearchVectors", REAL, "exact neighbours, compared one by one"),
    Capability("StartBulkPutItems", REAL, "a local directory stands for S3"),
    Capability("TagResource", REAL, "tags are kept and shown; nothing depends on them"),
    Capability("TransactGetItems", REAL, ""),
    Capability("TransactWriteItems", REAL, ""),
    Capability("UntagResource", REAL, ""),
    Capability("UpdateContinuousBackups", REAL, ""),
    Capability("UpdateContributorInsights", REMEMBERED, "a status, no rules and no reports"),
    Capability("UpdateGlobalTable", REMEMBERED, "replicas are kept and shown, nothing is copied"),
    Capability("UpdateGlobalTableSettings", REMEMBERED, ""),
    Capability("UpdateItem", REAL, ""),
    Capability("UpdateKinesisStreamingDestination", REMEMBERED, ""),
    Capability(
        "UpdateTable",
        REAL,
        "throughput, indexes, streams and protection; replicas, encryption and table class are remembered",
    ),
    Capability("UpdateTableReplicaAutoScaling", REMEMBERED, "settings are kept, nothing is scaled"),
    Capability("UpdateTimeToLive", REAL, "items go within about a second of their time"),
)
"""All operations in alphabetical order."""
