"""Updates: SET, REMOVE, ADD and DELETE actions applied to an item.

Everything is read from the item as it was; the new item shares with the old one what no action touches.
Indexes of list elements mean the old list: elements are replaced where they stand, removed ones are closed
up, then what was set past the end is appended in the order of its indexes.
"""

from collections.abc import Iterable
from typing import Any

from orjson import dumps

from dynemu._core import numbers, splicing
from dynemu._core.codec import HEADER_SIZE, row_size
from dynemu._core.conditions import Operand, PathOperand
from dynemu._core.fields import Fields
from dynemu._core.paths import JSON, Part, Path, Projection
from dynemu._core.values import size_of, size_of_text, sort_binaries, sort_numbers
from dynemu.errors import validation

MISSING_ATTRIBUTE = "The provided expression refers to an attribute that does not exist in the item"
WRONG_TYPE = "An operand in the update expression has an incorrect data type"
BAD_PATH = "The document path provided in the update expression is invalid for update"
_ADDABLE = frozenset(("N", "SS", "NS", "BS", "L"))
_DELETABLE = frozenset(("SS", "NS", "BS"))
_BODY = HEADER_SIZE

_REMOVED: JSON = {}
"""Stands in a copied list for an element that is to go."""


def _require(operand: Operand, item: JSON, values: JSON) -> JSON:
    """Return the operand's value. Raises ValidationException when there is none."""
    value = operand.read(item, values)
    if value is None:
        raise validation(MISSING_ATTRIBUTE)
    return value


class Arithmetic(Operand):
    """``left + right``, or ``left - right`` when *subtracts*."""

    def __init__(self, subtracts: bool, left: Operand, right: Operand) -> None:
        super().__init__(left, right)
        self.subtracts = subtracts
        self.left = left
        self.right = right

    def read(self, item: JSON, values: JSON) -> JSON | None:
        left = _require(self.left, item, values)
        right = _require(self.right, item, values)
        a = left.get("N")
        b = right.get("N")
        if a is None or b is None:
            raise validation(WRONG_TYPE)
        return {"N": _sum(a, b, self.subtracts)}


def _sum(a: str, b: str, subtracts: bool) -> str:
    """Return the sum or difference of two canonical numbers. Raises: ValidationException out of range."""
    total = splicing.short_sum(a, b, subtracts)
    if total is None:
        total = numbers.subtract(a, b) if subtracts else numbers.add(a, b)
    return total


class ListAppend(Operand):
    """``list_append(first, second)``."""

    def __init__(self, first: Operand, second: Operand) -> None:
        super().__init__(first, second)
        self.first = first
        self.second = second

    def read(self, item: JSON, values: JSON) -> JSON | None:
        first = _require(self.first, item, values)
        second = _require(self.second, item, values)
        a = first.get("L")
        b = second.get("L")
        if a is None or b is None:
            raise validation(WRONG_TYPE)
        return {"L": a + b}


class IfNotExists(Operand):
    """``if_not_exists(path, default)``."""

    def __init__(self, operand: Operand, default: Operand) -> None:
        super().__init__(operand, default)
        self.operand = operand
        self.default = default

    def read(self, item: JSON, values: JSON) -> JSON | None:
        value = self.operand.read(item, values)
        if value is None:
            return self.default.read(item, values)
        return value


class Addition(Operand):
    """What ADD makes of *operand*, which may be missing: a sum, a set with more members, or a longer list.

    Expressions cannot ADD lists, AttributeUpdates can. *mismatch* is the message for types that do not match.
    """

    def __init__(self, operand: Operand, added: Operand, mismatch: str) -> None:
        super().__init__(operand, added)
        self.operand = operand
        self.added = added
        self.mismatch = mismatch

    def read(self, item: JSON, values: JSON) -> JSON | None:
        old = self.operand.read(item, values)
        added = _require(self.added, item, values)
        for tag, payload in added.items():
            if tag not in _ADDABLE:
                raise validation(self.mismatch)
            if old is None:
                return added
            current = old.get(tag)
            if current is None:
                raise validation(self.mismatch)
            if tag == "N":
                return {"N": _sum(current, payload, False)}
            if tag == "L":
                return {"L": current + payload}
            return _merge(tag, current, payload)
        raise validation(self.mismatch)


def _merge(tag: str, current: list[str], added: list[str]) -> JSON:
    """Return the union of two canonical sets of type *tag*."""
    known = set(current)
    more = [member for member in added if member not in known]
    if not more:
        return {tag: current}
    union = current + more
    if tag == "NS":
        sort_numbers(union)
    elif tag == "BS":
        sort_binaries(union)
    else:
        union.sort()
    return {tag: union}


