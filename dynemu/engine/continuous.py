"""Point-in-time recovery: turned on and off, described, and the times that it can restore."""

from typing import TYPE_CHECKING, Any

from dynemu.engine.changes import next_number
from dynemu.engine.clock import utc_second
from dynemu.engine.history import number_at
from dynemu.engine.history_rows import millisecond
from dynemu.engine.replica_views import find_replica
from dynemu.engine.replicas import with_own
from dynemu.engine.retention import (
    Recovery,
    find_retention,
    forget,
    put_retention,
    retention_of,
    with_history,
)
from dynemu.errors import InvalidRestoreTimeException, PointInTimeRecoveryUnavailableException
from dynemu.model import TableSchema
from dynemu.storage.base import View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

DEFAULT_DAYS = 35
_DAY = 86_400


def find_recovery(view: View, schema: TableSchema) -> Recovery | None:
    """Return the point-in-time recovery of the table, or None while it is off."""
    retention = find_retention(view, schema.id) if schema.history else None
    return None if retention is None else retention.recovery


def recovery_from(call: "Call", schema: TableSchema) -> Recovery | None:
    """Return what the region of the call shows: a replica has a recovery of its own, only remembered."""
    replica = find_replica(schema, call.region)
    if replica is None:
        return find_recovery(call.view, schema)
    own = replica.get("recovery")
    return None if own is None else Recovery(own["since"], 0, own["days"])


def describe_continuous_backups(recovery: Recovery | None, now: float) -> dict[str, Any]:
    """Return ContinuousBackupsDescription."""
    described: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
    if recovery is not None:
        described = {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": recovery.days,
            "EarliestRestorableDateTime": earliest(recovery, now),
            # NOTE: five minutes behind on AWS; here what was written a moment ago can be restored.
            "LatestRestorableDateTime": round(now, 3),
        }
    return {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": described}


def earliest(recovery: Recovery, now: float) -> float:
    """Return the first time that can be restored."""
    return round(max(recovery.since, now - recovery.days * _DAY), 3)


def update_continuous_backups(
    call: "Call", writes: WriteSet, schema: TableSchema, days: int | None
) -> Recovery | None:
    """Add to *writes* that point-in-time recovery reaches back *days*, or is off (None).

    Returns: the recovery that then holds.
    """
    if find_replica(schema, call.region) is not None:
        own = None if days is None else {"since": millisecond(call.now) / 1000, "days": days}
        changed = with_own(schema, call.region, recovery=own)
        call.catalogue.put(call.view, writes, changed)
        return recovery_from(call, changed)
    retention = retention_of(call.view, schema)
    old = retention.recovery
    if days is None and old is None:
        return None
    if days is None:
        retention.recovery = None
        retention.loose = True
    elif old is None:
        retention.recovery = Recovery(millisecond(call.now) / 1000, next_number(call.view), days)
    else:
        since = max(old.since, call.now - days * _DAY)
        number = old.number if since == old.since else number_at(call.view, schema.id, since)
        retention.recovery = Recovery(since, number, days)
    if retention.is_needed:
        put_retention(call.view, writes, retention)
    else:
        forget(call.view, writes, retention)
    if retention.is_needed is not schema.history:
        call.catalogue.put(call.view, writes, with_history(schema, retention.is_needed))
    return retention.recovery


def number_to_restore(view: View, schema: TableSchema, time: float | None, now: float) -> tuple[int, float]:
    """Return the number of the state at *time*, the latest when it is None, and that time.

    A whole second means all of it: that is how finely AWS restores, and what many SDKs cut a time to.
    Raises: PointInTimeRecoveryUnavailableException, InvalidRestoreTimeException.
    """
    recovery = find_recovery(view, schema)
    if recovery is None:
        raise PointInTimeRecoveryUnavailableException(
            f"Point in time recovery is not enabled for table '{schema.name}'"
        )
    if time is None:
        return next_number(view), round(now, 3)
    end = time + 0.999 if time == int(time) else time
    if time > round(now, 3) or millisecond(end) < millisecond(earliest(recovery, now)):
        raise InvalidRestoreTimeException(
            f"RestoreDateTime '{utc_second(time)}' must be within EarliestRestorableDateTime "
            f"'{utc_second(earliest(recovery, now))}' and LatestRestorableDateTime '{utc_second(now)}'"
        )
    return number_at(view, schema.id, end), time
