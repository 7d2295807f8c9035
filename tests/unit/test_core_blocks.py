"""Rows in blocks: a sorted dict whose copies cost nothing until one of them changes."""

import gc
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core_builds import BUILDS

END = b"\xff" * 9
PLAIN = BUILDS["py"].blocks
"""The only build whose blocks a test can look into."""


def key_of(number: int) -> bytes:
    return b"key/%05d" % number if number % 3 else b"%05d" % number


def rows_of(core: SimpleNamespace, count: int) -> Any:
    rows = core.blocks.SortedRows()
    rows.put_many([(key_of(number), b"%d" % number) for number in range(count)])
    return rows


def content(rows: Any) -> dict[bytes, bytes]:
    return dict(rows.scan(b"", END))


def test_nothing_is_found_in_no_rows(core: SimpleNamespace) -> None:
    rows = core.blocks.SortedRows()
    assert rows.get(b"") is None
    assert list(rows.values(b"", END)) == []
    rows.delete(b"a")
    rows.delete_range(b"", END)
    assert rows.get_many([b"a", b"b"]) == [None, None]


def test_keys_are_told_apart_behind_their_first_eight_bytes(core: SimpleNamespace) -> None:
    keys = [
        b"",
        b"\0",
        b"\0" * 8,
        b"\0" * 9,
        b"12345678",
        b"12345678\0",
        b"12345678\xff",
        b"\xff" * 8,
        b"\xff" * 8 + b"\0",
    ]
    rows = core.blocks.SortedRows()
    rows.put_many([(key, b"=" + key) for key in reversed(keys)])
    assert rows.get_many(keys) == [b"=" + key for key in keys]
    assert [key for key, _ in rows.scan(b"", END)] == keys
    assert rows.get_many([b"\0\0", b"1234567", b"\xff"]) == [None, None, None]


def test_a_range_is_walked_from_both_ends(core: SimpleNamespace) -> None:
    rows = rows_of(core, 2000)
    model = sorted((key_of(number), b"%d" % number) for number in range(2000))
    for low, high in ((0, 2000), (0, 1), (255, 257), (300, 1700), (1999, 2000), (5, 5), (9, 3)):
        start = model[low][0]
        end = model[high][0] if high < 2000 else END
        assert list(rows.scan(start, end)) == model[low:high]
        assert list(rows.scan(start, end, True)) == model[low:high][::-1]
        assert list(rows.values(start, end)) == [value for _, value in model[low:high]]
        assert list(rows.values(start, end, True)) == [value for _, value in model[low:high]][::-1]


def test_an_iterator_stays_at_its_end(core: SimpleNamespace) -> None:
    for reverse in (False, True):
        values = rows_of(core, 600).values(b"", END, reverse)
        assert iter(values) is values
        assert len(list(values)) == 600
        assert next(values, None) is None


def test_expectations_are_values_or_absence(core: SimpleNamespace) -> None:
    rows = core.blocks.SortedRows()
    rows.put(b"a", b"some value")
    assert rows.is_as_expected([])
    assert rows.is_as_expected([(b"a", b"some" + b" value"), (b"b", None)])
    assert not rows.is_as_expected([(b"a", None)])
    assert not rows.is_as_expected([(b"a", b"other value")])
    assert not rows.is_as_expected([(b"a", b"some value"), (b"b", b"")])


@pytest.mark.parametrize("bad", [None, "text", 1, bytearray(b"a")])
def test_compiled_rows_take_bytes_only(bad: Any) -> None:
    rows = BUILDS.get("cy", BUILDS["py"]).blocks.SortedRows()
    if "cy" in BUILDS:
        for use in (rows.get, rows.delete, lambda key: rows.put(key, b""), lambda key: rows.values(key, END)):
            with pytest.raises(TypeError):
                use(bad)


def test_both_sides_change_without_the_other(core: SimpleNamespace) -> None:
    rows = rows_of(core, 3000)
    before = content(rows)
    copy = core.blocks.SortedRows()
    copy.take_over(rows)
    rows.put(key_of(7), b"mine")
    rows.delete(key_of(8))
    copy.put(key_of(9), b"yours")
    copy.delete_range(key_of(1000), key_of(2000))
    copy.put_many([(b"new/%d" % number, b"") for number in range(1000)])
    mine = {**before, key_of(7): b"mine"}
    del mine[key_of(8)]
    assert content(rows) == mine
    yours = {key: value for key, value in before.items() if not key_of(1000) <= key < key_of(2000)}
    yours |= {key_of(9): b"yours"} | {b"new/%d" % number: b"" for number in range(1000)}
    assert content(copy) == yours


