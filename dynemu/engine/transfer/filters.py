"""The FilterSpecification of an export: which items are written, and which of their attributes."""

from typing import Any

from dynemu.engine.planner import plan_query
from dynemu.engine.table import Table
from dynemu.errors import validation
from dynemu.expressions.bind import bind

Item = dict[str, Any]

_EXPRESSIONS = ("FilterExpression", "ProjectionExpression", "KeyConditionExpression")


class Filter:
    """Tells which items an export takes; without a specification all of them, as they are."""

    __slots__ = ("_condition", "_projection", "_values", "is_empty")

    def __init__(self, specification: Item | None) -> None:
        bound = bind(specification or {}, _EXPRESSIONS)
        self._condition = bound.filter
        self._projection = bound.projection
        self._values = bound.values
        self.is_empty = self._condition is None and self._projection is None

    def takes(self, item: Item) -> bool:
        """Return whether the export has *item*."""
        return self._condition is None or bool(self._condition.test(item, self._values))

    def cut(self, item: Item) -> Item:
        """Return the attributes of *item* that the export has."""
        if self._projection is None:
            return item
        kept: Item = self._projection.apply(item)
        return kept


def plan_rows(table: Table, specification: Item | None) -> tuple[bytes, bytes]:
    """Return the first row key that an export of *table* looks at, and the one after the last.

    Raises: ValidationException for a wrong *specification*.
    """
    bound = bind(specification or {}, _EXPRESSIONS)
    bound.check_unused()
    if bound.key_condition is None:
        return table.codec.start, table.codec.end
    key_range = plan_query(table.sources[None], bound.key_condition)
    if bound.filter is not None:
        for name in table.keys:
            if name in bound.filter.attributes:
                raise validation(
                    "Filter Expression can only contain non-primary key attributes: "
                    f"Primary key attribute: {name}"
                )
    return key_range.start, key_range.end
