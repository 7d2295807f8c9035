"""dynemu._core.paths against a loop over the parts."""

from typing import Any

from benchmarks.micro.items import document, order
from benchmarks.micro.timing import Cases
from dynemu._core.paths import Path, Projection


def plain_get(item: dict[str, Any], *parts: str | int) -> Any:
    value: Any = {"M": item}
    for part in parts:
        found = value.get("L" if isinstance(part, int) else "M")
        if found is None:
            return None
        value = found.get(part) if isinstance(part, str) else found[part] if part < len(found) else None
        if value is None:
            return None
    return value


def cases() -> Cases:
    """Return the calls to compare."""
    item = {**order(), "doc": document()}
    top, deep = Path("status"), Path("doc", ("lines", 1, "sku"))
    projection = Projection([Path("pk"), Path("sk"), Path("price")])
    names = ("pk", "sk", "price")
    return {
        "get a": (lambda: top.get(item), lambda: plain_get(item, "status")),
        "get a.b[1].c": (lambda: deep.get(item), lambda: plain_get(item, "doc", "lines", 1, "sku")),
        "project 3 of 9": (
            lambda: projection.apply(item),
            lambda: {name: item[name] for name in names if name in item},
        ),
    }
