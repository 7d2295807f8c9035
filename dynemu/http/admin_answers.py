"""What the functions of the admin API take and give.

PERF: five dataclasses took 4 ms to make, of the 10 in the first request; these take 0.4.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from orjson import dumps

from dynemu.engine.database import Engine
from dynemu.engine.namespaces import Namespaces
from dynemu.http.response import JSON, TEXT
from dynemu.limits import MOST_LISTED


class Asked(NamedTuple):
    """One request: what its path names, and its members, which are checked."""

    namespaces: Namespaces
    names: list[str]
    """The names in the path, that of the namespace first."""
    members: dict[str, Any]
    upload: Any = None
    """The file that was sent, where one is expected."""

    @property
    def namespace(self) -> str:
        return self.names[0]

    @property
    def engine(self) -> Engine:
        return self.namespaces.get(self.namespace)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the member called *name*, or *default*."""
        return self.members.get(name, default)


class Answer(NamedTuple):
    """A whole answer: a JSON document, or text."""

    status: int
    document: Any
    headers: bytes = b""
    """Further lines, each ended by CRLF."""

    def content(self) -> tuple[bytes, bytes]:
        """Return content type and body."""
        if isinstance(self.document, str):
            return TEXT + b"; charset=utf-8", self.document.encode()
        return JSON, dumps(self.document)


class Stream(NamedTuple):
    """A file that is sent as it is made; each chunk takes a few milliseconds at most."""

    chunks: Iterator[bytes]
    headers: bytes = b""


Reply: TypeAlias = "Answer | Stream | Iterator[Answer | None]"
"""The iterator works in slices, one for each None; what it gives last is the answer."""


class Kind(NamedTuple):
    """What the value of a member can be."""

    wanted: str
    """What is said of a value that is none."""
    read: Callable[[Any], Any]
    """Returns the value, or raises ValueError or TypeError."""


def _read_text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _read_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or not math.isfinite(float(value)):
        raise ValueError
    return float(value)


def _read_count(value: Any) -> int:
    number = _read_number(value)
    if number != int(number) or not 0 <= number <= MOST_LISTED:
        raise ValueError
    return int(number)


def _read_time(value: Any) -> Any:
    return value if isinstance(value, str) else _read_number(value)


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _read_values(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError
    return value


NAME = Kind("a name", _read_text)
WORDS = Kind("text", _read_text)
FLAG = Kind("true or false", _read_flag)
VALUES = Kind("a list of attribute values", _read_values)
NUMBER = Kind("a number", _read_number)
COUNT = Kind(f"a whole number from 0 to {MOST_LISTED}", _read_count)
TIME = Kind("epoch seconds or an ISO 8601 time", _read_time)


class Route(NamedTuple):
    """One thing that can be asked for."""

    method: str
    path: str
    """Below ``/_dynemu/``; parts in braces are names."""
    run: Callable[[Asked], Reply]
    members: Mapping[str, Kind] | None = MappingProxyType({})
    """What a body or query may hold; None leaves that to the function."""
    required: tuple[str, ...] = ()
    takes_file: bool = False

    @property
    def is_in_namespace(self) -> bool:
        return "{namespace}" in self.path

    def match(self, given: list[str]) -> list[str] | None:
        """Return the names in the path *given*, in its parts, or None when it is another one."""
        parts = self.path.split("/")
        if len(parts) != len(given):
            return None
        names = []
        for part, text in zip(parts, given, strict=True):
            if part[0] == "{":
                names.append(text)
            elif part != text:
                return None
        return names

    def read(self, members: dict[str, Any]) -> dict[str, Any]:
        """Return the checked *members*. Raises: ValueError with one sentence."""
        if self.members is None:
            return members
        for name in members:
            if name not in self.members:
                known = " and ".join(self.members) or "none"
                raise ValueError(f"There is no member {name!r} here; those that are known: {known}.")
        read = {}
        for name, value in members.items():
            if value is None:
                continue
            try:
                read[name] = self.members[name].read(value)
            except (TypeError, ValueError):
                raise ValueError(f"The member {name!r} is {self.members[name].wanted}.") from None
        for name in self.required:
            if name not in read:
                raise ValueError(f"The member {name!r} is missing.")
        return read
