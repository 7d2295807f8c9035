"""Opens the store that the settings name, and knows the layout of a data directory.

DIRECTORY/FORMAT                  FORMAT_VERSION as text
DIRECTORY/namespaces/NAME/        one store each
"""

import os
from contextlib import suppress

from dynemu.config import Settings
from dynemu.storage.base import FORMAT_VERSION, Store, StoreError
from dynemu.storage.failures import explain
from dynemu.storage.memory import MemoryStore

DEFAULT_NAMESPACE = "default"


def open_store(settings: Settings) -> Store:
    """Return the store of *settings*: in its directory, or in memory. Raises StoreError."""
    if settings.db_path is None:
        return MemoryStore()
    try:
        # PERF: a database in memory starts 10 ms earlier and smaller by 10 MB without it.
        from dynemu.storage.rocks import RocksStore  # noqa: PLC0415
    except ImportError as error:  # rocksdict has no build for this platform
        raise StoreError("A database on disk needs rocksdict, which is not installed.") from error
    prepare_directory(settings.db_path)
    return RocksStore(store_path(settings.db_path), settings.durability)


def store_path(db_path: str, namespace: str = DEFAULT_NAMESPACE) -> str:
    """Return the directory of a namespace's store."""
    return os.path.join(db_path, "namespaces", namespace)


def prepare_directory(db_path: str) -> None:
    """Make the data directory *db_path*, or check that this release can read it. Raises StoreError."""
    place = os.path.join(db_path, "FORMAT")
    try:
        os.makedirs(db_path, exist_ok=True)
        with suppress(FileNotFoundError), open(place, encoding="ascii", errors="replace") as file:
            _check_format(db_path, file.read())
            return
        with open(place + ".new", "w", encoding="ascii") as file:
            file.write(f"{FORMAT_VERSION}\n")
        os.replace(place + ".new", place)
    except OSError as error:
        raise explain(f"The database {db_path}", error) from error


def _check_format(db_path: str, text: str) -> None:
    version = text.strip()
    if not version.isdecimal():
        raise StoreError(f"The directory {db_path} was not written by dynemu: FORMAT holds no version.")
    if int(version) > FORMAT_VERSION:
        raise StoreError(
            f"The database {db_path} was written by a newer dynemu, in format {version}; "
            f"this release reads formats up to {FORMAT_VERSION}."
        )
