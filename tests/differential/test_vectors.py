"""Vectors in both builds: the same bytes, and scores that are the same to the last bit."""

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.core_builds import BUILDS

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@st.composite
def vectors(draw: st.DrawFn) -> list[list[float]]:
    """Draw vectors of the same length, the first of them to be searched for."""
    size = draw(st.integers(1, 40))
    return draw(st.lists(st.lists(FLOATS, min_size=size, max_size=size), min_size=2, max_size=12))


def pack_all(core: SimpleNamespace, drawn: list[list[float]]) -> list[bytes]:
    """Return the first of the *drawn* vectors, packed, and entries of the others."""
    packed = [core.vectors.pack_vector([{"N": repr(number)} for number in numbers]) for numbers in drawn]
    filters = [b'{"N":"1"}', b""]
    entries = [
        core.vectors.pack_entry(vector, [filters[place % 2]], {"pk": {"N": str(place)}}, place)
        for place, vector in enumerate(packed[1:])
    ]
    return [packed[0], *entries]


def search(core: SimpleNamespace, packed: list[bytes], distance: int, count: int, filters: Any) -> Any:
    found = core.vectors.Search(packed[0], distance, count, filters)
    found.look_at(packed[1:])
    return [(score.hex(), entry) for score, entry in found.found()]


@given(vectors())
def test_vectors_survive_packing(core: SimpleNamespace, drawn: list[list[float]]) -> None:
    packed = core.vectors.pack_vector([{"N": repr(number)} for number in drawn[0]])
    assert core.vectors.unpack_vector(packed) == drawn[0]


@given(vectors(), st.integers(0, 2), st.integers(1, 12), st.sampled_from(([], [None], [b'{"N":"1"}'])))
def test_builds_find_the_same(drawn: list[list[float]], distance: int, count: int, filters: Any) -> None:
    packed = {name: pack_all(build, drawn) for name, build in BUILDS.items()}
    assert len(set(map(tuple, packed.values()))) == 1
    results = [search(build, packed[name], distance, count, filters) for name, build in BUILDS.items()]
    assert all(result == results[0] for result in results)


@given(vectors(), st.integers(0, 2))
def test_a_search_is_a_sort(core: SimpleNamespace, drawn: list[list[float]], distance: int) -> None:
    packed = pack_all(core, drawn)
    one = {entry: search(core, [packed[0], entry], distance, 1, [])[0][0] for entry in packed[1:]}
    everything = search(core, packed, distance, len(drawn), [])
    scores = [float.fromhex(score) for score, _ in everything]
    assert scores == sorted(scores, reverse=distance == core.vectors.DOT_PRODUCT)
    assert everything == [(one[entry], entry) for _, entry in everything]
    assert search(core, packed, distance, 3, []) == everything[:3]
