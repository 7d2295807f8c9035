"""Small stores on a disk: what a process leaves that dies at any moment, and how they become large ones."""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import pytest

from dynemu.storage import write_buffers as write_buffers_module
from dynemu.storage.base import Store, StoreError, WriteSet
from dynemu.storage.disk_place import DiskPlace
from dynemu.storage.disk_store import SMALL_BYTES, DiskStore
from dynemu.storage.log_store import GROWTH_BYTES, LOG, LogStore
from dynemu.storage.places import SnapshotInfo
from dynemu.storage.rocks import RocksStore
from dynemu.storage.write_buffers import write_buffers

ONE, TWO = (number.to_bytes(4, "big") for number in (257, 258))


def put(store: Store, number: int, row: bytes) -> None:
    writes = WriteSet()
    writes.puts.append((ONE + b"%06d" % number, row))
    writes.count(257, 1, len(row))
    store.commit(writes)


def held(store: Store) -> tuple[list[tuple[bytes, bytes]], tuple[int, int]]:
    return list(store.view().scan(ONE, TWO)), store.view().counts(257)


@pytest.fixture
def copies(tmp_path: Path) -> Iterator[Any]:
    """Return what gives what a store holds when it is opened from the files as they are now."""
    number = 0

    def look(path: Path) -> Any:
        nonlocal number
        number += 1
        left = tmp_path / f"left-{number}"
        copytree(path, left)
        opened = DiskStore(left)
        found = held(opened)
        opened.close()
        return found

    return look


def random_writes(random: Random) -> WriteSet:
    writes = WriteSet()
    keys = [ONE + b"%02d" % number for number in random.sample(range(40), 4)]
    writes.puts = [(key, random.randbytes(random.randrange(9))) for key in keys[:2]]
    writes.deletes = keys[2 : 2 + random.randrange(3)]
    if random.random() < 0.2:
        writes.ranges = [(ONE + b"1", ONE + b"%d" % random.randrange(2, 5))]
    writes.count(257, random.randrange(-2, 3), random.randrange(100))
    return writes


@pytest.mark.parametrize("seed", range(6))
def test_random_lives_are_found_again(tmp_path: Path, copies: Any, seed: int) -> None:
    random = Random(seed)
    path = tmp_path / "store"
    store = LogStore(path)
    savepoints: list[tuple[Any, Any]] = []
    for _ in range(60):
        step = random.choice(["write"] * 4 + ["savepoint", "rollback", "release", "shrink", "open"])
        if step == "write":
            store.commit(random_writes(random))
        elif step == "savepoint":
            savepoints.append((store.savepoint(), held(store)))
        elif step == "rollback" and savepoints:
            place = random.randrange(len(savepoints))
            del savepoints[place + 1 :]
            store.rollback(savepoints[place][0])
            assert held(store) == savepoints[place][1]
        elif step == "release" and savepoints:
            store.release(savepoints.pop()[0])
        elif step == "shrink" and not savepoints:
            store.shrink()
        elif step == "open":
            before = held(store)
            store.close()
            savepoints.clear()
            store = LogStore(path)
            assert held(store) == before
        assert copies(path) == held(store), step
    store.close()


def test_a_write_that_was_cut_short_is_left_out_and_others_follow(tmp_path: Path) -> None:
    path = tmp_path / "store"
    store = LogStore(path)
    put(store, 1, b"one")
    before, size = held(store), (path / LOG).stat().st_size
    put(store, 2, b"two")
    after = held(store)
    store.close()
    whole = (path / LOG).read_bytes()
    for end in range(len(whole) + 1):
        for tail in (b"", b"\0" * 100):
            (path / LOG).write_bytes(whole[:end] + tail)
            store = LogStore(path)
            assert held(store) == (after if end == len(whole) else before if end >= size else ([], (0, 0)))
            put(store, 3, b"three")
            wanted = held(store)
            store.close()
            store = LogStore(path)
            assert held(store) == wanted
            store.close()


def test_damage_before_the_end_is_not_taken_for_it(tmp_path: Path) -> None:
    path = tmp_path / "store"
    store = LogStore(path)
    for number in range(3):
        put(store, number, b"row")
    store.close()
    whole = (path / LOG).read_bytes()
    last = whole.rindex(ONE + b"000002") - 30
    for place in range(last):
        (path / LOG).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(StoreError, match="is damaged or was not written by dynemu"):
            LogStore(path)


