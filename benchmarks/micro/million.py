"""Print what a database in memory costs at its size: python -m benchmarks.micro.million [ROWS]

Rows of 350 bytes whose keys come in no order; microseconds of the main thread's processor time, medians.
"""

import gc
import random
import sys
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import Any

from dynemu._core.pages import take_page
from dynemu.storage.base import WriteSet
from dynemu.storage.memory import MemoryStore

TABLE = b"\0\0\1\1"
END = b"\0\0\1\2"
TAIL = b"\1\0\0\1\x5e" + random.Random(2).randbytes(160).hex().encode()
BATCH = 1000


def key_of(number: int) -> bytes:
    """Return a row key with a hash as the engine's keys have one."""
    return TABLE + (number * 2654435761 % (1 << 32)).to_bytes(4, "big") + b"user%07d\0\0" % number


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


def put(store: MemoryStore, numbers: range | list[int]) -> None:
    writes = WriteSet()
    writes.puts = [(key_of(number), TAIL + b"%020d" % number) for number in numbers]
    writes.count(257, len(numbers), 345 * len(numbers))
    store.commit(writes)


def show(name: str, microseconds: float) -> None:
    print(f"  {name:44}{microseconds:12,.2f}")


def middle(name: str, call: Callable[[Any], Any], arguments: list[Any]) -> None:
    """Print the median, over seven rounds, of one call."""
    times = []
    for _ in range(7):
        random.shuffle(arguments)
        start = thread_time()
        for argument in arguments:
            call(argument)
        times.append((thread_time() - start) / len(arguments) * 1e6)
    show(name, sorted(times)[3])


def once(name: str, call: Callable[[], Any]) -> Any:
    """Print what *call* takes this one time; return its result."""
    start = perf_counter()
    result = call()
    show(name, (perf_counter() - start) * 1e6)
    return result


def one_put(number: int) -> WriteSet:
    writes = WriteSet()
    writes.puts.append((key_of(number), TAIL))
    return writes


def read(store: MemoryStore, rows: int) -> None:
    view = store.view()
    keys = [key_of(number) for number in random.sample(range(rows), min(rows, 20_000))]
    middle("nothing, called as the rest is", lambda _: None, keys)
    middle("get", view.get, keys)
    middle("get, a miss", view.get, [key + b"?" for key in keys])
    for count in (10, 100):
        middle(
            f"page of {count}", lambda key, n=count: take_page(view.values(key, END), n, 1 << 20), keys[:2000]
        )
    middle("commit of a row that is there", store.commit, [one_put(number) for number in range(0, rows, 101)])


def branch(store: MemoryStore, rows: int) -> None:
    numbers = random.sample(range(rows), 1001)
    snapshot = once("snapshot", store.snapshot)
    once("first commit after it", lambda: store.commit(one_put(numbers[0])))
    start = perf_counter()
    for number in numbers[1:]:
        store.commit(one_put(number))
    show("one of 1,000 commits after that", (perf_counter() - start) * 1e3)
    once("restore, the 1,000 undone", lambda: store.restore(snapshot))
    other = MemoryStore()
    once("branch", lambda: other.restore(snapshot))


def main(arguments: list[str]) -> None:
    rows = int(arguments[0]) if arguments else 1_000_000
    before, start = resident(), thread_time()
    store = MemoryStore()
    for first in range(0, rows, BATCH):
        put(store, range(first, first + BATCH))
    print(f"{rows:,} rows, {(resident() - before) / rows:.0f} bytes of memory for each")
    show("put of a new row, made here", (thread_time() - start) / rows * 1e6)
    read(store, rows)
    branch(store, rows)
    once("full garbage collection", gc.collect)
    drop = WriteSet()
    drop.ranges.append((TABLE, END))
    once("all rows deleted", lambda: store.commit(drop))
    once("commit after that, which frees some", lambda: store.commit(one_put(1)))
    once("closing, which frees the rest", store.close)


if __name__ == "__main__":
    main(sys.argv[1:])
