"""Checking a database: what follows from its items is derived again and compared with what is stored.

Everything is walked in the order of keys and a page at a time, so that a check needs little memory;
nothing may be written meanwhile. Indexes and queues that are still being filled lack what filling has not
come to.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

from dynemu._core.codec import decode_row, encode_row, row_size
from dynemu._core.fanout import project
from dynemu.config import Settings
from dynemu.engine.checking_records import QueueCheck, check_histories, check_streams
from dynemu.engine.checking_replay import check_replay
from dynemu.engine.checking_work import check_work
from dynemu.engine.namespaces import Namespaces
from dynemu.engine.problems import Problem, filled_to, pages, rows_between
from dynemu.engine.table import IndexRows, Table
from dynemu.engine.tables import settled
from dynemu.engine.vector_rows import VectorRows
from dynemu.model import TableSchema
from dynemu.storage.base import FIRST_TABLE_ID, StoreError, View
from dynemu.storage.catalogue import NEXT_ID, Catalogue

Row = tuple[bytes, bytes]


def check(view: View, now: float) -> Iterator[Problem]:
    """Give everything that is wrong in *view* at the time *now*, as it is found."""
    schemas = list(_schemas(view, now))
    leaving = [schema for schema in schemas if schema.status == "DELETING"]
    tables = [Table(schema) for schema in schemas if schema.status != "DELETING"]
    for table in tables:
        yield from TableCheck(view, table).problems()
    yield from check_streams(view, tables)
    yield from check_replay(view, tables)
    yield from check_work(view, tables, leaving)
    kept = yield from check_histories(view, tables)
    yield from _check_ids(view, tables, kept)


def check_directory(settings: Settings) -> Iterator[tuple[str, Problem]]:
    """Give everything that is wrong in the namespaces of a directory, each with the namespace's name.

    Raises: StoreError when there is no database in it, or another process uses it.
    """
    if not os.path.exists(os.path.join(settings.db_path or "", "FORMAT")):
        raise StoreError(f"There is no database in {settings.db_path}.")
    namespaces = Namespaces(settings)
    try:
        for name in namespaces.names():
            engine = namespaces.get(name)
            for problem in check(engine.store.view(), engine.clock.now()):
                yield name, problem
            namespaces.shut(name)
    finally:
        namespaces.close()


def _schemas(view: View, now: float) -> Iterator[TableSchema]:
    """Give the definitions of the tables that there are now."""
    catalogue, after = Catalogue(Table), None
    while names := catalogue.names(view, after, 100, now):
        for name in names:
            table = catalogue.find(view, name)
            schema = None if table is None else settled(table.schema, now)
            if schema is not None:
                yield schema
        after = names[-1]


class TableCheck:
    """Compares one table's indexes, counts and expiry queue with its items."""

    def __init__(self, view: View, table: Table) -> None:
        self.view = view
        self.table = table
        self.items = self.size = 0
        indexes: list[IndexCheck | VectorCheck] = [IndexCheck(self, rows) for rows in table.indexes]
        indexes += [VectorCheck(self, rows) for rows in table.vectors]
        self.indexes = indexes

    def problems(self) -> Iterator[Problem]:
        """Give what is wrong."""
        queue = QueueCheck(self)
        for key, row in rows_between(self.view, self.table.codec.start, self.table.codec.end):
            self.items += 1
            self.size += row_size(row)
            item = decode_row(row)
            yield from self._check_item(key, row, item)
            for index in self.indexes:
                yield from index.check_item(key, item)
            yield from queue.check_item(key, item)
        yield from self.compare_counts("", self.table.id, self.items, self.size)
        for index in self.indexes:
            yield from index.check_rows()
        yield from queue.check_rows()

    def problem(self, what: str, key: Any, expected: Any, found: Any) -> Problem:
        return Problem(self.table.name, what, key, expected, found)

    def key_of(self, row_key: bytes, codec: Any = None) -> Any:
        """Return the key attributes in a row key, in hexadecimal digits when there are none."""
        codec = codec or self.table.codec
        try:
            key = codec.decode(row_key)
        except (ValueError, IndexError, ArithmeticError):
            return row_key.hex()
        return key if codec.encode(key) == row_key else row_key.hex()

    def _check_item(self, key: bytes, row: bytes, item: dict[str, Any]) -> Iterator[Problem]:
        expected = self.table.codec.encode(item)
        if expected != key:
            yield self.problem("key of an item", key.hex(), expected and expected.hex(), key.hex())
        size = row_size(encode_row(item))
        if size != row_size(row):
            yield self.problem("bytes of an item", self.key_of(key), size, row_size(row))

    def compare_counts(self, of: str, index_id: int, items: int, size: int) -> Iterator[Problem]:
        """Give what is wrong with the counts of the table, or *of* one of its indexes."""
        for what, expected, found in zip(
            ("items", "bytes"), (items, size), self.view.counts(index_id), strict=True
        ):
            if expected != found:
                yield self.problem(f"{what} counted{of}", None, expected, found)


