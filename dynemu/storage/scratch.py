"""The directory of an in-memory database: on tmpfs where there is room, removed with its process."""

import os
import re
import shutil
import tempfile
from contextlib import suppress

try:
    import fcntl
except ImportError:  # Windows: nobody can tell there whether a directory's owner still lives
    fcntl = None  # type: ignore[assignment]

TMPFS = "/dev/shm"
ROOM_BYTES = 1 << 30
"""Free space that tmpfs must have: containers often come with 64 MB, which one full write buffer fills."""
_NAME = re.compile(r"dynemu-[0-9]+-\w+")
_LOCK = "OWNER"


class ScratchDirectory:
    """A new directory named after this process and locked by it; ``path`` is its place.

    NOTE: the lock, not the process id in the name, tells whether the owner lives: containers may share
    tmpfs without sharing process ids.
    """

    def __init__(self) -> None:
        base = choose_base()
        remove_leftovers(base)
        # The final name appears with the lock already taken, so that nobody takes it for a leftover.
        unlocked = tempfile.mkdtemp(prefix=".dynemu-", dir=base)
        self._owner: int | None = None
        if fcntl is not None:
            self._owner = os.open(os.path.join(unlocked, _LOCK), os.O_CREAT | os.O_RDWR, 0o600)
            _lock(self._owner)
        token = os.path.basename(unlocked).rpartition("-")[2]
        self.path = os.path.join(base, f"dynemu-{os.getpid()}-{token}")
        os.rename(unlocked, self.path)

    def remove(self) -> None:
        """Remove the directory and all that is in it; a second call does nothing."""
        if self._owner is not None:
            os.close(self._owner)
            self._owner = None
        shutil.rmtree(self.path, ignore_errors=True)


def choose_base() -> str:
    """Return the directory for in-memory databases: tmpfs with a gigabyte free, else the temporary one."""
    if _is_tmpfs(TMPFS) and os.access(TMPFS, os.W_OK | os.X_OK):
        room = os.statvfs(TMPFS)
        if room.f_bavail * room.f_frsize >= ROOM_BYTES:
            return TMPFS
    return tempfile.gettempdir()


def remove_leftovers(base: str) -> None:
    """Remove what killed processes left in *base*."""
    if fcntl is None:
        return
    with os.scandir(base) as entries:
        found = [entry.path for entry in entries if _NAME.fullmatch(entry.name)]
    for path in found:
        # Another user's directory, or one that another process removes at this moment, is left alone.
        with suppress(OSError):
            owner = os.open(os.path.join(path, _LOCK), os.O_RDWR)
            try:
                if _lock(owner):
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(owner)


def _lock(owner: int) -> bool:
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_tmpfs(path: str) -> bool:
    with suppress(OSError), open("/proc/self/mounts", encoding="utf-8", errors="replace") as mounts:
        return any(line.split(" ")[1:3] == [path, "tmpfs"] for line in mounts)
    return False
