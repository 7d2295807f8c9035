"""Exported snapshots: what goes in comes out, and what is not whole is refused in one sentence."""

import random
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from dynemu.config import Settings
from dynemu.storage.base import FORMAT_VERSION
from dynemu.storage.opening import open_place
from dynemu.storage.places import Place, SnapshotExists, SnapshotInfo, UnknownSnapshot
from dynemu.storage.portable import BLOCK_BYTES, MAGIC, Export, UnreadableExport, write_export

ABOUT = {"snapshot": "one", "note": "golden"}
PLACES: dict[str, Callable[[Path], Place]] = {
    "memory": lambda path: open_place(Settings()),
    "disk": lambda path: open_place(Settings(db_path=str(path / "data"))),
}


def make_rows(count: int) -> list[tuple[bytes, bytes]]:
    chance = random.Random(count)
    return [
        (b"\0\0\1\0" + number.to_bytes(4, "big"), chance.randbytes(chance.randrange(400)))
        for number in range(count)
    ]


def export(rows: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(write_export(ABOUT, rows))


def read(data: bytes) -> list[tuple[bytes, bytes]]:
    return [row for batch in Export(BytesIO(data)).batches() for row in batch]


@pytest.mark.parametrize("count", [0, 1, 5_000])
def test_rows_come_back(count: int) -> None:
    rows = make_rows(count)
    data = export(rows)
    assert read(data) == rows
    assert Export(BytesIO(data)).about == {**ABOUT, "rows_format": FORMAT_VERSION}


def test_a_large_row_is_a_block_of_its_own() -> None:
    rows = [(b"\0\0\1\0a", b"x" * (3 * BLOCK_BYTES)), (b"\0\0\1\0b", b"y")]
    assert [len(batch) for batch in Export(BytesIO(export(rows))).batches()] == [1, 1]


def test_equal_rows_make_equal_files() -> None:
    assert export(make_rows(100)) == export(make_rows(100))


@pytest.mark.parametrize("data", [b"", b"PK\3\4", MAGIC[:-1], MAGIC.replace(b"\r\n", b"\n") + b"\1"])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableExport, match=r"^This is not a snapshot that dynemu exported\.$"):
        read(data)


def test_a_file_that_is_cut_short_is_refused() -> None:
    data = export(make_rows(50))
    for size in range(len(MAGIC) + 1, len(data)):
        with pytest.raises(UnreadableExport, match=r"^The exported snapshot is (cut short|damaged)\.$"):
            read(data[:size])


def test_a_damaged_file_is_refused() -> None:
    data = export(make_rows(3))
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 0x11
        with pytest.raises(UnreadableExport):
            read(bytes(broken))
    with pytest.raises(UnreadableExport, match="damaged"):
        read(data + b"x")


def test_blocks_that_are_missing_are_noticed() -> None:
    rows = make_rows(5_000)
    first, *blocks = write_export(ABOUT, rows)
    assert len(blocks) > 3
    with pytest.raises(UnreadableExport, match="damaged"):
        read(b"".join([first, *blocks[1:]]))


def test_a_newer_file_is_refused() -> None:
    data = bytearray(export([]))
    data[len(MAGIC)] = 2
    with pytest.raises(UnreadableExport, match=r"by a newer dynemu, in format 2; this release reads .* 1\.$"):
        read(bytes(data))


@pytest.mark.parametrize(("version", "age"), [(FORMAT_VERSION + 1, "a newer"), (1, "an older")])
def test_rows_of_another_format_are_refused(monkeypatch: pytest.MonkeyPatch, version: int, age: str) -> None:
    monkeypatch.setattr("dynemu.storage.portable.FORMAT_VERSION", version)
    data = export([])
    monkeypatch.undo()
    with pytest.raises(UnreadableExport, match=f"by {age} dynemu, in format {version}"):
        Export(BytesIO(data))


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    place = PLACES[request.param](tmp_path)
    yield place
    place.end()


def test_a_snapshot_is_made_in_slices(place: Place) -> None:
    kept = place.snapshots("default")
    batches = list(Export(BytesIO(export(make_rows(2_000)))).batches())
    slices = kept.filling(SnapshotInfo("one", 1.0), batches)
    assert sum(1 for _ in slices) == len(batches)
    store = kept.open("one")
    assert list(store.dump()) == make_rows(2_000)
    store.close()
    with pytest.raises(SnapshotExists):
        kept.fill(SnapshotInfo("one", 1.0), [])


def test_a_snapshot_that_is_given_up_leaves_nothing(place: Place, tmp_path: Path) -> None:
    kept = place.snapshots("default")
    batches = [[row] for row in make_rows(10)]
    slices: Any = kept.filling(SnapshotInfo("one", 1.0), batches)
    next(slices)
    slices.close()
    assert kept.list(None) == []
    assert [path for path in tmp_path.rglob(".*")] == []
    with pytest.raises(UnknownSnapshot):
        kept.open("one")


def test_open_copies_are_their_own(place: Place, tmp_path: Path) -> None:
    kept = place.snapshots("default")
    kept.fill(SnapshotInfo("one", 1.0), make_rows(20))
    stores = [kept.open("one") for _ in range(2)]
    kept.delete("one")
    assert [list(store.dump()) for store in stores] == [make_rows(20)] * 2
    for store in stores:
        store.close()
    assert [path for path in tmp_path.rglob(".*")] == []
