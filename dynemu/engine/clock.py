"""Time, injected: everything that expires asks the database's clock."""

import math
import time
from datetime import datetime, timezone
from typing import Any, Protocol

_END_OF_TIME = 253_402_300_800.0
"""The first second that has no ISO 8601 text."""


def utc_second(time: float) -> str:
    """Return *time*, in seconds since the epoch, as texts of errors show it: ``2026-10-08T23:16:33Z``."""
    last = min(max(time, 0.0), _END_OF_TIME - 1.0)
    return datetime.fromtimestamp(last, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Clock(Protocol):
    def now(self) -> float:
        """Return seconds since the epoch."""


class SystemClock:
    """The machine's clock; what replaces ``time.time`` in a test moves it too."""

    def now(self) -> float:
        """Return seconds since the epoch, at least 0."""
        now = time.time()
        return now if now >= 0.0 else 0.0


class MovableClock:
    """A clock that follows *base* until a test moves, freezes or speeds it up. Times are epoch seconds."""

    __slots__ = ("_at", "_base", "_since", "follows", "rate")

    def __init__(self, base: Clock | None = None) -> None:
        self._base = base or SystemClock()
        self.reset()

    def now(self) -> float:
        """Return seconds since the epoch."""
        if self.follows:
            return self._base.now()
        now = self._at + (self._base.now() - self._since) * self.rate
        return min(max(now, 0.0), _END_OF_TIME - 1.0)

    def reset(self) -> None:
        """Follow the base clock again."""
        self.follows = True
        """Whether the time is that of the base clock."""
        self._at = self._since = 0.0
        self.rate = 1.0
        """Seconds that pass while one passes on the base clock; 0 while time stands still."""

    def set(self, at: float, rate: float | None = None) -> None:
        """Let it be *at* now, and time go on at *rate*; None leaves the rate as it is.

        Raises: ValueError for a negative rate or time, or one after the year 9999.
        """
        if not 0 <= at < _END_OF_TIME:
            raise ValueError("Time is between 1970 and 9999.")
        if rate is not None and rate < 0:
            raise ValueError("Time does not run backwards.")
        if rate is not None and not math.isfinite(rate):
            raise ValueError("A rate is a number of seconds a second.")
        self.follows = False
        self._at, self._since = at, self._base.now()
        self.rate = self.rate if rate is None else rate

    def speed(self, rate: float) -> None:
        """Let *rate* seconds pass from now on while one passes on the base clock. Raises: ValueError."""
        self.set(self.now(), rate)

    def advance(self, seconds: float) -> None:
        """Let it be *seconds* later now."""
        self.set(self.now() + seconds)

    def freeze(self, at: float | None = None) -> None:
        """Let time stand still, at *at* or now."""
        self.set(self.now() if at is None else at, 0.0)

    def to_dict(self) -> dict[str, Any]:
        """Return the time and how it goes on: ``{"now": 1.5, "time": "1970-…", "rate": 1.0, …}``."""
        now = self.now()
        text = datetime.fromtimestamp(now, timezone.utc).isoformat().replace("+00:00", "Z")
        return {"now": now, "time": text, "rate": self.rate, "follows": self.follows}

    def apply(self, change: Any) -> None:
        """Do what the JSON object *change* asks for, its members in the order of this list.

        ``{"reset": true}`` follows the base clock, ``{"set": time}`` and ``{"advance": seconds}`` move it,
        ``{"freeze": true}`` or ``{"freeze": time}`` stops it, ``{"rate": number}`` lets it go on. A time is
        epoch seconds or ISO 8601 text. Raises: ValueError with one sentence.
        """
        known = ("reset", "set", "advance", "freeze", "rate")
        if not isinstance(change, dict) or not change or any(name not in known for name in change):
            raise ValueError(f"A change of the clock is an object with some of {', '.join(known)}.")
        moved = MovableClock(self._base)
        moved.follows, moved._at, moved._since, moved.rate = self.follows, self._at, self._since, self.rate
        if _flag(change, "reset"):
            moved.reset()
        if "set" in change:
            moved.set(_time(change["set"], "set"))
        if "advance" in change:
            moved.advance(_number(change["advance"], "advance"))
        if "freeze" in change and change["freeze"] is not False:
            at = change["freeze"]
            moved.freeze(None if at is True else _time(at, "freeze"))
        if "rate" in change:
            moved.speed(_number(change["rate"], "rate"))
        self.follows, self._at, self._since, self.rate = moved.follows, moved._at, moved._since, moved.rate


def _flag(change: dict[str, Any], name: str) -> bool:
    value = change.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"The member {name} of a change of the clock is true or false.")
    return value


def _number(value: Any, name: str) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(f"The member {name} of a change of the clock is a number.")
    return float(value)


def _time(value: Any, name: str) -> float:
    if isinstance(value, str):
        try:
            # NOTE: Python 3.10 does not read the Z.
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            raise ValueError(f"The member {name} of a change of the clock is no time: {value}.") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    return _number(value, name)
