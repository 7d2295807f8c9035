"""Where a database in memory puts what has long been idle: one file without a name, gone with the process."""

from typing import BinaryIO

_WASTED_BYTES = 1 << 20
"""Freed bytes in the file before what follows them is moved down; half of the file has to be free, too."""


class SpillFile:
    """Pieces of bytes by name, in a temporary file that is made when the first one comes. Raises OSError."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._places: dict[str, tuple[int, int]] = {}
        """Start and size of each piece."""
        self._end = 0
        self._used = 0

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def names(self) -> list[str]:
        """Return the names of all pieces."""
        return list(self._places)

    @property
    def size(self) -> int:
        """How many bytes the file has."""
        return self._end

    def put(self, name: str, data: bytes) -> None:
        """Keep *data* under *name*, which is free."""
        if self._file is None:
            import tempfile  # noqa: PLC0415 - 0.7 MB, for a server that gets idle with many namespaces

            self._file = tempfile.TemporaryFile(prefix="dynemu-", buffering=0)
        self._write(self._end, data)
        self._places[name] = (self._end, len(data))
        self._end += len(data)
        self._used += len(data)

    def take(self, name: str) -> bytes:
        """Return what is kept under *name*, and keep it no more."""
        start, size = self._places[name]
        data = self._read(start, size)
        self.drop(name)
        return data

    def drop(self, name: str) -> None:
        """Keep what is under *name*, if anything, no more."""
        _, size = self._places.pop(name, (0, 0))
        self._used -= size
        if not self._places:
            self._cut(0)
        elif self._end - self._used > max(_WASTED_BYTES, self._used):
            self._close_up()

    def close(self) -> None:
        """Forget everything."""
        self._places.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _close_up(self) -> None:
        end = 0
        for name, (start, size) in sorted(self._places.items(), key=lambda piece: piece[1]):
            self._write(end, self._read(start, size))
            self._places[name] = (end, size)
            end += size
        self._cut(end)

    def _cut(self, end: int) -> None:
        if self._file is not None:
            self._file.truncate(end)
        self._end = end

    def _read(self, start: int, size: int) -> bytes:
        assert self._file is not None
        self._file.seek(start)
        data = self._file.read(size)
        if len(data) != size:
            raise OSError("the file with what is idle is cut short")
        return data

    def _write(self, start: int, data: bytes) -> None:
        assert self._file is not None
        self._file.seek(start)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
