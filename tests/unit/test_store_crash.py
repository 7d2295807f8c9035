"""A killed process loses no answered write and leaves no write done by half."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from dynemu.storage.base import Store
from dynemu.storage.disk_store import DiskStore

ROWS = 4
START, END = b"\0\0\1\1", b"\0\0\1\2"
KEPT = 50
"""Batches whose rows are there at a time: each one deletes the rows of an older one."""

WRITER = f"""
import os, sys
from dynemu.storage.base import WriteSet
from dynemu.storage.disk_store import DiskStore
from dynemu.storage.rocks import RocksStore

store = {{"small": DiskStore, "RocksDB": RocksStore}}[sys.argv[4]](sys.argv[1], sys.argv[2])
number = int(sys.argv[3])
while True:
    writes = WriteSet()
    for part in range({ROWS}):
        writes.puts.append(({START!r} + b"%08d/%d" % (number, part), b"x" * (number % 700)))
        if number >= {KEPT}:
            writes.deletes.append({START!r} + b"%08d/%d" % (number - {KEPT}, part))
    old = max(0, number - {KEPT})
    writes.count(257, {ROWS} * (1 if number < {KEPT} else 0), {ROWS} * (number % 700 - old % 700))
    store.commit(writes)
    if store.needs_sync:
        store.sync()
    os.write(1, b"%d\\n" % number)
    number += 1
"""


def killed_writer(path: Path, kind: str, durability: str, first: int, batches: int) -> Iterator[int]:
    """Give the numbers that a writer acknowledges until it is killed, after *batches* or more."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), durability, str(first), kind], stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    with writer.stdout as lines:
        for _ in range(batches):
            yield int(lines.readline())
        os.kill(writer.pid, signal.SIGKILL)
        yield from map(int, lines.read().split())
    writer.wait()


@pytest.mark.parametrize("kind", ["small", "RocksDB"])
@pytest.mark.parametrize("durability", ["wal", "fsync"])
def test_acknowledged_batches_survive_kill(tmp_path: Path, kind: str, durability: str) -> None:
    random = Random(durability)
    first = 0
    for _ in range(10 if durability == "wal" else 2):
        batches = random.randrange(1, 400 if durability == "wal" else 30)
        acknowledged = list(killed_writer(tmp_path, kind, durability, first, batches))
        assert acknowledged == list(range(first, first + len(acknowledged)))
        store: Store = DiskStore(tmp_path, durability)
        rows = list(store.view().scan(START, END))
        numbers = sorted({int(key[4:12]) for key, _ in rows})
        # The last batch may have been written without anybody being told.
        assert numbers[-1] in (acknowledged[-1], acknowledged[-1] + 1)
        assert numbers == list(range(max(0, numbers[-1] + 1 - KEPT), numbers[-1] + 1))
        assert [key[4:] for key, _ in rows] == [
            b"%08d/%d" % (number, part) for number in numbers for part in range(ROWS)
        ]
        assert store.view().counts(257) == (len(rows), sum(len(row) for _, row in rows))
        store.close()
        first = numbers[-1] + 1
