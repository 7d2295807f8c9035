"""Statements become trees; what is none becomes a ParseError that says where and why."""

import subprocess
import sys

import pytest

from partiql import LEVELS, ParseError, ast, parse


def where(condition: str) -> ast.Expression:
    statement = parse(f"SELECT * FROM t WHERE {condition}")
    assert isinstance(statement, ast.Select)
    assert statement.where is not None
    return statement.where


def value(text: str) -> ast.Expression:
    statement = parse(f"INSERT INTO t VALUE {text}")
    assert isinstance(statement, ast.Insert)
    return statement.value


def path(*keys: str | int) -> ast.Path:
    return ast.Path(tuple(ast.Step(key) for key in keys))


A, B, C = path("a"), path("b"), path("c")
ONE, TWO = ast.Number("1"), ast.Number("2")


def test_a_select_with_all_its_parts() -> None:
    text = 'select n, m."a b"[0] from "t"."i" where a = 1 order by a desc, b ASC, c;'
    assert parse(text) == ast.Select(
        (path("n"), ast.Path((ast.Step("m"), ast.Step("a b", True), ast.Step(0)))),
        ast.Source("t", "i"),
        ast.Comparison("=", A, ONE),
        (ast.Ordering(A, True), ast.Ordering(B), ast.Ordering(C)),
    )


def test_an_insert() -> None:
    assert parse("INSERT INTO t VALUE {'a': ?, 'b': {'c': []}, 'd': ?}") == ast.Insert(
        ast.Source("t"),
        ast.Map(
            (
                (ast.String("a"), ast.Parameter(0)),
                (ast.String("b"), ast.Map(((ast.String("c"), ast.List(())),))),
                (ast.String("d"), ast.Parameter(1)),
            )
        ),
    )


def test_an_update_keeps_the_order_of_its_changes() -> None:
    text = "UPDATE t SET a = 1, b = a + 1 REMOVE c SET d = list_append(d, [1]) "
    text += "WHERE a = 1 RETURNING modified OLD *"
    assert parse(text) == ast.Update(
        ast.Source("t"),
        (
            ast.Assignment(A, ONE),
            ast.Assignment(B, ast.Arithmetic("+", A, ONE)),
            ast.Removal(C),
            ast.Assignment(path("d"), ast.Call("list_append", (path("d"), ast.List((ONE,))))),
        ),
        ast.Comparison("=", A, ONE),
        ast.Returning("MODIFIED", "OLD"),
    )


def test_a_delete() -> None:
    assert parse("DELETE FROM t WHERE a = ? RETURNING ALL OLD *") == ast.Delete(
        ast.Source("t"), ast.Comparison("=", A, ast.Parameter(0)), ast.Returning("ALL", "OLD")
    )