class Deletion(Operand):
    """What DELETE leaves of *operand*; None when that is missing or nothing is left."""

    def __init__(self, operand: Operand, deleted: Operand, mismatch: str) -> None:
        super().__init__(operand, deleted)
        self.operand = operand
        self.deleted = deleted
        self.mismatch = mismatch

    def read(self, item: JSON, values: JSON) -> JSON | None:
        old = self.operand.read(item, values)
        deleted = _require(self.deleted, item, values)
        for tag, payload in deleted.items():
            if tag not in _DELETABLE:
                raise validation(self.mismatch)
            if old is None:
                return None
            current = old.get(tag)
            if current is None:
                raise validation(self.mismatch)
            gone = set(payload)
            left = [member for member in current if member not in gone]
            return {tag: left} if left else None
        raise validation(self.mismatch)


class Action:
    """Writes the value of *operand* at *path*; no operand, or one without a value, removes what is there."""

    def __init__(self, path: Path, operand: Operand | None, required: bool) -> None:
        self.path = path
        self.operand = operand
        self.required = required


def set_path(path: Path, operand: Operand) -> Action:
    """Return the action ``SET path = operand``."""
    return Action(path, operand, True)


def remove_path(path: Path) -> Action:
    """Return the action ``REMOVE path``."""
    return Action(path, None, False)


def add_to_path(path: Path, added: Operand, mismatch: str = WRONG_TYPE) -> Action:
    """Return the action ``ADD path added``; *mismatch* is the message for types that do not match."""
    return Action(path, Addition(PathOperand(path), added, mismatch), True)


def delete_from_path(path: Path, deleted: Operand, mismatch: str = WRONG_TYPE) -> Action:
    """Return the action ``DELETE path deleted``; *mismatch* is the message for types that do not match."""
    return Action(path, Deletion(PathOperand(path), deleted, mismatch), False)


class Update:
    """Actions on paths of which none is part of another.

    ``attributes`` are the top-level names that it writes, ``paths`` the projection on what it writes,
    ``reads`` the names whose values it needs, ``touched`` all of these names; ``creates`` tells whether a
    missing item comes into being (no action at all does create it).
    """

    def __init__(self, actions: Iterable[Action]) -> None:
        self.actions = tuple(actions)
        self.order = _evaluation_order(self.actions)
        written = [action.path for action in self.actions]
        self.attributes = frozenset([path.name for path in written])
        self.names = tuple(dict.fromkeys([path.name for path in written]))
        """The names that it writes, in the order in which new ones are added to an item."""
        self.reads = _read_names(self.actions)
        self.touched = self.attributes | self.reads
        self.paths = Projection(written)
        self.creates = not self.actions or any([action.required for action in self.actions])

    def splice(self, fields: Fields, values: JSON) -> tuple[bytes, JSON]:
        """Return the row of *fields*, which have all names ``touched``, as the actions leave it.

        With it comes a part of the new item that has all attributes that were written.
        Raises: ValidationException as ``apply`` does.
        """
        new = self.apply(fields.item(self.reads), values)
        return _splice(fields, self.names, new), new

    def apply(self, item: JSON, values: JSON) -> JSON:
        """Return *item*, which may lack attributes that are not in ``reads``, as the actions leave it.

        Raises: ValidationException for what an action needs and does not find.
        """
        results: list[JSON | None] = [None] * len(self.actions)
        for index in self.order:
            results[index] = _evaluate(self.actions[index], item, values)
        new = item.copy()
        work: _Work | None = None
        for index in range(len(results)):
            path = _written_path(self.actions[index])
            value = results[index]
            if path.rest is not None:
                if work is None:
                    work = _Work()
                work.write(new, path, value)
            elif value is None:
                new.pop(path.name, None)
            else:
                new[path.name] = value
        if work is not None:
            work.finish()
        return new


def _splice(fields: Fields, names: tuple[str, ...], new: JSON) -> bytes:
    """Return the row of *fields* with the attributes *names* as they are, or are not, in *new*.

    Attributes keep their places, those that the row did not have come behind it, in the order of *names*.
    """
    row = fields.row
    size = row_size(row)
    cuts: list[tuple[int, int, bytes]] = []
    added = b""
    for name in names:
        value = new.get(name)
        place = fields.place(name)
        if place < 0:
            if value is not None:
                added = added + b"," + fields.text(name) + b":" + dumps(value)
                size += size_of_text(name) + size_of(value)
            continue
        start, end = fields.start(place), fields.end(place)
        size -= splicing.value_size(row, start, end)
        if value is None:
            size -= size_of_text(name)
            # From the comma before the name, or the bracket before the first one, to before the next comma.
            cuts.append((start - 2 - len(fields.text(name)), end, b""))
        else:
            size += size_of(value)
            cuts.append((start, end, dumps(value)))
    if len(cuts) > 1:
        cuts.sort()
    if added:
        # There is no comma before the first attribute of an item.
        cuts.append((len(row) - 1, len(row) - 1, added[1:] if len(row) == _BODY + 2 else added))
    if cuts and cuts[0][0] == _BODY:
        cuts = _keep_bracket(row, cuts)
    return splicing.splice(row, size, cuts)


