"""Updates: what the actions make of an item, what they refuse, and agreement with a plain model."""

import copy
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynemu.errors import ValidationException

MISSING = "The provided expression refers to an attribute that does not exist in the item"
WRONG_TYPE = "An operand in the update expression has an incorrect data type"
BAD_PATH = "The document path provided in the update expression is invalid for update"
TOO_BIG = "Number overflow. Attempting to store a number with magnitude larger than supported range"

ITEM: dict[str, Any] = {
    "s": {"S": "hello"},
    "n": {"N": "5"},
    "l": {"L": [{"N": "1"}, {"N": "2"}, {"M": {"k": {"S": "v"}}}]},
    "m": {"M": {"a": {"N": "1"}, "b": {"M": {"c": {"L": [{"N": "10"}, {"N": "20"}]}}}}},
    "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2"]},
    "bs": {"BS": ["YQ=="]},
}
X = {"S": "x"}
Y = {"S": "y"}


def make_operand(core: SimpleNamespace, spec: Any) -> Any:
    """Make an operand of a value, a path such as ``["m", "a"]``, or a tuple of a function and operands."""
    if isinstance(spec, dict):
        return core.conditions.ConstantOperand(spec)
    if isinstance(spec, list):
        return core.conditions.PathOperand(core.paths.Path(spec[0], spec[1:]))
    function, *parts = spec
    operands = [make_operand(core, part) for part in parts]
    if function in ("+", "-"):
        return core.updates.Arithmetic(function == "-", *operands)
    return {"append": core.updates.ListAppend, "default": core.updates.IfNotExists}[function](*operands)


def make_update(core: SimpleNamespace, *actions: Any) -> Any:
    """Make an update of tuples such as ``("SET", ["m", "a"], {"N": "1"})``."""
    updates, made = core.updates, []
    for section, parts, *operand in actions:
        path = core.paths.Path(parts[0], parts[1:])
        if section == "REMOVE":
            made.append(updates.remove_path(path))
        else:
            make = {
                "SET": updates.set_path,
                "ADD": updates.add_to_path,
                "DELETE": updates.delete_from_path,
            }[section]
            made.append(make(path, make_operand(core, operand[0])))
    return updates.Update(made)


