"""What clients hold, checked and converted: compiled as uncompiled."""

from decimal import Context, Decimal
from types import SimpleNamespace
from typing import Any

import pytest


class Binary:
    """Bytes as boto3 wraps them."""

    def __init__(self, value: bytes) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Binary) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


def make_value(core: SimpleNamespace) -> Any:
    """Return the node of values as resources see them."""
    value = core.client_shapes.PythonValue(Context(prec=38), Binary, lambda given: ("rare", given))
    value.take({"S": core.client_shapes.Text(0)}, ())
    return value


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        ("a", {"S": "a"}),
        (10**20, {"N": "100000000000000000000"}),
        (Decimal("1.50"), {"N": "1.50"}),
        (
            {"m": [True, None, (1,)]},
            {"M": {"m": {"L": [{"BOOL": True}, {"NULL": True}, {"L": [{"N": "1"}]}]}}},
        ),
        ({"a"}, {"SS": ["a"]}),
        (set(), {"NS": []}),
        (Binary(b"x"), {"B": b"x"}),
        ({Binary(b"x")}, {"BS": [b"x"]}),
    ],
)
def test_python_values_are_written(core: SimpleNamespace, value: Any, wire: Any) -> None:
    assert make_value(core).write(value, 9) == wire


@pytest.mark.parametrize("value", [1.5, {1: "a"}, {"a", 1}, Decimal("NaN"), object(), [[[[["deep"]]]]]])
def test_other_values_are_left_to_boto(core: SimpleNamespace, value: Any) -> None:
    with pytest.raises(core.client_shapes.Unfit):
        make_value(core).write(value, 3)


def test_values_are_read(core: SimpleNamespace) -> None:
    wire = {"M": {"n": {"N": "1.0"}, "b": {"B": "eA=="}, "s": {"NS": ["1"]}, "l": {"L": [{"NULL": True}]}}}
    value = {"n": Decimal("1.0"), "b": Binary(b"x"), "s": {Decimal(1)}, "l": [None]}
    assert make_value(core).read(wire) == value
    assert make_value(core).read({"X": 1}) == ("rare", {})


def test_a_structure_that_leads_to_itself_is_left_to_boto(core: SimpleNamespace) -> None:
    shapes = core.client_shapes
    value = shapes.TaggedValue()
    value.take({"S": shapes.Text(1), "L": shapes.Sequence(value, 0), "B": shapes.Blob()}, ())
    circle: dict[str, Any] = {"L": []}
    circle["L"].append(circle)
    assert not value.accepts(circle, shapes.DEEPEST)
    assert value.accepts({"L": [{"S": "a"}, {"B": b""}]}, shapes.DEEPEST)
    assert not value.accepts({"S": ""}, shapes.DEEPEST)
    assert value.read({"L": [{"B": "eA=="}, None]}) == {"L": [{"B": b"x"}, None]}
    assert value.read({"S": "a", "X": 1}) == {"S": "a"}
