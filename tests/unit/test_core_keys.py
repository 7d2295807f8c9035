"""Row keys: what is in them, what does not fit into one, and the ranges made of them."""

import base64
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from dynemu._core.spreading import spread
from dynemu.model import KeyAttribute

ID = (256).to_bytes(4, "big")
INDEX_ID = (257).to_bytes(4, "big")
PK = KeyAttribute("pk", "S")
SK = KeyAttribute("sk", "S")
NUMBER = KeyAttribute("n", "N")
BINARY = KeyAttribute("b", "B")


def table(core: SimpleNamespace, *range_key: KeyAttribute) -> Any:
    return core.keys.KeyCodec(ID, (PK,), range_key)


def binary(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_a_row_key_is_id_hash_and_attributes(core: SimpleNamespace) -> None:
    key = table(core, SK).encode({"sk": {"S": "é"}, "other": {"N": "1"}, "pk": {"S": "a\x00b"}})
    hash_part = b"a\x00\xffb\x00\x00"
    assert key == ID + spread(hash_part).to_bytes(4, "big") + hash_part + "é".encode() + b"\x00\x00"


@pytest.mark.parametrize("text", ["a", "user#1", "é€😀", "x" * 2048])
def test_the_hash_is_the_same_in_every_build(core: SimpleNamespace, text: str) -> None:
    part = core.keys.encode_part({"S": text})
    assert table(core).hash_prefix([{"S": text}]) == ID + spread(part).to_bytes(4, "big") + part


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"pk": {"S": "a"}},
        {"sk": {"S": "a"}},
        {"pk": {"N": "1"}, "sk": {"S": "a"}},
        {"pk": {"S": "a"}, "sk": {"NULL": True}},
        {"pk": {"S": ""}, "sk": {"S": "a"}},
        {"pk": {"S": "a"}, "sk": {"S": ""}},
        {"pk": {"S": "x" * 2049}, "sk": {"S": "a"}},
        {"pk": {"S": "é" * 1025}, "sk": {"S": "a"}},
        {"pk": {"S": "a"}, "sk": {"S": "x" * 1025}},
    ],
)
def test_an_item_that_is_not_fit_has_no_row_key(core: SimpleNamespace, item: Any) -> None:
    assert table(core, SK).encode(item) is None


def test_keys_may_be_as_long_as_aws_allows(core: SimpleNamespace) -> None:
    key = {"pk": {"S": "\x00" * 2048}, "sk": {"S": "é" * 512}}
    codec = table(core, SK)
    assert codec.decode(codec.encode(key)) == key
    codec = core.keys.KeyCodec(ID, (BINARY,), ())
    assert codec.encode({"b": {"B": binary(b"x" * 2048)}}) is not None
    assert codec.encode({"b": {"B": binary(b"x" * 2049)}}) is None
    assert codec.encode({"b": {"B": ""}}) is None


def test_the_range_attributes_share_one_limit(core: SimpleNamespace) -> None:
    codec = core.keys.KeyCodec(ID, (PK,), (SK, NUMBER, BINARY))
    item = {"pk": {"S": "a"}, "sk": {"S": "x" * 1001}, "n": {"N": "12"}, "b": {"B": binary(b"x" * 21)}}
    assert codec.decode(codec.encode(item)) == item
    item["sk"] = {"S": "x" * 1002}
    assert codec.encode(item) is None
    assert codec.encode({"pk": {"S": "a"}, "sk": {"S": "a"}, "b": {"B": "aGk="}}) is None


@pytest.mark.parametrize(
    "key",
    [
        {"pk": {"S": "a"}, "n": {"N": "-12.5"}, "b": {"B": binary(b"\x00\xff\x00\x00")}},
        {"pk": {"S": "\x00"}, "n": {"N": "0"}, "b": {"B": binary(b"\xff")}},
        {"pk": {"S": "😀"}, "n": {"N": "1" + "0" * 125}, "b": {"B": binary(b"\x00")}},
    ],
)
def test_a_row_key_tells_its_attributes(core: SimpleNamespace, key: Any) -> None:
    codec = core.keys.KeyCodec(ID, (PK,), (NUMBER, BINARY))
    assert codec.decode(codec.encode({**key, "more": {"S": "x"}})) == key


