"""Files of what failed tests left in the database: the last few, in one directory."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

KEPT_FILES = 10
"""Files of earlier runs that stay when a run writes its first one."""
MOST_BYTES = 100 << 20
"""Larger files are not written: that would take longer than a suite does."""
SUFFIX = ".dynemu"


class KeptFiles:
    """Writes files into *directory*, which is made when it is needed."""

    def __init__(self, directory: str) -> None:
        self._directory = os.path.abspath(os.path.expanduser(directory))
        self._pruned = False

    def keep(self, name: str, parts: Iterable[bytes]) -> str:
        """Write *parts* to the file called *name* and return its path.

        One of the same name is replaced once the new one is whole. Raises: OSError, ValueError.
        """
        os.makedirs(self._directory, exist_ok=True)
        if not self._pruned:
            self._prune()
            self._pruned = True
        path = os.path.join(self._directory, name + SUFFIX)
        half = f"{path}.{os.getpid()}"
        try:
            with open(half, "wb") as file:
                file.writelines(_bounded(parts))
            os.replace(half, path)
        finally:
            with suppress(FileNotFoundError):
                os.remove(half)
        return path

    def _prune(self) -> None:
        """Remove the oldest files of too many. Other workers may do the same meanwhile."""
        with os.scandir(self._directory) as entries:
            found = [entry for entry in entries if entry.name.endswith(SUFFIX) and entry.is_file()]
        ages = []
        for entry in found:
            with suppress(FileNotFoundError):
                ages.append((os.stat(entry.path).st_mtime_ns, entry.path))
        for _, path in sorted(ages)[: max(len(ages) - KEPT_FILES, 0)]:
            with suppress(FileNotFoundError):
                os.remove(path)


def _bounded(parts: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > MOST_BYTES:
            raise ValueError(f"it holds more than {MOST_BYTES >> 20} MB.")
        yield part
