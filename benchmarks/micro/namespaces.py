"""Namespaces at scale: what one costs to make, open, look after and drop, in memory and on disk.

    python -m benchmarks.micro.namespaces [COUNT] [memory|disk|open]

Every namespace has one table with ten items of 350 bytes. With ``open`` all stay open, as in process.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

import dynemu._core
from dynemu.config import Settings
from dynemu.database import Database
from dynemu.engine import namespaces as idle
from dynemu.engine.namespaces import Namespaces
from dynemu.operations.dispatch import call

REGION, ACCOUNT = "us-east-1", "123456789012"
TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ITEMS = 10
OPEN_AT_ONCE = 200
"""Namespaces of a directory that are open before the idle ones are closed: they are visited in turn."""


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def open_files() -> int:
    """Return the number of open files of this process."""
    return len(os.listdir("/proc/self/fd"))


def fill(spaces: Namespaces, name: str) -> None:
    engine = spaces.get(name)
    call(engine, "CreateTable", TABLE, REGION, ACCOUNT)
    for number in range(ITEMS):
        item = {"pk": {"S": str(number)}, "text": {"S": "x" * 340}}
        call(engine, "PutItem", {"TableName": "things", "Item": item}, REGION, ACCOUNT)


def count(spaces: Namespaces, name: str) -> None:
    answer = call(spaces.get(name), "Scan", {"TableName": "things", "Select": "COUNT"}, REGION, ACCOUNT)
    assert answer is not None


def look_after(spaces: Namespaces) -> None:
    """Do what a server does once a second, with the background work that follows."""
    spaces.expire()
    while spaces.has_work:
        spaces.work(0.1)


def visit(spaces: Namespaces, what: str, work: Callable[[Namespaces, str], None], names: list[str]) -> None:
    """Do *work* in all namespaces, closing idle ones in between, and print the time and memory for each."""
    memory, most_files, begun = resident(), 0, time.perf_counter()
    for place, name in enumerate(names, 1):
        work(spaces, name)
        if place % OPEN_AT_ONCE == 0:
            most_files = max(most_files, open_files())
            look_after(spaces)
            idle.IDLE_SECONDS, idle.CLOSING_SECONDS = 0.0, 60.0
            look_after(spaces)
            idle.IDLE_SECONDS = 60.0
    each = (time.perf_counter() - begun) / len(names)
    kept = (resident() - memory) / len(names)
    print(f"{what:28} {each * 1e6:10.0f} us {kept / 1024:10.1f} KB each, {most_files} files open at most")


def measure_open(amount: int) -> None:
    """Print what *amount* namespaces cost that stay open, as in process."""
    with Database() as database:
        spaces = database.use_wire(lambda spaces: spaces)
        names = [f"test-{number:06d}" for number in range(amount)]
        for name in names:
            fill(spaces, name)
        for _ in range(3):  # what is queued once for each is done
            look_after(spaces)
        one = database.namespace(names[0])
        show("look after all of them", 1e3, "ms a second", lambda: look_after(spaces))
        show("a call to one of them", 1e6, "us", lambda: one.call("ListTables"))
        show("find one, again", 1e9, "ns", lambda: [spaces.get(names[0]) for _ in names], amount)
        show("find one, another each time", 1e9, "ns", lambda: [spaces.get(name) for name in names], amount)


def show(what: str, factor: float, unit: str, work: Callable[[], object], times: int = 1) -> None:
    """Print the processor time of *work*, which does something that many *times*: the median of 15."""
    found = []
    for _ in range(15):
        begun = time.process_time()
        work()
        found.append((time.process_time() - begun) / times)
    print(f"{what:28} {statistics.median(found) * factor:10.2f} {unit}")


def measure(amount: int, path: str | None) -> None:
    """Print what *amount* namespaces cost."""
    spaces = Namespaces(Settings(db_path=path))
    spaces.free_idle()
    names = [f"test-{number:06d}" for number in range(amount)]
    visit(spaces, "create, table, 10 items", fill, names)
    visit(spaces, "open again and scan", count, names)
    begun = time.perf_counter()
    look_after(spaces)
    print(f"{'look after all that are open':28} {(time.perf_counter() - begun) * 1e3:10.1f} ms a second")
    visit(spaces, "drop", lambda spaces, name: spaces.drop(name), names)
    spaces.close()


def main() -> None:
    amount = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    places = sys.argv[2:] or ["memory", "disk", "open"]
    print(f"{amount} namespaces, {'compiled' if dynemu._core.COMPILED else 'interpreted'}")
    for place in places:
        print(place)
        if place == "open":
            measure_open(amount)
        elif place == "memory":
            measure(amount, None)
        else:
            with tempfile.TemporaryDirectory() as path:
                measure(amount, path)


if __name__ == "__main__":
    main()