@pytest.mark.parametrize(
    ("actions", "changed"),
    [
        ([("SET", ["x"], X)], {"x": X}),
        ([("SET", ["x"], ["m", "b", "c", 1])], {"x": {"N": "20"}}),
        ([("SET", ["n"], ("+", ["n"], ["n"]))], {"n": {"N": "10"}}),
        ([("SET", ["n"], ("-", {"N": "0.1"}, ["n"]))], {"n": {"N": "-4.9"}}),
        ([("SET", ["n"], ("default", ["n"], X))], {}),
        ([("SET", ["x"], ("default", ["nope", "a"], ["n"]))], {"x": {"N": "5"}}),
        ([("SET", ["x"], ("+", ("default", ["x"], {"N": "0"}), {"N": "1"}))], {"x": {"N": "1"}}),
        (
            [("SET", ["x"], ("append", {"L": [X]}, ["m", "b", "c"]))],
            {"x": {"L": [X, {"N": "10"}, {"N": "20"}]}},
        ),
        ([("SET", ["n"], ["s"]), ("SET", ["s"], ["n"])], {"n": {"S": "hello"}, "s": {"N": "5"}}),
        ([("SET", ["l", 0], ["l", 1]), ("REMOVE", ["l", 1])], {"l": {"L": [{"N": "2"}, ITEM["l"]["L"][2]]}}),
        ([("REMOVE", ["l", 0]), ("SET", ["l", 1], X)], {"l": {"L": [X, ITEM["l"]["L"][2]]}}),
        ([("REMOVE", ["l", 0]), ("REMOVE", ["l", 2])], {"l": {"L": [{"N": "2"}]}}),
        ([("REMOVE", ["l", 3]), ("SET", ["l", 9], X)], {"l": {"L": [*ITEM["l"]["L"], X]}}),
        ([("SET", ["l", 9], X), ("SET", ["l", 7], Y)], {"l": {"L": [*ITEM["l"]["L"], Y, X]}}),
        ([("SET", ["l", 2, "k"], X)], {"l": {"L": [{"N": "1"}, {"N": "2"}, {"M": {"k": X}}]}}),
        (
            [("SET", ["m", "a"], X), ("SET", ["x"], ["m"])],
            {"m": {"M": {**ITEM["m"]["M"], "a": X}}, "x": ITEM["m"]},
        ),
        ([("REMOVE", ["m", "b"]), ("REMOVE", ["m", "nope"])], {"m": {"M": {"a": {"N": "1"}}}}),
        (
            [("REMOVE", ["m", "b", "c", 0])],
            {"m": {"M": {"a": {"N": "1"}, "b": {"M": {"c": {"L": [{"N": "20"}]}}}}}},
        ),
        ([("REMOVE", ["s"]), ("REMOVE", ["nope"])], {"s": None}),
        ([("ADD", ["n"], {"N": "-7"})], {"n": {"N": "-2"}}),
        ([("ADD", ["x"], {"N": "3"})], {"x": {"N": "3"}}),
        ([("ADD", ["m", "z"], {"N": "3"})], {"m": {"M": {**ITEM["m"]["M"], "z": {"N": "3"}}}}),
        ([("ADD", ["l", 7], {"N": "3"})], {"l": {"L": [*ITEM["l"]["L"], {"N": "3"}]}}),
        ([("ADD", ["ss"], {"SS": ["b", "A"]})], {"ss": {"SS": ["A", "a", "b"]}}),
        ([("ADD", ["ns"], {"NS": ["-1", "10", "2"]})], {"ns": {"NS": ["-1", "1", "2", "10"]}}),
        ([("ADD", ["bs"], {"BS": ["AA=="]})], {"bs": {"BS": ["AA==", "YQ=="]}}),
        ([("ADD", ["l"], {"L": [X]})], {"l": {"L": [*ITEM["l"]["L"], X]}}),
        ([("DELETE", ["ss"], {"SS": ["a", "z"]})], {"ss": {"SS": ["b"]}}),
        ([("DELETE", ["ss"], {"SS": ["a", "b"]})], {"ss": None}),
        ([("DELETE", ["nope"], {"SS": ["a"]})], {}),
        ([("DELETE", ["m", "nope"], {"SS": ["a"]})], {}),
    ],
)
def test_actions_change_an_item_and_leave_the_old_one(
    core: SimpleNamespace, actions: list[Any], changed: dict[str, Any]
) -> None:
    before = copy.deepcopy(ITEM)
    expected = {name: value for name, value in {**ITEM, **changed}.items() if value is not None}
    assert make_update(core, *actions).apply(ITEM, {}) == expected
    assert before == ITEM


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ([("SET", ["x"], ["nope"])], MISSING),
        ([("SET", ["x"], ["l", 9])], MISSING),
        ([("SET", ["x"], ("+", ["nope"], {"N": "1"}))], MISSING),
        ([("SET", ["x"], ("append", ["nope"], ["l"]))], MISSING),
        ([("SET", ["x"], ("default", ["nope"], ["nada"]))], MISSING),
        ([("SET", ["x"], ("+", ["s"], ["n"]))], WRONG_TYPE),
        ([("SET", ["x"], ("append", ["l"], ["s"]))], WRONG_TYPE),
        ([("ADD", ["s"], {"N": "1"})], WRONG_TYPE),
        ([("ADD", ["ss"], {"NS": ["1"]})], WRONG_TYPE),
        ([("ADD", ["x"], {"S": "1"})], WRONG_TYPE),
        ([("DELETE", ["n"], {"NS": ["1"]})], WRONG_TYPE),
        ([("DELETE", ["x"], {"N": "1"})], WRONG_TYPE),
        ([("SET", ["nope", "a"], X)], BAD_PATH),
        ([("SET", ["nope", 0], X)], BAD_PATH),
        ([("SET", ["s", "a"], X)], BAD_PATH),
        ([("SET", ["m", 0], X)], BAD_PATH),
        ([("SET", ["l", "a"], X)], BAD_PATH),
        ([("SET", ["l", 9, "a"], X)], BAD_PATH),
        ([("REMOVE", ["nope", "a"])], BAD_PATH),
        ([("REMOVE", ["ss", 0])], BAD_PATH),
        ([("ADD", ["nope", "a"], {"N": "1"})], BAD_PATH),
        ([("DELETE", ["nope", "a"], {"SS": ["a"]})], BAD_PATH),
        ([("SET", ["nope", "a"], X), ("SET", ["x"], ["nada"])], MISSING),
        ([("SET", ["x"], ["nada"]), ("SET", ["y"], ("+", ["s"], ["n"]))], MISSING),
        ([("SET", ["x"], ["nada"]), ("DELETE", ["n"], {"SS": ["a"]})], WRONG_TYPE),
        ([("ADD", ["n"], {"N": "9" * 38})], TOO_BIG),
    ],
)
def test_actions_refuse_what_does_not_fit(core: SimpleNamespace, actions: list[Any], message: str) -> None:
    item = {**ITEM, "n": {"N": "1"}} if message != TOO_BIG else {**ITEM, "n": {"N": "0.1"}}
    with pytest.raises(ValidationException) as caught:
        make_update(core, *actions).apply(item, {})
    assert (caught.value.message, caught.value.request_level) == (message, False)


