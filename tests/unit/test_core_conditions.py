"""Condition trees: what each node answers, and agreement with a plain model of the rules."""

import base64
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ITEM: dict[str, Any] = {
    "s": {"S": "hello"},
    "n": {"N": "5"},
    "neg": {"N": "-3"},
    "b": {"B": "YWJj"},
    "t": {"BOOL": True},
    "nul": {"NULL": True},
    "l": {"L": [{"N": "1"}, {"S": "x"}, {"M": {"k": {"S": "v"}}}]},
    "m": {"M": {"a": {"N": "1"}, "b": {"N": "2"}}},
    "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2", "3"]},
    "bs": {"BS": ["YQ==", "Yg=="]},
    "empty": {"S": ""},
    "wide": {"S": "a😀é"},
}


def make_operand(core: SimpleNamespace, spec: Any) -> Any:
    """Make an operand of an attribute's name, a value, or ``("size", operand)``."""
    nodes = core.conditions
    if isinstance(spec, str):
        return nodes.PathOperand(core.paths.Path(spec))
    if isinstance(spec, dict):
        return nodes.ConstantOperand(spec)
    return nodes.Size(make_operand(core, spec[1]))


def make_node(core: SimpleNamespace, spec: Any) -> Any:
    """Make a node of a nested tuple such as ``("and", ("=", "a", {"N": "1"}), ("exists", "b"))``."""
    nodes, (kind, *parts) = core.conditions, spec
    if kind in ("and", "or"):
        return (nodes.And if kind == "and" else nodes.Or)([make_node(core, part) for part in parts])
    if kind == "not":
        return nodes.Not(make_node(core, parts[0]))
    operands = [make_operand(core, part) for part in parts]
    if kind == "in":
        return nodes.In(operands[0], operands[1:])
    classes = {
        "exists": nodes.AttributeExists,
        "type": nodes.AttributeType,
        "begins": nodes.BeginsWith,
        "contains": nodes.Contains,
        "between": nodes.Between,
    }
    return classes[kind](*operands) if kind in classes else nodes.Compare(kind, *operands)


N = [{"N": str(number)} for number in range(10)]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (("=", "n", N[5]), True),
        (("=", "n", {"S": "5"}), False),
        (("=", "nope", "nada"), False),
        (("<>", "nope", "nada"), True),
        (("<>", "n", {"S": "5"}), True),
        (("<>", "n", N[5]), False),
        (("<", "nope", N[1]), False),
        (("<", "n", {"S": "6"}), False),
        (("<", "neg", "n"), True),
        (("<=", "n", N[5]), True),
        ((">=", "n", N[5]), True),
        ((">", "n", N[5]), False),
        (("<", "s", {"S": "hellp"}), True),
        (("<", "b", {"B": "YWJk"}), True),
        (("<", "t", "t"), False),
        (("<", "ss", "ss"), False),
        (("=", "m", {"M": {"b": {"N": "2"}, "a": {"N": "1"}}}), True),
        (("=", "l", {"L": [{"N": "1"}, {"S": "x"}]}), False),
        (("between", "n", N[1], N[5]), True),
        (("between", "n", N[6], N[9]), False),
        (("between", "n", "neg", N[9]), True),
        (("between", "nope", N[1], N[2]), False),
        (("between", "n", {"S": "1"}, {"S": "9"}), False),
        (("in", "n", N[1], {"S": "5"}, N[5]), True),
        (("in", "n", "nope", N[4]), False),
        (("in", "nope", "nope"), False),
        (("exists", "nul"), True),
        (("exists", "nope"), False),
        (("type", "t", {"S": "BOOL"}), True),
        (("type", "t", {"S": "S"}), False),
        (("type", "nope", {"S": "S"}), False),
        (("begins", "s", {"S": "hel"}), True),
        (("begins", "s", {"S": ""}), True),
        (("begins", "s", {"S": "lo"}), False),
        (("begins", "b", {"B": "YWI="}), True),
        (("begins", "s", {"B": "aGVs"}), False),
        (("begins", "n", {"S": "5"}), False),
        (("contains", "s", {"S": "ell"}), True),
        (("contains", "b", {"B": "Yg=="}), True),
        (("contains", "ss", {"S": "a"}), True),
        (("contains", "ss", {"SS": ["a"]}), False),
        (("contains", "ss", N[1]), False),
        (("contains", "ns", N[2]), True),
        (("contains", "bs", {"B": "Yg=="}), True),
        (("contains", "l", {"M": {"k": {"S": "v"}}}), True),
        (("contains", "l", N[2]), False),
        (("contains", "m", {"S": "a"}), False),
        (("contains", "n", N[5]), False),
        (("contains", "nope", N[5]), False),
        (("=", ("size", "s"), N[5]), True),
        (("=", ("size", "wide"), N[4]), True),
        (("=", ("size", "b"), N[3]), True),
        (("=", ("size", "ss"), N[2]), True),
        (("=", ("size", "l"), N[3]), True),
        (("=", ("size", "m"), N[2]), True),
        (("=", ("size", "empty"), N[0]), True),
        (("=", ("size", "n"), N[1]), False),
        (("<>", ("size", "t"), N[1]), True),
        (("<", ("size", "nope"), N[1]), False),
        (("not", ("=", "n", N[5])), False),
        (("and", ("exists", "n"), ("exists", "nope")), False),
        (("and", ("exists", "n"), ("exists", "s")), True),
        (("or", ("exists", "nope"), ("exists", "s")), True),
        (("or", ("exists", "nope"), ("exists", "nada")), False),
    ],
)
def test_a_node_answers(core: SimpleNamespace, spec: Any, expected: bool) -> None:
    assert make_node(core, spec).test(ITEM, {}) is expected


