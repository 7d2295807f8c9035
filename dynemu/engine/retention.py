"""What is kept of a table's history, and why: recovery to a point in time, and pins of backups and jobs.

A document ``history`` by table id stands for every table that records its history, and for every deleted one
whose rows something still needs.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dynemu._core.keys import successor
from dynemu.engine.documents import delete_document, find_document, list_documents, put_document
from dynemu.engine.history_rows import drop_history, history_bytes
from dynemu.model import TableSchema
from dynemu.storage.base import View, WriteSet

if TYPE_CHECKING:
    from dynemu.storage.catalogue import Catalogue

KIND = "history"


@dataclass(slots=True)
class Recovery:
    """Recovery to a point in time: to all states from *since*, the one as of *number*, on."""

    since: float
    number: int
    days: int


@dataclass(slots=True)
class Retention:
    """What is kept of the history of one table."""

    table_id: int
    name: str
    gone: bool = False
    """The table is deleted, and its rows wait for the last pin to go."""
    recovery: Recovery | None = None
    pins: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """By name the number of a state that can be read, and whether all that happened since then can too."""
    loose: bool = False
    """Something was given up, and history that nothing needs may be there."""
    kept: int = 0
    """Bytes that were left when history was last thinned."""

    @property
    def is_needed(self) -> bool:
        return self.recovery is not None or bool(self.pins)

    def keeps(self, number: int, before: int) -> bool:
        """Tell whether a change is needed; *before* is the number of the item's change before it, or 0."""
        if self.recovery is not None and number >= self.recovery.number:
            return True
        return any(number >= pinned and (every or before < pinned) for pinned, every in self.pins.values())


def find_retention(view: View, table_id: int) -> Retention | None:
    """Return what is kept for the table with this id, or None when it has no history."""
    document = find_document(view, KIND, _name(table_id))
    return None if document is None else _decode(document)


def all_retentions(view: View) -> list[Retention]:
    """Return what is kept for every table with history, deleted ones included."""
    return [_decode(document) for _, document in list_documents(view, KIND)]


def put_retention(view: View, writes: WriteSet, retention: Retention) -> None:
    """Add to *writes* what is kept for a table, in place of what *view* shows."""
    put_document(view, writes, KIND, _name(retention.table_id), asdict(retention))


def retention_of(view: View, schema: TableSchema) -> Retention:
    """Return what is kept for *schema*, an empty one to begin with."""
    return find_retention(view, schema.id) or Retention(schema.id, schema.name)


def pin(
    view: View, writes: WriteSet, schema: TableSchema, name: str, number: int, *, every: bool = True
) -> TableSchema:
    """Add to *writes* that the state of the table as of *number* can be read until ``unpin`` of *name*.

    With *every*, all changes since then are kept as well. The table's rows outlive its deletion. *number* is
    not older than what is recorded: the number of the next change, or one within the time of recovery. A
    write set may pin once only.

    Returns: *schema*, or the definition that the caller has to store in its place.
    """
    retention = retention_of(view, schema)
    retention.pins[name] = (number, every)
    put_retention(view, writes, retention)
    return schema if schema.history else with_history(schema, True)


def unpin(catalogue: "Catalogue[Any]", view: View, writes: WriteSet, table_id: int, name: str) -> None:
    """Add to *writes* that *name* needs the history of the table with this id no more.

    It may be gone already. The caller does not store the definition of the table in the same write set.
    """
    retention = find_retention(view, table_id)
    if retention is None or retention.pins.pop(name, None) is None:
        return
    if retention.is_needed:
        retention.loose = True
        put_retention(view, writes, retention)
        return
    forget(view, writes, retention)
    table = None if retention.gone else catalogue.find(view, retention.name)
    if table is not None and table.schema.id == table_id:
        catalogue.put(view, writes, with_history(table.schema, False))


def forget(view: View, writes: WriteSet, retention: Retention) -> None:
    """Add to *writes* that all history of a table goes, and its rows when it is deleted."""
    delete_document(view, writes, KIND, _name(retention.table_id))
    drop_history(writes, retention.table_id)
    if retention.gone:
        rows = retention.table_id.to_bytes(4, "big")
        writes.ranges.append((rows, successor(rows)))


def with_history(schema: TableSchema, recorded: bool) -> TableSchema:
    """Return *schema*, and what follows it, with changes of its items recorded or not."""
    following = schema.next and with_history(schema.next, recorded)
    return replace(schema, history=recorded, next=following)


def is_over(view: View, retention: Retention, limit: int) -> bool:
    """Tell whether the table has more than *limit* bytes of history, and a quarter more than were left."""
    size = history_bytes(view, retention.table_id)
    return size > limit and 4 * size > 5 * retention.kept


def _decode(document: dict[str, Any]) -> Retention:
    recovery = document.pop("recovery")
    pins = {name: (number, every) for name, (number, every) in document.pop("pins").items()}
    return Retention(**document, recovery=recovery and Recovery(**recovery), pins=pins)


def _name(table_id: int) -> str:
    return f"{table_id:010d}"
