"""The attributes of a row that a filter and a projection name, found where they lie and parsed if need be.

What a scalar is compared to is compared to its bytes; see docs/adr/0016-looking-into-rows.md.
"""

from array import array
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from orjson import dumps, loads

from dynemu._core import scanning
from dynemu._core.codec import HEADER_SIZE

JSON = dict[str, Any]

MOST = 16
"""Names that are looked for in one row at most: each member of the row is compared to all of them."""
UNKNOWN = 3
"""What a comparison returns that the bytes alone cannot decide: the value has to be parsed."""
_UNKNOWN = UNKNOWN


class Names:
    """Names of attributes to look for; nothing in here changes, so that everybody may have the same."""

    def __init__(self, names: Iterable[str]) -> None:
        self.places: dict[str, int] = {name: place for place, name in enumerate(names)}
        self.texts = [dumps(name) for name in self.places]
        """The names as JSON."""
        self.spans = array("q", bytes(16 * len(self.texts)))
        """What the spans of the Fields are copied from."""


@lru_cache(256)
def names_of(some: frozenset[str], more: frozenset[str]) -> Names:
    """Return the Names that are in *some* or in *more*."""
    return Names(some | more)


class Fields:
    """Some top-level attributes of one row after the other."""

    def __init__(self, names: Names) -> None:
        """Take the names of the attributes; the other methods know no other names."""
        self.places = names.places
        self._names = names.texts
        self._spans = names.spans[:]
        self.row = b""
        self._item: JSON | None = None
        """The attributes that have been parsed; None for none yet."""

    def find(self, row: bytes) -> None:
        """Find the attributes of *row*, which all other methods are then about."""
        self.row = row
        self._item = None
        scanning.find_members(row, HEADER_SIZE, self._names, self._spans)

    def forget(self) -> None:
        """Hold no row."""
        self.row = b""
        self._item = None

    def place(self, name: str) -> int:
        """Return the place of the attribute *name*; -1 when the row has none."""
        place = self.places[name]
        return place if scanning.number_at(self._spans, 2 * place) else -1

    def text(self, name: str) -> bytes:
        """Return one of the names as JSON."""
        return self._names[self.places[name]]

    def start(self, place: int) -> int:
        """Return where the value of the attribute at *place* begins in the row."""
        return scanning.number_at(self._spans, 2 * place)

    def end(self, place: int) -> int:
        """Return where the value of the attribute at *place* ends in the row."""
        return scanning.number_at(self._spans, 2 * place + 1)

    def item(self, names: frozenset[str]) -> JSON:
        """Return a part of the item that has the attributes *names*, as far as the row has them."""
        if self._item is None:
            self._item = {}
        for name in names:
            if name not in self._item:
                place = self.places[name]
                start = self.start(place)
                if start:
                    value = scanning.text_value(self.row, start, self.end(place))
                    self._item[name] = loads(self.row[start : self.end(place)]) if value is None else value
        return self._item

    def equals(self, place: int, value: JSON) -> int:
        """Tell whether the attribute at *place* is *value*, or return UNKNOWN."""
        start = self.start(place)
        for tag, payload in value.items():
            if tag == "S" or tag == "N" or tag == "B":
                order = scanning.compare(self.row, start, self.end(place), tag, payload)
                return _UNKNOWN if order == _UNKNOWN else order == 0
            if tag == "BOOL":
                return scanning.is_flag(self.row, start, self.end(place), payload)
        return _UNKNOWN

    def compare(self, place: int, value: JSON) -> int:
        """Return -1, 0 or 1 by the order of the attribute at *place* and *value*, UNORDERED or UNKNOWN."""
        start = self.start(place)
        for tag, payload in value.items():
            if tag == "S" or tag == "N":
                return scanning.compare(self.row, start, self.end(place), tag, payload)
        return _UNKNOWN

    def starts_with(self, place: int, value: JSON) -> int:
        """Tell whether the attribute at *place* begins with *value*, or return UNKNOWN."""
        start = self.start(place)
        for tag, payload in value.items():
            if tag == "S":
                return scanning.starts_with(self.row, start, self.end(place), payload)
        return _UNKNOWN

    def contains(self, place: int, value: JSON) -> int:
        """Tell whether the attribute at *place* is a set with *value*; UNKNOWN for all but sets."""
        start = self.start(place)
        for tag, payload in value.items():
            if tag == "S" or tag == "N" or tag == "B":
                return scanning.has_member(self.row, start, self.end(place), tag, payload)
        return _UNKNOWN


def read_attribute(row: bytes, name: bytes) -> JSON | None:
    """Return the attribute *name*, which is JSON, of *row*, or None."""
    start = scanning.find_member(row, HEADER_SIZE, name)
    if start == 0:
        return None
    value: JSON = loads(row[start : scanning.value_end(row, start)])
    return value