def test_exists_around_a_select() -> None:
    assert parse("EXISTS(SELECT * FROM t)") == ast.Exists(ast.Select((), ast.Source("t")))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("'it''s'", ast.String("it's")),
        ("''", ast.String("")),
        ("'-- no comment /* nor this */'", ast.String("-- no comment /* nor this */")),
        ("1", ONE),
        ("-1.50e3", ast.Number("-1.50e3")),
        ("- 1", ast.Number("-1")),
        (".5", ast.Number(".5")),
        ("5.", ast.Number("5.")),
        ("1E-130", ast.Number("1E-130")),
        ("TRUE", ast.Boolean(True)),
        ("false", ast.Boolean(False)),
        ("null", ast.Null()),
        ("Missing", ast.Missing()),
        ("?", ast.Parameter(0)),
        ("[1, [], [2]]", ast.List((ONE, ast.List(()), ast.List((TWO,))))),
        ("<<1, 2>>", ast.Bag((ONE, TWO))),
        ("<<<<1>>>>", ast.Bag((ast.Bag((ONE,)),))),
        ("{}", ast.Map(())),
        ("-(1)", ast.Negation(ONE)),
        ("--1\n2", TWO),
        ("a.b[10].c", path("a", "b", 10, "c")),
        ('"say ""hi"""', ast.Path((ast.Step('say "hi"', True),))),
    ],
)
def test_values(text: str, tree: ast.Expression) -> None:
    assert value(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a != 1", ast.Comparison("<>", A, ONE)),
        ("a BETWEEN 1 AND 2", ast.Between(A, ONE, TWO)),
        ("a NOT BETWEEN 1 AND 2", ast.Not(ast.Between(A, ONE, TWO))),
        ("a IN [1, 2]", ast.In(A, (ONE, TWO), "[")),
        ("a in (1)", ast.In(A, (ONE,), "(")),
        ("a NOT IN ()", None),
        ("a IS MISSING", ast.Is(A, "MISSING")),
        ("a is not null", ast.Is(A, "NULL", True)),
        ("NOT NOT a = 1", ast.Not(ast.Not(ast.Comparison("=", A, ONE)))),
        ("size(a) > 1", ast.Comparison(">", ast.Call("size", (A,)), ONE)),
        ("f()", ast.Call("f", ())),
        ("a - 1 - 2 = b", ast.Comparison("=", ast.Arithmetic("-", ast.Arithmetic("-", A, ONE), TWO), B)),
    ],
)
def test_conditions(text: str, tree: ast.Expression | None) -> None:
    if tree is None:
        with pytest.raises(ParseError):
            where(text)
    else:
        assert where(text) == tree


def test_and_binds_tighter_than_or_and_not_tighter_than_both() -> None:
    assert where("NOT a OR b AND c AND (a OR b OR c)") == ast.Or(
        (ast.Not(A), ast.And((B, C, ast.Or((A, B, C))))),
    )


def test_conditions_in_parentheses_are_not_merged_with_those_around_them() -> None:
    assert where("(a AND b) AND c") == ast.And((ast.And((A, B)), C))


def test_the_and_of_between_is_its_own() -> None:
    assert where("a BETWEEN 1 AND 2 AND b") == ast.And((ast.Between(A, ONE, TWO), B))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("BEGIN", ast.Bare(path("BEGIN"))),
        ("SELECT COUNT(*) FROM t", ast.Select((ast.Call("COUNT", (ast.Star(),)),), ast.Source("t"))),
        ("SELECT * FROM t AS x", ast.Select((), ast.Source("t", alias="x"))),
        ("SELECT * FROM t.i x", ast.Select((), ast.Source("t", "i", "x"))),
        (
            "SELECT * FROM t x JOIN t y ON a = b",
            ast.Select(
                (),
                ast.Source("t", alias="x"),
                joins=(ast.Join(ast.Source("t", alias="y"), ast.Comparison("=", A, B)),),
            ),
        ),
    ],
)
def test_what_dynamodb_refuses_is_still_a_tree(text: str, tree: ast.Statement) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    "word", ["size", "User", "date", "new", "OLD", "modified", "value", "count", "nothing"]
)
@pytest.mark.parametrize(
    "text",
    ["SELECT {} FROM t", "SELECT a.{} FROM t", "SELECT * FROM {}", "UPDATE t SET {} = 1", "DELETE FROM {}"],
)
def test_reserved_words_are_names_in_quotes_only(word: str, text: str) -> None:
    assert parse(text.format(f'"{word}"'))
    with pytest.raises(ParseError):
        parse(text.format(word))


@pytest.mark.parametrize("word", ["name", "status", "data", "type", "day", "Year", "offset", "window"])
def test_words_that_are_reserved_elsewhere_are_names(word: str) -> None:
    assert parse(f"SELECT {word} FROM t") == ast.Select((path(word),), ast.Source("t"))


def test_steps_of_a_path_may_be_strings() -> None:
    steps = tuple(
        ast.Step(key, quoted) for key, quoted in (("a", False), ("b c", True), ("d", True), (0, False))
    )
    assert parse("SELECT a['b c'][\"d\"][0] FROM t") == ast.Select((ast.Path(steps),), ast.Source("t"))


