"""Walking a tree: the children of a node, all nodes below it, and visitors that answer by its kind."""

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any, Generic, TypeVar

from partiql.ast import Node

T = TypeVar("T")

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


@cache
def _holders(kind: Any) -> tuple[str, ...]:
    """Return the fields of *kind* that may hold nodes, in the order of the text."""
    return tuple(each.name for each in fields(kind) if each.name != "position")


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes right below *node*, in the order of its fields."""
    kind: Any = type(node)
    for name in _holders(kind):
        yield from _nodes_in(getattr(node, name))


def _nodes_in(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for member in value:
            yield from _nodes_in(member)


def walk(node: Node) -> Iterator[Node]:
    """Yield *node* and all nodes below it, each before what is below it."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(list(children(found))))


def find_too_deep(node: Node, levels: int) -> Node | None:
    """Return the first node below *node* that is more than *levels* levels deep, or None."""
    waiting = [(node, 1)]
    while waiting:
        found, level = waiting.pop()
        if level > levels:
            return found
        waiting.extend((child, level + 1) for child in children(found))
    return None


class Visitor(Generic[T]):
    """Answers for a node by its kind: ``visit`` calls ``visit_select`` for a Select, and so on.

    A kind without such a method goes to ``visit_other``, which visits the children and returns None.
    """

    def visit(self, node: Node) -> T:
        """Return what the method for this kind of node returns."""
        method = getattr(self, _method_name(type(node).__name__), None)
        answer: T = self.visit_other(node) if method is None else method(node)
        return answer

    def visit_other(self, node: Node) -> Any:
        """Answer for a node whose kind has no method."""
        for child in children(node):
            self.visit(child)


@cache
def _method_name(kind: str) -> str:
    return "visit_" + _WORD_START.sub("_", kind).lower()
