"""Replicas of a table, version 2019.11.21: which changes of them a table takes.

Source of rules and texts: the service's answers as public issues and field notes quote them; API reference,
UpdateTable; developer guide, "How DynamoDB global tables work" and "Disassociating a global table replica".
Where a text is not known, it follows the nearest one that is.
"""

from typing import TYPE_CHECKING, Any

from dynemu.engine import replica_keys
from dynemu.engine import table_settings as settings
from dynemu.engine.replica_requests import ReplicaRequest, quoted, too_many, witness_needs_strong
from dynemu.engine.replica_views import MODE, replicas_of, seen_from
from dynemu.engine.tables import find_schema
from dynemu.errors import ResourceInUseException, parameter_error, validation
from dynemu.model import TableSchema

if TYPE_CHECKING:
    from dynemu.engine.call import Call

Members = dict[str, Any]

SOURCE_SECONDS = 24 * 3600
"""For so long a region cannot go whose table was copied to another one."""
_STRONG = "global tables with MultiRegionConsistency set to STRONG"


def busy() -> ResourceInUseException:
    """Return the error for a change of a table whose replicas are changing."""
    return ResourceInUseException("The resource which you are attempting to change is in use.")


def is_changing(schema: TableSchema) -> bool:
    """Return whether a change of the replicas of *schema* is under way."""
    following = schema.next
    return following is not None and replicas_of(schema) != replicas_of(following)


def check_group_allows(schema: TableSchema, request: Members) -> None:
    """Raise ValidationException for changes of *schema* that go with replicas only, or not with them."""
    stream = request.get("StreamSpecification")
    if not replicas_of(schema):
        if request.get("DisassociationProtectionEnabled") is not None:
            raise parameter_error(
                "DisassociationProtectionEnabled can only be specified for a Global Table replica."
            )
        return
    if stream is not None and not stream["StreamEnabled"] and not schema.extra.get("strong"):
        raise parameter_error("Disabling Stream is not allowed for a Global Table replica.")
    if request.get(MODE) is not None:
        raise parameter_error(f"{MODE} can only be specified for a Regional Table.")
    if request.get("DisassociationProtectionEnabled") is not None and schema.extra.get("strong"):
        raise validation(f"Disassociation is not supported for {_STRONG}.")


def check_source(schema: TableSchema, region: str, now: float) -> None:
    """Raise ValidationException when *region* was the source of a replica that is still young."""
    for replica in replicas_of(schema):
        if replica["source"] == region and now - replica["added"] < SOURCE_SECONDS:
            raise validation(
                "Replica cannot be deleted because it has acted as a source region for new replica(s) being "
                "added to the table in the last 24 hours."
            )


def check_stays_whole(schema: TableSchema) -> None:
    """Raise ValidationException when a table of a strongly consistent group is to go by itself."""
    if schema.extra.get("strong") and replicas_of(schema):
        raise validation(f"Deletion of only one table replica is not supported for {_STRONG}.")


def check_create(call: "Call", schema: TableSchema, asked: ReplicaRequest, local: str) -> None:
    """Raise ValidationException for replicas that cannot be added to the table."""
    if schema.extra.get("strong") and asked.consistency is None:
        raise validation("Cannot add replicas to a global table with strong MultiRegionConsistency")
    if replicas_of(schema) and asked.consistency is not None:
        raise validation("MultiRegionConsistency parameter is unsupported on existing global table")
    members = {schema.region, *(replica["region"] for replica in replicas_of(schema))}
    if members & set(asked.regions):
        raise validation(
            f"Failed to create a the new replica of table with name: {quoted(schema.name)} because one "
            "or more replicas already existed as tables."
        )
    if schema.billing == settings.PROVISIONED:
        # NOTE: auto scaling is another service's, which is not here, so no table has it.
        raise validation("Table write capacity should either be Pay-Per-Request or AutoScaled.")
    for action in asked.actions:
        replica_keys.check_new_key(schema, action, call.random)
    if asked.strong:
        _check_can_be_strong(call, schema)


def _check_can_be_strong(call: "Call", schema: TableSchema) -> None:
    if call.view.counts(schema.id)[0]:
        raise validation(f"Table must be empty for {_STRONG}.")
    if any(not index.is_global for index in schema.indexes):
        raise validation(f"Local secondary indexes are not supported for {_STRONG}.")
    if schema.ttl is not None:
        raise validation(f"Time to Live is not supported for {_STRONG}.")


