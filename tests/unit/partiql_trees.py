"""Strategies that draw PartiQL trees: every statement that the parser can return, up to a modest size."""

from hypothesis import strategies as st

from partiql import ast

_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
_QUOTED = _TEXT.map(lambda name: ast.Step(name, True))
_PLAIN = st.from_regex(r"[xyz_$][A-Za-z0-9_$]{0,5}", fullmatch=True)
"""No keyword begins with one of these letters."""
NUMBERS = st.from_regex(r"-?([0-9]{1,5}(\.[0-9]{0,3})?|\.[0-9]{1,3})([eE][+-]?[0-9]{1,3})?", fullmatch=True)

_name_steps = st.one_of(_QUOTED, _PLAIN.map(ast.Step))
_index_steps = st.integers(0, 10**6).map(ast.Step)
PATHS = st.builds(
    lambda first, rest: ast.Path((first, *rest)),
    _name_steps,
    st.lists(st.one_of(_name_steps, _index_steps), max_size=3),
)
_leaves = st.one_of(
    _TEXT.map(ast.String),
    NUMBERS.map(ast.Number),
    st.booleans().map(ast.Boolean),
    st.just(ast.Null()),
    st.just(ast.Missing()),
    st.just(ast.Parameter(0)),
    PATHS,
)


def _tuples(
    members: st.SearchStrategy[ast.Expression], low: int = 0
) -> st.SearchStrategy[tuple[ast.Expression, ...]]:
    return st.lists(members, min_size=low, max_size=3).map(tuple)


def _grown(inner: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    return st.one_of(
        st.builds(ast.List, _tuples(inner)),
        st.builds(ast.Bag, _tuples(inner)),
        st.lists(st.tuples(_TEXT.map(ast.String), inner), max_size=3).map(tuple).map(ast.Map),
        st.builds(ast.Call, _PLAIN, st.one_of(_tuples(inner), st.just((ast.Star(),)))),
        st.builds(ast.Comparison, st.sampled_from(("=", "<>", "<", "<=", ">", ">=")), inner, inner),
        st.builds(ast.Between, inner, inner, inner),
        st.builds(ast.In, inner, _tuples(inner), st.just("[")),
        st.builds(ast.In, inner, _tuples(inner, 1), st.just("(")),
        st.builds(ast.Is, inner, st.sampled_from(("MISSING", "NULL", "STRING")), st.booleans()),
        _tuples(inner, 2).map(ast.And),
        _tuples(inner, 2).map(ast.Or),
        inner.map(ast.Not),
        st.builds(ast.Arithmetic, st.sampled_from("+-"), inner, inner),
        inner.map(ast.Negation),
    )


EXPRESSIONS: st.SearchStrategy[ast.Expression] = st.recursive(_leaves, _grown, max_leaves=12)
_optional = st.one_of(st.none(), EXPRESSIONS)
_sources = st.builds(ast.Source, _TEXT, st.one_of(st.none(), _TEXT))
_aliased = st.builds(ast.Source, _TEXT, st.one_of(st.none(), _TEXT), st.one_of(st.none(), _TEXT))
_returning = st.one_of(
    st.none(), st.builds(ast.Returning, st.sampled_from(("ALL", "MODIFIED")), st.sampled_from(("OLD", "NEW")))
)
SELECTS = st.builds(
    ast.Select,
    _tuples(EXPRESSIONS),
    _aliased,
    _optional,
    st.lists(st.builds(ast.Ordering, EXPRESSIONS, st.booleans()), max_size=2).map(tuple),
    st.lists(st.builds(ast.Join, _aliased, EXPRESSIONS), max_size=2).map(tuple),
)
_changes = st.one_of(st.builds(ast.Assignment, PATHS, EXPRESSIONS), PATHS.map(ast.Removal))
STATEMENTS: st.SearchStrategy[ast.Statement] = st.one_of(
    SELECTS,
    SELECTS.map(ast.Exists),
    st.builds(ast.Insert, _sources, EXPRESSIONS),
    st.builds(
        ast.Update, _sources, st.lists(_changes, min_size=1, max_size=3).map(tuple), _optional, _returning
    ),
    st.builds(ast.Delete, _sources, _optional, _returning),
    EXPRESSIONS.map(ast.Bare),
)
