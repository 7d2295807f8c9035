"""dynemu._core.fields, and what looks through it, against parsing the row.

Uncompiled, parsing is always the faster way; pages do that then.
"""

from benchmarks.micro.items import order
from benchmarks.micro.timing import Cases
from dynemu._core.codec import decode_row, encode_row
from dynemu._core.conditions import And, Compare, PathOperand, ValueOperand
from dynemu._core.fields import Fields, names_of
from dynemu._core.paths import Path, Projection


def cases() -> Cases:
    """Return the calls to compare."""
    row = encode_row(order())
    names = names_of(frozenset(("active", "age", "price")), frozenset(("sk", "status")))
    fields = Fields(names)
    fields.find(row)
    operand = {name: PathOperand(Path(name)) for name in names.places}
    node = And(
        [
            Compare("=", operand["active"], ValueOperand(":a")),
            Compare(">", operand["age"], ValueOperand(":n")),
        ]
    )
    values = {":a": {"BOOL": True}, ":n": {"N": "7"}}
    projection = Projection([Path("sk"), Path("status")])
    out = bytearray(len(row))
    return {
        "find 5 of 8": (lambda: fields.find(row), lambda: decode_row(row)),
        "two conditions": (lambda: node.holds(fields, values), lambda: node.test(decode_row(row), values)),
        "two attributes": (
            lambda: projection.write(fields, out, 0),
            lambda: projection.apply(decode_row(row)),
        ),
    }
