"""Document paths, such as ``a.b[0].c``: read a value, and project an item on a set of paths.

A part of a path is a str, which looks into a map, or an int, which looks into a list.
"""

from collections.abc import Iterable
from typing import Any

from orjson import dumps

from dynemu._core import scanning
from dynemu._core.fields import Fields

JSON = dict[str, Any]
"""An item or an attribute value."""
Part = str | int


class Path:
    """A path resolved to real names: the top-level attribute, and the parts below it (None for none)."""

    def __init__(self, name: str, rest: Iterable[Part] = ()) -> None:
        self.name = name
        self.rest: tuple[Part, ...] | None = tuple(rest) or None

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts, the top-level attribute first."""
        return (self.name, *(self.rest or ()))

    def get(self, item: JSON) -> JSON | None:
        """Return the value at this path of *item*, or None."""
        value: JSON | None = item.get(self.name)
        if value is None or self.rest is None:
            return value
        return _find(value, self.rest)

    def __repr__(self) -> str:
        """Show the path as AWS's messages do: ``[m, [0], a]``."""
        return "[" + ", ".join([part if type(part) is str else f"[{part}]" for part in self.parts]) + "]"


def _find(value: JSON, rest: tuple[Part, ...]) -> JSON | None:
    """Return what the parts *rest* lead to below *value*, or None."""
    found: JSON | None = value
    for part in rest:
        if found is None:
            return None
        if isinstance(part, str):
            children = found.get("M")
            found = None if children is None else children.get(part)
        else:
            elements = found.get("L")
            found = None if elements is None or part >= len(elements) else elements[part]
    return found


class Branch:
    """What the paths that pass through one place want of it: all of it, some members or some elements.

    Paths overlap when one is the other or a part of it; they conflict when one takes for a map what another
    takes for a list.
    """

    def __init__(self) -> None:
        self.children: dict[Part, Branch] = {}
        self.path: Path | None = None
        self.is_list = False

    def add(self, parts: tuple[Part, ...], depth: int, path: Path) -> tuple[Path, str] | None:
        """Add *path*, of which ``parts[depth:]`` lie below here.

        Returns: the path that it clashes with and ``"overlap"`` or ``"conflict"``; or None.
        """
        if self.path is not None:
            return self.path, "overlap"
        if depth == len(parts):
            if self.children:
                return self.first(), "overlap"
            self.path = path
            return None
        part = parts[depth]
        is_list = isinstance(part, int)
        if self.children and is_list != self.is_list:
            return self.first(), "conflict"
        self.is_list = is_list
        child = self.children.get(part)
        if child is None:
            child = self.children[part] = Branch()
        return child.add(parts, depth + 1, path)

    def first(self) -> Path:
        """Return the path below here that was added first."""
        branch = self
        while branch.path is None:
            for child in branch.children.values():
                branch = child
                break
        return branch.path

    def freeze(self) -> "Piece | None":
        """Return this place of a projection as a Piece; None stands for all of the value."""
        if self.path is not None:
            return None
        keys = sorted(self.children, key=int) if self.is_list else list(self.children)
        return Piece(self.is_list, tuple([(key, self.children[key].freeze()) for key in keys]))


