"""Settings that are kept with a table's definition, beside what it goes through itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynemu.model import TableSchema
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

Entry = dict[str, Any]
"""A setting with a ``status``, and what is ``shown`` in its place until it ``settles_at`` a time."""


def remember(
    call: "Call", writes: WriteSet, schema: TableSchema, change: Callable[[TableSchema], TableSchema]
) -> None:
    """Add to *writes* that the table is as *change* leaves it, now and after the change that is under way."""
    call.catalogue.put(call.view, writes, _changed(schema, change))


def remember_extra(call: "Call", writes: WriteSet, schema: TableSchema, name: str, value: Any) -> None:
    """Add to *writes* that the table's ``extra`` has *value* under *name*."""
    remember(call, writes, schema, lambda old: replace(old, extra={**old.extra, name: value}))


def _changed(schema: TableSchema, change: Callable[[TableSchema], TableSchema]) -> TableSchema:
    following = schema.next and _changed(schema.next, change)
    return replace(change(schema), next=following)


def settle(call: "Call", shown: str, status: str, **members: Any) -> Entry:
    """Return an entry that is *shown* as one status for the configured delay and has *status* afterwards."""
    entry: Entry = {**members, "status": status}
    if call.settings.table_delay > 0:
        entry |= {"shown": shown, "settles_at": call.now + call.settings.table_delay}
    return entry


def status_of(entry: Entry, now: float) -> str:
    """Return the status that *entry* shows at *now*."""
    shown: str = entry["shown"] if now < entry.get("settles_at", 0) else entry["status"]
    return shown
