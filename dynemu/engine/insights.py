"""Contributor Insights of tables and global indexes: remembered, and nothing is ever measured.

Source of rules and texts: API reference; developer guide, "CloudWatch Contributor Insights for DynamoDB:
how it works"; published recordings of the service's answers.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dynemu.engine.remembered import Entry, remember_extra, settle, status_of
from dynemu.errors import ResourceNotFoundException, validation
from dynemu.model import Index, TableSchema
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

EXTRA = "insights"
ENABLED = "ENABLED"
DISABLED = "DISABLED"
ALL_KEYS = "ACCESSED_AND_THROTTLED_KEYS"
THROTTLED_KEYS = "THROTTLED_KEYS"
_TABLE = ""
"""Name under which the entry of the table itself is kept; its indexes have theirs."""
_KINDS = {ALL_KEYS: ("PKC", "SKC", "PKT", "SKT"), THROTTLED_KEYS: ("PKT", "SKT")}
"""Kinds of rules: of partition or sort keys, of what is most accessed (C) or throttled (T)."""


def find_part(schema: TableSchema, index_name: str | None) -> TableSchema | Index:
    """Return the table or the global index that a request is about. Raises ResourceNotFoundException."""
    if index_name is None:
        return schema
    for index in (*schema.indexes, *schema.leaving):
        if index.is_global and index.name == index_name:
            return index
    raise ResourceNotFoundException(
        f"Requested resource not found: Index: {index_name} not found for table: {schema.name}"
    )


def update_insights(
    call: "Call", writes: WriteSet, schema: TableSchema, part: TableSchema | Index, mode: str | None
) -> Entry:
    """Add to *writes* that *part* of a table is watched in *mode*, or not at all when that is None.

    Returns: its summary. Raises: ValidationException while *part* is being created.
    """
    entry = _entry(schema, part)
    if mode is not None:
        _check_active(part)
    if mode is None and (entry is None or entry["status"] == DISABLED):
        return _summarise(schema, part, entry, call.now)
    if entry is not None and entry["status"] == ENABLED and entry["mode"] == mode:
        return _summarise(schema, part, entry, call.now)
    kept = {"id": part.id, "changed": call.now, "since": call.now, "mode": mode}
    if entry is not None and entry["status"] == ENABLED:
        kept["since"] = entry["since"]
    shown, status = ("ENABLING", ENABLED)
    if mode is None and entry is not None:
        shown, status, kept["mode"] = "DISABLING", DISABLED, entry["mode"]
    entries = {**schema.extra.get(EXTRA, {}), _name(part): settle(call, shown, status, **kept)}
    remember_extra(call, writes, schema, EXTRA, entries)
    return {
        **_names(schema, part),
        "ContributorInsightsStatus": shown,
        "ContributorInsightsMode": kept["mode"],
    }


def _check_active(part: TableSchema | Index) -> None:
    if isinstance(part, TableSchema):
        kind, active = "TableStatus", part.status not in ("CREATING", "DELETING")
    else:
        kind, active = "IndexStatus", part.status != "CREATING"
    if not active:
        raise validation(
            "Table or Index is not in a valid state to update Key Access Insights: "
            f"{kind} must be ACTIVE to enable ContributorInsights."
        )


def describe_insights(schema: TableSchema, part: TableSchema | Index, now: float) -> dict[str, Any]:
    """Return the answer of DescribeContributorInsights for *part*."""
    entry = _entry(schema, part)
    answer = _summarise(schema, part, entry, now)
    if entry is None:
        return answer
    if answer["ContributorInsightsStatus"] in (ENABLED, "DISABLING"):
        answer["ContributorInsightsRuleList"] = _rules(schema, part, entry)
    return {**answer, "LastUpdateDateTime": round(entry["changed"], 3)}


def _summarise(schema: TableSchema, part: TableSchema | Index, entry: Entry | None, now: float) -> Entry:
    """Return names, status and mode of *part*."""
    if entry is None:
        return {**_names(schema, part), "ContributorInsightsStatus": DISABLED}
    return {
        **_names(schema, part),
        "ContributorInsightsStatus": status_of(entry, now),
        "ContributorInsightsMode": entry["mode"],
    }


def list_insights(schema: TableSchema, now: float) -> Iterator[tuple[str, Entry]]:
    """Iterate over the summaries of a table and its indexes, each with the name that it is kept under.

    The table comes first, then its indexes by name; what is not watched is left out.
    """
    indexes = [index for index in (*schema.indexes, *schema.leaving) if index.is_global]
    parts: list[TableSchema | Index] = [schema, *sorted(indexes, key=lambda index: index.name)]
    for part in parts:
        entry = _entry(schema, part)
        if entry is not None and status_of(entry, now) != DISABLED:
            yield _name(part), _summarise(schema, part, entry, now)


def _entry(schema: TableSchema, part: TableSchema | Index) -> Entry | None:
    entry: Entry | None = schema.extra.get(EXTRA, {}).get(_name(part))
    # NOTE: an index goes with its entry; a new one of the same name has another id.
    return entry if entry is not None and entry["id"] == part.id else None


def _name(part: TableSchema | Index) -> str:
    return _TABLE if isinstance(part, TableSchema) else part.name


def _names(schema: TableSchema, part: TableSchema | Index) -> dict[str, Any]:
    index = {} if isinstance(part, TableSchema) else {"IndexName": part.name}
    return {"TableName": schema.name, **index}


def _rules(schema: TableSchema, part: TableSchema | Index, entry: Entry) -> list[str]:
    name = "-".join(filter(None, (schema.name, _name(part))))
    stamp = int(entry["since"] * 1000)
    return [
        f"DynamoDBContributorInsights-{kind}-{name}-{stamp}"
        for kind in _KINDS[entry["mode"]]
        if part.range or kind.startswith("PK")
    ]
