"""Which worker has a namespace: told by its name, unless it was claimed for another one."""

from zlib import crc32

_DIGITS = "0123456789"
_COUNTED = 9
"""How many digits at the end of a name count as a number."""


def home_of(name: str, workers: int) -> int:
    """Return the worker, from 0, that has the namespace *name*, the same one in every process and release.

    Names that differ in the number at their end, as those of parallel tests do, are dealt out evenly.
    """
    stem = name.rstrip(_DIGITS)
    number = int(name[len(stem) :][-_COUNTED:] or 0)
    return (crc32(stem.encode()) + number) % workers


class Owners:
    """What worker *me* of so many *workers* knows of them."""

    def __init__(self, me: int, workers: int) -> None:
        self.me = me
        self.workers = workers
        self.here: set[bytes] = set()
        """Paths of endpoints that are known to name a namespace of this worker."""
        self._moved: dict[str, int] = {}

    def owner_of(self, name: str) -> int:
        """Return the worker that has the namespace *name*, as far as this one knows.

        When that is no longer so, it knows better: it has let the namespace go.
        """
        moved = self._moved.get(name)
        return home_of(name, self.workers) if moved is None else moved

    def has(self, name: str) -> bool:
        """Tell whether this worker has the namespace *name*."""
        return self.owner_of(name) == self.me

    def move(self, name: str, worker: int | None) -> None:
        """Note that *worker* has the namespace *name* from now on; None: the one that its name tells."""
        if worker is None or worker == home_of(name, self.workers):
            self._moved.pop(name, None)
        else:
            self._moved[name] = worker
        self.here.clear()

    def give_back(self, name: str) -> bool:
        """Let go of the namespace *name* if its name tells another worker; return whether that is so."""
        if self._moved.get(name) != self.me:
            return False
        self.move(name, None)
        return True
