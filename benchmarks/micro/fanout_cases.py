"""dynemu._core.fanout against a dict comprehension that picks the projected attributes."""

from benchmarks.micro.items import order
from benchmarks.micro.timing import Cases
from dynemu._core import fanout


def cases() -> Cases:
    """Return the calls to compare."""
    item = order()
    wanted = frozenset(list(item)[:3])
    return {
        "project 3 attributes": (
            lambda: fanout.project(item, wanted),
            lambda: {name: item[name] for name in item if name in wanted},
        ),
        "entry_units": (
            lambda: fanout.entry_units(b"a", 700, b"b", 1500),
            lambda: -(-700 // 1024) + -(-1500 // 1024),
        ),
    }
