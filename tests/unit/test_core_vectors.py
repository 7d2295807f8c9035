"""Entries of vector indexes and the search among them."""

import math
import struct
from types import SimpleNamespace
from typing import Any

import pytest

NUMBERS = [0.5, -1.0, 3.0, 0.25, 7.0, -2.5, 0.0, 1.0, 9.0, -0.125]
"""More than the eight lanes in which products are summed, all of them exact."""


def elements(*numbers: Any) -> list[dict[str, str]]:
    return [{"N": str(number)} for number in numbers]


def pack(core: SimpleNamespace, *numbers: float, filters: tuple[bytes, ...] = (), name: str = "") -> bytes:
    """Return an entry of one attribute with a vector of *numbers*."""
    vector = core.vectors.pack_vector(elements(*numbers))
    packed: bytes = core.vectors.pack_entry(vector, list(filters), {"pk": {"S": name}}, 99)
    return packed


def found(core: SimpleNamespace, search: Any, dimensions: int, filters: int = 0) -> list[tuple[float, str]]:
    return [
        (score, core.vectors.entry_item(entry, dimensions, filters)["pk"]["S"])
        for score, entry in search.found()
    ]


def test_numbers_become_little_endian_floats(core: SimpleNamespace) -> None:
    assert core.vectors.pack_vector(elements("1", "-0.5", "0.1")) == struct.pack("<3f", 1.0, -0.5, 0.1)
    assert core.vectors.pack_vector(elements("3.4028235E38")) == struct.pack("<f", 3.4028234663852886e38)
    assert core.vectors.unpack_vector(struct.pack("<2f", 1.5, -2.0)) == [1.5, -2.0]


@pytest.mark.parametrize("bad", [[{"S": "1"}], elements("1", "3.5E38"), [{"N": "1"}, {"NULL": True}]])
def test_what_is_no_float_is_no_vector(core: SimpleNamespace, bad: list[dict[str, Any]]) -> None:
    assert core.vectors.pack_vector(bad) is None


def test_entry_gives_back_its_parts(core: SimpleNamespace) -> None:
    vector = core.vectors.pack_vector(elements(*NUMBERS))
    item = {"z": {"S": "ü"}, "a": {"M": {"y": {"N": "1"}, "b": {"N": "2"}}}}
    entry = core.vectors.pack_entry(vector, [b'{"S":"x"}', b"", b"y" * 70_000], item, 1234)
    assert core.codec.row_size(entry) == 1234
    assert core.vectors.entry_vector(entry, len(NUMBERS)) == vector
    assert core.vectors.entry_item(entry, len(NUMBERS), 3) == item
    again = core.vectors.pack_entry(
        vector, [b'{"S":"x"}', b"", b"y" * 70_000], dict(reversed(list(item.items()))), 1234
    )
    assert again == entry


@pytest.mark.parametrize("dimensions", range(1, len(NUMBERS) + 1))
def test_scores(core: SimpleNamespace, dimensions: int) -> None:
    one, other = NUMBERS[:dimensions], NUMBERS[::-1][:dimensions]
    product = sum(x * y for x, y in zip(one, other, strict=True))
    lengths = math.sqrt(sum(x * x for x in one) * sum(y * y for y in other))
    scores = (1.0 - product / lengths, math.dist(one, other), product)
    for distance, score in enumerate(scores):
        vector = core.vectors.pack_vector(elements(*one))
        search = core.vectors.Search(vector, distance, 1, [])
        search.look_at([pack(core, *other)])
        assert found(core, search, dimensions) == [(pytest.approx(score, rel=1e-12, abs=1e-12), "")]


def test_the_nearest_are_kept_and_the_first_of_equals(core: SimpleNamespace) -> None:
    entries = [pack(core, float(number % 5), name=str(number)) for number in range(20)]
    vector = core.vectors.pack_vector(elements(2))
    search = core.vectors.Search(vector, core.vectors.EUCLIDEAN, 6, [])
    search.look_at(iter(entries))
    assert search.seen == 20
    assert found(core, search, 1) == [
        (0.0, "2"),
        (0.0, "7"),
        (0.0, "12"),
        (0.0, "17"),
        (1.0, "1"),
        (1.0, "3"),
    ]


def test_filters_have_to_be_met(core: SimpleNamespace) -> None:
    values = [(b"a", b""), (b"a", b"b"), (b"", b"b"), (b"aa", b"b")]
    entries = [pack(core, 1.0, filters=pair, name=str(place)) for place, pair in enumerate(values)]

    def names(*filters: bytes | None) -> list[str]:
        vector = core.vectors.pack_vector(elements(1))
        search = core.vectors.Search(vector, core.vectors.COSINE, 9, list(filters))
        search.look_at(entries)
        return [name for _, name in found(core, search, 1, 2)]

    assert names() == ["0", "1", "2", "3"]
    assert names(b"a") == ["0", "1"]
    assert names(None, b"b") == ["1", "2", "3"]
    assert names(b"a", b"b") == ["1"]


def test_entry_of_fewer_dimensions_is_no_entry(core: SimpleNamespace) -> None:
    search = core.vectors.Search(core.vectors.pack_vector(elements(*NUMBERS)), 0, 1, [])
    with pytest.raises(ValueError, match="dimensions"):
        search.rate(pack(core, 1.0))
