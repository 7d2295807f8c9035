"""``python -m benchmarks.macro.soak_server COUNTS serve ...``: dynemu, and what its objects come to.

A thread writes a line of JSON to the file COUNTS every ten seconds: blocks of Python's allocator, objects
that the garbage collector knows of, and the types that are most numerous. It is no part of dynemu.
"""

import collections
import gc
import json
import sys
import threading
import time

from dynemu.cli import main

_EVERY = 10.0
_MOST = 15


def count(path: str) -> None:
    """Write counts to the file *path* for ever."""
    with open(path, "a", buffering=1) as file:
        while True:
            objects = gc.get_objects()
            types = collections.Counter(map(type, objects))
            found = {
                "blocks": sys.getallocatedblocks(),
                "objects": len(objects),
                "frozen": gc.get_freeze_count(),
                "collections": [generation["collections"] for generation in gc.get_stats()],
                "types": {
                    f"{kind.__module__}.{kind.__qualname__}": n for kind, n in types.most_common(_MOST)
                },
            }
            del objects, types
            file.write(json.dumps(found) + "\n")
            time.sleep(_EVERY)


if __name__ == "__main__":
    threading.Thread(target=count, args=(sys.argv[1],), daemon=True).start()
    sys.exit(main(sys.argv[2:]))