def test_going_back_any_number_of_times(core: SimpleNamespace) -> None:
    rows = rows_of(core, 1000)
    before = content(rows)
    kept = core.blocks.SortedRows()
    kept.take_over(rows)
    get = rows.get
    for change in (
        lambda: rows.delete_range(b"", END),
        lambda: rows.clear(),
        lambda: rows.put_many([(key, b"") for key in before]),
        lambda: None,
    ):
        change()
        rows.take_over(kept)
        assert content(rows) == content(kept) == before
        assert get(key_of(5)) == b"5"


def test_cleared_rows_can_be_filled_again(core: SimpleNamespace) -> None:
    rows = rows_of(core, 1000)
    rows.clear()
    assert content(rows) == {}
    rows.put(b"a", b"1")
    assert content(rows) == {b"a": b"1"}


def test_deleted_ranges_are_freed_when_asked_for_and_nothing_else(core: SimpleNamespace) -> None:
    rows = rows_of(core, 5000)
    kept = core.blocks.SortedRows()
    kept.take_over(rows)
    rows.put_many([(key_of(number), b"") for number in range(5000)])
    rows.delete_range(b"", END)
    assert rows.free(1)
    turns = 1
    while rows.free(5):
        turns += 1
    assert 1 < turns < 1000
    assert not rows.free(5)
    assert content(rows) == {}
    assert content(kept) == {key_of(number): b"%d" % number for number in range(5000)}


def test_what_was_inherited_is_freed_in_parts_and_nothing_else(core: SimpleNamespace) -> None:
    rows = rows_of(core, 5000)
    kept, heir = core.blocks.SortedRows(), core.blocks.SortedRows()
    kept.take_over(rows)
    rows.put_many([(key_of(number), b"") for number in range(0, 5000, 2)])
    heir.put(b"own", b"row")
    heir.inherit(rows)
    assert content(rows) == {}
    turns = 1
    while heir.free(5):
        turns += 1
    assert 10 < turns < 1000
    assert content(heir) == {b"own": b"row"}
    assert content(kept) == {key_of(number): b"%d" % number for number in range(5000)}
    rows.put(b"a", b"1")
    assert content(rows) == {b"a": b"1"}


def test_deleted_ranges_are_freed_by_later_writes() -> None:
    rows = rows_of(BUILDS["py"], 5000)
    copy = PLAIN.SortedRows()
    copy.take_over(rows)
    rows.put_many([(key_of(number), b"") for number in range(5000)])
    rows.delete_range(b"", END)
    copy.delete_range(b"", END)
    assert rows._dropped and copy._dropped
    for number in range(5000 // PLAIN.FREED_ROWS + 50):
        rows.put_many([(b"%d" % number, b"")])
        copy.put_many([(b"%d" % number, b"")])
    assert not rows._dropped and not copy._dropped
    assert (
        content(rows)
        == content(copy)
        == {b"%d" % number: b"" for number in range(5000 // PLAIN.FREED_ROWS + 50)}
    )


def fill(rows: Any) -> float:
    """Return how full the blocks are in the mean."""
    return sum(len(block.keys) for block in rows._blocks) / len(rows._blocks) / PLAIN.BLOCK_ROWS


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("runs", [1, 3])
def test_rows_in_order_leave_full_blocks(step: int, runs: int) -> None:
    rows = PLAIN.SortedRows()
    for number in range(6000)[::step]:
        for run in range(runs):
            rows.put(b"%d/%05d" % (run, number), b"")
    assert fill(rows) > 0.9


def test_scattered_rows_leave_half_full_blocks_at_least() -> None:
    rows = PLAIN.SortedRows()
    for number in range(6000):
        rows.put(b"%05d" % (number * 7919 % 6000), b"")
    assert fill(rows) > 0.5
    for number in range(6000):
        if number % 10:
            rows.delete(b"%05d" % number)
    assert len(content(rows)) == 600
    assert fill(rows) > 0.2
    for number in range(6000):
        rows.delete(b"%05d" % number)
    assert len(rows._blocks) == 1


def test_the_garbage_collector_does_not_see_blocks() -> None:
    if "cy" not in BUILDS:
        return
    before = len(gc.get_objects())
    rows = rows_of(BUILDS["cy"], 20_000)
    assert len(gc.get_objects()) - before < 20
    copy = BUILDS["cy"].blocks.SortedRows()
    copy.take_over(rows)
    copy.put_many([(key_of(number), b"") for number in range(20_000)])
    assert len(gc.get_objects()) - before < 30
    assert rows.get(key_of(7)) == b"7"


NUMBERS = st.integers(0, 2999)
COUNTS = st.integers(0, 700)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 2), NUMBERS, COUNTS, st.sampled_from([1, -1, 7, 911])),
        st.tuples(st.just("delete"), st.integers(0, 2), NUMBERS, COUNTS, st.sampled_from([1, -1, 7, 911])),
        st.tuples(st.just("range"), st.integers(0, 2), NUMBERS, NUMBERS, st.just(0)),
        st.tuples(st.just("copy"), st.integers(0, 2), st.integers(0, 2), st.just(0), st.just(0)),
    ),
    max_size=14,
)


