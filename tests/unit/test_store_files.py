"""Directories of stores: who may open them, what is said of unusable ones, and what is left behind."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dynemu.config import Settings
from dynemu.storage import disk_place
from dynemu.storage.base import FORMAT_VERSION, Store, StoreError, WriteSet
from dynemu.storage.counts import Counts
from dynemu.storage.disk_store import DiskStore
from dynemu.storage.failures import explain
from dynemu.storage.flushing import RANGES, STALE_ROWS, FlushPolicy
from dynemu.storage.memory import MemoryStore
from dynemu.storage.opening import open_place
from dynemu.storage.places import SnapshotInfo
from dynemu.storage.rocks import RocksStore

KEY = b"\0\0\1\1a"
POSIX = os.name == "posix"

OPEN = """
import os, sys
from dynemu.config import Settings
from dynemu.storage.base import StoreError, WriteSet
from dynemu.storage.opening import open_place
"""


def run(script: str, *arguments: str) -> str:
    """Run *script* in a process of its own; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN + script, *arguments], capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip() or done.stderr


def on_disk(path: Path, durability: str = "wal") -> Settings:
    return Settings(db_path=str(path), durability=durability)


def put(store: Store, row: bytes = b"1") -> None:
    writes = WriteSet()
    writes.puts.append((KEY, row))
    store.commit(writes)


def sentence(use: Callable[[], object]) -> str:
    """Return what the StoreError of *use* says."""
    with pytest.raises(StoreError) as caught:
        use()
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text
    return text


def test_directory_is_made_with_its_format(tmp_path: Path) -> None:
    open_place(on_disk(tmp_path / "a" / "b")).open("default").close()
    assert (tmp_path / "a" / "b" / "FORMAT").read_text() == f"{FORMAT_VERSION}\n"
    assert sorted(entry.name for entry in (tmp_path / "a" / "b").iterdir()) == [
        "FORMAT",
        "LOCK",
        "namespaces",
    ]
    assert Path(str(tmp_path / "a" / "b") + "/namespaces/default").is_dir()


def test_rows_are_there_again(tmp_path: Path) -> None:
    store = open_place(on_disk(tmp_path)).open("default")
    put(store)
    store.close()
    store = open_place(on_disk(tmp_path)).open("default")
    assert store.view().get(KEY) == b"1"
    store.close()


@pytest.mark.parametrize(("version", "age"), [(FORMAT_VERSION + 1, "a newer"), (1, "an older")])
def test_another_format_is_refused(tmp_path: Path, version: int, age: str) -> None:
    (tmp_path / "FORMAT").write_text(f"{version}\n")
    text = sentence(lambda: open_place(on_disk(tmp_path)).open("default"))
    assert str(tmp_path) in text and f"{age} dynemu, in format {version}" in text
    assert not (tmp_path / "namespaces").exists()


def test_format_without_a_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "FORMAT").write_bytes(b"\xffzip")
    assert sentence(lambda: open_place(on_disk(tmp_path)).open("default")) == (
        f"The directory {tmp_path} was not written by dynemu: FORMAT holds no version."
    )


def test_directory_belongs_to_one_store_at_a_time(tmp_path: Path) -> None:
    place = open_place(on_disk(tmp_path))
    store = place.open("default")
    half = tmp_path / "snapshots/default/.one.half-1"
    half.mkdir(parents=True)
    said = f"The database {tmp_path} is already in use, by this process or another one."
    assert sentence(lambda: open_place(on_disk(tmp_path)).open("default")) == said
    script = """
try:
    open_place(Settings(db_path=sys.argv[1], durability="wal")).open("default")
except StoreError as error:
    print(error)
"""
    assert run(script, str(tmp_path)) == said
    assert half.exists()
    store.close()
    place.end()
    open_place(on_disk(tmp_path)).open("default").close()


def test_place_must_be_a_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert sentence(lambda: open_place(on_disk(tmp_path / "file")).open("default")) == (
        f"The database {tmp_path / 'file'} cannot be made: there is a file of that name."
    )
    assert sentence(lambda: open_place(on_disk(tmp_path / "file" / "below")).open("default")) == (
        f"The database {tmp_path / 'file' / 'below'} cannot be made: a part of its path is a file."
    )


def test_place_must_be_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, exist_ok: bool) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("os.makedirs", refuse)
    assert sentence(lambda: open_place(on_disk(tmp_path)).open("default")) == (
        f"The database {tmp_path} cannot be written: permission denied."
    )


