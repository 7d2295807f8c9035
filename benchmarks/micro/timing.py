"""How long one call takes."""

import timeit
from collections.abc import Callable

Call = Callable[[], object]
Cases = dict[str, tuple[Call, Call]]
"""By name: a call of the module, and the same done in straightforward Python."""

ROUNDS = 7
SECONDS = 0.02
"""Least time of one round."""


def nanoseconds(call: Call) -> float:
    """Return what *call* takes in the fastest of some rounds: the others were disturbed."""
    timer = timeit.Timer(call)
    count = 1
    while (elapsed := timer.timeit(count)) < SECONDS:
        count = max(count * 2, round(count * SECONDS / max(elapsed, 1e-9)))
    return min([elapsed, *timer.repeat(ROUNDS - 1, count)]) / count * 1e9
