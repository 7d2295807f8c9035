"""UpdateTable: what a request changes, what AWS shows while that is under way, and what holds afterwards.

Source of texts and of what goes together: recorded answers, topic update_table; API reference, UpdateTable.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dynemu.engine import table_settings as settings
from dynemu.engine.backfill import start_filling
from dynemu.engine.busy_tables import busy_error
from dynemu.engine.describe import kept_warmth, warmth
from dynemu.engine.index_updates import change_indexes
from dynemu.engine.replica_checks import busy, check_group_allows, is_changing
from dynemu.engine.replica_keys import replicas_encrypted_as
from dynemu.engine.replica_views import find_replica
from dynemu.engine.replicas import update_replicas, with_own
from dynemu.engine.stream_life import start_stream, stop_stream
from dynemu.engine.tables import check_is_open, start_transition
from dynemu.engine.vector_updates import change_vector_indexes
from dynemu.errors import parameter_error, validation
from dynemu.model import Index, TableSchema, Throughput, VectorIndex
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

Members = dict[str, Any]

_UNCHANGED = (
    "The provisioned throughput for the table will not change. The requested value equals the current value. "
    "Current ReadCapacityUnits provisioned for the table: {read}. Requested ReadCapacityUnits: {read}. "
    "Current WriteCapacityUnits provisioned for the table: {write}. Requested WriteCapacityUnits: {write}. "
    "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
)


@dataclass(slots=True)
class Update:
    """A table on its way: *shown* until it settles, *then* afterwards."""

    shown: TableSchema
    then: TableSchema
    added: Index | VectorIndex | None = None
    """The index that is new and has to be filled."""

    def set(self, **values: Any) -> None:
        """Change both at once."""
        self.shown = replace(self.shown, **values)
        self.then = replace(self.then, **values)

    def show_updating(self, **values: Any) -> None:
        """Show the table as UPDATING, and otherwise as it was but for *values*."""
        self.shown = replace(self.shown, status="UPDATING", **values)


def update_table(call: "Call", writes: WriteSet, schema: TableSchema, request: Members) -> TableSchema:
    """Add to *writes* what a checked request changes of *schema*.

    Returns: the definition to describe in the answer.
    Raises: ValidationException, ResourceInUseException, LimitExceededException, ResourceNotFoundException.
    """
    check_is_open(schema)
    if request.get("ReplicaUpdates") is not None:
        return update_replicas(call, writes, schema, request)
    check_group_allows(schema, request)
    if schema.settles_at is not None:
        return _change_unsettled(call, writes, schema, request)
    update = Update(schema, schema)
    _change_billing(update, request, call.now)
    _change_maximum(update, request)
    _change_warmth(update, request)
    _change_stream(call, writes, update, request)
    _change_encryption(update, request, call)
    _change_class(update, request)
    _change_protection(update, request, call.region)
    if request.get("GlobalTableSettingsReplicationMode") is not None:
        described = {"GlobalTableSettingsReplicationMode": request["GlobalTableSettingsReplicationMode"]}
        described = {**schema.extra.get("described", {}), **described}
        update.set(extra={**schema.extra, "described": described})
    change_indexes(call, writes, update, request)
    change_vector_indexes(call, writes, update, request)
    then = (
        update.then if update.added is None else start_filling(call.view, writes, update.then, update.added)
    )
    if update.shown == update.then:
        call.catalogue.put(call.view, writes, then)
        return update.shown
    return start_transition(call, writes, update.shown, then)


def _change_unsettled(call: "Call", writes: WriteSet, schema: TableSchema, request: Members) -> TableSchema:
    """Change a table whose last change is still under way: AWS takes deletion protection only."""
    if is_changing(schema) or find_replica(schema, call.region) is not None:
        raise busy()
    protected = request.get("DeletionProtectionEnabled")
    if protected is not None and schema.next is not None:
        schema = replace(schema, protected=protected, next=replace(schema.next, protected=protected))
        call.catalogue.put(call.view, writes, schema)
        return schema
    raise busy_error(schema, request)


def _change_protection(update: Update, request: Members, region: str) -> None:
    """Change what protects the table, or its replica in *region*, which is protected for itself."""
    protected = request.get("DeletionProtectionEnabled")
    if protected is not None and find_replica(update.then, region) is None:
        update.set(protected=protected)
    elif protected is not None:
        update.set(extra=with_own(update.then, region, protected=protected).extra)
    if request.get("DisassociationProtectionEnabled") is not None:
        may_leave = not request["DisassociationProtectionEnabled"]
        update.set(extra={**update.then.extra, "may_leave": may_leave})


def _change_billing(update: Update, request: Members, now: float) -> None:
    old, units = update.then, request.get("ProvisionedThroughput")
    billing = request.get("BillingMode") or old.billing
    if billing == settings.ON_DEMAND and units is not None:
        raise parameter_error(settings.UNITS_FOR_ON_DEMAND)
    if request.get("BillingMode") == settings.PROVISIONED and units is None:
        raise parameter_error("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
    if billing == settings.ON_DEMAND:
        if old.billing == settings.PROVISIONED:
            indexes = tuple(_rewarmed(old, index, throughput=Throughput()) for index in old.indexes)
            throughput, warm = Throughput(increased_at=old.throughput.increased_at), kept_warmth(old, old)
            update.set(
                billing=billing, throughput=throughput, on_demand_since=now, warm=warm, indexes=indexes
            )
            # NOTE: the answer tells of a decrease that no description has afterwards. Source: recording.
            update.shown = replace(update.shown, throughput=replace(throughput, decreased_at=now))
        if request.get("BillingMode") is not None:
            update.show_updating()
    elif units is not None and old.billing == settings.ON_DEMAND:
        indexes = tuple(_rewarmed(old, index, on_demand=None) for index in old.indexes)
        throughput, warm = settings.new_throughput(units), kept_warmth(old, old)
        update.set(billing=billing, throughput=throughput, on_demand=None, warm=warm, indexes=indexes)
        update.show_updating()
    elif units is not None:
        _change_units(update, units, now)


def _rewarmed(table: TableSchema, index: Index, **values: Any) -> Index:
    """Return *index* with *values*, and as warm as it was."""
    return replace(index, warm=kept_warmth(table, index) if index.is_global else None, **values)


def _change_units(update: Update, units: Members, now: float) -> None:
    old = update.then.throughput
    new = settings.changed_throughput(old, units, now)
    if (old.read, old.write) == (new.read, new.write):
        raise validation(_UNCHANGED.format(read=old.read, write=old.write))
    update.then = replace(update.then, throughput=new, warm=kept_warmth(update.then, update.then))
    update.show_updating(throughput=replace(new, read=old.read, write=old.write))


def _change_maximum(update: Update, request: Members) -> None:
    asked = settings.present(request.get("OnDemandThroughput"))
    if asked is None:
        return
    if update.then.billing == settings.PROVISIONED:
        raise parameter_error(
            f"{min(asked)} for OnDemandThroughput cannot be specified "
            "when the table BillingMode is PROVISIONED"
        )
    settings.check_maximum(asked, -1)
    # NOTE: -1 takes a maximum away; the answer repeats it, DescribeTable leaves the member out.
    merged = {**(update.then.on_demand or {}), **asked}
    kept = {name: value for name, value in merged.items() if value != -1}
    update.then = replace(update.then, on_demand=kept or None)
    update.shown = replace(update.shown, on_demand=merged)


def _change_warmth(update: Update, request: Members) -> None:
    asked = settings.present(request.get("WarmThroughput"))
    if asked is None:
        return
    current = warmth(update.then, update.then)
    settings.check_warmer(asked, current)
    update.then = replace(update.then, warm={**(update.then.warm or {}), **asked})
    update.shown = replace(update.shown, warm={**current, "Status": "UPDATING"})


def _change_stream(call: "Call", writes: WriteSet, update: Update, request: Members) -> None:
    stream, table = request.get("StreamSpecification"), update.then
    if stream is None:
        return
    view = stream.get("StreamViewType")
    if stream["StreamEnabled"]:
        if view is None:
            raise parameter_error("If stream is being enabled then UpdateViewType is required")
        if table.stream_view is not None:
            raise validation(f"Table already has an enabled stream: TableName: {table.name}")
        started = start_stream(call, writes, replace(table, stream_view=view))
        update.set(stream_view=view, stream_label=started.stream_label)
    else:
        if view is not None:
            raise parameter_error("If stream is being disabled, then UpdateViewType must not be specified")
        if table.stream_view is None:
            raise validation(f"Table has no stream to disable: TableName: {table.name}")
        stop_stream(call, writes, table)
        update.set(stream_view=None)
    update.show_updating()


def _change_encryption(update: Update, request: Members, call: "Call") -> None:
    specification, table = request.get("SSESpecification"), update.then
    if specification is None:
        return
    new = settings.encryption(specification, table.region, table.account)
    if new is None and table.sse is None:
        raise parameter_error("Table is already encrypted by default")
    key = specification.get("KMSMasterKeyId")
    if table.sse is not None and key is not None and key == table.sse["KMSMasterKeyArn"]:
        raise parameter_error(
            "Table is already encrypted with given KMSMasterKeyId. "
            "Use KMSMasterKeyId parameter if you want to change Master Key"
        )
    update.then = replicas_encrypted_as(replace(update.then, sse=new))
    update.shown = replace(update.shown, sse={**(table.sse or {}), "Status": "UPDATING"})


def _change_class(update: Update, request: Members) -> None:
    table_class = request.get("TableClass")
    if table_class is None:
        return
    if table_class != (update.then.table_class or "STANDARD"):
        update.then = replace(update.then, table_class=table_class)
    update.show_updating()
