"""Global tables of version 2017.11.29: documents that name a table and the regions of its replicas.

    {"created": 1700000000.0, "settles_at": 1700000010.0, "replicas": {"us-east-1": {"status": "ACTIVE", …}}}

Nothing is copied: every region reads the one table of that name. Settings are remembered and returned.

Source of texts: the service's answers as public issues and field notes quote them; API reference. The
service makes no new global tables of this version; what it answered when it did is documented.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dynemu.engine.documents import delete_document, find_document, list_documents, put_document
from dynemu.engine.regions import LEGACY_REGIONS
from dynemu.engine.tables import find_schema
from dynemu.errors import (
    GlobalTableAlreadyExistsException,
    GlobalTableNotFoundException,
    ReplicaAlreadyExistsException,
    ReplicaNotFoundException,
    TableNotFoundException,
    parameter_error,
    validation,
)
from dynemu.model import TableSchema
from dynemu.storage.base import View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

Document = dict[str, Any]
Members = dict[str, Any]

KIND = "global-table"


def find_global_table(call: "Call", name: str) -> Document | None:
    """Return the global table called *name* as it is now, or None."""
    document = find_document(call.view, KIND, name)
    return None if document is None else _settled(document, call.now)


def get_global_table(call: "Call", name: str, prefix: str = "") -> Document:
    """Return the global table called *name* as it is now; *prefix* begins the text when there is none.

    Raises: GlobalTableNotFoundException.
    """
    document = find_global_table(call, name)
    if document is None:
        raise GlobalTableNotFoundException(f"{prefix}Global table with name: '{name}' does not exist.")
    return document


def forget_global_table(view: View, writes: WriteSet, name: str) -> None:
    """Add to *writes* that there is no global table called *name* any more."""
    if find_document(view, KIND, name) is not None:
        delete_document(view, writes, KIND, name)


def list_global_tables(call: "Call", after: str | None, region: str | None) -> Iterator[tuple[str, Document]]:
    """Iterate over (name, global table) in the order of names.

    Only those after *after*, and only those with a replica in *region*; None asks for no restriction.
    """
    for name, document in list_documents(call.view, KIND, after=after):
        settled = _settled(document, call.now)
        if settled is not None and (region is None or region in settled["replicas"]):
            yield name, settled


def create_global_table(call: "Call", writes: WriteSet, name: str, group: list[Members]) -> Document:
    """Add to *writes* a global table with replicas in the regions of *group*; return it as it is shown.

    Raises: ValidationException, TableNotFoundException, GlobalTableAlreadyExistsException.
    """
    if not group:
        raise parameter_error("Global table must have atleast one replica")
    if any(replica.get("RegionName") is None for replica in group):
        raise parameter_error("ReplicationGroup members must specify RegionName")
    regions = list(dict.fromkeys(replica["RegionName"] for replica in group))
    _check_regions(regions)
    if find_global_table(call, name) is not None:
        raise GlobalTableAlreadyExistsException(f"Global table with name: '{name}' already exists.")
    check_can_replicate(call, _get_table(call, name))
    document = {"created": call.now, "replicas": {region: {"status": "CREATING"} for region in regions}}
    return put_global_table(call, writes, name, document, "CREATING")


def update_global_table(call: "Call", writes: WriteSet, name: str, updates: list[Members]) -> Document:
    """Add to *writes* replicas that come and go; return the global table as it is shown.

    Raises: ValidationException, GlobalTableNotFoundException, ReplicaAlreadyExistsException,
    ReplicaNotFoundException, TableNotFoundException.
    """
    if not updates or any(len(_chosen(update)) != 1 for update in updates):
        raise validation("One or more parameter values were invalid")
    _check_regions([update["Create"]["RegionName"] for update in updates if "Create" in _chosen(update)])
    document = get_global_table(call, name, "Global table not found: ")
    replicas = {region: dict(replica) for region, replica in document["replicas"].items()}
    for update in updates:
        _apply(call, name, replicas, update)
    return put_global_table(call, writes, name, {**document, "replicas": replicas}, "UPDATING")


def _apply(call: "Call", name: str, replicas: Document, update: Members) -> None:
    [kind] = _chosen(update)
    region = update[kind]["RegionName"]
    if kind == "Create":
        if region in replicas:
            raise ReplicaAlreadyExistsException(
                f"Replica in region: '{region}' already exists in global table: '{name}'."
            )
        check_can_replicate(call, _get_table(call, name))
        replicas[region] = {"status": "CREATING"}
    elif region not in replicas:
        raise ReplicaNotFoundException(
            f"Replica in region: '{region}' does not exist in global table: '{name}'."
        )
    else:
        replicas[region]["status"] = "DELETING"


def describe_global_table(call: "Call", name: str, document: Document) -> Document:
    """Return the GlobalTableDescription of a global table as it is shown."""
    return {
        "ReplicationGroup": [
            {"RegionName": region, "ReplicaStatus": replica["status"]}
            for region, replica in document["replicas"].items()
        ],
        "GlobalTableArn": f"arn:aws:dynamodb::{call.account}:global-table/{name}",
        "CreationDateTime": round(document["created"], 3),
        "GlobalTableStatus": document["status"],
        "GlobalTableName": name,
    }


def _chosen(update: Members) -> list[str]:
    return [kind for kind in ("Create", "Delete") if update.get(kind) is not None]


def _check_regions(regions: list[str]) -> None:
    for region in regions:
        if region not in LEGACY_REGIONS:
            raise parameter_error(
                f"DynamoDB global tables version 2017.11.29 is not supported in this region '{region}', "
                f"supported regions are : [{', '.join(LEGACY_REGIONS)}]"
            )


def _get_table(call: "Call", name: str) -> TableSchema:
    schema = find_schema(call, name)
    if schema is None:
        raise TableNotFoundException(f"Table not found: {name}")
    return schema


def check_can_replicate(call: "Call", schema: TableSchema) -> None:
    """Raise ValidationException when the table cannot be a replica, having items or not the right stream."""
    if schema.stream_view != "NEW_AND_OLD_IMAGES":
        raise parameter_error(
            f"Table {schema.name} must have DynamoDB Streams enabled with NEW_AND_OLD_IMAGES view type"
        )
    if call.view.counts(schema.id)[0]:
        raise parameter_error(f"Table {schema.name} must be empty to be a replica of a global table")


def _settled(document: Document, now: float) -> Document | None:
    """Return what holds of *document* at *now*; None once its last replica is gone."""
    if document["settles_at"] > now:
        return document
    replicas = {
        region: {**replica, "status": "ACTIVE"}
        for region, replica in document["replicas"].items()
        if replica["status"] != "DELETING"
    }
    return {**document, "status": "ACTIVE", "replicas": replicas} if replicas else None


def put_global_table(call: "Call", writes: WriteSet, name: str, document: Document, status: str) -> Document:
    """Store *document*, in *status* for the configured delay; return it as the answer shows it.

    A global table without replicas is gone once it has settled.
    """
    shown = {**document, "status": status, "settles_at": call.now + call.settings.table_delay}
    stored = shown if call.settings.table_delay > 0 else _settled(shown, call.now)
    if stored is None:
        forget_global_table(call.view, writes, name)
    else:
        put_document(call.view, writes, KIND, name, stored)
    return shown