def test_placeholders_are_read_from_the_values(core: SimpleNamespace) -> None:
    nodes = core.conditions
    node = nodes.Compare("=", nodes.PathOperand(core.paths.Path("n")), nodes.ValueOperand(":v"))
    assert node.test(ITEM, {":v": {"N": "5"}}) is True
    assert node.test(ITEM, {":v": {"N": "6"}}) is False


def test_a_node_knows_the_attributes_it_reads(core: SimpleNamespace) -> None:
    spec = ("and", ("between", "a", ("size", "b"), N[1]), ("not", ("or", ("exists", "c"), ("in", "d", "e"))))
    assert make_node(core, spec).attributes == set("abcde")


SCALARS = st.sampled_from(
    [
        *[{"N": text} for text in ("0", "1", "-2.5")],
        *[{"S": text} for text in ("", "a", "ab")],
        *[{"B": text} for text in ("YQ==", "YWI=")],
        {"BOOL": True},
        {"BOOL": False},
        {"NULL": True},
        {"SS": ["a", "b"]},
        {"NS": ["0", "1"]},
    ]
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2).map(lambda members: {"L": members}),
    st.dictionaries(st.sampled_from("pq"), SCALARS, max_size=2).map(lambda members: {"M": members}),
)
ITEMS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)
OPERANDS = st.one_of(
    st.sampled_from("abcde"), VALUES, st.sampled_from("abcde").map(lambda name: ("size", name))
)
LEAVES = st.one_of(
    st.tuples(st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "begins", "contains"]), OPERANDS, OPERANDS),
    st.tuples(st.just("between"), OPERANDS, OPERANDS, OPERANDS),
    st.tuples(st.just("in"), OPERANDS, OPERANDS, OPERANDS),
    st.tuples(st.just("exists"), OPERANDS),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
    ),
    max_leaves=6,
)


def model_value(spec: Any, item: dict[str, Any]) -> Any:
    """Return ``(type code, Python value)`` of an operand, or None."""
    if isinstance(spec, str):
        return None if spec not in item else plain(item[spec])
    if isinstance(spec, dict):
        return plain(spec)
    inner = model_value(spec[1], item)
    if inner is None or inner[0] in ("N", "BOOL", "NULL"):
        return None
    return "N", Decimal(len(inner[1]))


def plain(value: dict[str, Any]) -> Any:
    ((tag, payload),) = value.items()
    if tag == "N":
        return tag, Decimal(payload)
    if tag == "B":
        return tag, base64.b64decode(payload)
    if tag == "SS":
        return tag, frozenset(payload)
    if tag == "NS":
        return tag, frozenset(Decimal(member) for member in payload)
    if tag == "L":
        return tag, [plain(member) for member in payload]
    if tag == "M":
        return tag, {name: plain(member) for name, member in payload.items()}
    return tag, payload


def model_order(a: Any, b: Any, operator: str) -> bool:
    if a is None or b is None or a[0] != b[0] or a[0] not in ("S", "N", "B"):
        return False
    answers = {"<": a[1] < b[1], "<=": a[1] <= b[1], ">": a[1] > b[1], ">=": a[1] >= b[1]}
    return bool(answers[operator])


def model_contains(a: Any, b: Any) -> bool:
    if a[0] in ("S", "B"):
        return bool(a[0] == b[0] and b[1] in a[1])
    if a[0] in ("SS", "NS"):
        return bool(a[0][0] == b[0] and b[1] in a[1])
    return bool(a[0] == "L" and b in a[1])


def model_test(spec: Any, item: dict[str, Any]) -> bool:
    kind, *parts = spec
    if kind in ("and", "or", "not"):
        answers = [model_test(part, item) for part in parts]
        return all(answers) if kind == "and" else any(answers) if kind == "or" else not answers[0]
    a, *others = [model_value(part, item) for part in parts]
    if kind == "exists":
        return a is not None
    if kind == "in":
        return a is not None and a in others
    if kind == "between":
        return model_order(a, others[0], ">=") and model_order(a, others[1], "<=")
    b = others[0]
    if kind in ("=", "<>"):
        is_equal = a is not None and bool(a == b)
        return is_equal is (kind == "=")
    if kind in ("begins", "contains"):
        if a is None or b is None:
            return False
        if kind == "contains":
            return model_contains(a, b)
        return bool(a[0] == b[0] and a[0] in ("S", "B") and a[1].startswith(b[1]))
    return model_order(a, b, kind)


@settings(deadline=None, derandomize=True)
@given(spec=CONDITIONS, item=ITEMS)
def test_a_tree_agrees_with_the_model(core: SimpleNamespace, spec: Any, item: dict[str, Any]) -> None:
    assert make_node(core, spec).test(item, {}) is model_test(spec, item)
