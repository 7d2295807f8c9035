"""Puts what RocksDB or the system says into one sentence for the user."""

import re

from dynemu.storage.base import StoreError

_REASONS = (
    (r"lock hold by current process|While lock file", "is already in use, by this process or another one"),
    (r"No space left|Disk quota exceeded", "has no space left on its disk"),
    (r"Directory exists", "cannot be made: there is such a directory already"),
    (r"File exists", "cannot be made: there is a file of that name"),
    (r"Not a directory", "cannot be made: a part of its path is a file"),
    (r"Permission denied|not permitted|Read-only file system", "cannot be written: permission denied"),
    (r"Corruption", "is damaged or was not written by dynemu ({})"),
)


def explain(subject: str, error: Exception) -> StoreError:
    """Return *error*, of rocksdict or the system, as a sentence about *subject*, as ``The database /data``.

    Raises *error* itself when it is a bug: rocksdict reports the state of its files as plain ``Exception``.
    """
    if type(error) is not Exception and not isinstance(error, OSError):
        raise error
    detail = str(error).partition("\n")[0].rstrip(".")
    for pattern, reason in _REASONS:
        if re.search(pattern, detail):
            return StoreError(f"{subject} {reason.format(detail)}.")
    return StoreError(f"{subject} cannot be used ({detail}).")


def removed(subject: str) -> StoreError:
    """Return that what *subject* names has been taken away from the server that has it open."""
    return StoreError(f"{subject} was removed while it was open.")
