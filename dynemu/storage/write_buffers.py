"""The write buffers of all large stores of a process, which together have a limit."""

from functools import cache
from typing import Protocol
from weakref import WeakSet

from rocksdict import Options, WriteBufferManager

MOST_BYTES = 128 << 20
"""In all buffers, but for those on their way to files. PERF: benchmarks.micro.large_namespaces."""
_UNLIMITED = 1 << 50


class Buffered(Protocol):
    """A store with a write buffer."""

    def buffered(self) -> int:
        """Return the bytes of rows that are not on their way to a file yet."""

    def flush_later(self) -> None:
        """Have all rows that there are now moved to a file in the background."""

    def flush(self) -> None:
        """Move all rows into files, and wait for that."""


class WriteBuffers:
    """Flushes the largest buffers when all together are too large.

    RocksDB's own limit would flush the store that is written to, however little it has, for as long as others
    keep what they have; so its manager only counts here.
    """

    def __init__(self) -> None:
        self._manager = WriteBufferManager(_UNLIMITED, False)
        self.size = self._manager.get_usage
        """Returns the bytes of all buffers, also of those that are on their way to files."""
        self.limit = MOST_BYTES
        """What ``size`` may be before ``shrink`` has something to do."""
        self._stores: WeakSet[Buffered] = WeakSet()

    def count(self, options: Options) -> None:
        """Have the buffers of a store that is opened with *options* counted."""
        options.set_write_buffer_manager(self._manager)

    def add(self, store: Buffered) -> None:
        """Flush *store*, too, when its buffer is among the largest."""
        self._stores.add(store)

    def remove(self, store: Buffered) -> None:
        """Leave *store*, which is being closed, alone."""
        self._stores.discard(store)

    def shrink(self) -> None:
        """Flush the largest buffers in the background, until the others have room to grow."""
        found = sorted(((store.buffered(), id(store), store) for store in self._stores), reverse=True)
        waiting = sum(size for size, *_ in found)
        for size, _, store in found:
            # So much less that it is seldom looked which one is the largest.
            if waiting <= MOST_BYTES - MOST_BYTES // 16:
                break
            store.flush_later()
            waiting -= size
        for _, _, store in found:
            if self.size() <= 2 * MOST_BYTES:
                break
            # The disk is slower than those who write, so they have to wait.
            store.flush()
        # What is on its way to files counts until it is there.
        self.limit = min(MOST_BYTES + max(self.size() - waiting, 0), 2 * MOST_BYTES)


@cache
def write_buffers() -> WriteBuffers:
    """Return what all stores of the process have in common."""
    return WriteBuffers()