def test_what_is_not_touched_is_shared(core: SimpleNamespace) -> None:
    new = make_update(core, ("SET", ["m", "a"], X)).apply(ITEM, {})
    assert new["l"] is ITEM["l"]
    assert new["m"]["M"]["b"] is ITEM["m"]["M"]["b"]


def test_an_update_knows_what_it_writes(core: SimpleNamespace) -> None:
    update = make_update(core, ("SET", ["m", "a"], X), ("REMOVE", ["l", 1]))
    assert update.attributes == {"m", "l"}
    assert update.paths.apply(ITEM) == {"m": {"M": {"a": {"N": "1"}}}, "l": {"L": [{"N": "2"}]}}


@pytest.mark.parametrize(
    ("actions", "creates"),
    [
        ([("SET", ["x"], X)], True),
        ([("ADD", ["x"], {"N": "1"}), ("REMOVE", ["y"])], True),
        ([("REMOVE", ["x"]), ("DELETE", ["y"], {"SS": ["a"]})], False),
        ([], True),
    ],
)
def test_removing_alone_creates_nothing(core: SimpleNamespace, actions: list[Any], creates: bool) -> None:
    assert make_update(core, *actions).creates is creates


ELEMENTS = st.lists(st.integers(0, 9).map(lambda number: {"N": str(number)}), max_size=5)
TARGETS = st.one_of(
    st.tuples(st.just("l"), st.integers(0, 7)),
    st.tuples(st.just("m"), st.sampled_from("abc")),
    st.tuples(st.sampled_from("xyz")),
)


@settings(deadline=None, derandomize=True)
@given(
    elements=ELEMENTS,
    targets=st.lists(TARGETS, min_size=1, max_size=6, unique=True),
    removes=st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_an_update_agrees_with_the_model(
    core: SimpleNamespace, elements: list[Any], targets: list[Any], removes: list[bool]
) -> None:
    item = {"l": {"L": elements}, "m": {"M": {"a": X}}, "x": Y}
    actions: list[Any] = []
    for position, (target, remove) in enumerate(zip(targets, removes, strict=False)):
        value = {"S": str(position)}
        actions.append(("REMOVE", [*target]) if remove else ("SET", [*target], value))
    assert make_update(core, *actions).apply(item, {}) == model_apply(item, actions)


def model_apply(item: dict[str, Any], actions: list[Any]) -> dict[str, Any]:
    """Do all writes in place on a copy, then drop and append list elements."""
    new = copy.deepcopy(item)
    count = len(new["l"]["L"])
    dropped, appended = set(), {}
    for _, target, *operand in actions:
        holder, key = (new, target[0]) if len(target) == 1 else (new[target[0]], target[1])
        if key in range(100):
            if key < count and operand:
                new["l"]["L"][key] = operand[0]
            elif key < count:
                dropped.add(key)
            elif operand:
                appended[key] = operand[0]
        elif operand:
            (holder if len(target) == 1 else holder["M"])[key] = operand[0]
        else:
            (holder if len(target) == 1 else holder["M"]).pop(key, None)
    kept = [element for index, element in enumerate(new["l"]["L"]) if index not in dropped]
    new["l"]["L"] = kept + [appended[index] for index in sorted(appended)]
    return new
