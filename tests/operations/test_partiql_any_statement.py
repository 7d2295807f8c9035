"""Whatever the statement, an answer or an error of AWS."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynemu.engine.call import Call
from dynemu.engine.database import Engine
from dynemu.engine.statements.explaining import describe, explain
from dynemu.errors import AwsError
from dynemu.storage.memory import MemoryStore
from partiql import ast, render
from tests.operations.conftest import ManualClock, Requests
from tests.unit.partiql_trees import NUMBERS, PATHS, STATEMENTS

_VALUES = st.sampled_from(
    [
        {"S": "a"},
        {"S": ""},
        {"N": "1"},
        {"B": "AAE="},
        {"BOOL": True},
        {"NULL": True},
        {"L": [{"S": "a"}]},
        {"M": {"xx": {"S": "a"}}},
        {"SS": ["a", "b"]},
        {"NS": ["1"]},
    ]
)


@pytest.fixture(scope="module")
def requests() -> Iterator[Requests]:
    clock = ManualClock()
    opened = Requests(Engine(MemoryStore(), clock=clock), clock)
    opened.create(
        hash="xx:S",
        range=None,
        attributes={"yy": "N"},
        GlobalSecondaryIndexes=[
            {
                "IndexName": "zzz",
                "KeySchema": [{"AttributeName": "yy", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    opened.put(xx={"S": "a"}, yy={"N": "1"}, zz={"L": [{"S": "x"}]})
    yield opened
    opened.engine.close()


_names = st.sampled_from(("xx", "yy", "zz", "new", "q r"))
_paths = st.builds(
    lambda first, rest: ast.Path((ast.Step(first, True), *rest)),
    _names,
    st.lists(
        st.one_of(_names.map(lambda name: ast.Step(name, True)), st.integers(0, 2).map(ast.Step)), max_size=2
    ),
)
_scalars = st.one_of(
    st.sampled_from((ast.String("a"), ast.String(""), ast.Null(), ast.Boolean(True), ast.Parameter(0))),
    NUMBERS.map(ast.Number),
)
_values = st.one_of(
    _scalars,
    st.lists(_scalars, max_size=2).map(lambda members: ast.List(tuple(members))),
    st.lists(_scalars, max_size=2).map(lambda members: ast.Bag(tuple(members))),
    st.lists(st.tuples(_names.map(ast.String), _scalars), max_size=2).map(
        lambda pairs: ast.Map(tuple(pairs))
    ),
)
_functions = st.sampled_from(
    (
        "size",
        "SIZE",
        "begins_with",
        "contains",
        "attribute_type",
        "list_append",
        "set_add",
        "set_delete",
        "foo",
    )
)
_calls = st.builds(
    ast.Call, _functions, st.lists(st.one_of(_paths, _values), min_size=1, max_size=2).map(tuple)
)
_operands = st.one_of(_paths, _values, _calls)
_leaves: st.SearchStrategy[ast.Expression] = st.one_of(
    st.builds(ast.Comparison, st.sampled_from(("=", "<>", "<", ">=")), _operands, _operands),
    st.builds(ast.Between, _operands, _operands, _operands),
    st.builds(ast.In, _operands, st.lists(_operands, max_size=3).map(tuple)),
    st.builds(ast.Is, _paths, st.sampled_from(("MISSING", "NULL")), st.booleans()),
    _calls,
)
_conditions: st.SearchStrategy[ast.Expression] = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        inner.map(ast.Not),
        st.builds(lambda a, b: ast.And((a, b)), inner, inner),
        st.builds(lambda a, b: ast.Or((a, b)), inner, inner),
    ),
    max_leaves=4,
)
_key = ast.Path((ast.Step("xx"),))
_keys: st.SearchStrategy[ast.Expression] = st.sampled_from(
    (
        ast.Comparison("=", _key, ast.String("a")),
        ast.Comparison("=", ast.Parameter(0), _key),
        ast.In(_key, (ast.String("a"), ast.Parameter(0))),
        ast.Comparison("=", ast.Path((ast.Step("yy"),)), ast.Number("1")),
    )
)
_where = st.one_of(st.none(), _conditions, _keys, st.builds(lambda a, b: ast.And((a, b)), _keys, _conditions))
_table = ast.Source("things")
_changes = st.one_of(
    st.builds(
        ast.Assignment, _paths, st.one_of(_operands, st.builds(ast.Arithmetic, st.just("+"), _paths, _values))
    ),
    _paths.map(ast.Removal),
)
SENSIBLE: st.SearchStrategy[ast.Statement] = st.one_of(
    st.builds(
        ast.Select,
        st.lists(_paths, max_size=2).map(tuple),
        st.sampled_from((_table, _table, ast.Source("things", "zzz"))),
        _where,
        st.one_of(st.just(()), _paths.map(lambda path: (ast.Ordering(path, True),))),
    ),
    st.builds(
        ast.Insert,
        st.just(_table),
        st.lists(st.tuples(_names.map(ast.String), _values), max_size=4).map(
            lambda pairs: ast.Map(tuple(pairs))
        ),
    ),
    st.builds(ast.Update, st.just(_table), st.lists(_changes, min_size=1, max_size=3).map(tuple), _where),
    st.builds(ast.Delete, st.just(_table), _where, st.just(ast.Returning("ALL", "OLD"))),
    st.builds(lambda where: ast.Exists(ast.Select((), _table, where)), _where),
)
TEXTS = st.one_of(SENSIBLE, SENSIBLE, SENSIBLE, STATEMENTS).map(render)


def answer(requests: Requests, operation: str, request: dict[str, Any]) -> None:
    try:
        requests(operation, **request)
    except AwsError as error:
        assert error.status == 400


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, st.lists(_VALUES, min_size=20, max_size=20), st.integers(1, 3))
def test_statements(requests: Requests, text: str, values: list[Any], limit: int) -> None:
    statement = {"Statement": text, "Parameters": values}
    answer(requests, "ExecuteStatement", {**statement, "ReturnConsumedCapacity": "INDEXES", "Limit": limit})
    answer(requests, "BatchExecuteStatement", {"Statements": [statement]})
    answer(requests, "ExecuteTransaction", {"TransactStatements": [statement]})


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(_VALUES, max_size=20))
def test_explanations(requests: Requests, text: str, values: list[Any]) -> None:
    engine = requests.engine
    call = Call(engine.store.view(), engine.catalogue, 0.0, "", "", engine.settings)
    try:
        step = explain(call, text, values)
    except AwsError as error:
        assert error.status == 400
    else:
        assert all(describe(step))


@settings(max_examples=100, deadline=None)
@given(PATHS, st.sampled_from(("SELECT {} FROM things", "UPDATE things SET {} = ? WHERE xx = 'a'")), _VALUES)
def test_any_path(requests: Requests, path: ast.Path, form: str, value: Any) -> None:
    text = form.format(render(path))
    answer(requests, "ExecuteStatement", {"Statement": text, "Parameters": [value]})
