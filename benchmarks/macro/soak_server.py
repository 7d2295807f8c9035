"""``python -m benchmarks.macro.soak_server COUNTS serve ...``: dynemu, and what its objects come to.

Every ten seconds a line of JSON goes to the file COUNTS: blocks of Python's allocator, objects that the
garbage collector knows of, and the types that are most numerous. It is no part of dynemu.
"""

import collections
import gc
import json
import signal
import sys
from typing import Any

from dynemu.cli import main

_EVERY = 10.0
_MOST = 15


def count(path: str) -> None:
    """Append a line of counts to the file *path*."""
    objects = gc.get_objects()
    types = collections.Counter(map(type, objects))
    found = {
        "blocks": sys.getallocatedblocks(),
        "objects": len(objects),
        "frozen": gc.get_freeze_count(),
        "collections": [generation["collections"] for generation in gc.get_stats()],
        "types": {f"{kind.__module__}.{kind.__qualname__}": n for kind, n in types.most_common(_MOST)},
    }
    with open(path, "a") as file:
        file.write(json.dumps(found) + "\n")


def start_counting(path: str) -> None:
    """Count now and then from a signal handler.

    A thread would not do: while it holds all objects, tuples that the main thread builds cannot grow.
    """

    def handle(*_: Any) -> None:
        count(path)

    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 1.0, _EVERY)


if __name__ == "__main__":
    start_counting(sys.argv[1])
    code = main(sys.argv[2:])
    # The interpreter takes its handlers away when it ends, and the signal would kill it.
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    sys.exit(code)
