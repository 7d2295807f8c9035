"""A table as operations use it: its definition with the encoders of its rows."""

from dynemu._core.fields import MOST, Fields, Names
from dynemu._core.keys import KeyCodec
from dynemu._core.pages import Picker
from dynemu.engine.followers import followers_of
from dynemu.engine.streams import stream_id
from dynemu.engine.vector_rows import VectorRows
from dynemu.model import Index, KeyAttribute, TableSchema


class IndexRows:
    """How one secondary index keeps its rows."""

    __slots__ = ("codec", "id", "index", "names", "parts", "wanted")

    def __init__(self, schema: TableSchema, index: Index, base: KeyCodec) -> None:
        self.index = index
        self.id = index.id
        self.codec = KeyCodec(index.id.to_bytes(4, "big"), index.hash, index.range, base)
        self.names: tuple[str, ...] = tuple(part.name for part in index.hash + index.range)
        """Names of the index's own key attributes."""
        self.parts: tuple[tuple[str, str], ...] = tuple(
            (part.name, part.type) for part in index.hash + index.range
        )
        """Name and type of each of them."""
        keys = (schema.hash.name, *((schema.range.name,) if schema.range else ()))
        self.wanted: frozenset[str] | None = None
        """Names that the index projects; None for all."""
        if index.projection != "ALL":
            self.wanted = frozenset((*self.names, *keys, *index.included))


class Source:
    """What a read goes through: a table (*rows* None) or one of its indexes."""

    __slots__ = ("codec", "hash_count", "key_picker", "names", "parts", "rows", "table")

    def __init__(self, table: "Table", rows: IndexRows | None) -> None:
        self.table = table
        self.rows = rows
        if rows is None:
            self.codec = table.codec
            self.parts: tuple[KeyAttribute, ...] = table.key_attributes
            self.hash_count = 1
        else:
            self.codec = rows.codec
            self.parts = rows.index.hash + rows.index.range
            self.hash_count = len(rows.index.hash)
        self.names: tuple[str, ...] = tuple(part.name for part in self.parts)
        """Names of its own key attributes, those of the hash part first."""
        self.key_picker: Picker | None = None
        """Picks the key out of a row, once that was needed: see ``reads``."""


class Table:
    """A table's definition and the encoders made from it."""

    __slots__ = (
        "_observed",
        "_settled",
        "busy",
        "codec",
        "filling",
        "followers",
        "history",
        "id",
        "index_fields",
        "indexes",
        "indexes_by_name",
        "key_attributes",
        "key_names",
        "keys",
        "name",
        "new_fields",
        "recorded",
        "schema",
        "sources",
        "stream",
        "vectors",
    )

    def __init__(self, schema: TableSchema, observed: bool = False) -> None:
        """*observed*: hooks want to see every change of its items."""
        self.schema = schema
        self.name = schema.name
        self.id = schema.id
        self.busy = schema.settles_at is not None or schema.status == "CREATING"
        self.key_attributes: tuple[KeyAttribute, ...] = (
            (schema.hash,) if schema.range is None else (schema.hash, schema.range)
        )
        self.keys: tuple[str, ...] = tuple(key.name for key in self.key_attributes)
        self.key_names = frozenset(self.keys)
        self.codec = KeyCodec(schema.id.to_bytes(4, "big"), (schema.hash,), self.key_attributes[1:])
        self.indexes = [IndexRows(schema, index, self.codec) for index in schema.indexes]
        """Every index that writes keep up to date, those being filled included."""
        names = {part.name for rows in self.indexes for part in rows.codec.parts}
        self.index_fields = Fields(Names(names)) if len(names) <= MOST else None
        """Looks for what index keys are made of, for one write after the other."""
        self.new_fields = Fields(Names(names)) if len(names) <= MOST else None
        """Does the same in the rows that the writes bring."""
        self.indexes_by_name = {rows.index.name: rows for rows in self.indexes}
        self.filling = [rows for rows in self.indexes if rows.index.backfilling]
        """Those of them that may lack rows."""
        self.vectors = [VectorRows(schema, index, self.codec) for index in schema.vector_indexes]
        """Every vector index that writes keep up to date, those being filled included."""
        self.recorded = schema.stream_view is not None or schema.history or observed
        """Whether every change of an item is noted in the write set: see ``changes``."""
        self.history = schema.history
        """Whether every change leaves history behind."""
        self.stream = None if schema.stream_view is None else stream_id(schema)
        """The id of the enabled stream."""
        self.followers = followers_of(schema)
        """What else a write of an item brings, in the order in which it is asked."""
        self.sources: dict[str | None, Source] = {None: Source(self, None)}
        """The table itself and its indexes by name."""
        for rows in self.indexes:
            self.sources[rows.index.name] = Source(self, rows)
        self._observed = observed
        self._settled: Table | None = None

    def at(self, now: float) -> "Table | None":
        """Return the table as items can use it at *now*, for a busy one.

        Returns: None while it is being created or deleted, and once it is gone.
        """
        schema = self.schema
        if schema.settles_at is None or now < schema.settles_at:
            return None if schema.status in ("CREATING", "DELETING") else self
        if schema.next is None:
            return None
        if self._settled is None:
            self._settled = Table(schema.next, self._observed)
        return self._settled
