"""What an operation consumes, in capacity units, and how AWS reports it.

Source: developer guide, "DynamoDB read and write operations" and "Capacity unit consumption";
recorded answers, topic consumed_capacity.
"""

from typing import Any

from dynemu.engine.table import Table
from dynemu.limits import READ_UNIT_BYTES, WRITE_UNIT_BYTES

Units = dict[str, float]


def write_units(old_size: int, new_size: int) -> int:
    """Return the units of a base table write that takes an item from *old_size* to *new_size* bytes."""
    return max(1, -(-max(old_size, new_size) // WRITE_UNIT_BYTES))


def read_units(size: int, consistent: bool) -> float:
    """Return the units of reading *size* bytes together; nothing costs as much as the smallest item."""
    units = max(1, -(-size // READ_UNIT_BYTES))
    return float(units) if consistent else units / 2


class Consumption:
    """Units of one operation on one table, apart for the base table and each index."""

    __slots__ = ("_kind", "indexes", "mode", "table", "units", "vectors")

    def __init__(self, table: Table, mode: str, kind: str = "") -> None:
        self.table = table
        self.mode = mode
        self.units = 0.0
        self.indexes: Units = {}
        """Units by index name; an index without units is left out of the report."""
        self.vectors: Units = {}
        """VectorWriteRequestBytes by vector index, which AWS counts apart from units."""
        self._kind = kind

    def add_index(self, name: str, units: float) -> None:
        """Add *units* to those of the index called *name*."""
        self.indexes[name] = self.indexes.get(name, 0.0) + units

    def add_vector_bytes(self, name: str, size: int) -> None:
        """Add *size* bytes written to those of the vector index called *name*."""
        self.vectors[name] = self.vectors.get(name, 0.0) + size

    def report(self) -> dict[str, Any]:
        """Return ``{"TableName": …, "CapacityUnits": …}``, with a part for each index in mode INDEXES.

        Transactions say the units of their kind (read or write) as well.
        """
        total = self.units + sum(self.indexes.values())
        answer: dict[str, Any] = {"TableName": self.table.name, **self._part(total)}
        if self.mode == "INDEXES":
            answer["Table"] = self._part(self.units)
            for member, is_global in (("LocalSecondaryIndexes", False), ("GlobalSecondaryIndexes", True)):
                parts = {
                    name: self._part(units)
                    for name, units in self.indexes.items()
                    if self.table.indexes_by_name[name].index.is_global is is_global
                }
                if parts:
                    answer[member] = parts
            if self.vectors:
                answer["VectorIndexes"] = {
                    name: {"VectorWriteRequestBytes": size} for name, size in self.vectors.items()
                }
        return answer

    def _part(self, units: float) -> Units:
        part = {"CapacityUnits": float(units)}
        if self._kind:
            part[self._kind] = float(units)
        return part


def start_consumption(table: Table, mode: str | None, kind: str = "") -> Consumption | None:
    """Return a Consumption when the request's *mode* asks for a report, else None."""
    if mode is None or mode == "NONE":
        return None
    return Consumption(table, mode, kind)