class Piece:
    """What a projection keeps of a map or list; ``children`` are pairs of a key and a Piece or None."""

    def __init__(self, is_list: bool, children: "tuple[tuple[Any, Piece | None], ...]") -> None:
        self.is_list = is_list
        self.children = children
        self.names = [dumps(key) for key, _ in children]
        """The keys as JSON."""

    def apply(self, value: JSON) -> JSON | None:
        """Return what is kept of *value*, or None for nothing."""
        if self.is_list:
            return self.apply_list(value.get("L"))
        return self.apply_map(value.get("M"))

    def apply_map(self, members: JSON | None) -> JSON | None:
        if members is None:
            return None
        kept: JSON = {}
        for name, piece in self.children:
            value: JSON | None = members.get(name)
            if value is not None and piece is not None:
                value = piece.apply(value)
            if value is not None:
                kept[name] = value
        return {"M": kept} if kept else None

    def apply_list(self, elements: list[JSON] | None) -> JSON | None:
        if elements is None:
            return None
        kept: list[JSON] = []
        count = len(elements)
        for index, piece in self.children:
            if index >= count:
                break
            value: JSON | None = elements[index]
            if value is not None and piece is not None:
                value = piece.apply(value)
            if value is not None:
                kept.append(value)
        return {"L": kept} if kept else None

    def write(self, row: bytes, start: int, out: bytearray, at: int) -> int:
        """Write to *out* at *at*, as JSON, what is kept of the value at *start* in *row*.

        Returns: where that ends; *at* for nothing.
        """
        if not scanning.is_tagged(row, start, "L" if self.is_list else "M"):
            return at
        inside = scanning.put_all(out, at, b'{"L":[' if self.is_list else b'{"M":{')
        if self.is_list:
            end = self.write_list(row, start + 5, out, inside)
        else:
            end = self.write_map(row, start + 5, out, inside)
        return at if end == inside else scanning.put_all(out, end, b"]}" if self.is_list else b"}}")

    def write_map(self, row: bytes, start: int, out: bytearray, at: int) -> int:
        first = at
        for place in range(len(self.names)):
            found = scanning.find_member(row, start, self.names[place])
            if found:
                end = scanning.value_end(row, found)
                piece = _piece(self.children[place])
                at = _write_member(self.names[place], piece, row, found, end, out, at, at > first)
        return at

    def write_list(self, row: bytes, start: int, out: bytearray, at: int) -> int:
        first = at
        count = 0
        start = scanning.first_element(row, start)
        for child in self.children:
            while start and count < _index(child):
                start = scanning.next_element(row, start)
                count += 1
            if not start:
                break
            end = scanning.value_end(row, start)
            at = _write_member(b"", _piece(child), row, start, end, out, at, at > first)
        return at


def _piece(child: tuple[Any, Piece | None]) -> Piece | None:
    """Return the second of a pair; gives the compiled loop over a tuple its C type."""
    return child[1]


def _index(child: tuple[Any, Piece | None]) -> int:
    """Return the first of a pair, an index."""
    index: int = child[0]
    return index


def _write_member(
    name: bytes, piece: Piece | None, row: bytes, start: int, end: int, out: bytearray, at: int, follows: bool
) -> int:
    """Write to *out* at *at* what *piece* keeps of ``row[start:end]``, a value, and before that its *name*.

    The name is JSON, or empty for an element of a list; before all that comes a comma if it *follows* others.
    Returns: where that ends; *at* when nothing is kept.
    """
    inside = at
    if follows:
        inside = scanning.put_all(out, inside, b",")
    if name:
        inside = scanning.put_all(out, scanning.put_all(out, inside, name), b":")
    if piece is None:
        return scanning.put(out, inside, row, start, end)
    end = piece.write(row, start, out, inside)
    return at if end == inside else end


class Projection:
    """A set of paths, none part of another, to pick out of items. ``attributes`` are the top-level names."""

    def __init__(self, paths: Iterable[Path]) -> None:
        root = Branch()
        for path in paths:
            root.add(path.parts, 0, path)
        self.children: tuple[tuple[Any, Piece | None], ...] = tuple(
            [(name, branch.freeze()) for name, branch in root.children.items()]
        )
        self.attributes: frozenset[Any] = frozenset(root.children)
        self.names = [dumps(name) for name in root.children]
        """The top-level names as JSON."""

    def apply(self, item: JSON) -> JSON:
        """Return the part of *item* on the paths; list elements come back compacted, in the list's order."""
        kept: JSON = {}
        for name, piece in self.children:
            value = item.get(name)
            if value is not None and piece is not None:
                value = piece.apply(value)
            if value is not None:
                kept[name] = value
        return kept

    def write(self, fields: Fields, out: bytearray, at: int) -> int:
        """Write to *out* at *at*, as JSON, the same part of the row of *fields*.

        The fields have all ``attributes``. Returns: where it ends, which takes no more room than the item.
        """
        at = first = scanning.put_all(out, at, b"{")
        for place in range(len(self.children)):
            name, piece = self.children[place]
            found = fields.place(name)
            if found >= 0:
                start, end = fields.start(found), fields.end(found)
                at = _write_member(self.names[place], piece, fields.row, start, end, out, at, at > first)
        return scanning.put_all(out, at, b"}")