@pytest.mark.parametrize("durability", ["wal", "fsync", "none"])
def test_a_store_that_grows_becomes_a_large_one(tmp_path: Path, durability: str) -> None:
    store = DiskStore(tmp_path / "store", durability)
    number = 0
    version = store.view().catalogue_version
    while store.is_small:
        put(store, number, b"%06d" % number * 170)
        number += 1
    assert number * 1000 > SMALL_BYTES
    assert store.view().catalogue_version != version
    rows, counts = held(store)
    assert len(rows) == counts[0] == number
    put(store, number, b"more")
    wanted = held(store)
    store.close()
    store = DiskStore(tmp_path / "store", durability)
    assert not store.is_small
    assert held(store) == wanted
    store.close()


def test_rows_that_are_replaced_make_no_large_store(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "store")
    for round_ in range(3 * GROWTH_BYTES // 100_000):
        for number in range(100):
            put(store, number, b"%04d" % round_ * 250)
    assert store.is_small
    assert (tmp_path / "store" / LOG).stat().st_size < GROWTH_BYTES + 300_000
    assert {row for _, row in held(store)[0]} == {b"%04d" % round_ * 250}
    store.close()


@pytest.mark.parametrize("step", ["load", "remove", "after"])
def test_a_process_that_dies_while_a_store_becomes_large_loses_nothing(
    tmp_path: Path, copies: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "store"
    store = DiskStore(path)
    seen: list[Any] = []
    remove = LogStore.remove

    def removing(small: LogStore) -> None:
        if step == "remove":
            seen.append(copies(path))
        remove(small)
        if step == "after":
            seen.append(copies(path))

    load = RocksStore.load

    def loading(large: RocksStore, rows: Any) -> None:
        if step == "load":
            seen.append(copies(path))
        load(large, rows)

    monkeypatch.setattr(RocksStore, "load", loading)
    monkeypatch.setattr(LogStore, "remove", removing)
    number = 0
    while store.is_small:
        put(store, number, b"%06d" % number * 170)
        number += 1
    assert seen
    assert all(found == held(store) for found in seen)
    store.close()


def test_a_full_disk_leaves_a_small_store_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DiskStore(tmp_path / "store")

    def refuse(small: LogStore) -> None:
        raise StoreError("The database has no space left on its disk.")

    monkeypatch.setattr(LogStore, "remove", refuse)
    written = 2 * (SMALL_BYTES + GROWTH_BYTES) // 1000
    for number in range(written):
        put(store, number, b"%06d" % number * 170)
    assert store.is_small
    monkeypatch.undo()
    while store.is_small:
        put(store, written, b"x" * 1000)
        written += 1
    assert held(store)[1][0] == written == len(held(store)[0])
    store.close()


def test_write_buffers_have_one_limit_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_buffers_module, "MOST_BYTES", 4 << 20)
    monkeypatch.setattr(write_buffers(), "limit", 4 << 20)
    stores = [RocksStore(tmp_path / f"{number}") for number in range(6)]
    alone = RocksStore(tmp_path / "alone")
    for number in range(25):
        for store in stores:
            put(store, number, b"%06d" % number * 20_000)
            assert write_buffers().size() < 12 << 20
    # One that is written alone does not pay for what the others keep.
    for number in range(25):
        put(alone, number, b"%06d" % number * 20_000)
    assert sum(each.buffered() for each in stores) < 4 << 20
    for store in (*stores, alone):
        assert [len(row) for _, row in held(store)[0]] == [120_000] * 25
        store.close()


def test_a_forked_child_leaves_the_file_alone(tmp_path: Path) -> None:
    store = LogStore(tmp_path / "store", "none")
    put(store, 1, b"x" * 100_000)
    child = os.fork()
    if child == 0:
        store.close()
        os._exit(0)
    os.waitpid(child, 0)
    put(store, 2, b"two")
    wanted = held(store)
    store.close()
    store = LogStore(tmp_path / "store")
    assert held(store) == wanted
    store.close()


def test_a_large_store_shares_its_files_with_a_snapshot_and_a_small_one_has_none(tmp_path: Path) -> None:
    place = DiskPlace(str(tmp_path), "wal")
    store, snapshots = place.open("default"), place.snapshots("default")
    put(store, 0, b"x" * 1000)
    snapshots.create(store, SnapshotInfo("small", 1.0))
    number = 1
    while store.is_small:
        put(store, number, b"%06d" % number * 170)
        number += 1
    for more in range(number, number + 100):
        put(store, more, b"in the write buffer")
    files = len(list((tmp_path / "namespaces" / "default").glob("*.sst")))
    for _ in snapshots.preparing(store):
        pass
    assert len(list((tmp_path / "namespaces" / "default").glob("*.sst"))) > files
    snapshots.create(store, SnapshotInfo("large", 2.0))
    small, large = snapshots.list(store)
    assert (small.name, small.shared) == ("small", 0) and 1000 < small.size < 2000
    assert large.name == "large" and 0 < large.shared < large.size > SMALL_BYTES
    wanted = held(store)
    snapshots.exchange(store, SnapshotInfo("kept", 3.0), snapshots, "small")
    assert store.is_small and len(held(store)[0]) == 1
    for name in ("kept", "large"):
        snapshots.restore(store, name)
        assert not store.is_small and held(store) == wanted
    store.close()
    place.end()


def test_a_snapshot_whose_rows_are_missing_is_no_empty_one(tmp_path: Path) -> None:
    place = DiskPlace(str(tmp_path), "wal")
    store, snapshots = place.open("default"), place.snapshots("default")
    put(store, 1, b"a row")
    snapshots.create(store, SnapshotInfo("one", 1.0))
    (tmp_path / "snapshots" / "default" / "one" / "rows" / LOG).unlink()
    before = held(store)
    for use in (snapshots.open, lambda name: snapshots.restore(store, name)):
        with pytest.raises(
            StoreError, match=r"^The snapshot one is damaged .* \(Corruption: its rows are missing"
        ):
            use("one")
    assert held(store) == before


@pytest.mark.parametrize("way", ["restore", "exchange"])
@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("damaged", ["small", "large"])
def test_a_damaged_snapshot_takes_nothing_away(tmp_path: Path, damaged: str, size: str, way: str) -> None:
    place = DiskPlace(str(tmp_path), "wal")
    store, snapshots = place.open("default"), place.snapshots("default")
    for step, wanted in enumerate((damaged, size)):
        number = len(held(store)[0])
        put(store, number, b"a row")
        while store.is_small and wanted == "large":
            number += 1
            put(store, number, b"%06d" % number * 170)
        if step == 0:
            snapshots.create(store, SnapshotInfo("one", 1.0))
            rows = tmp_path / "snapshots" / "default" / "one" / "rows"
            (rows / (LOG if store.is_small else "CURRENT")).write_bytes(b"damaged " * 20)
    before = held(store)
    for _ in range(2):
        with pytest.raises(
            StoreError, match=r"^The snapshot one cannot be loaded, and nothing has changed\. The"
        ):
            if way == "restore":
                snapshots.restore(store, "one")
            else:
                snapshots.exchange(store, SnapshotInfo("kept", 2.0), snapshots, "one")
        assert held(store) == before
        put(store, 0, b"written since")
        before = held(store)
    store.close()
    assert [info.name for info in snapshots.list(None)] == ["one"]
    del place, store, snapshots  # whoever has the place has the directory
    assert held(DiskPlace(str(tmp_path), "wal").open("default")) == before


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("durability", ["wal", "fsync"])
def test_a_process_that_dies_while_it_loads_has_one_state_or_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str, durability: str
) -> None:
    data = tmp_path / "data"
    place = DiskPlace(str(data), durability)
    store, snapshots = place.open("default"), place.snapshots("default")
    put(store, 0, b"kept")
    snapshots.create(store, SnapshotInfo("one", 1.0))
    old = held(store)
    number = 1
    while store.is_small and size == "large":
        put(store, number, b"%06d" % number * 170)
        number += 1
    put(store, number, b"new")
    new = held(store)
    seen: list[Path] = []

    def remember(name: str) -> None:
        do = getattr(os, name)

        def remembering(*paths: Any) -> None:
            look()
            do(*paths)
            look()

        monkeypatch.setattr(os, name, remembering)

    def look() -> None:
        seen.append(tmp_path / f"seen-{len(seen)}")
        copytree(data, seen[-1])

    for name in ("rename", "link", "unlink"):
        remember(name)
    snapshots.exchange(store, SnapshotInfo("before-load", 2.0), snapshots, "one")
    monkeypatch.undo()
    assert held(store) == old
    store.close()
    states = set()
    for left in seen:
        again = DiskPlace(str(left), durability)
        names = [info.name for info in again.snapshots("default").list(None)]
        opened = again.open("default")
        found = held(opened)
        assert found in (old, new)
        states.add((found == old, *names))
        if found == old:
            again.snapshots("default").restore(opened, "before-load")
            assert held(opened) == new
        opened.close()
        assert not [path for path in left.glob("*/.*")] + [path for path in left.glob("snapshots/*/.*")]
        assert sorted(path.name for path in (left / "snapshots" / "default").iterdir()) == sorted(names)
    assert states == {(False, "one"), (True, "one", "before-load")}
