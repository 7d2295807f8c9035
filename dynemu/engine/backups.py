"""Backups: a name, the table's definition at that time, and the number that its rows are read as of."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from dynemu.engine.arns import is_region, partition_of
from dynemu.engine.changes import next_number
from dynemu.engine.describe import describe_table
from dynemu.engine.documents import delete_document, find_document, list_documents, put_document
from dynemu.engine.jobs import RESTORING
from dynemu.engine.retention import find_retention, forget, pin, put_retention, unpin
from dynemu.engine.ttl import describe_time_to_live
from dynemu.errors import (
    AccessDeniedException,
    BackupInUseException,
    BackupNotFoundException,
    ContinuousBackupsUnavailableException,
    TableInUseException,
    TableNotFoundException,
    invalid_request,
)
from dynemu.model import TableSchema
from dynemu.storage.base import View, WriteSet
from dynemu.storage.catalogue import decode_schema, encode_schema

if TYPE_CHECKING:
    from dynemu.engine.call import Call
    from dynemu.engine.documents import Document

KIND = "backup"
SYSTEM_DAYS = 35
"""How long a backup lives that stands for a deleted table."""

_SOURCE_MEMBERS = ("TableName", "TableId", "TableArn", "TableSizeBytes", "KeySchema", "ItemCount")
_INDEX_MEMBERS = (
    "IndexName",
    "KeySchema",
    "Projection",
    "OnDemandThroughput",
    "VectorAttribute",
    "SearchSchema",
    "Dimensions",
    "DistanceFunction",
)
_UNITS = ("ReadCapacityUnits", "WriteCapacityUnits")
_IN_USE = (
    "There is another ongoing conflicting backup control plane operation on the table. "
    "The backup is either being created, deleted or restored to a table."
)


def check_source(schema: TableSchema | None, name: str) -> TableSchema:
    """Return the definition of a table that backup operations are about.

    Raises: TableNotFoundException, ContinuousBackupsUnavailableException, TableInUseException.
    """
    if schema is None:
        raise TableNotFoundException(f"Table not found: {name}")
    if schema.status == "CREATING":
        raise ContinuousBackupsUnavailableException(
            f"Backups are being enabled for the table: {name}. Please retry later"
        )
    if schema.status == "DELETING":
        raise TableInUseException(f"Table is being deleted: {name}")
    return schema


def create_backup(call: "Call", writes: WriteSet, schema: TableSchema, name: str) -> "Document":
    """Add to *writes* a backup of the table as it is now. Returns: the backup's document."""
    backup = _new_backup(call, schema, name, "USER")
    put_document(call.view, writes, KIND, document_name(backup["arn"]), backup)
    recorded = pin(call.view, writes, schema, backup["arn"], backup["number"], every=False)
    if recorded is not schema:
        call.catalogue.put(call.view, writes, recorded)
    return backup


def keep_deleted(call: "Call", writes: WriteSet, schema: TableSchema) -> bool:
    """Add to *writes* what the deletion of a table with history leaves behind.

    That is a system backup when point-in-time recovery was on, and the table's rows while something needs
    them. Returns: False when nothing does.
    """
    retention = find_retention(call.view, schema.id)
    if retention is None:
        return False
    if retention.recovery is not None:
        backup = _new_backup(call, schema, f"{schema.name}$DeletedTableBackup", "SYSTEM")
        backup["expires"] = call.now + SYSTEM_DAYS * 86_400
        put_document(call.view, writes, KIND, document_name(backup["arn"]), backup)
        retention.pins[backup["arn"]] = (backup["number"], False)
        retention.recovery = None
        retention.loose = True
    if not retention.is_needed:
        forget(call.view, writes, retention)
        return False
    retention.gone = True
    put_retention(call.view, writes, retention)
    return True


def _new_backup(call: "Call", schema: TableSchema, name: str, kind: str) -> "Document":
    described = describe_table(call.view, schema)
    return {
        "arn": f"{schema.arn}/backup/{round(call.now * 1000):014d}-{call.random[:4].hex()}",
        "name": name,
        "type": kind,
        "created": round(call.now, 3),
        "ready": call.now + call.settings.table_delay,
        "expires": None,
        "number": next_number(call.view),
        "schema": orjson.loads(encode_schema(_lasting(schema))),
        "details": _source_details(schema, described),
        "features": _source_features(call, schema, described),
    }


def _lasting(schema: TableSchema) -> TableSchema:
    """Return *schema* without what is on its way."""
    return replace(schema, next=None, settles_at=None, leaving=(), leaving_vectors=())


def _source_details(schema: TableSchema, described: dict[str, Any]) -> dict[str, Any]:
    details = {member: described[member] for member in _SOURCE_MEMBERS}
    details["TableCreationDateTime"] = described["CreationDateTime"]
    details["ProvisionedThroughput"] = _units(described)
    details["BillingMode"] = schema.billing
    if schema.on_demand:
        details["OnDemandThroughput"] = schema.on_demand
    return details