def _keep_bracket(row: bytes, cuts: list[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    """Return *cuts*, of which the first takes the first attributes, without the bracket before these."""
    end = cuts[0][1]
    rest = 1
    while rest < len(cuts) and cuts[rest][0] == end and not cuts[rest][2]:
        end = cuts[rest][1]
        rest += 1
    # What follows begins with a comma, which goes: another attribute, or those added to an empty item.
    following = cuts[rest:]
    if row[end : end + 1] == b",":
        end += 1
    elif following:
        following = [(end, end, following[0][2][1:])]
    return [(_BODY + 1, end, b""), *following]


def _read_names(actions: tuple[Action, ...]) -> frozenset[str]:
    """Return the top-level names whose values *actions* need: those they read, and those they write into."""
    names: set[str] = set()
    for action in actions:
        if action.operand is not None:
            names.update(action.operand.attributes)
        if action.path.rest is not None:
            names.add(action.path.name)
    return frozenset(names)


def _written_path(action: Action) -> Path:
    """Return ``action.path``; gives the compiled loop over a tuple the action's C type."""
    return action.path


def _evaluation_order(actions: tuple[Action, ...]) -> tuple[int, ...]:
    """Return the indexes of *actions* in the order in which they are evaluated: ADD and DELETE before SET.

    It decides which of several errors is reported. Source: comparison with two other emulators.
    """
    first: list[int] = []
    later: list[int] = []
    for index, action in enumerate(actions):
        if isinstance(action.operand, Addition | Deletion):
            first.append(index)
        elif action.operand is not None:
            later.append(index)
    return (*first, *later)


def _evaluate(action: Action, item: JSON, values: JSON) -> JSON | None:
    """Return the value that *action* writes, or None when it removes."""
    if action.operand is None:
        return None
    value = action.operand.read(item, values)
    if value is None and action.required:
        raise validation(MISSING_ATTRIBUTE)
    return value


class _Work:
    """Writes below the top level of one new item: what it copied, and what is left to do to its lists."""

    def __init__(self) -> None:
        self.copies: dict[int, Any] = {}
        self.appended: list[tuple[int, list[JSON], JSON]] = []
        self.thinned: list[list[JSON]] = []

    def write(self, new: JSON, path: Path, value: JSON | None) -> None:
        """Write *value* (None: remove) at *path* of *new*, copying maps and lists on the way once."""
        holder: Any = new
        key: Part = path.name
        for part in path.rest or ():
            child = _take(holder, key)
            wrapper = None if child is None else self.own(child, "M" if isinstance(part, str) else "L")
            if wrapper is None:
                raise validation(BAD_PATH)
            holder[key] = wrapper
            for inner in wrapper.values():
                holder = inner
            key = part
        if isinstance(key, str):
            if value is None:
                holder.pop(key, None)
            else:
                holder[key] = value
        elif key < len(holder):
            if value is None:
                self.thinned.append(holder)
                value = _REMOVED
            holder[key] = value
        elif value is not None:
            self.appended.append((key, holder, value))

    def own(self, value: JSON, tag: str) -> JSON | None:
        """Return a copy of the map or list *value* that may be changed; None if its type is not *tag*."""
        payload = value.get(tag)
        if payload is None:
            return None
        if id(payload) in self.copies:
            return value
        payload = payload.copy()
        self.copies[id(payload)] = payload
        return {tag: payload}

    def finish(self) -> None:
        """Close up lists with removed elements, then append what was set past the end."""
        for elements in self.thinned:
            elements[:] = [element for element in elements if element is not _REMOVED]
        self.appended.sort(key=_index_of)
        for _, elements, value in self.appended:
            elements.append(value)


def _index_of(entry: tuple[int, list[JSON], JSON]) -> int:
    return entry[0]


def _take(holder: Any, key: Part) -> JSON | None:
    """Return the value under *key* of a map's or list's payload, or None."""
    child: JSON | None = None
    if isinstance(key, str):
        child = holder.get(key)
    elif key < len(holder):
        child = holder[key]
    return child
