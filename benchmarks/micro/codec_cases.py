"""dynemu._core.codec against a struct and orjson."""

from struct import pack, unpack_from

from orjson import dumps, loads

from benchmarks.micro.items import order
from benchmarks.micro.timing import Cases
from benchmarks.micro.values_cases import plain_sizes
from dynemu._core import codec


def cases() -> Cases:
    """Return the calls to compare."""
    item = order()
    row = codec.encode_row(item)
    return {
        "encode_row": (
            lambda: codec.encode_row(item),
            lambda: pack(">BI", 1, plain_sizes(item)) + dumps(item),
        ),
        "encode_row_sized": (
            lambda: codec.encode_row_sized(item, 150),
            lambda: pack(">BI", 1, 150) + dumps(item),
        ),
        "row_size": (lambda: codec.row_size(row), lambda: unpack_from(">I", row, 1)[0]),
        "row_body": (lambda: codec.row_body(row), lambda: row[5:]),
        "decode_row": (lambda: codec.decode_row(row), lambda: loads(row[5:])),
    }
