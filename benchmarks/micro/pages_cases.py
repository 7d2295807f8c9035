"""dynemu._core.pages against list comprehensions."""

from orjson import dumps

from benchmarks.micro.items import order
from benchmarks.micro.timing import Cases
from dynemu._core import pages
from dynemu._core.codec import HEADER_SIZE, decode_row, encode_row
from dynemu._core.conditions import Compare, PathOperand, ValueOperand
from dynemu._core.paths import Path, Projection


def cases() -> Cases:
    """Return the calls to compare."""
    rows = [encode_row(order())] * 100
    node = Compare(">", PathOperand(Path("age")), ValueOperand(":n"))
    values = {":n": {"N": "7"}}
    projection = Projection([Path("sk"), Path("status")])
    return {
        "take_page of 100": (lambda: pages.take_page(iter(rows), 1000, 1 << 20), lambda: list(iter(rows))),
        "join_bodies of 100": (
            lambda: pages.join_bodies(rows),
            lambda: b"[" + b",".join([row[HEADER_SIZE:] for row in rows]) + b"]",
        ),
        "pick_bodies of 100": (
            lambda: pages.pick_bodies(rows, node, values, projection),
            lambda: dumps(
                [projection.apply(decode_row(row)) for row in rows if node.test(decode_row(row), values)]
            ),
        ),
    }