def _units(described: dict[str, Any]) -> dict[str, int]:
    return {name: described["ProvisionedThroughput"][name] for name in _UNITS}


def _source_features(call: "Call", schema: TableSchema, described: dict[str, Any]) -> dict[str, Any]:
    features: dict[str, Any] = {}
    for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes", "VectorIndexes"):
        indexes = [
            {name: index[name] for name in _INDEX_MEMBERS if name in index}
            | ({"ProvisionedThroughput": _units(index)} if "ProvisionedThroughput" in index else {})
            for index in described.get(kind, ())
            if index.get("IndexStatus") != "DELETING"
        ]
        if indexes:
            features[kind] = indexes
    if schema.stream_view is not None:
        features["StreamDescription"] = described["StreamSpecification"]
    if schema.ttl is not None:
        features["TimeToLiveDescription"] = describe_time_to_live(call.view, schema, call.now)
    if schema.sse is not None:
        features["SSEDescription"] = schema.sse
    return features


def document_name(arn: str) -> str:
    """Return what the backup with this ARN is kept under: ``table/00001700000000000-01234567``."""
    table, _, name = arn.partition(":table/")[2].partition("/backup/")
    return f"{table}/{name}"


def get_backup(call: "Call", arn: str) -> "Document":
    """Return the backup with this ARN, whose region may be any.

    Raises: ValidationException, AccessDeniedException for another account's, BackupNotFoundException.
    """
    _, partition, service, region, account, _ = arn.split(":", 5)
    if service != "dynamodb" or not is_region(region) or partition != partition_of(region):
        raise invalid_request("BackupArn is not valid")
    backup = find_document(call.view, KIND, document_name(arn))
    if account not in (call.account, "" if backup is None else backup["arn"].split(":")[4]):
        raise AccessDeniedException("Access is denied")
    if backup is None or is_expired(backup, call.now):
        raise BackupNotFoundException(f"Backup not found: {arn}")
    return backup


def is_expired(backup: "Document", now: float) -> bool:
    """Tell whether the time of a system backup is over."""
    return backup["expires"] is not None and backup["expires"] <= now


def backed_up_schema(backup: "Document") -> TableSchema:
    """Return the definition that the table had."""
    return decode_schema(orjson.dumps(backup["schema"]))


def check_free(call: "Call", backup: "Document", *, deleting: bool) -> None:
    """Raise BackupInUseException while the backup is being made or restored."""
    if backup["arn"] in (job.get("backup") for job in restores(call.view)):
        what = "table" if deleting else "another table"
        raise BackupInUseException(f"Backup is being used to restore {what}: {backup['arn']}")
    if call.now < backup["ready"]:
        raise BackupInUseException(_IN_USE)


def restores(view: View) -> Iterator[dict[str, Any]]:
    """Iterate over the restores under way."""
    for _, row in view.scan(RESTORING, RESTORING + b"\xff"):
        yield orjson.loads(row)


def delete_backup(call: "Call", writes: WriteSet, backup: "Document") -> None:
    """Add to *writes* that the backup goes, and all that only it needs."""
    delete_document(call.view, writes, KIND, document_name(backup["arn"]))
    unpin(call.catalogue, call.view, writes, backup["schema"]["id"], backup["arn"])


def list_backups(
    call: "Call", kinds: tuple[str, ...], table: str | None, after: str | None
) -> Iterator["Document"]:
    """Iterate over the backups of these *kinds*, by table and time: of one *table* or all, behind an ARN."""
    prefix = "" if table is None else f"{table}/"
    start = None if after is None else document_name(after)
    for _, backup in list_documents(call.view, KIND, prefix=prefix, after=start):
        if backup["type"] in kinds and not is_expired(backup, call.now):
            yield backup


def backup_details(backup: "Document", now: float) -> dict[str, Any]:
    """Return BackupDetails."""
    details = {
        "BackupArn": backup["arn"],
        "BackupName": backup["name"],
        "BackupSizeBytes": backup["details"]["TableSizeBytes"],
        "BackupStatus": "CREATING" if now < backup["ready"] else "AVAILABLE",
        "BackupType": backup["type"],
        "BackupCreationDateTime": backup["created"],
    }
    if backup["expires"] is not None:
        details["BackupExpiryDateTime"] = round(backup["expires"], 3)
    return details


def backup_description(backup: "Document", now: float) -> dict[str, Any]:
    """Return BackupDescription."""
    return {
        "BackupDetails": backup_details(backup, now),
        "SourceTableDetails": backup["details"],
        "SourceTableFeatureDetails": backup["features"],
    }
