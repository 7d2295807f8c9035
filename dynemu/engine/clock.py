"""Time, injected: everything that expires asks the database's clock."""

import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Return seconds since the epoch."""


class SystemClock:
    """The machine's clock; what replaces ``time.time`` in a test moves it too."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time()


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
        return self._at + (self._base.now() - self._since) * self.rate

    def reset(self) -> None:
        """Follow the base clock again."""
        self.follows = True
        """Whether the time is that of the base clock."""
        self._at = self._since = 0.0
        self.rate = 1.0
        """Seconds that pass while one passes on the base clock; 0 while time stands still."""

    def set(self, at: float, rate: float | None = None) -> None:
        """Let it be *at* now, and time go on at *rate*; None leaves the rate as it is.

        Raises: ValueError for a negative rate or time.
        """
        if at < 0 or (rate is not None and rate < 0):
            raise ValueError("time does not run backwards")
        self.follows = False
        self._at, self._since = at, self._base.now()
        self.rate = self.rate if rate is None else rate

    def advance(self, seconds: float) -> None:
        """Let it be *seconds* later now."""
        self.set(self.now() + seconds)

    def freeze(self, at: float | None = None) -> None:
        """Let time stand still, at *at* or now."""
        self.set(self.now() if at is None else at, 0.0)
