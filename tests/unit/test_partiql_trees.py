"""Trees back to text, and walks over them."""

from copy import deepcopy
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given

from partiql import Visitor, ast, children, parse, render, walk
from tests.unit.partiql_trees import STATEMENTS


def numbered(value: Any, counter: list[int]) -> Any:
    """Return *value* with its parameters counted in the order of the text, as the parser does it."""
    if isinstance(value, tuple):
        return tuple(numbered(member, counter) for member in value)
    if isinstance(value, ast.Parameter):
        counter.append(1)
        return ast.Parameter(len(counter) - 1)
    if not isinstance(value, ast.Node):
        return value
    # A join stands before the conditions and the order, though it is the last field.
    names = [name for name in type(value).__slots__ if name != "position"]
    names.sort(key=lambda name: name in ("where", "order"))
    return replace(value, **{name: numbered(getattr(value, name), counter) for name in names})


@given(STATEMENTS)
def test_what_is_printed_parses_to_the_same_tree(statement: ast.Statement) -> None:
    statement = numbered(statement, [])
    text = render(statement)
    tree = parse(text)
    assert tree == statement
    assert render(tree) == text


@pytest.mark.parametrize(
    "text",
    [
        'SELECT a, "b c"[0].d FROM "t"."i" WHERE (a = 1 OR NOT b IS NULL) AND c IN [1] ORDER BY a DESC',
        "INSERT INTO \"t\" VALUE {'a': [1, -2], 'b': <<'it''s'>>, 'c': NULL}",
        'UPDATE "t" SET a = b - 1 REMOVE c[1] WHERE a = ? AND b BETWEEN 1 AND 2 RETURNING ALL NEW *',
        'DELETE FROM "t" WHERE a <> TRUE RETURNING ALL OLD *',
        'EXISTS(SELECT * FROM "t" WHERE size(a) >= 1)',
    ],
)
def test_printed_as_it_was_written(text: str) -> None:
    assert render(parse(text)) == text


def test_a_part_of_a_statement_has_its_own_text() -> None:
    statement = parse("DELETE FROM t WHERE a=1 AND b=2")
    assert isinstance(statement, ast.Delete)
    assert statement.where is not None
    assert render(statement.where) == "a = 1 AND b = 2"


def test_children_are_in_the_order_of_the_text() -> None:
    statement = parse("SELECT a FROM t WHERE b = {'k': c} ORDER BY d")
    assert [type(child).__name__ for child in children(statement)] == [
        "Path",
        "Source",
        "Comparison",
        "Ordering",
    ]
    keys = [node.key for node in walk(statement) if isinstance(node, ast.Step)]
    assert keys == ["a", "b", "c", "d"]


class Strings(Visitor[None]):
    """Collects strings, and stays out of lists."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_string(self, node: ast.String) -> None:
        self.found.append(node.text)

    def visit_list(self, node: ast.List) -> None:
        pass


def test_a_visitor_answers_by_kind_and_goes_through_all_else() -> None:
    strings = Strings()
    strings.visit(parse("INSERT INTO t VALUE {'a': 'b', 'c': ['d'], 'e': <<'f'>>}"))
    assert strings.found == ["a", "b", "c", "e", "f"]


def test_nodes_are_equal_by_kind_and_value() -> None:
    one, same, other = ast.Number("1"), ast.Number("1", position=3), ast.Number("2")
    assert (one == same, hash(one) == hash(same), one == other, one == ast.String("1")) == (
        True,
        True,
        False,
        False,
    )
    assert len({ast.Negation(one), ast.Negation(same), ast.Negation(other), ast.Not(one)}) == 3


def test_nodes_show_their_fields() -> None:
    assert repr(ast.Step("a", position=7)) == "Step(position=7, key='a', quoted=False)"


def test_nodes_stay_as_they_are() -> None:
    node: Any = ast.Number("1")
    with pytest.raises(FrozenInstanceError):
        node.text = "2"
    assert deepcopy(node) == node
