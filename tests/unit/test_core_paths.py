"""Document paths: reading, clashes, and projections."""

from types import SimpleNamespace
from typing import Any

import pytest

ITEM: dict[str, Any] = {
    "s": {"S": "hello"},
    "l": {"L": [{"N": "1"}, {"N": "2"}, {"L": [{"N": "3"}, {"N": "4"}]}]},
    "m": {"M": {"a": {"N": "1"}, "b": {"M": {"c": {"L": [{"N": "10"}, {"N": "20"}, {"N": "30"}]}}}}},
    "ss": {"SS": ["x"]},
}


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (["s"], {"S": "hello"}),
        (["nope"], None),
        (["m", "a"], {"N": "1"}),
        (["m", "b", "c", 1], {"N": "20"}),
        (["m", "b", "c", 3], None),
        (["m", "nope", "c"], None),
        (["m", 0], None),
        (["l", "a"], None),
        (["l", 2, 1], {"N": "4"}),
        (["s", "x"], None),
        (["s", 0], None),
        (["ss", 0], None),
    ],
)
def test_a_path_leads_to_a_value_or_to_nothing(core: SimpleNamespace, parts: list[Any], found: Any) -> None:
    assert core.paths.Path(parts[0], parts[1:]).get(ITEM) == found


def test_a_path_is_shown_as_the_messages_show_it(core: SimpleNamespace) -> None:
    assert repr(core.paths.Path("m", ["a", 0, "b.c"])) == "[m, a, [0], b.c]"


@pytest.mark.parametrize(
    ("first", "second", "how"),
    [
        (["a"], ["a"], "overlap"),
        (["a"], ["a", "b"], "overlap"),
        (["a", 0, "b"], ["a", 0], "overlap"),
        (["a", "b"], ["a", 0], "conflict"),
        (["a", 0], ["a", "b"], "conflict"),
        (["a", "b"], ["a", "c"], None),
        (["a", 0], ["a", 1], None),
        (["a"], ["b"], None),
    ],
)
def test_two_paths_clash(core: SimpleNamespace, first: list[Any], second: list[Any], how: str | None) -> None:
    root = core.paths.Branch()
    one, two = (core.paths.Path(parts[0], parts[1:]) for parts in (first, second))
    assert root.add(one.parts, 0, one) is None
    clash = root.add(two.parts, 0, two)
    assert clash == (None if how is None else (one, how))


@pytest.mark.parametrize(
    ("paths", "kept"),
    [
        ([["s"], ["nope"], ["m", "zz"]], {"s": {"S": "hello"}}),
        ([["nope"]], {}),
        ([["l", 9]], {}),
        ([["ss", 0], ["s", "x"]], {}),
        (
            [["m", "b", "c", 1], ["l", 0]],
            {"m": {"M": {"b": {"M": {"c": {"L": [{"N": "20"}]}}}}}, "l": {"L": [{"N": "1"}]}},
        ),
        ([["l", 0], ["l", 2, 1]], {"l": {"L": [{"N": "1"}, {"L": [{"N": "4"}]}]}}),
        (
            [["m", "b", "c", 2], ["m", "b", "c", 0]],
            {"m": {"M": {"b": {"M": {"c": {"L": [{"N": "10"}, {"N": "30"}]}}}}}},
        ),
        ([["m", "a"], ["m", "b"]], {"m": ITEM["m"]}),
    ],
)
def test_a_projection_keeps_the_shape_and_compacts_lists(
    core: SimpleNamespace, paths: list[list[Any]], kept: dict[str, Any]
) -> None:
    projection = core.paths.Projection([core.paths.Path(parts[0], parts[1:]) for parts in paths])
    assert projection.apply(ITEM) == kept
    assert projection.attributes == {parts[0] for parts in paths}
