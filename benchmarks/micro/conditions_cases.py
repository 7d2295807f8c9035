"""dynemu._core.conditions against the same conditions written out by hand."""

from decimal import Decimal
from typing import Any

from benchmarks.micro.items import order
from benchmarks.micro.timing import Cases
from dynemu._core.conditions import (
    And,
    AttributeExists,
    BeginsWith,
    Between,
    Compare,
    Or,
    PathOperand,
    ValueOperand,
)
from dynemu._core.paths import Path

VALUES: dict[str, Any] = {
    ":s": {"S": "shipped"},
    ":low": {"N": "10"},
    ":high": {"N": "50"},
    ":p": {"S": "some"},
}


def plain_equals(item: dict[str, Any]) -> bool:
    return bool(item.get("status") == VALUES[":s"])


def plain_between(item: dict[str, Any]) -> bool:
    value = item.get("age", {}).get("N")
    return value is not None and Decimal(VALUES[":low"]["N"]) <= Decimal(value) <= Decimal(
        VALUES[":high"]["N"]
    )


def plain_all(item: dict[str, Any]) -> bool:
    return (
        "pk" in item
        and plain_equals(item)
        and (plain_between(item) or item.get("note", {}).get("S", "").startswith(VALUES[":p"]["S"]))
    )


def cases() -> Cases:
    """Return the calls to compare."""
    item = order()
    status, age, note = (PathOperand(Path(name)) for name in ("status", "age", "note"))
    equals = Compare("=", status, ValueOperand(":s"))
    between = Between(age, ValueOperand(":low"), ValueOperand(":high"))
    begins = BeginsWith(note, ValueOperand(":p"))
    tree = And([AttributeExists(PathOperand(Path("pk"))), equals, Or([between, begins])])
    return {
        "a = :v": (lambda: equals.test(item, VALUES), lambda: plain_equals(item)),
        "n BETWEEN :a AND :b": (lambda: between.test(item, VALUES), lambda: plain_between(item)),
        "four joined": (lambda: tree.test(item, VALUES), lambda: plain_all(item)),
    }
