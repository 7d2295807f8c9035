"""Print what reading and committing cost on each store: python -m benchmarks.micro.stores

Microseconds of the main thread's processor time, medians of 15 rounds; 10,000 rows of 350 bytes.
"""

import random
import tempfile
from collections.abc import Callable, Iterator
from time import thread_time
from typing import Any

from dynemu.storage.base import Store, WriteSet
from dynemu.storage.log_store import LogStore
from dynemu.storage.memory import MemoryStore
from dynemu.storage.rocks import RocksStore

ROWS = 10_000
KEYS = sorted(b"\0\0\1\1" + random.Random(1).randbytes(4) + b"user%06d\0" % number for number in range(ROWS))
VALUE = random.Random(2).randbytes(175).hex().encode()
CALLS = 2_000
Case = tuple[Callable[[], Any], Callable[[Any], Any], int]


def write_set(count: int, indexes: int) -> WriteSet:
    """Return *count* puts of rows that are there, and a change of the counts of as many *indexes*."""
    writes = WriteSet()
    start = random.randrange(ROWS - count)
    writes.puts = [(key, VALUE) for key in KEYS[start : start + count]]
    for index_id in range(257, 257 + indexes):
        writes.count(index_id, 0, 1)
    return writes


def key_range(count: int) -> tuple[bytes, bytes]:
    start = random.randrange(ROWS - count)
    return KEYS[start], KEYS[start + count]


def reading(store: Store) -> dict[str, Case]:
    """Return the cases of reading: how to make an argument, what to call with it, arguments in a round."""
    view = store.view()
    cases: dict[str, Case] = {
        "get": (lambda: random.choice(KEYS), view.get, CALLS),
        "get, a miss": (lambda: random.choice(KEYS) + b"?", view.get, CALLS),
        "get_many of 25": (lambda: random.sample(KEYS, 25), view.get_many, CALLS // 25),
    }
    for count in (10, 100):
        rows = CALLS // count
        cases[f"read_rows of {count}"] = (
            lambda count=count: key_range(count),
            lambda bounds, count=count: view.read_rows(*bounds, False, count, 1 << 20),
            rows,
        )
        cases[f"values of {count}"] = (
            lambda count=count: key_range(count),
            lambda bounds: list(view.values(*bounds)),
            rows,
        )
        cases[f"read_rows of {count}, reverse"] = (
            lambda count=count: key_range(count),
            lambda bounds, count=count: view.read_rows(*bounds, True, count, 1 << 20),
            rows,
        )
    return cases


def committing(store: Store) -> dict[str, Case]:
    """Return the cases of committing."""
    return {
        "commit of 1 row": (lambda: write_set(1, 0), store.commit, CALLS // 5),
        "commit of 1 row, 1 count": (lambda: write_set(1, 1), store.commit, CALLS // 5),
        "commit of 4 rows, 4 counts": (lambda: write_set(4, 4), store.commit, CALLS // 20),
        "commit of 25 rows, 1 count": (lambda: write_set(25, 1), store.commit, CALLS // 50),
    }


def measure(cases: dict[str, Case]) -> Iterator[tuple[str, float]]:
    """Give microseconds of one call by case."""
    for name, (make, call, count) in cases.items():
        times = []
        for _ in range(15):
            arguments = [make() for _ in range(count)]
            start = thread_time()
            for argument in arguments:
                call(argument)
            times.append((thread_time() - start) / count * 1e6)
        yield name, sorted(times)[7]


def fill(store: Store) -> None:
    writes = WriteSet()
    writes.puts = [(key, VALUE) for key in KEYS]
    writes.count(257, ROWS, ROWS * len(VALUE))
    store.commit(writes)


def show(title: str, cases: dict[str, Case]) -> None:
    print(f"\n{title}")
    for name, microseconds in measure(cases):
        print(f"  {name:32}{microseconds:8.2f}")


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        stores: dict[str, Store] = {
            "in memory": MemoryStore(),
            "small, on disk": LogStore(f"{directory}/small"),
            "large, on disk": RocksStore(f"{directory}/large"),
        }
        for name, store in stores.items():
            fill(store)
            show(f"{name}, fresh", reading(store))
            show(name, committing(store))
            for _ in range(100_000):
                store.commit(write_set(1, 1))
            show(f"{name}, after 100,000 rows more were replaced", reading(store))
            store.close()


if __name__ == "__main__":
    main()
