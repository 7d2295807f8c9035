"""dynemu._core.blocks against a dict for single rows, and against one sorted list of keys for ranges."""

import random
from bisect import bisect_left

from benchmarks.micro.timing import Cases
from dynemu._core import blocks

ROWS = 10_000
VALUE = b"x" * 350


def cases() -> Cases:
    """Return the calls to compare."""
    picked = random.Random(1)
    keys = [b"\0\0\1\1" + picked.randbytes(4) + b"user%06d\0\0" % number for number in range(ROWS)]
    rows = blocks.SortedRows()
    rows.put_many([(key, VALUE) for key in keys])
    plain = dict.fromkeys(keys, VALUE)
    order = sorted(keys)
    key = order[ROWS // 3]
    new = key + b"new"

    def replace_plain() -> None:
        plain[key] = VALUE

    def add_and_delete() -> None:
        rows.put(new, VALUE)
        rows.delete(new)

    def add_and_delete_plain() -> None:
        plain[new] = VALUE
        at = bisect_left(order, new)
        order.insert(at, new)
        del order[at], plain[new]

    def page_plain(end: bytes) -> list[bytes]:
        return [plain[each] for each in order[bisect_left(order, key) : bisect_left(order, end)]]

    copy = blocks.SortedRows()
    found: Cases = {
        "get": (lambda: rows.get(key), lambda: plain.get(key)),
        "get, a miss": (lambda: rows.get(new), lambda: plain.get(new)),
        "put in place of a row": (lambda: rows.put(key, VALUE), replace_plain),
        "put a new row, delete it": (add_and_delete, add_and_delete_plain),
        "take over 10,000 rows": (lambda: copy.take_over(rows), lambda: plain.copy()),
    }
    for count in (10, 100):
        end = order[ROWS // 3 + count]
        found[f"values of {count}"] = (
            lambda end=end: list(rows.values(key, end)),
            lambda end=end: page_plain(end),
        )
    return found
