"""Definitions of tables and indexes. Immutable; no behaviour."""

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any


@dataclass(frozen=True, slots=True)
class KeyAttribute:
    """A key attribute; ``type`` is ``"S"``, ``"N"`` or ``"B"``."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Throughput:
    """Provisioned units; zeros for on-demand. Times are epoch seconds."""

    read: int = 0
    write: int = 0
    increased_at: float | None = None
    decreased_at: float | None = None
    decreases_today: int = 0


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index. ``id`` is the first part of its row keys and is never used again."""

    id: int
    name: str
    is_global: bool
    hash: tuple[KeyAttribute, ...]
    range: tuple[KeyAttribute, ...]
    projection: str
    """``ALL``, ``KEYS_ONLY`` or ``INCLUDE``."""
    included: tuple[str, ...] = ()
    status: str = "ACTIVE"
    """``CREATING``, ``UPDATING``, ``DELETING`` or ``ACTIVE``."""
    backfilling: bool = False
    throughput: Throughput = Throughput()
    on_demand: dict[str, int] | None = None
    warm: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """An index for similarity search. ``id`` is the first part of its row keys and is never used again."""

    id: int
    name: str
    attribute: str
    """The attribute with the vector, a list of so many numbers:"""
    dimensions: int
    distance: str
    """``COSINE``, ``EUCLIDEAN`` or ``DOT_PRODUCT``."""
    hash: tuple[KeyAttribute, ...]
    """The HASH element of the search schema, if there is one."""
    filters: tuple[KeyAttribute, ...]
    """The INLINE_FILTER elements."""
    projection: str
    """``ALL``, ``KEYS_ONLY`` or ``INCLUDE``."""
    included: tuple[str, ...] = ()
    status: str = "ACTIVE"
    """``CREATING``, ``DELETING`` or ``ACTIVE``."""
    backfilling: bool = False


@dataclass(frozen=True, slots=True)
class TableSchema:
    """Everything that the catalogue keeps of a table. Times are epoch seconds."""

    id: int
    name: str
    hash: KeyAttribute
    range: KeyAttribute | None
    attributes: tuple[KeyAttribute, ...]
    """AttributeDefinitions, in the order of the request."""
    created: float
    uuid: str
    region: str
    account: str
    indexes: tuple[Index, ...] = ()
    """Local ones first, then global ones, each in the order of creation."""
    status: str = "ACTIVE"
    """``CREATING``, ``UPDATING``, ``DELETING`` or ``ACTIVE``."""
    settles_at: float | None = None
    """When CREATING, UPDATING or DELETING ends; None when nothing is pending."""
    billing: str = "PROVISIONED"
    """``PROVISIONED`` or ``PAY_PER_REQUEST``."""
    on_demand_since: float | None = None
    throughput: Throughput = Throughput()
    on_demand: dict[str, int] | None = None
    warm: dict[str, Any] | None = None
    protected: bool = False
    table_class: str | None = None
    class_changed: float | None = None
    sse: dict[str, Any] | None = None
    stream_view: str | None = None
    """View type of the enabled stream, else None."""
    stream_label: str | None = None
    """Label of the latest stream, kept after it was disabled."""
    history: bool = False
    """Whether it is kept what rows were before they changed, for backups and recovery to a point in time."""
    ttl: str | None = None
    """Attribute with the time at which an item expires, while time to live is on."""
    ttl_settles_at: float | None = None
    """When ENABLING or DISABLING time to live ends."""
    leaving: tuple[Index, ...] = ()
    """Indexes shown as DELETING until ``settles_at``; nothing is written to them any more."""
    vector_indexes: tuple[VectorIndex, ...] = ()
    """In the order of creation."""
    leaving_vectors: tuple[VectorIndex, ...] = ()
    """Vector indexes shown as DELETING until ``settles_at``."""
    next: "TableSchema | None" = None
    """What holds from ``settles_at`` on; None means that the table is gone then."""
    tags: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    """Settings that are only remembered and returned."""

    @property
    def all_indexes(self) -> tuple[Index | VectorIndex, ...]:
        """Secondary indexes, then vector indexes."""
        return (*self.indexes, *self.vector_indexes)

    @property
    def arn(self) -> str:
        return f"arn:aws:dynamodb:{self.region}:{self.account}:table/{self.name}"


_NAMES = tuple(part.name for part in fields(TableSchema))
_get_values = attrgetter(*_NAMES)
_SETTERS: tuple[Any, ...] = tuple(getattr(TableSchema, name).__set__ for name in _NAMES)


def with_status(schema: TableSchema, status: str) -> TableSchema:
    """Return *schema* with another status of the table itself."""
    # PERF: a third of the time of dataclasses.replace, which asks and sets every field by name.
    copy: TableSchema = object.__new__(TableSchema)
    for set_value, value in zip(_SETTERS, _get_values(schema), strict=True):
        set_value(copy, value)
    object.__setattr__(copy, "status", status)
    return copy
