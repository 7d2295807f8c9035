"""What differs between two stores: tables, their settings, and items, walked in key order and in slices."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

import orjson

from dynemu._core.codec import decode_row
from dynemu.engine.describe import describe_table
from dynemu.engine.table import Table
from dynemu.model import TableSchema
from dynemu.storage.base import Store, View
from dynemu.storage.catalogue import Catalogue
from dynemu.storage.memory import MemoryStore

Wire = dict[str, Any]
Row = tuple[bytes, bytes]

LISTED = 100
"""Items that are listed, unless one asks for another number."""
LISTED_BYTES = 16 << 20
"""Bytes of stored items after which no more are listed, whatever the number."""
SLICE_ROWS = 512
"""PERF: rows that are compared in about a millisecond."""
_VOLATILE = ("CreationDateTime", "ItemCount", "TableId", "TableSizeBytes", "TableStatus")
_VOLATILE_INDEX = ("IndexSizeBytes", "IndexStatus", "ItemCount", "Backfilling")
_ID_BYTES = 4


class Comparison:
    """Finds what has to change in *old* to make it *new*; both stay as they are meanwhile.

    ``slices`` does the work, after which ``result`` is JSON::

        {"same": false, "listed": 2, "tables": [{
            "name": "songs", "change": "changed",
            "settings": {"BillingMode": {"from": …, "to": …}},
            "items": {"added": 1, "removed": 0, "changed": 1},
            "changes": [{"change": "added", "key": {…}, "from": null, "to": {…}}, …]}]}

    *limit* and ``LISTED_BYTES`` bound the ``changes`` of all tables together; the numbers count all of them.
    """

    def __init__(self, old: Store, new: Store, limit: int = LISTED) -> None:
        self._old = old
        self._new = new
        self._left = limit
        self._limit = limit
        self._room = LISTED_BYTES
        self._tables: list[Wire] = []

    @property
    def result(self) -> Wire:
        """What was found so far."""
        return {"same": not self._tables, "listed": self._limit - self._left, "tables": self._tables}

    def slices(self) -> Generator[None, None, None]:
        """Compare; each slice takes about a millisecond."""
        old, new = _tables_of(self._old.view()), _tables_of(self._new.view())
        for name in sorted({*old, *new}):
            if name not in new:
                yield from self._whole(name, "removed", old[name])
            elif name not in old:
                yield from self._whole(name, "added", new[name])
            else:
                yield from self._compare(old[name], new[name])

    def _whole(self, name: str, change: str, table: Table) -> Iterator[None]:
        """Note a table that only one of the two has, with its items."""
        found = _Found(name, change)
        yield from self._take_all(found, change, table)
        self._tables.append(found.to_json())

    def _take_all(self, found: "_Found", change: str, table: Table) -> Iterator[None]:
        store = self._new if change == "added" else self._old
        for number, (key, row) in enumerate(store.view().scan(table.codec.start, table.codec.end), 1):
            self._note(found, change, table, key, row)
            if number % SLICE_ROWS == 0:
                yield

    def _compare(self, old: Table, new: Table) -> Iterator[None]:
        found = _Found(new.name, "changed")
        found.settings = _unlike_settings(
            _settings(self._old.view(), old.schema), _settings(self._new.view(), new.schema)
        )
        if old.key_attributes != new.key_attributes:
            yield from self._take_all(found, "removed", old)
            yield from self._take_all(found, "added", new)
        else:
            for start, end in self._ranges(old, new):
                yield from self._walk(found, old, new, start, end)
        if found.settings or any(found.counts.values()):
            self._tables.append(found.to_json())

    def _ranges(self, old: Table, new: Table) -> Iterator[tuple[bytes, bytes]]:
        """Give the parts of the table in which rows may differ, as row keys of the old one."""
        start, end = old.codec.start, old.codec.end
        if old.id == new.id and isinstance(self._old, MemoryStore) and isinstance(self._new, MemoryStore):
            yield from self._old.unlike_ranges(self._new, start, end)
        else:
            yield start, end

    def _walk(self, found: "_Found", old: Table, new: Table, start: bytes, end: bytes) -> Iterator[None]:
        lefts = self._old.view().scan(start, end)
        rights = self._new.view().scan(_under(new, start, old), _under(new, end, old))
        left, right = next(lefts, None), next(rights, None)
        number = 0
        while left is not None or right is not None:
            order = _order(left, right)
            if order == 0 and left is not None and right is not None and left[1] != right[1]:
                self._note_changed(found, new, right[0], left[1], right[1])
            elif order < 0 and left is not None:
                self._note(found, "removed", old, *left)
            elif order > 0 and right is not None:
                self._note(found, "added", new, *right)
            if order <= 0:
                left = next(lefts, None)
            if order >= 0:
                right = next(rights, None)
            number += 1
            if number % SLICE_ROWS == 0:
                yield

    def _note(self, found: "_Found", change: str, table: Table, key: bytes, row: bytes) -> None:
        found.counts[change] += 1
        if self._left > 0 and self._room > 0:
            self._room -= len(row)
            item = decode_row(row)
            old, new = (None, item) if change == "added" else (item, None)
            self._list(found, change, table, key, old, new)

    def _note_changed(self, found: "_Found", table: Table, key: bytes, row: bytes, other: bytes) -> None:
        # NOTE: stored bytes keep the order of attributes as they were sent, which makes no difference.
        old, new = decode_row(row), decode_row(other)
        if old == new:
            return
        found.counts["changed"] += 1
        if self._left > 0 and self._room > 0:
            self._room -= len(row) + len(other)
            self._list(found, "changed", table, key, old, new)

    def _list(
        self, found: "_Found", change: str, table: Table, key: bytes, old: Wire | None, new: Wire | None
    ) -> None:
        self._left -= 1
        found.changes.append({"change": change, "key": table.codec.decode(key), "from": old, "to": new})


class _Found:
    """What is found out about one table."""

    def __init__(self, name: str, change: str) -> None:
        self.name = name
        self.change = change
        self.settings: Wire = {}
        self.counts = {"added": 0, "removed": 0, "changed": 0}
        self.changes: list[Wire] = []

    def to_json(self) -> Wire:
        return {
            "name": self.name,
            "change": self.change,
            "settings": self.settings,
            "items": self.counts,
            "changes": self.changes,
        }


def _order(left: Row | None, right: Row | None) -> int:
    """Return -1, 0 or 1 as *left* comes before, with or after *right*; ids of tables do not count."""
    if left is None or right is None:
        return 1 if left is None else -1
    old, new = left[0][_ID_BYTES:], right[0][_ID_BYTES:]
    return (old > new) - (old < new)


def _under(table: Table, key: bytes, other: Table) -> bytes:
    """Return the row key of *table* that *key* is in the table *other*, or the end of its rows."""
    if key == other.codec.end:
        return table.codec.end
    return table.codec.start + key[_ID_BYTES:]


def _tables_of(view: View) -> dict[str, Table]:
    """Return all tables by name, as they are once pending changes of them are done."""
    catalogue: Catalogue[Table] = Catalogue(Table)
    tables: dict[str, Table] = {}
    for name in catalogue.names(view, None, 1 << 30):
        table = catalogue.find(view, name)
        assert table is not None
        coming = table.schema.next
        tables[name] = table if coming is None else Table(coming)
    return tables


def _settings(view: View, schema: TableSchema) -> Wire:
    """Return what describes a table and does not change with its items or with time."""
    settings = describe_table(view, replace(schema, leaving=()))
    for member in _VOLATILE:
        settings.pop(member, None)
    for member in ("BillingModeSummary", "TableThroughputModeSummary", "ProvisionedThroughput"):
        for time in ("LastUpdateToPayPerRequestDateTime", "LastIncreaseDateTime", "LastDecreaseDateTime"):
            settings.get(member, {}).pop(time, None)
    for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        for index in settings.pop(member, ()):
            settings[f"index {index['IndexName']}"] = {
                name: value for name, value in index.items() if name not in _VOLATILE_INDEX
            }
    if schema.tags:
        settings["Tags"] = dict(sorted(schema.tags.items()))
    if schema.ttl is not None:
        settings["TimeToLive"] = schema.ttl
    plain: Wire = orjson.loads(orjson.dumps(settings))
    return plain


def _unlike_settings(old: Wire, new: Wire) -> Wire:
    return {
        name: {"from": old.get(name), "to": new.get(name)}
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    }


def as_text(result: Wire) -> str:
    """Return the ``result`` of a comparison for people."""
    if result["same"]:
        return "no differences\n"
    lines = [line for table in result["tables"] for line in _table_lines(table)]
    return "\n".join(lines) + "\n"


def _table_lines(table: Wire) -> Iterator[str]:
    counts = ", ".join(f"{count} {change}" for change, count in table["items"].items() if count)
    yield f"table {table['name']} {table['change']}: {'items ' + counts if counts else 'no items differ'}"
    for name, values in table["settings"].items():
        yield f"  {name}: {_text(values['from'])} -> {_text(values['to'])}"
    for change in table["changes"]:
        yield f"  {change['change']} {_text(change['key'])}"
        for sign, image in (("-", change["from"]), ("+", change["to"])):
            if image is not None:
                yield f"    {sign} {_text(image)}"
    hidden = sum(table["items"].values()) - len(table["changes"])
    if hidden:
        yield f"  and {hidden} more"


def _text(value: Any) -> str:
    return "none" if value is None else orjson.dumps(value).decode()
