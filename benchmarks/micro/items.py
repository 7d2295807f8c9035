"""The items that the benchmarks work on."""

from typing import Any

from orjson import loads

ORDER = (
    b'{"pk":{"S":"user#12345"},"sk":{"S":"order#2024-01-01"},"name":{"S":"Jane Doe"},"age":{"N":"42"},'
    b'"price":{"N":"19.99"},"active":{"BOOL":true},"status":{"S":"shipped"},'
    b'"note":{"S":"something longer than the others are, one would hope"}}'
)
DOCUMENT = (
    b'{"M":{"lines":{"L":[{"M":{"sku":{"S":"a-1"},"count":{"N":"2"}}},{"M":{"sku":{"S":"b-2"},"count":{"N":"1"}}}]},'
    b'"address":{"M":{"city":{"S":"Lyon"},"zip":{"S":"69001"}}}}}'
)


def order() -> dict[str, Any]:
    """Return an item of eight scalars, as the wire brings it."""
    item: dict[str, Any] = loads(ORDER)
    return item


def document() -> dict[str, Any]:
    """Return a value with a list of maps and a map inside."""
    value: dict[str, Any] = loads(DOCUMENT)
    return value
