"""What is idle in memory goes into a file without a name, and comes back as it was."""

import random
import tempfile
from pathlib import Path

import pytest

from dynemu.storage.memory import MemoryStore
from dynemu.storage.memory_place import MOST_SPILLED, MemoryPlace, MemorySnapshots
from dynemu.storage.places import SnapshotInfo
from dynemu.storage.spilling import SpillFile


def test_pieces_come_back_in_any_order() -> None:
    chance = random.Random(5)
    file, known = SpillFile(), dict[str, bytes]()
    for step in range(3000):
        name = str(chance.randrange(60))
        if name in known and chance.random() < 0.5:
            assert file.take(name) == known.pop(name)
        elif name in known:
            file.drop(name)
            del known[name]
        else:
            known[name] = bytes([step % 256]) * chance.randrange(60_000)
            file.put(name, known[name])
        assert sorted(file.names()) == sorted(known)
        # Never more than twice what is kept, but for a megabyte.
        used = sum(map(len, known.values()))
        assert file.size <= 2 * used + (1 << 20)
    for name in list(known):
        assert file.take(name) == known.pop(name)
    assert file.size == 0
    file.close()


def test_the_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = SpillFile()
    file.put("a", b"x")
    assert list(tmp_path.iterdir()) == []
    file.close()
    assert file.names() == []


def filled(place: MemoryPlace, name: str, size: int = 10) -> MemoryStore:
    store = place.open(name)
    store.load([(bytes([0, 0, 1, 0]) + b"key", b"x" * size)])
    return store


def test_a_store_that_is_put_away_is_opened_as_it_was() -> None:
    place = MemoryPlace()
    store = filled(place, "one")
    rows = list(store.dump())
    place.put_away("one", store)
    assert list(store.dump()) == []
    assert (place.namespaces(), place.exists("one")) == (["one"], True)
    assert list(place.open("one").dump()) == rows
    place.put_away("one", place.open("one"))
    place.drop("one")
    assert not place.exists("one")
    assert list(place.open("one").dump()) == []
    place.end()


def test_snapshots_come_back_with_their_store() -> None:
    place = MemoryPlace()
    store = filled(place, "one")
    before = list(store.dump())
    snapshots = place.snapshots("one")
    snapshots.create(store, SnapshotInfo("first", 1.0, "a note"))
    snapshots.create(store, SnapshotInfo("second", 2.0, automatic=True))
    told = snapshots.list(None)
    store.load([(bytes([0, 0, 1, 0]) + b"more", b"y")])
    rows = list(store.dump())
    place.put_away("one", store)
    assert list(store.dump()) == []
    assert place.snapshots("one").list(None) == told
    assert list(place.snapshots("one").open("first").dump()) == before
    store = place.open("one")
    assert list(store.dump()) == rows
    place.snapshots("one").delete("second")
    place.put_away("one", store)
    place.drop("one")
    assert place.snapshots("one").list(None) == []
    place.end()


def test_large_stores_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    place = MemoryPlace()
    store = filled(place, "one")
    monkeypatch.setattr(MemoryStore, "size", lambda _: MOST_SPILLED + 1)
    place.put_away("one", store)
    assert place.open("one") is store
    monkeypatch.undo()
    place.snapshots("one").create(store, SnapshotInfo("kept", 0.0))
    monkeypatch.setattr(MemorySnapshots, "sizes", lambda _: MOST_SPILLED + 1)
    place.put_away("one", store)
    assert place.open("one") is store
    monkeypatch.undo()
    # A disk that is full keeps it in memory.
    monkeypatch.setattr(SpillFile, "put", fail)
    place.put_away("one", store)
    assert place.open("one") is store
    place.end()


def test_a_snapshot_that_is_filled_while_its_namespace_is_put_away_is_there() -> None:
    place = MemoryPlace()
    store = filled(place, "one")
    rows = list(store.dump())
    filling = place.snapshots("one").filling(SnapshotInfo("sent", 0.0), [rows[:1], rows[1:]])
    next(filling)
    place.put_away("one", store)
    for _ in filling:
        pass
    place.put_away("one", store)
    assert [info.name for info in place.snapshots("one").list(None)] == ["sent"]
    assert list(place.snapshots("one").open("sent").dump()) == rows
    place.end()


def fail(*_: object) -> None:
    raise OSError("no space left on device")
