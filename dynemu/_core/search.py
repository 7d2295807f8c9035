"""Finding a key among sorted ones; ``search.pxd`` holds the same in C for the compiled modules.

PERF: the keys' heads are numbers that lie side by side; comparing keys instead makes a get in a million rows
take twice as long, as each is a miss in the processor's caches (docs/adr/0007-memory-store.md).
This module is not compiled, it only lends its inline functions.
"""

from array import array
from bisect import bisect_left


def head_of(key: bytes) -> int:
    """Return the first eight bytes of *key* as a big-endian number, zeros for those that it lacks."""
    return int.from_bytes(key[:8].ljust(8, b"\0"), "big")


def find_place(keys: list[bytes], heads: "array[int]", key: bytes) -> int:
    """Return how many of *keys*, which are sorted and have these *heads*, are less than *key*."""
    return bisect_left(keys, key)


def untrack(container: object) -> None:
    """Hide *container*, which is in no cycle of references, from the garbage collector."""
