"""Items as stored bytes: format version (1 byte), size in bytes as AWS counts it (4 bytes), compact JSON.

The JSON is the item in canonical DynamoDB JSON, so a read that wants all of it copies it into the response.
"""

from typing import Any

from orjson import dumps, loads

from dynemu._core import packing, values

FORMAT_VERSION = 1
HEADER_SIZE = 5
_BODY = HEADER_SIZE


def encode_row(item: dict[str, Any]) -> bytes:
    """Return the row of a canonical item."""
    return packing.pack_row(FORMAT_VERSION, values.size_of_item(item), dumps(item))


def encode_row_sized(item: dict[str, Any], size: int) -> bytes:
    """Return the row of a canonical item of *size* bytes as AWS counts them."""
    return packing.pack_row(FORMAT_VERSION, size, dumps(item))


def row_size(row: bytes) -> int:
    """Return the size of the row's item in bytes as AWS counts them."""
    return (row[1] << 24) + (row[2] << 16) + (row[3] << 8) + row[4]


def row_body(row: bytes) -> bytes:
    """Return the row's item as JSON."""
    return row[_BODY:]


def decode_row(row: bytes) -> dict[str, Any]:
    """Return the row's item."""
    item: dict[str, Any] = loads(row[_BODY:])
    return item
