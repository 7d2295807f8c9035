"""Background work that the store remembers: done in slices between requests, and after a restart too.

A row whose key starts with one of the prefixes of ``KINDS`` stands for one piece of work, for as long as
there is something to do. Its module is imported when the first such row is found.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from dynemu.engine.commit import until_committed
from dynemu.engine.tables import GONE
from dynemu.storage.base import JOBS, META

if TYPE_CHECKING:
    from dynemu.engine.database import Engine

Slice = Callable[["Engine", bytes], bool]
"""Does a few milliseconds of the work that a row (given by its key) stands for, and commits it.

Returns: True when nothing is left to do. Raises: CommitRefused when the slice has to be done again.
"""

FILLING = META + b"filling/"
RESTORING = JOBS + b"restore/"
KINDS: tuple[tuple[bytes, str, str], ...] = (
    (FILLING, "backfill", "fill_slice"),
    (GONE, "backfill", "forget_table"),
    (RESTORING, "restores", "restore_slice"),
    (JOBS + b"export/", "transfer.exports", "export_slice"),
    (JOBS + b"import/", "transfer.imports", "import_slice"),
    (JOBS + b"bulk/", "transfer.bulk", "bulk_slice"),
)
"""Prefix of the rows, and the module of ``dynemu.engine`` and its function that does a slice."""


def job_key(kind: str, name: str) -> bytes:
    """Return the key of the row for the work of *kind* that is called *name*."""
    return JOBS + kind.encode() + b"/" + name.encode()


def pending_work(engine: "Engine", known: set[bytes]) -> list[Iterator[None]]:
    """Return a generator of slices for each piece of background work that the store tells of.

    *known* holds the keys of those that run already; they are skipped, the new ones are added, and a
    generator that ends takes its key out again. Raises: CommitRefused when the store has to be read again.
    """
    view = engine.store.view()
    found = [
        (key, module, function)
        for prefix, module, function in KINDS
        for key, _ in view.scan(prefix, prefix + b"\xff")
        if key not in known
    ]
    known.update(key for key, *_ in found)
    return [_repeat(engine, key, _load(module, function), known) for key, module, function in found]


def _load(module: str, function: str) -> Slice:
    loaded: Slice = getattr(import_module(f"dynemu.engine.{module}"), function)
    return loaded


def _repeat(engine: "Engine", key: bytes, do_slice: Slice, known: set[bytes]) -> Iterator[None]:
    try:
        while not until_committed(lambda: do_slice(engine, key)):
            yield
    finally:
        known.discard(key)