def test_an_index_row_key_holds_the_table_key_too(core: SimpleNamespace) -> None:
    base = table(core, SK)
    index = core.keys.KeyCodec(INDEX_ID, (KeyAttribute("g", "S"),), (NUMBER,), base)
    item = {"pk": {"S": "a"}, "sk": {"S": "b"}, "g": {"S": "c"}, "n": {"N": "1"}, "x": {"S": "y"}}
    key = {name: item[name] for name in ("g", "n", "pk", "sk")}
    assert index.decode(index.encode(item)) == key
    assert index.encode(item) != index.encode({**item, "sk": {"S": "c"}})
    assert index.encode({**item, "sk": {"N": "1"}}) is None
    assert index.encode({name: item[name] for name in ("pk", "sk", "g")}) is None


def test_an_attribute_of_both_keys_is_held_once(core: SimpleNamespace) -> None:
    base = table(core, SK)
    local = core.keys.KeyCodec(INDEX_ID, (PK,), (NUMBER,), base)
    item = {"pk": {"S": "long enough to be found"}, "sk": {"S": "b"}, "n": {"N": "7"}}
    row_key = local.encode(item)
    assert row_key.count(b"long enough to be found") == 1
    assert local.decode(row_key) == item


def test_rows_of_a_partition_start_with_its_prefix(core: SimpleNamespace) -> None:
    codec = table(core, NUMBER)
    prefix = codec.hash_prefix([{"S": "a"}])
    for number in ("-1", "0", "1e9"):
        value = {"N": core.numbers.canonical(number)}
        assert codec.encode({"pk": {"S": "a"}, "n": value}) == prefix + core.keys.encode_part(value)
    assert not codec.encode({"pk": {"S": "ab"}, "n": {"N": "1"}}).startswith(prefix)


def test_several_hash_attributes_make_one_prefix(core: SimpleNamespace) -> None:
    codec = core.keys.KeyCodec(ID, (PK, NUMBER), (SK,))
    prefix = codec.hash_prefix([{"S": "a"}, {"N": "1"}])
    assert codec.encode({"pk": {"S": "a"}, "n": {"N": "1"}, "sk": {"S": "z"}}).startswith(prefix)
    assert not codec.encode({"pk": {"S": "a"}, "n": {"N": "2"}, "sk": {"S": "z"}}).startswith(prefix)


@pytest.mark.parametrize("text", ["", "a", "a\x00", "a\x00b", "a\xff", "b"])
def test_a_prefix_finds_the_values_that_begin_with_it(core: SimpleNamespace, text: str) -> None:
    codec = table(core, SK)
    partition = codec.hash_prefix([{"S": "p"}])
    start = partition + core.keys.encode_prefix({"S": text})
    end = core.keys.successor(start)
    for sort in ("a", "a\x00", "a\x00b", "a\x00\x00", "aa", "a\xff", "a\U0010ffff", "b", "\x00"):
        key = codec.encode({"pk": {"S": "p"}, "sk": {"S": sort}})
        assert (start <= key < end) == sort.startswith(text)


def test_only_text_and_binary_have_prefixes(core: SimpleNamespace) -> None:
    assert core.keys.encode_prefix({"B": binary(b"\x00a")}) == b"\x00\xffa"
    for value in ({"N": "1"}, {}, {"L": []}):
        with pytest.raises(ValueError, match="cannot begin another"):
            core.keys.encode_prefix(value)


@pytest.mark.parametrize(
    ("prefix", "following"),
    [
        (b"a", b"b"),
        (b"a\xff", b"b"),
        (b"a\xff\xff", b"b"),
        (b"a\x00", b"a\x01"),
        (b"\x00\x01\xff", b"\x00\x02"),
    ],
)
def test_the_successor_ends_a_prefix(core: SimpleNamespace, prefix: bytes, following: bytes) -> None:
    assert core.keys.successor(prefix) == following


def test_a_table_is_a_range(core: SimpleNamespace) -> None:
    codec = table(core)
    assert (codec.start, codec.end) == (ID, INDEX_ID)
    assert codec.start <= codec.encode({"pk": {"S": "a"}}) < codec.end
    codec = core.keys.KeyCodec(b"\x00\x00\x01\xff", (PK,), ())
    assert codec.encode({"pk": {"S": "a"}}) < codec.end <= b"\x00\x00\x02\x00"


@pytest.mark.parametrize("total", [1, 2, 3, 7, 1_000_000])
def test_segments_divide_a_table(core: SimpleNamespace, total: int) -> None:
    codec = table(core)
    first = [codec.segment(number, total) for number in range(min(total, 50))]
    assert first[0][0] == codec.start
    assert codec.segment(total - 1, total)[1] == codec.end
    assert all(left[1] == right[0] for left, right in pairwise(first))
    assert all(start < end for start, end in first)
