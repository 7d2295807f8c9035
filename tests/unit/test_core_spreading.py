"""The hash by which partitions are spread: the service's bytes of a key, whatever the key is made of."""

import base64
from hashlib import md5
from types import SimpleNamespace

import pytest

from dynemu.model import KeyAttribute

ID = (256).to_bytes(4, "big")


def hash_of(core: SimpleNamespace, tag: str, payload: str) -> bytes:
    row_key: bytes = core.keys.KeyCodec(ID, (KeyAttribute("pk", tag),), ()).encode({"pk": {tag: payload}})
    return row_key[4:8]


def expected(key: bytes) -> bytes:
    return md5(b"Outliers" + key, usedforsecurity=False).digest()[:4]


@pytest.mark.parametrize("size", [1, 46, 47, 48, 55, 56, 57, 64, 120, 511, 2048])
def test_texts_and_binaries_are_their_bytes(core: SimpleNamespace, size: int) -> None:
    raw = bytes(range(128)) * 16
    assert hash_of(core, "S", raw[:size].decode()) == expected(raw[:size])
    assert hash_of(core, "B", base64.b64encode(raw[:size]).decode()) == expected(raw[:size])
    assert hash_of(core, "B", base64.b64encode(b"\0" * size).decode()) == expected(b"\0" * size)


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("0", "80"),
        ("7", "c108"),
        ("100", "c202"),
        ("205", "c20306"),
        ("12.5", "c10d33"),
        ("0.05", "c006"),
        ("-7", "3e5e66"),
        ("-0.09", "3f5c66"),
        ("9" * 38, "d3" + "64" * 19),
        ("-" + "1" * 38, "2c" + "5a" * 19 + "66"),
        ("-1." + "1" * 37, "3e64" + "5a" * 18 + "5b"),
    ],
)
def test_numbers_are_pairs_of_digits_after_their_exponent(
    core: SimpleNamespace, number: str, key: str
) -> None:
    assert hash_of(core, "N", number) == expected(bytes.fromhex(key))


def test_several_hash_attributes_have_one_hash(core: SimpleNamespace) -> None:
    codec = core.keys.KeyCodec(ID, (KeyAttribute("a", "S"), KeyAttribute("b", "N")), ())
    row_key = codec.encode({"a": {"S": "x"}, "b": {"N": "1"}})
    assert row_key[4:8] == expected(row_key[8:])
