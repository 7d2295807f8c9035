"""Objects in buckets, as S3 has them, in a directory: bucket B is its subdirectory B, a key the path below.

Nothing outside of a bucket's directory is read or written, whatever a name or a symbolic link says, and an
object is seen only when it is complete: it is written under a hidden name and then renamed.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

_HIDDEN = ".dynemu-"
"""Begins the names of files that are being written; they are no objects."""
_NAME_BYTES = 255
"""No file system has longer names."""


class NoBucket(Exception):
    """There is no such bucket; the text is one sentence for the user."""


class BadKey(Exception):
    """A key that cannot be a file below its bucket; the text is one sentence for the user."""


class Bucket:
    """One bucket. All methods may raise OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys of all objects that start with *prefix*, in the order of their UTF-8 bytes."""
        folder = prefix.rpartition("/")[0]
        try:
            top = self._file(folder) if folder else self._path
        except BadKey:
            return []
        found = (key for key in self._walk(top, folder + "/" if folder else "") if key.startswith(prefix))
        return sorted(found, key=str.encode)

    def size(self, key: str) -> int:
        """Return the size of an object in bytes. Raises BadKey."""
        return self._file(key).stat().st_size

    def open(self, key: str) -> BinaryIO:
        """Open an object to be read. Raises BadKey."""
        return self._file(key).open("rb")

    def put(self, key: str, content: bytes) -> None:
        """Write an object, in place of the one that is there. Raises BadKey."""
        self.write_part(key, 0, content)
        self.publish(key)

    def write_part(self, key: str, offset: int, content: bytes) -> None:
        """Write what belongs at *offset* of an object that is not seen before ``publish``; cut off the rest.

        Raises: BadKey.
        """
        hidden = self._hidden(key)
        hidden.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(hidden, flags, 0o666), "r+b") as file:
            if file.seek(0, os.SEEK_END) < offset:
                raise OSError(f"the beginning of {key!r} is lost")
            file.truncate(offset)
            file.seek(offset)
            file.write(content)

    def publish(self, key: str) -> None:
        """Show the object that ``write_part`` wrote. A second call does nothing. Raises BadKey."""
        with suppress(FileNotFoundError):
            os.replace(self._hidden(key), self._file(key))

    def discard(self, key: str) -> None:
        """Forget what ``write_part`` wrote. Raises BadKey."""
        self._hidden(key).unlink(missing_ok=True)

    def _hidden(self, key: str) -> Path:
        return self._file(key).parent / (_HIDDEN + sha256(key.encode()).hexdigest()[:24])

    def _file(self, key: str) -> Path:
        """Return the file of an object. Raises BadKey unless it is below the bucket, links followed."""
        parts = key.split("/")
        if "\0" in key or not all(map(_is_name, parts)):
            raise BadKey(f"{key!r} cannot be a file in a bucket's directory.")
        path = self._path.joinpath(*parts)
        real = Path(os.path.realpath(path))
        if real != path or not real.is_relative_to(self._path):
            raise BadKey(f"{key!r} leads out of its bucket's directory.")
        return path

    def _walk(self, folder: Path, prefix: str) -> Iterator[str]:
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in entries:
            if entry.name.startswith(_HIDDEN) or not _is_text(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(folder / entry.name, f"{prefix}{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                yield prefix + entry.name


def open_bucket(directory: str | None, name: str) -> Bucket:
    """Return the bucket called *name* in *directory*. Raises NoBucket."""
    if directory is None:
        raise NoBucket("No directory stands for S3: see the setting s3_dir.")
    top = Path(os.path.realpath(directory))
    path = top / name
    if name in ("", ".", "..") or "/" in name or os.sep in name or "\0" in name or name.startswith(_HIDDEN):
        raise NoBucket(f"{name!r} cannot be the name of a bucket.")
    if not os.path.isdir(path) or Path(os.path.realpath(path)) != path:
        raise NoBucket(f"The directory that stands for S3 has no directory {name!r}.")
    return Bucket(path)


def _is_name(part: str) -> bool:
    hidden = part.startswith(_HIDDEN)
    return part not in ("", ".", "..") and not hidden and len(part.encode()) <= _NAME_BYTES


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
