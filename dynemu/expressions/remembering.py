"""What is made of texts is made once: bounded by number, and by what the texts come to.

PERF: a hit costs what ``functools.lru_cache`` does.
"""

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

CHARACTERS = 300_000
"""In all texts that are remembered; a tree takes some 60 bytes for each of its own."""

T = TypeVar("T")


def remembered(entries: int) -> "Callable[[Callable[..., T]], _lru_cache_wrapper[T]]":
    """Remember the results of the last *entries* calls; arguments are texts, tuples of such, or None."""

    def decorate(make: Callable[..., T]) -> "_lru_cache_wrapper[T]":
        spent = 0

        def call(*arguments: Any) -> T:
            nonlocal spent
            size = _size(arguments)
            spent += size
            if spent > CHARACTERS:
                spent = size
                kept.cache_clear()
            return make(*arguments)

        kept = lru_cache(entries)(call)
        update_wrapper(kept, make)
        return kept

    return decorate


def _size(argument: Any) -> int:
    if isinstance(argument, str):
        return len(argument)
    return sum(map(_size, argument)) if isinstance(argument, tuple) else 0