class IndexCheck:
    """Compares one secondary index with the items of its table."""

    kind = "index"

    def __init__(self, owner: TableCheck, rows: IndexRows) -> None:
        self.owner = owner
        self.rows: IndexRows | VectorRows = rows
        self.name: str = rows.index.name
        self._wanted = rows.wanted
        self._matched = 0
        self._filled_to = filled_to(owner.view, rows.id)

    def derive(self, item: dict[str, Any]) -> Row | None:
        """Return the row that follows from *item*, or None."""
        key = self.rows.codec.encode(item)
        return None if key is None else (key, encode_row(project(item, self._wanted)))

    def is_same(self, expected: bytes, found: bytes) -> bool:
        """Tell whether two rows are as good as equal: attributes may be in another order."""
        return expected == found or (
            row_size(expected) == row_size(found) and decode_row(expected) == decode_row(found)
        )

    def show(self, row: bytes) -> Any:
        """Return what a row holds, for people."""
        return decode_row(row)

    def check_item(self, base_key: bytes, item: dict[str, Any]) -> Iterator[Problem]:
        """Give what is wrong with the row that follows from the item at *base_key*."""
        derived = self.derive(item)
        if derived is None:
            return
        key, expected = derived
        found = self.owner.view.get(key)
        if found is not None:
            self._matched += 1
            if not self.is_same(expected, found):
                yield self._problem(key, self.show(expected), self.show(found))
        elif self._filled_to is None or base_key < self._filled_to:
            yield self._problem(key, self.show(expected), None)

    def check_rows(self) -> Iterator[Problem]:
        """Give what is wrong with the counts, and the rows that follow from no item."""
        view, codec = self.owner.view, self.rows.codec
        items = size = 0
        for page in pages(view, codec.start, codec.end):
            items += len(page)
            size += sum(row_size(row) for _, row in page)
        yield from self.owner.compare_counts(f" of {self.kind} {self.name}", self.rows.id, items, size)
        if items == self._matched:
            return
        for key, row in rows_between(view, codec.start, codec.end):
            if not self._has_item(key):
                yield self._problem(key, None, self.show(row))

    def _has_item(self, key: bytes) -> bool:
        try:
            base_key = self.owner.table.codec.encode(self.rows.codec.decode(key))
        except (ValueError, IndexError, ArithmeticError):
            return False
        base_row = None if base_key is None else self.owner.view.get(base_key)
        derived = None if base_row is None else self.derive(decode_row(base_row))
        return derived is not None and derived[0] == key

    def _problem(self, key: bytes, expected: Any, found: Any) -> Problem:
        shown = self.owner.key_of(key, self.rows.codec)
        return self.owner.problem(f"row of {self.kind} {self.name}", shown, expected, found)


class VectorCheck(IndexCheck):
    """Compares one vector index with the items of its table."""

    kind = "vector index"

    def __init__(self, owner: TableCheck, rows: VectorRows) -> None:
        super().__init__(owner, rows)  # type: ignore[arg-type]
        self._find: Callable[[dict[str, Any]], Row | None] = rows.find_entry

    def derive(self, item: dict[str, Any]) -> Row | None:
        return self._find(item)

    def is_same(self, expected: bytes, found: bytes) -> bool:
        return expected == found

    def show(self, row: bytes) -> Any:
        return row.hex()


def _check_ids(view: View, tables: list[Table], kept: set[int]) -> Iterator[Problem]:
    """Give ids that are used twice or too early, and rows and counts that belong to nothing."""
    row = view.get(NEXT_ID)
    next_id = FIRST_TABLE_ID if row is None else int.from_bytes(row, "big")
    owners: dict[int, str] = dict.fromkeys(kept, "")
    for table in tables:
        parts = [(rows.id, rows.index.name) for rows in table.indexes]
        parts += [(rows.id, rows.index.name) for rows in table.vectors]
        for number, name in ((table.id, table.name), *parts):
            if number in owners and number not in kept:
                yield Problem(table.name, f"id of {name}", None, "one of its own", number)
            if number >= next_id:
                yield Problem(table.name, f"id of {name}", None, f"one below {next_id}", number)
            owners[number] = table.name
    last = FIRST_TABLE_ID
    while found := view.read_rows(last.to_bytes(4, "big"), b"\xff" * 8, False, 1, 1):
        number = int.from_bytes(found[0][0][:4], "big")
        if number not in owners:
            yield Problem("", f"rows with id {number}", found[0][0].hex(), None, "a row")
        last = number + 1
    for number in range(FIRST_TABLE_ID, next_id):
        if number not in owners and view.counts(number) != (0, 0):
            yield Problem("", f"counts of id {number}", None, [0, 0], list(view.counts(number)))
