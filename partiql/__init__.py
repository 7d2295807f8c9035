"""PartiQL as DynamoDB speaks it, for anybody: text to tree, tree to text, and walks over the tree.

    >>> statement = parse("SELECT title FROM music WHERE artist = 'Nina' AND year > ?")
    >>> statement.source.table, statement.where.members[0].right.text
    ('music', 'Nina')
    >>> render(statement)
    'SELECT title FROM "music" WHERE artist = \\'Nina\\' AND year > ?'
    >>> [node.index for node in walk(statement) if isinstance(node, ast.Parameter)]
    [0]

The package knows the form of statements and nothing of their meaning: no tables, no types, no service. It
needs ``sly`` and the standard library. The nodes are in ``partiql.ast``; all of them are frozen, compare by
value and know their ``position`` in the text. A statement that DynamoDB would refuse for its meaning (an
alias, a join, ``COUNT(*)``, an expression without a statement around it) still becomes a tree, so that a
caller can tell it from what is no statement at all; that is a ParseError.

Whatever the text, ``parse`` returns or raises ParseError: a tree has at most ``LEVELS`` levels, so that
recursive functions over it are safe.
"""

from functools import lru_cache

from partiql import ast
from partiql.errors import ParseError
from partiql.rendering import render
from partiql.visiting import Visitor, children, find_too_deep, walk

LEVELS = 100
"""Nesting of nodes in a tree. Parentheses do not count."""
_KEPT = 512
_KEPT_CHARACTERS = 1024
"""PERF: longer statements are seldom repeated, and what is kept of them is a hundred times as large."""


def parse(statement: str) -> ast.Statement:
    """Return the tree of *statement*; the same one for the same text while it is remembered.

    Raises: ParseError.
    """
    return _remembered(statement) if len(statement) <= _KEPT_CHARACTERS else _parse(statement)


def _parse(statement: str) -> ast.Statement:
    # PERF: imported here because sly takes some 10 ms to read the grammar.
    from partiql import grammar  # noqa: PLC0415

    tree = grammar.parse(statement)
    deep = find_too_deep(tree, LEVELS)
    if deep is not None:
        found = statement[deep.position : deep.position + 1] or None
        raise ParseError(statement, deep.position, found, f"nesting of at most {LEVELS} levels")
    return tree


_remembered = lru_cache(_KEPT)(_parse)

__all__ = ["LEVELS", "ParseError", "Visitor", "ast", "children", "parse", "render", "walk"]