def test_nodes_know_where_they_start() -> None:
    statement = parse("  SELECT a\nFROM t WHERE foo(a) = 'x'")
    assert isinstance(statement, ast.Select)
    assert isinstance(statement.where, ast.Comparison)
    assert [
        node.position for node in (statement, statement.source, statement.where.left, statement.where.right)
    ] == [
        2,
        16,
        24,
        33,
    ]


@pytest.mark.parametrize(
    ("text", "position", "line", "column", "found", "expected"),
    [
        ("", 0, 1, 1, None, "a statement"),
        ("SELECT *", 8, 1, 9, None, "FROM"),
        ("SELECT *\nFORM t", 9, 2, 1, "FORM", "FROM"),
        ("SELECT a FROM t WHERE", 21, 1, 22, None, "an expression"),
        ("INSERT INTO t VALUES {}", 14, 1, 15, "VALUES", "VALUE"),
        ("DELETE t", 7, 1, 8, "t", "FROM"),
        ("UPDATE t SET a > 1", 15, 1, 16, ">", "'='"),
        ("SELECT * FROM t WHERE a[1.5] = 1", 24, 1, 25, "1.5", "a list index"),
        ("SELECT * FROM t WHERE a[99999999999] = 1", 24, 1, 25, "99999999999", "a list index"),
        ("SELECT * FROM t WHERE a = 'x''", 26, 1, 27, "'", "the closing quote of a string"),
        ('SELECT * FROM "t', 14, 1, 15, '"', "the closing quote of a name"),
        ("SELECT * FROM t WHERE a = %", 26, 1, 27, "%", "a word or an operator"),
        ("SELECT * FROM t WHERE a /* b", 24, 1, 25, "/", "an operator"),
        ("UPDATE t SET", 12, 1, 13, None, "a name"),
        ("DELETE FROM t RETURNING ALL x", 28, 1, 29, "x", "NEW or OLD"),
        ("DELETE FROM t RETURNING ALL NEW n", 32, 1, 33, "n", "'*'"),
    ],
)
def test_a_parse_error_says_where_and_what(
    text: str, position: int, line: int, column: int, found: str | None, expected: str
) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text)
    error = caught.value
    assert (error.position, error.line, error.column) == (position, line, column)
    assert (error.found, error.expected) == (found, expected)
    assert f"{line}:{column}" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT pk AS p FROM t",
        "SELECT n s FROM t",
        "SELECT * FROM t GROUP BY pk",
        "SELECT * FROM t LIMIT 1",
        "SELECT * FROM t, t",
        "SELECT * FROM t WHERE pk LIKE 'a%'",
        "SELECT * FROM t WHERE n BETWEEN 1",
        "CREATE TABLE x",
        "SELECT * FROM t; SELECT * FROM t",
        "SELECT * FROM t WHERE a = 1 = 2",
        "UPDATE t REMOVE a, b",
        'INSERT INTO t VALUE {"a": 1}',
        "`{{AAE=}}`",
    ],
)
def test_what_is_no_statement(text: str) -> None:
    with pytest.raises(ParseError):
        parse(text)


def test_comments_are_white_space() -> None:
    assert parse("SELECT/**/* -- all of it\nFROM /* * / ** */ t") == parse("SELECT * FROM t")


def test_nesting_up_to_the_limit_is_a_tree() -> None:
    depth = LEVELS - 2
    assert value("[" * depth + "]" * depth) != ast.List(())
    with pytest.raises(ParseError, match=f"nesting of at most {LEVELS} levels expected at 1:"):
        value("[" * (depth + 2) + "]" * (depth + 2))


def test_parentheses_do_not_count_as_nesting() -> None:
    assert where("(" * 4000 + "a" + ")" * 4000) == A


def test_the_grammar_is_built_on_first_use() -> None:
    code = "import sys, partiql; print('sly' in sys.modules); partiql.parse('a'); print('sly' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_the_same_text_gives_the_same_tree() -> None:
    text = "SELECT * FROM remembered"
    assert parse(text) is parse(text)