def apply(rows: list[Any], models: list[dict[bytes, bytes]], number: int, step: tuple[Any, ...]) -> None:
    """Do *step* to one of *rows* and to its model."""
    kind, at, first, second, stride = step
    keys = [key_of((first + stride * place) % 3000) for place in range(second)]
    if kind == "put":
        pairs = [(key, b"%d" % number) for key in keys]
        rows[at].put_many(pairs)
        models[at].update(pairs)
    elif kind == "delete":
        rows[at].delete_many(keys)
        for key in keys:
            models[at].pop(key, None)
    elif kind == "range":
        start, end = key_of(first), key_of(second)
        rows[at].delete_range(start, end)
        models[at] = {key: value for key, value in models[at].items() if not start <= key < end}
    else:
        rows[at].take_over(rows[first])
        models[at] = dict(models[first])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, bounds=st.tuples(NUMBERS, NUMBERS))
def test_rows_are_sorted_dicts_that_share_nothing(
    core: SimpleNamespace, steps: list[tuple[Any, ...]], bounds: tuple[int, int]
) -> None:
    rows = [core.blocks.SortedRows() for _ in range(3)]
    models: list[dict[bytes, bytes]] = [{}, {}, {}]
    for number, step in enumerate(steps):
        apply(rows, models, number, step)
    start, end = key_of(bounds[0]), key_of(bounds[1])
    every = [key_of(number) for number in range(3000)]
    for real, model in zip(rows, models, strict=True):
        wanted = sorted(model.items())
        assert list(real.scan(b"", END)) == wanted
        inside = [row for row in wanted if start <= row[0] < end]
        assert list(real.scan(start, end, True)) == inside[::-1]
        assert list(real.values(start, end)) == [value for _, value in inside]
        assert real.get_many(every) == [model.get(key) for key in every]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_blocks_stay_in_order_and_short(steps: list[tuple[Any, ...]]) -> None:
    rows = [PLAIN.SortedRows() for _ in range(3)]
    models: list[dict[bytes, bytes]] = [{}, {}, {}]
    for number, step in enumerate(steps):
        apply(rows, models, number, step)
        for real in rows:
            check_blocks(real)


def check_blocks(rows: Any) -> None:
    head_of = BUILDS["py"].blocks.search.head_of
    assert list(rows._heads) == [head_of(bound) for bound in rows._bounds]
    assert len(rows._bounds) == len(rows._blocks) - 1
    assert all(one < other for one, other in pairwise(rows._bounds))
    for place, block in enumerate(rows._blocks):
        assert len(block.keys) == len(block.values) == len(block.heads) <= PLAIN.BLOCK_ROWS
        assert block.keys or len(rows._blocks) == 1
        assert list(block.heads) == [head_of(key) for key in block.keys]
        if block.keys and place:
            assert rows._bounds[place - 1] < block.keys[0]
        if block.keys and place < len(rows._bounds):
            assert block.keys[-1] <= rows._bounds[place]


def test_going_back_again_and_again_leaves_little_to_be_freed() -> None:
    rows = rows_of(BUILDS["py"], 5000)
    kept = PLAIN.SortedRows()
    kept.take_over(rows)
    for _ in range(50):
        for number in range(0, 5000, 400):
            rows.put_many([(key_of(number), b"changed")])
        rows.take_over(kept)
        assert len(rows._dropped) <= 13
    assert content(rows) == content(kept)
