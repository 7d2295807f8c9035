"""Many large namespaces on a disk: python -m benchmarks.micro.large_namespaces [COUNT] [MB] [DIRECTORY]

Each is written that many megabytes, all of them in turn; then one is written alone while the others are left.
Resident memory, and processor time of the process, its threads that write files too, for each item.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator

import dynemu._core
from benchmarks.micro.namespaces import ACCOUNT, REGION, TABLE, resident
from dynemu.config import Settings
from dynemu.engine.database import Engine
from dynemu.engine.namespaces import Namespaces
from dynemu.operations.dispatch import call

ITEM_BYTES = 1000
BATCH = 25


def write(engine: Engine, batches: int) -> Iterator[None]:
    """Write batches of new items; yields after each."""
    call(engine, "CreateTable", TABLE, REGION, ACCOUNT)
    for batch in range(batches):
        puts = [
            {"PutRequest": {"Item": {"pk": {"S": f"{batch}-{place}"}, "text": {"S": "x" * ITEM_BYTES}}}}
            for place in range(BATCH)
        ]
        call(engine, "BatchWriteItem", {"RequestItems": {"things": puts}}, REGION, ACCOUNT)
        yield


def show(what: str, items: int, cpu: float, seconds: float) -> None:
    files = resource.getrusage(resource.RUSAGE_SELF)
    now = files.ru_utime + files.ru_stime
    print(
        f"{what:24}{(now - cpu) / items * 1e6:12.1f} us of processor time an item,"
        f"{(time.perf_counter() - seconds) / items * 1e6:8.1f} us in all,{resident() / 1e6:8.0f} MB resident"
    )


def clocks() -> tuple[float, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, time.perf_counter()


def measure(count: int, megabytes: int, path: str) -> None:
    """Print what so many namespaces take."""
    spaces = Namespaces(Settings(db_path=path))
    batches = megabytes * 1_000_000 // (ITEM_BYTES * BATCH)
    cpu, begun = clocks()
    writers = [write(spaces.get(f"large-{number}"), batches) for number in range(count)]
    for _ in range(batches):
        for writer in writers:
            next(writer)
    show("all in turn", count * batches * BATCH, cpu, begun)
    cpu, begun = clocks()
    for _ in write(spaces.get("alone"), 4 * batches):
        pass
    show("one alone, after that", 4 * batches * BATCH, cpu, begun)
    spaces.close()


def main() -> None:
    count, megabytes = (int(text) for text in (sys.argv[1:3] or ("100", "20")))
    print(
        f"{count} namespaces of {megabytes} MB, {'compiled' if dynemu._core.COMPILED else 'interpreted'}, "
        f"{resident() / 1e6:.0f} MB resident at the start"
    )
    with tempfile.TemporaryDirectory(dir=sys.argv[3] if len(sys.argv) > 3 else None) as path:
        measure(count, megabytes, path)


if __name__ == "__main__":
    main()
