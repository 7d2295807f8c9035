"""The content of an object, decompressed while it is read."""

import gzip
import io
import os
import zlib
from typing import IO, Any, BinaryIO

LINE_BYTES = 16 * 1024 * 1024
"""No line is longer: an item of 400 KB takes far less in any format."""
_CHUNK_BYTES = 64 * 1024


class DamagedInput(Exception):
    """An object whose content cannot be read any further; the text is one sentence for the user."""


class MissingLibrary(Exception):
    """A package that a format or compression needs is not installed; the text says which."""


class Stream:
    """Reads an object from its beginning. All methods may raise OSError, those that read DamagedInput."""

    def __init__(self, file: BinaryIO, compression: str) -> None:
        """*compression* is ``NONE``, ``GZIP`` or ``ZSTD``. Raises: MissingLibrary."""
        self._raw = file
        self._damage: tuple[type[Exception], ...] = (EOFError, zlib.error, gzip.BadGzipFile)
        self._content: IO[bytes] | gzip.GzipFile = file
        if compression == "GZIP":
            self._content = gzip.open(file)
        elif compression == "ZSTD":
            library = _load_zstandard()
            self._damage = (library.ZstdError,)
            reader: Any = library.ZstdDecompressor().stream_reader(
                file, read_across_frames=True, closefd=False
            )
            self._content = io.BufferedReader(reader)
        self.position = 0
        """Bytes of content that have been read."""

    @property
    def raw_position(self) -> int:
        """Bytes of the object that have been read; a little more than the content so far needs."""
        return self._raw.tell()

    def read(self, size: int = -1) -> bytes:
        """Return at most *size* bytes, none at the end."""
        try:
            content = self._content.read(size)
        except self._damage as error:
            raise DamagedInput(f"The object cannot be decompressed: {error}.") from error
        self.position += len(content)
        return content

    def read_line(self) -> bytes:
        """Return the next line with its end, nothing at the end of the content."""
        try:
            line = self._content.readline(LINE_BYTES)
        except self._damage as error:
            raise DamagedInput(f"The object cannot be decompressed: {error}.") from error
        self.position += len(line)
        if len(line) == LINE_BYTES and not line.endswith(b"\n"):
            raise DamagedInput(f"A line is longer than {LINE_BYTES} bytes.")
        return line

    def skip_to(self, position: int) -> None:
        """Go on at *position*, not before the current one."""
        if self._content is self._raw:
            self.position = self._raw.seek(position, os.SEEK_SET)
        while self.position < position:
            if not self.read(min(_CHUNK_BYTES, position - self.position)):
                raise DamagedInput("The object has become shorter.")

    def close(self) -> None:
        """Close the object."""
        if self._content is not self._raw:
            self._content.close()
        self._raw.close()


def _load_zstandard() -> Any:
    try:
        import zstandard  # noqa: PLC0415 - an extra, for those who import such objects
    except ImportError:
        raise MissingLibrary(
            "Objects compressed with ZSTD need the package zstandard: pip install 'dynemu[import]'."
        ) from None
    return zstandard
