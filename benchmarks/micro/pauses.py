"""How long other requests wait while much is forgotten in memory: python -m benchmarks.micro.pauses [ROWS]

The longest step in milliseconds of processor time: the call itself, or one of the slices in which a server
does the rest between requests. Median of five.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable

import dynemu._core
from benchmarks.micro.namespaces import ACCOUNT, REGION, TABLE
from dynemu.config import Settings
from dynemu.engine.namespaces import KEPT_AUTOMATIC, Namespaces
from dynemu.operations.dispatch import call

SLICE_SECONDS = 0.001


def fill(spaces: Namespaces, rows: int) -> None:
    """Make the namespace ``large`` with so many items, and a snapshot of it from before that."""
    engine = spaces.get("large")
    call(engine, "CreateTable", TABLE, REGION, ACCOUNT)
    spaces.create_snapshot("large", "empty")
    for start in range(0, rows, 25):
        puts = [
            {"PutRequest": {"Item": {"pk": {"S": f"item-{number}"}, "text": {"S": "x" * 300}}}}
            for number in range(start, start + 25)
        ]
        call(engine, "BatchWriteItem", {"RequestItems": {"things": puts}}, REGION, ACCOUNT)


def delete_table(spaces: Namespaces) -> None:
    """Delete the table, and look after the database as a server does every second."""
    call(spaces.get("large"), "DeleteTable", {"TableName": "things"}, REGION, ACCOUNT)
    spaces.expire()


def prepare_load(spaces: Namespaces) -> None:
    """Have so many automatic snapshots that the one with the items is the next to be forgotten."""
    for _ in range(KEPT_AUTOMATIC):
        spaces.load_snapshot("large", "empty")


def prepare_snapshot(spaces: Namespaces) -> None:
    """Have the items in a snapshot only."""
    spaces.create_snapshot("large", "full")
    delete_table(spaces)


CASES: dict[str, tuple[Callable[[Namespaces], None], Callable[[Namespaces], None]]] = {
    "drop a namespace": (lambda _: None, lambda spaces: spaces.drop("large")),
    "delete a table": (lambda _: None, delete_table),
    "load a snapshot": (prepare_load, lambda spaces: spaces.load_snapshot("large", "empty")),
    "delete a snapshot": (prepare_snapshot, lambda spaces: spaces.delete_snapshot("large", "full")),
}


def longest_step(rows: int, name: str) -> tuple[float, float]:
    """Return the seconds of the longest step of a case, and of all its steps."""
    prepare, forget = CASES[name]
    spaces = Namespaces(Settings())
    fill(spaces, rows)
    prepare(spaces)
    while spaces.has_work:
        spaces.work(1.0)
    gc.collect()
    steps = [timed(lambda: forget(spaces))]
    while spaces.has_work:
        steps.append(timed(lambda: spaces.work(SLICE_SECONDS)))
    spaces.close()
    return max(steps), sum(steps)


def timed(work: Callable[[], None]) -> float:
    """Return the processor time of *work*."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    print(f"{rows:,} items, {'compiled' if dynemu._core.COMPILED else 'interpreted'}")
    print(f"{'':20}{'longest step, ms':>18}{'all steps, ms':>15}")
    for name in CASES:
        found = [longest_step(rows, name) for _ in range(5)]
        longest, whole = (statistics.median(each) * 1e3 for each in zip(*found, strict=True))
        print(f"{name:20}{longest:>18.1f}{whole:>15.1f}")


if __name__ == "__main__":
    main()
