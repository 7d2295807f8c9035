"""The input of an import or bulk operation: all objects with a prefix, read record by record, in slices.

How far the work has come is a ``Place``, which the work's document keeps. From the same place the same
records are read again, when a slice has to be done again or after a restart.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from dynemu.engine.transfer.formats import START, Parsed, ReadRecords
from dynemu.engine.transfer.streams import DamagedInput, Stream
from dynemu.storage.objects import Bucket

SLICE_RECORDS = 50
SLICE_BYTES = 128 * 1024
"""Records and their bytes in one slice: a few ms of work."""


class Place(NamedTuple):
    """How far an input is done: *records* of the object *key*, the next one at *at* (see ``formats``)."""

    key: str = ""
    at: tuple[int, int] = START
    records: int = 0
    ended: bool = True
    """Whether nothing is left of the object."""
    size: int = 0
    """Bytes of its content that have been read."""
    raw_size: int = 0
    """Bytes of the object itself that have been read."""


class Record(NamedTuple):
    """One item of the input, or the end of an object."""

    before: Place
    after: Place
    content: Any
    error: str | None

    @property
    def is_item(self) -> bool:
        return self.error is not None or not self.after.ended

    @property
    def size(self) -> int:
        """Bytes of content that were read for it."""
        return self.after.size - (self.before.size if self.before.key == self.after.key else 0)

    @property
    def raw_size(self) -> int:
        """Bytes of the object that were read for it."""
        return self.after.raw_size - (self.before.raw_size if self.before.key == self.after.key else 0)


class Reader:
    """Reads an input from any place on; what it needs for that stays open between slices."""

    def __init__(self, bucket: Bucket, prefix: str, compression: str, read_records: ReadRecords) -> None:
        """Raises: OSError."""
        self._bucket = bucket
        self._compression = compression
        self._read_records = read_records
        self._keys = bucket.keys(prefix)
        self._sorted = [key.encode() for key in self._keys]
        self._records: deque[Record] = deque()
        self._place: Place | None = None
        self._key = ""
        self._stream: Stream | None = None
        self._parsed: Iterator[Parsed] = iter(())

    def total_size(self) -> int:
        """Return the size of all objects together. Raises: OSError, BadKey."""
        return sum(self._bucket.size(key) for key in self._keys)

    def read(self, place: Place) -> list[Record]:
        """Return records from *place* on, none when the input has ended. They are kept until they are done.

        Raises: MissingLibrary, OSError, BadKey.
        """
        while self._records and self._records[0].before != place:
            self._records.popleft()
        if not self._records and self._place != place:
            self._close_object()
            self._place = place
        size = sum(record.size for record in self._records)
        while len(self._records) < SLICE_RECORDS and size < SLICE_BYTES:
            record = self._next()
            if record is None:
                break
            self._records.append(record)
            self._place = record.after
            size += record.size
        return list(self._records)

    def end_of(self, place: Place) -> Place:
        """Return the place at the end of the object that *place* is in. Raises: OSError, BadKey."""
        return place._replace(at=START, ended=True, raw_size=self._bucket.size(place.key))

    def _next(self) -> Record | None:
        before = self._place
        assert before is not None
        if self._stream is None:
            self._open_object(before)
        stream = self._stream
        if stream is None:
            return None
        key, records = before.key, before.records
        if before.ended:
            key, records = self._key, 0
        error, parsed = None, None
        try:
            parsed = next(self._parsed, None)
        except DamagedInput as damage:
            error = str(damage)
        size = max(before.size if key == before.key else 0, stream.position)
        if parsed is None:
            self._close_object()
            ended = Place(key, START, records + (error is not None), True, size, self._bucket.size(key))
            return Record(before, ended, None, error)
        after = Place(key, parsed.next, records + 1, False, size, stream.raw_position)
        return Record(before, after, parsed.content, parsed.error)

    def _open_object(self, place: Place) -> None:
        """Open the object that *place* is in, or the next one if there is one."""
        self._key = place.key
        if place.ended:
            number = bisect_right(self._sorted, place.key.encode())
            if number == len(self._keys):
                return
            self._key = self._keys[number]
        file = self._bucket.open(self._key)
        try:
            self._stream = Stream(file, self._compression)
        except BaseException:
            file.close()
            raise
        self._parsed = self._read_records(self._stream, START if place.ended else place.at)

    def _close_object(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._stream = None
        self._parsed = iter(())

    def close(self) -> None:
        """Close what is open."""
        self._close_object()
        self._records.clear()
