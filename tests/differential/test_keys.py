"""Row keys sort as their values do and give them back."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynemu._core.spreading import spread
from dynemu.model import KeyAttribute
from tests.core_builds import BUILDS
from tests.differential.wire_values import KEY_VALUES, rank

ID = (300).to_bytes(4, "big")
TYPES = sorted(KEY_VALUES)


def codec(core: SimpleNamespace, hash_type: str, range_type: str) -> Any:
    return core.keys.KeyCodec(ID, (KeyAttribute("h", hash_type),), (KeyAttribute("r", range_type),))


def typed_pairs() -> st.SearchStrategy[tuple[str, Any, Any]]:
    return st.sampled_from(TYPES).flatmap(
        lambda tag: st.tuples(st.just(tag), KEY_VALUES[tag], KEY_VALUES[tag])
    )


@given(st.sampled_from(TYPES).flatmap(lambda tag: KEY_VALUES[tag]), typed_pairs())
def test_keys_of_a_partition_sort_by_their_range(
    core: SimpleNamespace, hash_value: Any, pair: tuple[str, Any, Any]
) -> None:
    tag, low, high = pair
    made = codec(core, next(iter(hash_value)), tag)
    left = made.encode({"h": hash_value, "r": low})
    right = made.encode({"h": hash_value, "r": high})
    assert (left < right, left == right) == (rank(low) < rank(high), rank(low) == rank(high))
    prefix = made.hash_prefix([hash_value])
    assert left == prefix + core.keys.encode_part(low)
    assert prefix <= left < core.keys.successor(prefix)


@given(typed_pairs())
def test_parts_sort_whatever_follows_them(core: SimpleNamespace, pair: tuple[str, Any, Any]) -> None:
    _, low, high = pair
    if rank(low) > rank(high):
        low, high = high, low
    left, right = core.keys.encode_part(low), core.keys.encode_part(high)
    if low == high:
        assert left == right
    else:
        assert left + b"\xff\xff" < right
        assert left < right + b"\x00"


@pytest.mark.parametrize("hash_type", TYPES)
@pytest.mark.parametrize("range_type", TYPES)
@given(st.data())
def test_a_row_key_gives_back_the_key(
    core: SimpleNamespace, hash_type: str, range_type: str, data: st.DataObject
) -> None:
    key = {"h": data.draw(KEY_VALUES[hash_type]), "r": data.draw(KEY_VALUES[range_type])}
    base = codec(core, hash_type, range_type)
    assert base.decode(base.encode(key)) == key
    index = core.keys.KeyCodec(ID, (KeyAttribute("r", range_type),), (KeyAttribute("g", "N"),), base)
    item = {**key, "g": {"N": "1.5"}}
    assert index.decode(index.encode(item)) == item


@given(
    st.sampled_from(["S", "B"]).flatmap(lambda tag: st.tuples(KEY_VALUES[tag], KEY_VALUES[tag])), st.data()
)
def test_a_prefix_is_a_range(core: SimpleNamespace, pair: tuple[Any, Any], data: st.DataObject) -> None:
    value, other = pair
    start = core.keys.encode_prefix(value)
    part = core.keys.encode_part(other)
    # The head of a row key stands before it, so a successor always exists.
    head = b"\x00"
    within = head + start <= head + part < core.keys.successor(head + start)
    assert within == rank(other).startswith(rank(value))


@given(st.sampled_from(TYPES).flatmap(lambda tag: KEY_VALUES[tag]))
def test_builds_make_the_same_bytes(value: Any) -> None:
    tag = next(iter(value))
    made = {codec(build, tag, tag).encode({"h": value, "r": value}) for build in BUILDS.values()}
    assert len(made) == 1
    key = made.pop()
    part = next(iter(BUILDS.values())).keys.encode_part(value)
    assert key == ID + spread(part).to_bytes(4, "big") + part + part


@given(st.integers(1, 1_000_000), st.data())
def test_every_key_is_in_one_segment(core: SimpleNamespace, total: int, data: st.DataObject) -> None:
    made = codec(core, "S", "S")
    key = made.encode({"h": data.draw(KEY_VALUES["S"]), "r": {"S": "a"}})
    guess = int.from_bytes(key[4:8], "big") * total >> 32
    around = range(max(guess - 1, 0), min(guess + 2, total))
    found = [
        number for number in around if made.segment(number, total)[0] <= key < made.segment(number, total)[1]
    ]
    assert len(found) == 1


@given(st.sampled_from(TYPES), st.sampled_from(TYPES), st.data())
def test_keys_are_made_of_their_parts_and_of_rows_alike(
    core: SimpleNamespace, hash_type: str, range_type: str, data: st.DataObject
) -> None:
    long = st.integers(1, 900).map(lambda size: {"S": "\u00fc\0" * size if size % 7 == 0 else "x" * size})
    item = {
        "h": data.draw(st.one_of(KEY_VALUES["S"], long) if hash_type == "S" else KEY_VALUES[hash_type]),
        "r": data.draw(KEY_VALUES[range_type]),
    }
    made = codec(core, hash_type, range_type)
    head = core.keys.encode_part(item["h"])
    hashed = spread(head).to_bytes(4, "big")
    wanted = ID + hashed + head + core.keys.encode_part(item["r"])
    assert made.encode(item) == wanted
    assert made.encode_keys([item]) == [wanted]
    assert made.encode_keys([item, {"h": item["h"]}]) is None
    fields = core.fields.Fields(core.fields.Names(["r", "h"]))
    fields.find(core.codec.encode_row({"other": {"S": "\\"} if len(wanted) % 2 else {"S": "x"}, **item}))
    assert made.encode_fields(fields) == wanted
    fields.find(core.codec.encode_row({"h": item["h"], "r": {"BOOL": True}}))
    assert made.encode_fields(fields) is None
