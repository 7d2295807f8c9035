"""dynemu._core.values against one recursive function per question."""

import base64
from typing import Any

from benchmarks.micro.items import document, order
from benchmarks.micro.numbers_cases import plain_canonical, plain_compare, plain_size
from benchmarks.micro.timing import Cases
from dynemu._core import values


def plain_normalise(value: Any) -> int:
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(value)
    tag, payload = next(iter(value.items()))
    if tag == "N":
        value["N"] = plain_canonical(payload)
        return plain_size(value["N"])
    if tag == "NS":
        value["NS"] = sorted({plain_canonical(member) for member in payload}, key=float)
        return sum(plain_size(member) for member in value["NS"])
    if tag == "M":
        return 3 + sum(1 + len(name.encode()) + plain_normalise(member) for name, member in payload.items())
    if tag == "L":
        return 3 + sum(1 + plain_normalise(member) for member in payload)
    return plain_size_of(value)


def plain_size_of(value: Any) -> int:
    tag, payload = next(iter(value.items()))
    if tag == "S":
        return len(payload.encode())
    if tag == "N":
        return plain_size(payload)
    if tag == "B":
        return len(base64.b64decode(payload, validate=True))
    if tag == "M":
        return 3 + sum(1 + len(name.encode()) + plain_size_of(member) for name, member in payload.items())
    if tag == "L":
        return 3 + sum(1 + plain_size_of(member) for member in payload)
    return 1


def plain_check(value: Any) -> bool:
    tag, payload = next(iter(value.items()))
    if tag == "M":
        return all(plain_check(member) for member in payload.values())
    if tag == "L":
        return all(plain_check(member) for member in payload)
    return isinstance(payload, bool if tag in ("BOOL", "NULL") else str)


def plain_sizes(item: dict[str, Any]) -> int:
    return sum(len(name.encode()) + plain_size_of(value) for name, value in item.items())


def plain_normalise_item(item: dict[str, Any]) -> int:
    return sum(len(name.encode()) + plain_normalise(value) for name, value in item.items())


def cases() -> Cases:
    """Return the calls to compare."""
    item, value = order(), document()
    low, high = {"S": "abc"}, {"S": "abd"}
    given = {":low": low, ":high": high, ":other": {"S": "x"}}
    rules = tuple([(name, frozenset(("S", "N", "B"))) for name in given])
    few, many = {"N": "7"}, {"N": "12"}
    return {
        "normalise_item of 8": (lambda: values.normalise_item(item), lambda: plain_normalise_item(item)),
        "normalise_value document": (lambda: values.normalise_value(value), lambda: plain_normalise(value)),
        "normalise_value NS": (
            lambda: values.normalise_value({"NS": ["3", "1", "2"]}),
            lambda: plain_normalise({"NS": ["3", "1", "2"]}),
        ),
        "normalise_value B": (
            lambda: values.normalise_value({"B": "aGVsbG8gd29ybGQ="}),
            lambda: plain_normalise({"B": "aGVsbG8gd29ybGQ="}),
        ),
        "check_item_types of 8": (
            lambda: values.check_item_types(item),
            lambda: all(plain_check(member) for member in item.values()),
        ),
        "size_of_item of 8": (lambda: values.size_of_item(item), lambda: plain_sizes(item)),
        "have_types of 3": (
            lambda: values.have_types(given, rules),
            lambda: all(next(iter(given[name])) in allowed for name, allowed in rules),
        ),
        "compare S": (lambda: values.compare(low, high), lambda: low["S"].encode() < high["S"].encode()),
        "compare N": (lambda: values.compare(few, many), lambda: plain_compare(few["N"], many["N"])),
    }