@pytest.mark.parametrize("name", ["CURRENT", "MANIFEST", ".sst"])
def test_damaged_store_is_not_opened(tmp_path: Path, name: str) -> None:
    store = RocksStore(tmp_path)
    put(store)
    store.close()
    (file,) = [path for path in tmp_path.iterdir() if name in path.name]
    file.write_bytes(b"damaged " * (file.stat().st_size // 8 + 1))
    text = sentence(lambda: RocksStore(tmp_path))
    assert text.startswith(f"The database {tmp_path} is damaged or was not written by dynemu (")


@pytest.mark.parametrize("kind", [DiskStore, RocksStore])
def test_full_disk_is_told_and_loses_nothing(tmp_path: Path, kind: type[Any]) -> None:
    script = """
import resource
from dynemu.storage.disk_store import DiskStore
from dynemu.storage.rocks import RocksStore
store = {"DiskStore": DiskStore, "RocksStore": RocksStore}[sys.argv[2]](sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
written = 0
while True:
    writes = WriteSet()
    writes.puts.append((b"\\0\\0\\1\\1%d" % written, b"x" * 1000))
    writes.count(257, 1, 1000)
    try:
        store.commit(writes)
    except StoreError as error:
        print(written, store.view().counts(257)[0], store.view().get(writes.puts[0][0]), error, flush=True)
        os._exit(0)
    written += 1
"""
    written, counted, row, text = run(script, str(tmp_path), kind.__name__).split(" ", 3)
    assert int(written) > 10 and (counted, row) == (written, "None")
    assert text.startswith(f"The database {tmp_path} cannot be used (") and "File too large" in text
    store: Store = kind(tmp_path)
    assert store.view().counts(257)[0] == len(list(store.view().values(KEY[:4], b"\0\0\1\2")))
    assert store.view().counts(257)[0] in (int(written), int(written) + 1)
    store.close()


def test_what_systems_say_of_a_full_disk_is_understood() -> None:
    error = Exception("IO error: No space left on device: While appending to file: /data/000004.log: …")
    assert str(explain("The database /data", error)) == "The database /data has no space left on its disk."


def test_bugs_are_not_explained_away() -> None:
    with pytest.raises(TypeError):
        explain("The database /data", TypeError("put() takes 2 arguments"))


def test_closed_store_says_so(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "store")
    store.close()
    assert sentence(lambda: store.checkpoint(str(tmp_path / "copy"))).endswith(" is closed.")


def test_database_in_memory_does_without_rocksdict() -> None:
    script = """
put = WriteSet()
put.puts.append((b"\\0\\0\\1\\1a", b"1"))
store = open_place(Settings()).open("default")
store.commit(put)
print(type(store).__name__, "rocksdict" in sys.modules)
"""
    assert run(script) == "MemoryStore False"


def test_without_rocksdict_databases_are_in_memory_only(tmp_path: Path) -> None:
    script = """
sys.modules["rocksdict"] = None
open_place(Settings()).open("default").close()
try:
    open_place(Settings(db_path=sys.argv[1], durability="wal")).open("default")
except StoreError as error:
    print(error)
"""
    assert run(script, str(tmp_path)) == "A database on disk needs rocksdict, which is not installed."
    assert list(tmp_path.iterdir()) == []


def test_damaged_copy_of_a_store_in_memory_is_refused(tmp_path: Path) -> None:
    assert sentence(lambda: MemoryStore(tmp_path)).startswith(f"The copy {tmp_path} cannot be read")
    store = MemoryStore()
    put(store)
    store.checkpoint(str(tmp_path / "copy"))
    file = tmp_path / "copy" / "rows"
    whole = file.read_bytes()
    for damaged in (whole[:-1], whole[:-8], whole[:-9], b"", b"x" + whole[1:], whole + b"\0"):
        file.write_bytes(damaged)
        assert "is damaged or was not written by dynemu" in sentence(lambda: MemoryStore(tmp_path / "copy"))


def overwrite(policy: FlushPolicy, counts: Counts, rows: int, items: int) -> bool:
    """Tell *policy* of *rows* rows, of which *items* are new."""
    writes = WriteSet()
    writes.puts = [(KEY, b"")] * rows
    writes.count(257, items, 0)
    counts.apply(counts.change(writes))
    return policy.add(writes)


def test_new_rows_are_no_reason_to_flush() -> None:
    counts = Counts()
    policy = FlushPolicy(counts)
    assert not any(overwrite(policy, counts, 1000, 1000) for _ in range(100))


def test_replaced_rows_are_a_reason_to_flush() -> None:
    counts = Counts()
    policy = FlushPolicy(counts)
    assert not overwrite(policy, counts, 10_000, 10_000)
    for _ in range(2):
        steps = [overwrite(policy, counts, 1, 0) for _ in range(10_000 + STALE_ROWS)]
        assert steps.index(True) == 10_000 + STALE_ROWS - 1
        policy.restart()


def test_range_deletions_are_a_reason_to_flush() -> None:
    policy = FlushPolicy(Counts())
    writes = WriteSet()
    writes.ranges.append((KEY, KEY))
    assert [policy.add(writes) for _ in range(RANGES)] == [False] * (RANGES - 1) + [True]


def test_snapshots_are_listed_while_files_of_the_store_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = open_place(on_disk(tmp_path))
    store = place.open("default")
    put(store)
    place.snapshots("default").create(store, SnapshotInfo("kept", 1.0))
    passing = tmp_path / "namespaces" / "default" / "compacted.sst"
    passing.write_bytes(b"row")
    list_entries = os.scandir

    @contextmanager
    def list_too_late(path: str) -> Iterator[list[os.DirEntry[str]]]:
        with list_entries(path) as entries:
            listed = list(entries)
        passing.unlink(missing_ok=True)
        yield listed

    monkeypatch.setattr(disk_place.os, "scandir", list_too_late)
    assert [info.name for info in place.snapshots("default").list(store)] == ["kept"]
    monkeypatch.undo()
    store.close()


FULL = """
import resource
from dynemu.storage.rocks import RocksStore

store = RocksStore(sys.argv[1], "none")
writes = WriteSet()
writes.puts += [(b"\\0\\0\\1\\1%06d" % number, os.urandom(1000)) for number in range(1000)]
store.commit(writes)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
for copy in ("one", "two"):
    for _ in store.flushing():
        pass
    try:
        store.checkpoint(sys.argv[1] + copy)
    except StoreError as error:
        print("File too large" in str(error))
sys.stdout.flush()
os._exit(0)
"""


@pytest.mark.skipif(not POSIX, reason="there is no such limit")
def test_preparing_a_copy_ends_when_rows_cannot_be_written(tmp_path: Path) -> None:
    assert run(FULL, str(tmp_path / "rows")) == "True\nTrue"
