"""ReplicaUpdates and GlobalTableWitnessUpdates of an UpdateTable request: what no table could take.

Source of texts: the service's answers as public issues and field notes quote them; API reference,
UpdateTable.
"""

from dataclasses import dataclass
from typing import Any

from dynemu.engine.regions import OTHER_PARTITIONS, REGIONS, STRONG_REGIONS
from dynemu.engine.table_settings import present
from dynemu.errors import parameter_error, validation

Members = dict[str, Any]

KINDS = ("Create", "Update", "Delete", "Disassociate")
TOGETHER = ("ReplicaUpdates", "MultiRegionConsistency", "GlobalTableWitnessUpdates")
LOCAL = (
    "Cannot add or delete the local region through ReplicaUpdates. "
    "Use CreateTable, DeleteTable, or UpdateTable as required."
)
_LOCAL_UPDATE = (
    "Cannot add, delete, or update the local region through ReplicaUpdates. "
    "Use CreateTable, DeleteTable, or UpdateTable as required."
)
_STRONG = "global tables with MultiRegionConsistency set to STRONG"
_SETTINGS = (
    "KMSMasterKeyId",
    "ProvisionedThroughputOverride",
    "OnDemandThroughputOverride",
    "TableClassOverride",
)


@dataclass(frozen=True, slots=True)
class ReplicaRequest:
    """What a request asks of the replicas of a table: one kind of action, and the witness if there is one."""

    kind: str
    actions: list[Members]
    """Members of the actions; what was asked for twice is there once."""
    witness: Members
    """``{"Create": {"RegionName": "…"}}``, ``{"Delete": …}`` or nothing."""
    consistency: str | None

    @property
    def regions(self) -> list[str]:
        return [action["RegionName"] for action in self.actions]

    @property
    def strong(self) -> bool:
        return self.consistency == "STRONG"


def quoted(name: str) -> str:
    """Return *name* in the quotation marks that the messages about global tables have."""
    return f"\u2018{name}\u2019"


def check_replica_request(request: Members, changes: set[str]) -> None:
    """Raise ValidationException for replica updates that no table could take, or not with other *changes*."""
    others = changes - set(TOGETHER)
    if request.get("ReplicaUpdates") is None:
        if others and request.get("GlobalTableWitnessUpdates") is not None:
            raise validation("Requests that modify replicas or witnesses must not also modify other fields")
        return
    if others and (request.get("MultiRegionConsistency") or request.get("GlobalTableWitnessUpdates")):
        raise validation("Requests that modify replicas or witnesses must not also modify other fields")
    if others:
        raise parameter_error("Replica modification must be the only operation in the request")
    asked = parse_replica_request(request)
    _check_counts(asked)
    if asked.consistency is not None and asked.kind != "Create":
        raise validation(
            "Only Replica Create actions are supported when MultiRegionConsistency parameter is provided."
        )
    if "Create" in asked.witness and not asked.strong:
        raise witness_needs_strong()


def parse_replica_request(request: Members) -> ReplicaRequest:
    """Return what the request asks for. Raises: ValidationException when that is not one kind of action."""
    found: list[tuple[str, Members]] = []
    for update in request["ReplicaUpdates"]:
        chosen = [kind for kind in KINDS if update.get(kind) is not None]
        if len(chosen) > 1:
            raise _mixed()
        if not chosen or (chosen == ["Update"] and not has_settings(update["Update"])):
            raise validation("There are no actions specified in the Replica Update Action of the request.")
        if (chosen[0], update[chosen[0]]) not in found:
            found.append((chosen[0], update[chosen[0]]))
    if len({kind for kind, _ in found}) > 1:
        raise _mixed()
    witnesses = request.get("GlobalTableWitnessUpdates") or [{}]
    return ReplicaRequest(
        kind=found[0][0],
        actions=[members for _, members in found],
        witness=present(witnesses[0]) or {},
        consistency=request.get("MultiRegionConsistency"),
    )


def has_settings(members: Members) -> bool:
    """Return whether an Update action names anything that it changes."""
    indexes = members.get("GlobalSecondaryIndexes") or ()
    return any(
        present(members[name]) if isinstance(members.get(name), dict) else members.get(name)
        for name in _SETTINGS
    ) or any(
        present(index.get(name))
        for index in indexes
        for name in ("ProvisionedThroughputOverride", "OnDemandThroughputOverride")
    )


def _mixed() -> Exception:
    return validation("Update table operation with more than one type of replica actions not allowed.")


def too_many() -> Exception:
    """Return the error for several replicas made or deleted at once where that is one too many."""
    return validation(
        "Update table operation with more than one create or delete replica actions not allowed"
    )


def witness_needs_strong() -> Exception:
    """Return the error for a witness of anything but a strongly consistent global table."""
    return validation(
        "MultiRegionConsistency must be set as STRONG when GlobalTableWitnessUpdates parameter is present."
    )


def _check_counts(asked: ReplicaRequest) -> None:
    if asked.kind == "Disassociate" and (len(asked.actions) > 1 or asked.witness):
        raise parameter_error("Disassociate must be the only replica update in the request")
    if asked.kind == "Create" and not asked.strong and len(asked.actions) > 1:
        raise too_many()


def check_regions(asked: ReplicaRequest, local: str) -> None:
    """Raise ValidationException for regions that a table in *local* cannot have replicas or a witness in."""
    if asked.strong:
        _check_strong_regions(asked, local)
    for region in asked.regions:
        if region not in REGIONS and region not in OTHER_PARTITIONS:
            raise validation(
                f"Region {region} is not supported. The latest version of global tables are only supported "
                f"in the following regions: [{', '.join(REGIONS)}]"
            )
    if local in asked.regions and asked.kind in ("Create", "Delete"):
        raise validation(LOCAL)
    if asked.kind == "Update":
        for action in asked.actions:
            if action["RegionName"] == local and action.get("KMSMasterKeyId") is None:
                raise validation(_LOCAL_UPDATE)
    if len(set(asked.regions)) < len(asked.regions):
        raise validation("Cannot target multiple regions with the same action")


def _check_strong_regions(asked: ReplicaRequest, local: str) -> None:
    witness = [action["RegionName"] for action in asked.witness.values()]
    if len(asked.regions) + len(witness) != 2:
        raise validation(f"Unsupported replica count for {_STRONG}.")
    named = dict.fromkeys((*asked.regions, *witness, local))
    unsupported = [region for region in named if region not in STRONG_REGIONS]
    if unsupported:
        raise validation(f"Unsupported Region(s) specified for {_STRONG}: [{', '.join(unsupported)}].")
    if local in witness:
        raise validation(
            "Cannot add a witness in the same region as an existing replica when creating a global table "
            "with MultiRegionConsistency set to STRONG."
        )
    if set(witness) & set(asked.regions):
        raise validation("Cannot target multiple regions with the same action")
