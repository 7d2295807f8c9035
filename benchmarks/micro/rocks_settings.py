"""What each setting of RocksDB does, beside the settings that dynemu has: one line for each.

    python -m benchmarks.micro.rocks_settings [--rows 1000000] [--seconds 20] [--directory DIR] [NAME ...]

Rows of 350 bytes, ten in a partition, in no order, each line in a process of its own: loaded by batches of
25, read at random, then replaced one by one for some seconds while the puts are timed. Microseconds of
processor time for reads, of wall time for the percentile of puts; *cpu* counts all threads, also those that
flush and compact. A copy is made with a full write buffer. *NAME*: settings to measure, all without any.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter, process_time, sleep, thread_time
from typing import Any

from rocksdict import (
    BlockBasedOptions,
    Cache,
    DBCompactionStyle,
    DBCompressionType,
    Options,
    ReadOptions,
)

from benchmarks.micro.million import TABLE, resident
from dynemu.storage import rocks
from dynemu.storage.base import WriteSet
from dynemu.storage.rocks import RocksStore
from dynemu.storage.rocks_options import store_options

ROW = b"\1\0\0\1\x5e" + random.Random(2).randbytes(172).hex().encode()
BATCH = 25
PARTITION = 10
"""Rows in each partition; they are written at different times."""
Change = Callable[[Options], object]


def _blocks(
    change: Callable[[BlockBasedOptions], object], cache: int = 64 << 20, bloom: float = 10
) -> Change:
    """Return what gives options a table format that is changed from that of dynemu."""

    def set_blocks(options: Options) -> None:
        blocks = BlockBasedOptions()
        blocks.set_block_size(16 << 10)
        if bloom:
            blocks.set_bloom_filter(bloom, False)
        blocks.set_block_cache(Cache(cache))
        change(blocks)
        options.set_block_based_table_factory(blocks)

    return set_blocks


def _buffers(size: int, number: int) -> Change:
    def set_buffers(options: Options) -> None:
        options.set_write_buffer_size(size << 20)
        options.set_max_write_buffer_number(number)

    return set_buffers


SETTINGS: dict[str, Change] = {
    "as dynemu has it": lambda options: None,
    "write buffer 8 MB": lambda options: options.set_write_buffer_size(8 << 20),
    "write buffer 16 MB": lambda options: options.set_write_buffer_size(16 << 20),
    "write buffer 64 MB": lambda options: options.set_write_buffer_size(64 << 20),
    "write buffer 128 MB": lambda options: options.set_write_buffer_size(128 << 20),
    "4 write buffers of 16 MB": _buffers(16, 4),
    "4 write buffers of 32 MB": _buffers(32, 4),
    "4 write buffers of 64 MB": _buffers(64, 4),
    "no filter in the write buffer": lambda options: options.set_memtable_prefix_bloom_ratio(0),
    "no filter in files": _blocks(lambda blocks: None, bloom=0),
    "filter of 16 bits": _blocks(lambda blocks: None, bloom=16),
    "no filter on partitions": lambda options: None,
    "block 4 KB": _blocks(lambda blocks: blocks.set_block_size(4 << 10)),
    "block 32 KB": _blocks(lambda blocks: blocks.set_block_size(32 << 10)),
    "block cache 8 MB": _blocks(lambda blocks: None, cache=8 << 20),
    "block cache 256 MB": _blocks(lambda blocks: None, cache=256 << 20),
    "indexes and filters in the cache": _blocks(
        lambda blocks: blocks.set_cache_index_and_filter_blocks(True)
    ),
    "mapped files": lambda options: options.set_allow_mmap_reads(True),
    "lz4": lambda options: options.set_compression_type(DBCompressionType.lz4()),
    "zstd": lambda options: options.set_compression_type(DBCompressionType.zstd()),
    "level 0 at 4 files": lambda options: options.set_level_zero_file_num_compaction_trigger(4),
    "1 background job": lambda options: options.set_max_background_jobs(1),
    "4 background jobs": lambda options: options.set_max_background_jobs(4),
    "universal compaction": lambda options: options.set_compaction_style(DBCompactionStyle.universal()),
    "pipelined writes": lambda options: options.set_enable_pipelined_write(True),
    "sync every MB": lambda options: options.set_bytes_per_sync(1 << 20),
    "durability none": lambda options: None,
    "durability fsync, a sync for each 16 puts": lambda options: None,
}


def key_of(number: int, rows: int) -> bytes:
    """Return the row key of one of *rows*; numbers that follow each other are of different partitions."""
    place = number * 7919 % rows
    partition, row = divmod(place, PARTITION)
    return prefix_of(partition) + b"%02d" % row


def prefix_of(partition: int) -> bytes:
    return TABLE + (partition * 2654435761 % (1 << 32)).to_bytes(4, "big") + b"user%07d\0\0" % partition


def bound_without_filter(start: bytes, end: bytes) -> ReadOptions:
    """Do what the store does for ranges over several partitions."""
    bound = ReadOptions()
    bound.set_iterate_upper_bound(end)
    bound.set_total_order_seek(True)
    return bound


def measure(name: str, rows: int, seconds: float, directory: str) -> dict[str, float]:
    """Return what the setting called *name* does."""

    def changed() -> Options:
        options = store_options()
        SETTINGS[name](options)
        return options

    rocks.store_options = changed  # type: ignore[assignment]
    if name == "no filter on partitions":
        rocks._bound = bound_without_filter
    durability = next((mode for mode in ("none", "fsync") if f"durability {mode}" in name), "wal")
    memory = resident()
    store = RocksStore(directory, durability)
    begun = process_time()
    found: dict[str, float] = {"load s": load(store, rows)}
    store.flush()
    wait_for_compaction(store)
    found["cpu s"] = process_time() - begun
    found |= reading(store, rows) | putting(store, rows, seconds)
    found["MB memory"] = (resident() - memory) / 1e6
    store.flush()
    wait_for_compaction(store)
    found["MB disk"] = sum(entry.stat().st_size for entry in os.scandir(directory)) / 1e6
    for first in range(0, min(rows, 75_000), BATCH):
        put_many(store, range(first, first + BATCH), rows)  # about a full write buffer
    start = perf_counter()
    store.checkpoint(directory + ".copy")
    found["copy ms"] = 1e3 * (perf_counter() - start)
    store.close()
    start = perf_counter()
    RocksStore(directory, durability).close()
    found["open, close ms"] = 1e3 * (perf_counter() - start)
    return found


def load(store: RocksStore, rows: int) -> float:
    start = perf_counter()
    for first in range(0, rows, BATCH):
        put_many(store, range(first, min(first + BATCH, rows)), rows)
    return perf_counter() - start


def put_many(store: RocksStore, numbers: range, rows: int) -> None:
    writes = WriteSet()
    writes.puts = [(key_of(number, rows), ROW) for number in numbers]
    store.commit(writes)


def wait_for_compaction(store: RocksStore) -> None:
    database = store._open()
    for waiting in ("num-running-flushes", "compaction-pending", "num-running-compactions"):
        while database.property_int_value(f"rocksdb.{waiting}"):
            sleep(0.01)


def reading(store: RocksStore, rows: int) -> dict[str, float]:
    view = store.view()
    keys = [key_of(number, rows) for number in random.sample(range(rows), min(rows, 20_000))]

    def query(prefix: bytes) -> object:
        return view.read_rows(prefix, prefix + b"\xff", False, PARTITION, 1 << 20)

    return {
        "get": middle(view.get, keys),
        "miss": middle(view.get, [key + b"?" for key in keys]),
        "query": middle(query, [key[:-2] for key in keys[:4_000]]),
        "query, none": middle(query, [prefix_of(20_000_000 + number) for number in range(4_000)]),
    }


def middle(call: Callable[[Any], Any], arguments: list[Any]) -> float:
    """Return microseconds of one call, the median of five rounds."""
    times = []
    for _ in range(5):
        start = thread_time()
        for argument in arguments:
            call(argument)
        times.append((thread_time() - start) / len(arguments) * 1e6)
    return sorted(times)[2]


def putting(store: RocksStore, rows: int, seconds: float) -> dict[str, float]:
    """Replace rows one by one and time each put."""
    times: list[float] = []
    spent = process_time()
    begun = last = perf_counter()
    while last - begun < seconds:
        number = len(times)
        put_many(store, range((place := random.randrange(rows)), place + 1), rows)
        if number % 16 == 15:
            store.sync()
        now = perf_counter()
        times.append(now - last)
        last = now
    times.sort()
    return {
        "put/s": len(times) / seconds,
        "put cpu us": 1e6 * (process_time() - spent) / len(times),
        "p99.9": 1e6 * times[len(times) * 999 // 1000],
        "worst ms": 1e3 * times[-1],
        "stalled s": stalled(store),
    }


def stalled(store: RocksStore) -> float:
    """Return the seconds for which RocksDB has held back writes so far, because files were not written."""
    told = re.search(
        r"Cumulative stall: (\d+):(\d+):([\d.]+)", store._open().property_value("rocksdb.dbstats") or ""
    )
    hours, minutes, seconds = told.groups() if told else (0, 0, 0)
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micro.rocks_settings")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--directory", default=tempfile.gettempdir())
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.rows, options.seconds, options.directory)))
        return
    titles: list[str] = []
    for name in options.names or SETTINGS:
        found = in_process(name, options)
        if not titles:
            titles = list(found)
            print(f"{options.rows:,} rows\n{'':44}" + "".join(f"{title:>12}" for title in titles))
        print(f"{name:44}" + "".join(f"{found[title]:12,.1f}" for title in titles), flush=True)


def in_process(name: str, options: argparse.Namespace) -> dict[str, float]:
    """Measure in a process and a directory of its own."""
    with tempfile.TemporaryDirectory(dir=options.directory) as path:
        command = [sys.executable, "-m", "benchmarks.micro.rocks_settings", "--one", name]
        command += ["--rows", str(options.rows), "--seconds", str(options.seconds)]
        done = subprocess.run(
            [*command, "--directory", os.path.join(path, "store")], stdout=subprocess.PIPE, check=True
        )
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
    result: dict[str, float] = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    main()
