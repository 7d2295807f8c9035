"""Items as stored bytes."""

from types import SimpleNamespace
from typing import Any

import pytest
from orjson import loads

ITEMS: list[dict[str, Any]] = [
    {},
    {"pk": {"S": "a"}},
    {"pk": {"S": "é😀"}, "m": {"M": {"l": {"L": [{"N": "1.5"}, {"NULL": True}]}}}, "b": {"BS": ["AA=="]}},
    {"pk": {"S": "x" * 400_000}},
]


@pytest.mark.parametrize("item", ITEMS, ids=["empty", "small", "nested", "big"])
def test_a_row_gives_back_its_item_and_size(core: SimpleNamespace, item: dict[str, Any]) -> None:
    size = core.values.size_of_item(item)
    row = core.codec.encode_row(item)
    assert row == core.codec.encode_row_sized(item, size)
    assert core.codec.row_size(row) == size
    assert core.codec.decode_row(row) == item
    assert loads(core.codec.row_body(row)) == item
    assert row[core.codec.HEADER_SIZE :] == core.codec.row_body(row)


def test_the_header_is_version_and_size(core: SimpleNamespace) -> None:
    row = core.codec.encode_row_sized({"a": {"S": "b"}}, 0x01020304)
    assert row == b'\x01\x01\x02\x03\x04{"a":{"S":"b"}}'
    assert core.codec.row_size(row) == 0x01020304
