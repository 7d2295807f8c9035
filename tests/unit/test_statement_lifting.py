"""Literals taken out of a statement leave the same statement with parameters in their place."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from dynemu.engine.statements.lifting import Slots, lift
from partiql import ParseError, ast, parse, render
from tests.unit.partiql_trees import STATEMENTS


@pytest.mark.parametrize(
    ("text", "lifted", "slots"),
    [
        ("a = 'x' AND b = 1.5", "a = ? AND b = ?", ({"S": "x"}, {"N": "1.5"})),
        ("a = ? AND b = 'it''s' AND c = ?", "a = ? AND b = ? AND c = ?", (None, {"S": "it's"}, None)),
        ("{'k': 'v', 'n' : 1}", "{'k': ?, 'n' : ?}", ({"S": "v"}, {"N": "1"})),
        ("a[0].b1 = [1, 2]", "a[0].b1 = [1, ?]", ({"N": "2"},)),
        ("a[ /* c */ 0 ] = 'x'", "a[ /* c */ 0 ] = ?", ({"S": "x"},)),
        ("a = -1 AND b = c - 2 AND d = 'x'", "a = -1 AND b = c - 2 AND d = ?", ({"S": "x"},)),
        ("\"a 'b' ?\" = 'x' -- 'y' ?\n/* 'z' */", "\"a 'b' ?\" = ? -- 'y' ?\n/* 'z' */", ({"S": "x"},)),
        ("a BETWEEN 1 AND 2e5", "a BETWEEN ? AND ?", ({"N": "1"}, {"N": "2e5"})),
    ],
)
def test_lifted(text: str, lifted: str, slots: Slots) -> None:
    assert lift(text) == (lifted, slots)


@pytest.mark.parametrize(
    "text", ["SELECT * FROM t", "SELECT a[0] FROM t WHERE b = ?", "{'k': ?}", "n1", "-1"]
)
def test_nothing_to_lift(text: str) -> None:
    assert lift(text) is None


def restored(value: Any, slots: Slots, counter: list[int]) -> Any:
    """Return *value*, a part of a tree, with literals again for the parameters that *slots* fill."""
    if isinstance(value, tuple):
        return tuple(restored(member, slots, counter) for member in value)
    if isinstance(value, ast.Parameter):
        slot = slots[value.index]
        if slot is None:
            counter.append(1)
            return ast.Parameter(len(counter) - 1)
        return ast.String(slot["S"]) if "S" in slot else ast.Number(slot["N"])
    if not isinstance(value, ast.Node):
        return value
    names = [name for name in type(value).__slots__ if name != "position"]
    # A join stands before the conditions and the order, though it is the last field.
    names.sort(key=lambda name: name in ("where", "order"))
    return replace(value, **{name: restored(getattr(value, name), slots, counter) for name in names})


@given(STATEMENTS)
def test_a_lifted_statement_is_the_same_one(statement: ast.Statement) -> None:
    text = render(statement)
    lifted = lift(text)
    if lifted is not None:
        shared, slots = lifted
        assert restored(parse(shared), slots, []) == parse(text)


def test_what_is_no_statement_does_not_become_one() -> None:
    for text in ("SELECT 'a' 'b' FROM t", "SELECT * FROM t WHERE a IS 'x'", "SELECT * FROM t LIMIT 5"):
        lifted = lift(text)
        assert lifted is not None
        with pytest.raises(ParseError):
            parse(lifted[0])
