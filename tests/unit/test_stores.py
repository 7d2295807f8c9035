"""What every store does alike."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynemu.storage.base import COUNTS, CommitRefused, Store, StoreError, WriteSet
from dynemu.storage.disk_store import DiskStore
from dynemu.storage.log_store import LogStore
from dynemu.storage.memory import MemoryStore
from dynemu.storage.rocks import RocksStore

STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda path: MemoryStore(),
    "none": lambda path: RocksStore(path / "store", "none"),
    "wal": lambda path: RocksStore(path / "store", "wal"),
    "fsync": lambda path: RocksStore(path / "store", "fsync"),
    "small none": lambda path: LogStore(path / "store", "none"),
    "small wal": lambda path: LogStore(path / "store", "wal"),
    "small fsync": lambda path: DiskStore(path / "store", "fsync"),
}
ONE, TWO, THREE = (number.to_bytes(4, "big") for number in (257, 258, 259))


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = STORES[request.param](tmp_path)
    yield opened
    opened.close()


def write(store: Store, *puts: tuple[bytes, bytes], **more: Any) -> WriteSet:
    """Commit *puts* and the other members of a write set."""
    writes = WriteSet()
    writes.puts.extend(puts)
    for name, value in more.items():
        setattr(writes, name, value)
    store.commit(writes)
    return writes


def put_numbers(store: Store, count: int) -> list[tuple[bytes, bytes]]:
    rows = [(ONE + b"%05d" % number, b"row %d" % number) for number in range(count)]
    write(store, *rows)
    return rows


def test_row_is_read_as_it_was_put(store: Store) -> None:
    write(store, (ONE + b"a", b"1"))
    assert store.view().get(ONE + b"a") == b"1"
    assert store.view().get(ONE + b"b") is None


def test_view_shows_later_commits(store: Store) -> None:
    view = store.view()
    write(store, (ONE + b"a", b"1"))
    write(store, (ONE + b"a", b"2"), (ONE + b"b", b""))
    assert view.get_many([ONE + b"b", ONE + b"c", ONE + b"a"]) == [b"", None, b"2"]
    write(store, deletes=[ONE + b"a", ONE + b"never"])
    assert view.get(ONE + b"a") is None
    assert view.get_many([]) == []


def test_scan_gives_rows_in_order_without_the_end(store: Store) -> None:
    rows = put_numbers(store, 3000)
    view = store.view()
    start, end = rows[1000][0], rows[2500][0]
    assert list(view.scan(start, end)) == rows[1000:2500]
    assert list(view.scan(start, end, reverse=True)) == rows[2499:999:-1]
    assert list(view.values(start, end)) == [row for _, row in rows[1000:2500]]
    assert list(view.values(start, end, True)) == [row for _, row in rows[2499:999:-1]]
    assert list(view.scan(end, start)) == []
    assert list(view.scan(end, start, True)) == []
    assert list(view.scan(start, start + b"\0")) == [rows[1000]]


def test_bounds_of_a_scan_need_not_be_kept(store: Store) -> None:
    rows = put_numbers(store, 100)
    for reverse in (False, True):
        for read in (store.view().scan, store.view().values):
            found = read(ONE + b"%05d" % 10, ONE + b"%05d" % 50, reverse)
            reused = [ONE + b"%05d" % number for number in range(100, 200)]
            assert len(list(found)) == 40, reused[0]
    assert len(rows) == 100


def test_page_ends_at_its_limit(store: Store) -> None:
    rows = put_numbers(store, 20)
    view = store.view()
    assert view.read_rows(ONE, TWO, False, 3, 1000) == rows[:3]
    assert view.read_rows(ONE, TWO, True, 3, 1000) == rows[:16:-1]
    assert view.read_rows(ONE, TWO, False, 30, 1000) == rows
    assert view.read_rows(rows[18][0], TWO, False, 30, 1000) == rows[18:]


def test_page_ends_with_the_row_that_passes_its_bytes(store: Store) -> None:
    rows = [(ONE + bytes([number]), b"x" * 10) for number in range(5)]
    write(store, *rows)
    view = store.view()
    assert view.read_rows(ONE, TWO, False, 9, 19) == rows[:2]
    assert view.read_rows(ONE, TWO, False, 9, 20) == rows[:3]
    assert view.read_rows(ONE, TWO, False, 9, 0) == rows[:1]
    assert view.read_rows(ONE, TWO, True, 9, 19) == rows[:2:-1]


def test_range_goes_before_the_puts_of_its_write_set(store: Store) -> None:
    write(store, (ONE + b"a", b"1"), (ONE + b"b", b"1"), (TWO, b"1"))
    write(store, (ONE + b"b", b"2"), ranges=[(ONE, TWO)])
    assert list(store.view().scan(ONE, THREE)) == [(ONE + b"b", b"2"), (TWO, b"1")]


def test_dropped_ranges_stay_empty_however_many_there_are(store: Store) -> None:
    write(store, (ONE + b"kept", b"1"))
    for number in range(300, 500):
        start, end = number.to_bytes(4, "big"), (number + 1).to_bytes(4, "big")
        write(store, (start + b"a", b"1"), (start + b"b", b"1"))
        write(store, ranges=[(start, end)])
        assert store.view().get(start + b"a") is None
    assert list(store.view().scan(ONE, b"\xff")) == [(ONE + b"kept", b"1")]


def test_overwritten_rows_show_their_last_version(store: Store) -> None:
    for round_ in range(70):
        write(store, *((ONE + b"%03d" % number, b"%d" % round_) for number in range(500)))
    assert set(store.view().values(ONE, TWO)) == {b"69"}
    assert len(list(store.view().scan(ONE, TWO))) == 500


def test_counts_add_up(store: Store) -> None:
    assert store.view().counts(257) == (0, 0)
    write(store, (ONE + b"a", b"1"), counts={257: [1, 30], 258: [1, 10]})
    write(store, (ONE + b"a", b"2"), counts={257: [0, -5], 258: [0, 0]})
    assert store.view().counts(257) == (1, 25)
    assert store.view().counts(258) == (1, 10)


def test_counts_go_with_all_rows_of_their_id(store: Store) -> None:
    write(store, counts={257: [1, 30], 258: [1, 10], 259: [2, 20]})
    write(store, ranges=[(ONE, ONE + b"\xff"), (TWO, THREE), (THREE + b"\0", (260).to_bytes(4, "big"))])
    assert [store.view().counts(index_id) for index_id in (257, 258, 259)] == [(1, 30), (0, 0), (2, 20)]
    write(store, ranges=[(ONE, (260).to_bytes(4, "big"))], counts={258: [1, 5]})
    assert [store.view().counts(index_id) for index_id in (257, 258, 259)] == [(0, 0), (1, 5), (0, 0)]


def test_catalogue_version_tells_of_its_changes(store: Store) -> None:
    before = store.view().catalogue_version
    write(store, (ONE, b"1"))
    assert store.view().catalogue_version == before
    write(store, (ONE, b"1"), catalogue_changed=True)
    assert store.view().catalogue_version != before


def test_sync_is_asked_for_by_fsync_only(store: Store, request: pytest.FixtureRequest) -> None:
    assert not store.needs_sync
    write(store, (ONE, b"1"))
    assert store.needs_sync == request.node.callspec.params["store"].endswith("fsync")
    store.sync()
    assert not store.needs_sync
    store.sync()


def test_outcome_is_never_open(store: Store) -> None:
    writes = write(store, (ONE, b"1"))
    with pytest.raises(StoreError):
        store.was_committed(writes)


def test_checkpoint_is_a_copy_that_opens(store: Store, tmp_path: Path) -> None:
    write(store, (ONE + b"a", b"1"), (ONE + b"b", b"\xff\0"), counts={257: [2, 9]})
    copy = tmp_path / "copy"
    store.checkpoint(str(copy))
    write(store, (ONE + b"a", b"2"), counts={257: [1, 1]})
    opened = (MemoryStore if type(store) is MemoryStore else DiskStore)(copy)
    assert list(opened.view().scan(ONE, TWO)) == [(ONE + b"a", b"1"), (ONE + b"b", b"\xff\0")]
    assert opened.view().counts(257) == (2, 9)
    write(opened, (ONE + b"c", b"3"))
    opened.close()
    assert store.view().get(ONE + b"c") is None
    with pytest.raises(StoreError, match=r"^The copy .*copy cannot be"):
        store.checkpoint(str(copy))


@pytest.mark.parametrize("kind", [RocksStore, DiskStore])
@pytest.mark.parametrize("durability", ["none", "wal", "fsync"])
def test_closed_store_opens_again_with_all_its_rows(tmp_path: Path, kind: Any, durability: str) -> None:
    for round_ in range(3):
        store = kind(tmp_path, durability)
        assert store.view().counts(257) == (round_, 10 * round_)
        assert len(list(store.view().scan(ONE, TWO))) == round_
        write(store, (ONE + bytes([round_]), b"x"), counts={257: [1, 10]})
        store.close()
        store.close()
    store = kind(tmp_path, durability)
    write(store, ranges=[(ONE, TWO)])
    store.close()
    store = kind(tmp_path, durability)
    assert store.view().counts(257) == (0, 0)
    assert list(store.view().scan(COUNTS, THREE)) == []
    store.close()


def test_commit_is_refused_when_something_expected_has_changed() -> None:
    store = MemoryStore()
    write(store, (ONE, b"1"), expects=[(ONE, None)])
    for expected in (None, b"2"):
        with pytest.raises(CommitRefused):
            write(store, (TWO, b"1"), expects=[(ONE, expected)], counts={257: [1, 1]}, catalogue_changed=True)
    view = store.view()
    assert (view.get(TWO), view.counts(257), view.catalogue_version) == (None, (0, 0), 0)
    write(store, (ONE, b"2"), expects=[(ONE, b"1"), (TWO, None)])


def content(store: Store) -> tuple[list[tuple[bytes, bytes]], tuple[int, int]]:
    return list(store.view().scan(ONE, b"\xff" * 8)), store.view().counts(257)


def test_snapshot_keeps_what_there_was() -> None:
    store = MemoryStore()
    view = store.view()
    write(store, (ONE + b"a", b"1"), (ONE + b"b", b"1"), counts={257: [2, 6]})
    before = content(store)
    snapshot = store.snapshot()
    for _ in range(2):
        write(store, (ONE + b"a", b"2"), (TWO, b""), deletes=[ONE + b"b"], counts={257: [-1, 9]})
        assert content(store) == ([(ONE + b"a", b"2"), (TWO, b"")], (1, 15))
        write(store, ranges=[(ONE, THREE)])
        assert content(store) == ([], (0, 0))
        version = view.catalogue_version
        store.restore(snapshot)
        assert content(store) == before
        assert view is store.view() and view.get(ONE + b"b") == b"1"
        assert view.catalogue_version != version


def test_snapshot_opens_in_another_store_as_a_branch() -> None:
    store, branch, other = MemoryStore(), MemoryStore(), MemoryStore()
    rows = put_numbers(store, 2000)
    write(store, counts={257: [2000, 1]})
    snapshot = store.snapshot()
    store.close()
    branch.restore(snapshot)
    other.restore(snapshot)
    write(branch, (ONE, b"branch"), counts={257: [1, 1]})
    write(other, ranges=[(ONE, TWO)])
    assert content(branch) == ([(ONE, b"branch"), *rows], (2001, 2))
    assert content(other) == ([], (0, 0))
    store.restore(snapshot)
    assert content(store) == (rows, (2000, 1))


KEYS = st.binary(max_size=2).map(lambda tail: ONE + tail)
RANGES = st.tuples(KEYS, KEYS).map(sorted)
ROWS = st.binary(max_size=5)
WRITES = st.tuples(st.dictionaries(KEYS, ROWS, max_size=6), st.sets(KEYS), st.lists(RANGES, max_size=2))


@pytest.mark.parametrize("kind", ["memory", "none", "small wal"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(WRITES, max_size=8), start=KEYS, end=KEYS, limit=st.integers(1, 9), room=st.integers(0, 20)
)
def test_store_is_a_sorted_dict(
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    steps: Any,
    start: bytes,
    end: bytes,
    limit: int,
    room: int,
) -> None:
    store = STORES[kind](tmp_path_factory.mktemp("model"))
    model: dict[bytes, bytes] = {}
    for puts, deletes, ranges in steps:
        write(store, *puts.items(), deletes=sorted(deletes - puts.keys()), ranges=ranges)
        model = {key: row for key, row in model.items() if not any(low <= key < high for low, high in ranges)}
        model = {key: row for key, row in {**model, **puts}.items() if key not in deletes - puts.keys()}
    view = store.view()
    rows = [(key, model[key]) for key in sorted(model) if start <= key < end]
    assert list(view.scan(start, end)) == rows
    assert list(view.scan(start, end, True)) == rows[::-1]
    assert view.get_many([start, end]) == [model.get(start), model.get(end)]
    for reverse in (False, True):
        page = rows[::-1] if reverse else rows
        sizes = [sum(len(row) for _, row in page[:count]) for count in range(len(page))]
        wanted = page[: min(limit, sum(size <= room for size in sizes))]
        assert view.read_rows(start, end, reverse, limit, room) == wanted
    store.close()


PARTS = st.sampled_from(
    [b"", b"a", b"abcd", b"abcd\0", b"abcdef", b"abce", b"b\xff\xff\xff", b"\xff\xff\xff\xffz"]
)
WIDE_KEYS = st.tuples(st.sampled_from([ONE, TWO]), PARTS, st.binary(max_size=2)).map(b"".join)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.sets(WIDE_KEYS, max_size=6), st.sets(WIDE_KEYS, max_size=2)), max_size=6),
    start=WIDE_KEYS,
    end=WIDE_KEYS,
)
def test_files_are_read_over_many_partitions(
    tmp_path_factory: pytest.TempPathFactory, steps: Any, start: bytes, end: bytes
) -> None:
    store = RocksStore(tmp_path_factory.mktemp("model"))
    model: dict[bytes, bytes] = {}
    for number, (puts, deletes) in enumerate(steps):
        row = b"%d" % number
        write(store, *((key, row) for key in sorted(puts)), deletes=sorted(deletes - puts))
        model = {
            key: row
            for key, row in {**model, **dict.fromkeys(puts, row)}.items()
            if key not in deletes - puts
        }
        if number < len(steps) - 1:
            store.flush()
    view = store.view()
    rows = [(key, model[key]) for key in sorted(model) if start <= key < end]
    assert list(view.scan(start, end)) == rows
    assert list(view.scan(start, end, True)) == rows[::-1]
    assert list(view.values(start, end)) == [row for _, row in rows]
    for reverse in (False, True):
        assert view.read_rows(start, end, reverse, 3, 100) == (rows[::-1] if reverse else rows)[:3]
    assert list(view.scan(ONE, b"\xff")) == sorted(model.items())
    store.close()


def rows_of(store: Store) -> list[tuple[bytes, bytes]]:
    return list(store.view().scan(ONE, b"\xff" * 8))


def test_rollback_brings_back_what_was_there(store: Store) -> None:
    put_numbers(store, 50)
    write(store, counts={257: [50, 500]})
    before = rows_of(store)
    savepoint = store.savepoint()
    write(store, (ONE + b"00003", b"other"), (ONE + b"new", b"row"), deletes=[ONE + b"00007"])
    write(store, ranges=[(ONE + b"0001", ONE + b"0003")], counts={257: [-20, -200]})
    write(store, (ONE + b"00015", b"again"))
    store.rollback(savepoint)
    assert rows_of(store) == before
    assert store.view().counts(257) == (50, 500)


def test_savepoints_nest(store: Store) -> None:
    write(store, (ONE + b"a", b"0"))
    outer = store.savepoint()
    write(store, (ONE + b"a", b"1"), (ONE + b"b", b"1"))
    inner = store.savepoint()
    write(store, (ONE + b"a", b"2"), (ONE + b"c", b"2"), deletes=[ONE + b"b"])
    store.rollback(inner)
    assert rows_of(store) == [(ONE + b"a", b"1"), (ONE + b"b", b"1")]
    write(store, (ONE + b"d", b"3"))
    store.rollback(inner)
    assert rows_of(store) == [(ONE + b"a", b"1"), (ONE + b"b", b"1")]
    write(store, (ONE + b"d", b"4"))
    store.release(inner)
    with pytest.raises(ValueError, match="is not in list"):
        store.rollback(inner)
    store.rollback(outer)
    assert rows_of(store) == [(ONE + b"a", b"0")]
    store.release(outer)


def test_rollback_is_a_change_of_the_catalogue(store: Store) -> None:
    view = store.view()
    savepoint = store.savepoint()
    version = view.catalogue_version
    write(store, (ONE + b"a", b"1"), catalogue_changed=True)
    store.rollback(savepoint)
    assert store.view().catalogue_version not in (version, version + 1)