def _check_members(schema: TableSchema, asked: ReplicaRequest) -> None:
    members = {schema.region, *(replica["region"] for replica in replicas_of(schema))}
    strangers = [region for region in asked.regions if region not in members or not replicas_of(schema)]
    if strangers:
        raise _not_part("replicas", strangers)


def _not_part(what: str, regions: list[str]) -> Exception:
    return validation(
        f"Update global table operation failed because one or more {what} were not part of the global table. "
        f"Please retry the request without these {what}: [{', '.join(regions)}]."
    )


def check_delete(call: "Call", schema: TableSchema, asked: ReplicaRequest, local: str) -> None:
    """Raise ValidationException for replicas that cannot be taken away, or not so."""
    strong = schema.extra.get("strong", False)
    if asked.witness and not strong:
        raise witness_needs_strong()
    if len(asked.actions) > 1 and not strong:
        raise too_many()
    _check_members(schema, asked)
    witnesses = [witness["region"] for witness in schema.extra.get("witnesses") or ()]
    strangers = [action["RegionName"] for action in asked.witness.values()]
    strangers = [region for region in strangers if region not in witnesses]
    if strangers:
        raise _not_part("witnesses", strangers)
    if witnesses and not asked.witness:
        raise validation("Update table delete operation does not include all witnesses.")
    if strong and len(asked.regions) < len(replicas_of(schema)):
        check_stays_whole(schema)
    for region in asked.regions:
        check_unprotected(schema, region)
        check_source(schema, region, call.now)


def check_unprotected(schema: TableSchema, region: str) -> None:
    """Raise ValidationException when deletion protection keeps the replica in *region*."""
    if seen_from(schema, region).protected:
        raise validation(
            f"Cannot delete table {schema.name} in region {region} because it has deletion protection "
            "enabled. Disable deletion protection first."
        )


def check_update(call: "Call", schema: TableSchema, asked: ReplicaRequest, local: str) -> None:
    """Raise ValidationException for settings that replicas of the table cannot have."""
    _check_members(schema, asked)
    for action in asked.actions:
        on_demand = schema.billing == settings.ON_DEMAND
        for members in (action, *(action.get("GlobalSecondaryIndexes") or ())):
            if on_demand and settings.present(members.get("ProvisionedThroughputOverride")):
                raise validation(settings.UNITS_FOR_ON_DEMAND)
            if not on_demand and settings.present(members.get("OnDemandThroughputOverride")):
                raise validation(
                    "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table "
                    "BillingMode is PROVISIONED"
                )
    replica_keys.check_changed_keys(schema, asked.actions)


def check_disassociate(call: "Call", schema: TableSchema, asked: ReplicaRequest, local: str) -> None:
    """Raise ValidationException when the replica in *local* may not leave the global table."""
    _check_members(schema, asked)
    if asked.regions != [local]:
        raise parameter_error("RegionName of Disassociate must be the Region of the request")
    if schema.extra.get("strong"):
        raise validation(f"Disassociation is not supported for {_STRONG}.")
    if not schema.extra.get("may_leave"):
        raise validation(
            f"Cannot disassociate table {schema.name} in region {local} because it has disassociation "
            "protection enabled. Disable disassociation protection first."
        )


def check_join(call: "Call", name: str, request: Members) -> TableSchema:
    """Return the source table of which a CreateTable request makes a replica.

    Raises: ValidationException, ResourceInUseException when it cannot.
    """
    source = request["GlobalTableSourceArn"]
    schema = find_schema(call, source.rpartition("/")[2])
    if request.get(MODE) != "ENABLED":
        raise parameter_error(f"{MODE} must be ENABLED when GlobalTableSourceArn is specified")
    if not source.startswith("arn:"):
        raise parameter_error(f"Invalid GlobalTableSourceArn: {source}")
    if schema is None:
        raise parameter_error(f"Source table not found: {source}")
    if schema.name != name:
        raise parameter_error("TableName must be the name of the source table of GlobalTableSourceArn")
    if call.region in (schema.region, *(replica["region"] for replica in replicas_of(schema))):
        raise ResourceInUseException(f"Table already exists: {name}")
    if schema.extra.get("described", {}).get(MODE) != "ENABLED":
        raise parameter_error(f"{MODE} of the source table must be ENABLED: {source}")
    if schema.settles_at is not None:
        raise busy()
    return schema
