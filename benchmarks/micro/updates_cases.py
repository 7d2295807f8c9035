"""dynemu._core.updates against the same updates written out by hand."""

from decimal import Decimal
from typing import Any

from benchmarks.micro.items import document, order
from benchmarks.micro.timing import Cases
from dynemu._core.codec import decode_row, encode_row
from dynemu._core.conditions import PathOperand, ValueOperand
from dynemu._core.fields import Fields, names_of
from dynemu._core.paths import Path
from dynemu._core.updates import Arithmetic, Update, remove_path, set_path

VALUES: dict[str, Any] = {":s": {"S": "returned"}, ":one": {"N": "1"}}


def plain_count(item: dict[str, Any]) -> dict[str, Any]:
    count = {"N": str(Decimal(item["age"]["N"]) + Decimal(VALUES[":one"]["N"]))}
    return {**item, "age": count, "status": VALUES[":s"]}


def plain_nested(item: dict[str, Any]) -> dict[str, Any]:
    members = item["doc"]["M"]
    address = {"M": {**members["address"]["M"], "city": VALUES[":s"]}}
    new = {**item, "doc": {"M": {**members, "address": address}}}
    del new["note"]
    return new


def cases() -> Cases:
    """Return the calls to compare."""
    item = {**order(), "doc": document()}
    age = Path("age")
    count = Update(
        [
            set_path(age, Arithmetic(False, PathOperand(age), ValueOperand(":one"))),
            set_path(Path("status"), ValueOperand(":s")),
        ]
    )
    nested = Update(
        [set_path(Path("doc", ("address", "city")), ValueOperand(":s")), remove_path(Path("note"))]
    )
    row = encode_row(item)
    fields = Fields(names_of(count.touched, nested.touched))

    def splice(update: Update) -> bytes:
        fields.find(row)
        return update.splice(fields, VALUES)[0]

    return {
        "a row: SET n = n + :v, a = :v": (
            lambda: splice(count),
            lambda: encode_row(plain_count(decode_row(row))),
        ),
        "a row: SET a.b.c = :v REMOVE d": (
            lambda: splice(nested),
            lambda: encode_row(plain_nested(decode_row(row))),
        ),
        "SET n = n + :v, a = :v": (lambda: count.apply(item, VALUES), lambda: plain_count(item)),
        "SET a.b.c = :v REMOVE d": (lambda: nested.apply(item, VALUES), lambda: plain_nested(item)),
    }
