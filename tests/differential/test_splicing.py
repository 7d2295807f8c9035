"""Updates of rows in both builds: the same rows, and the same errors, as updates of the parsed items."""

from types import SimpleNamespace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from orjson import dumps, loads

from dynemu.errors import ValidationException
from tests.differential.test_fields import TRICKY, canonical, fields_of
from tests.differential.wire_values import CANONICAL_NUMBERS, ITEMS, NAMES, VALUES

INTEGERS = st.one_of(
    st.integers(-(10**19), 10**19).map(str),
    st.sampled_from(["0", "9" * 18, "-" + "9" * 17, "9" * 38, "-1", "0.5", "1" + "0" * 37]),
)
KEPT = {
    **TRICKY,
    "l": {"L": [{"N": "1"}, {"S": "\\"}, {"L": []}]},
    "m": {"M": {"a": {"NS": ["1"]}, 'b"': {"M": {}}}},
}


@st.composite
def operands(draw: st.DrawFn, core: SimpleNamespace, names: list[str]) -> Any:
    """Draw what an action may write: a value, or what it makes of an attribute."""
    u, c = core.updates, core.conditions
    path = c.PathOperand(core.paths.Path(draw(st.sampled_from(names))))
    value = c.ConstantOperand(canonical(core, {}, draw(VALUES))[1])
    number = c.ConstantOperand({"N": draw(INTEGERS)})
    return draw(
        st.sampled_from(
            [
                value,
                path,
                u.Arithmetic(draw(st.booleans()), u.IfNotExists(path, number), number),
                u.ListAppend(path, c.ConstantOperand({"L": [{"S": "x"}]})),
                u.IfNotExists(path, value),
            ]
        )
    )


@st.composite
def updates(draw: st.DrawFn, core: SimpleNamespace, item: Any) -> Any:
    """Draw an update of which no path is part of another one."""
    names = [*item, *draw(st.lists(NAMES, max_size=2)), "l", "m"]
    root, actions = core.paths.Branch(), []
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=6)):
        rest = draw(st.sampled_from([(), (), (), ("a",), ('b"', "x"), (0,), (1,), (7,), (2, 0)]))
        path = core.paths.Path(name, rest)
        if root.add(path.parts, 0, path) is not None:
            continue
        kind = draw(st.integers(0, 5))
        if kind == 0:
            actions.append(core.updates.remove_path(path))
        elif kind == 1:
            added = draw(
                st.sampled_from([{"N": "1"}, {"N": "9" * 38}, {"NS": ["1", "2"]}, {"SS": ["a", "\\"]}])
            )
            actions.append(core.updates.add_to_path(path, core.conditions.ConstantOperand(added)))
        elif kind == 2:
            gone = draw(st.sampled_from([{"NS": ["1"]}, {"SS": ['","', ",", "\\", 'a"b']}]))
            actions.append(core.updates.delete_from_path(path, core.conditions.ConstantOperand(gone)))
        else:
            actions.append(core.updates.set_path(path, draw(operands(core, names))))
    return core.updates.Update(actions)


def outcome(work: Any) -> Any:
    """Return what *work* returns, or the text of its error."""
    try:
        return work()
    except ValidationException as error:
        return str(error)


@given(st.data())
def test_a_row_is_spliced_as_its_item_is_updated(core: SimpleNamespace, data: st.DataObject) -> None:
    (item,) = canonical(core, {**data.draw(st.sampled_from([{}, KEPT])), **data.draw(ITEMS)})
    update = data.draw(updates(core, item))
    fields = fields_of(core, item, update.touched)
    found = outcome(lambda: update.splice(fields, {}))
    wanted = outcome(lambda: core.codec.encode_row(update.apply(item, {})))
    if isinstance(found, tuple):
        row, part = found
        assert row == wanted
        assert update.paths.apply(part) == update.paths.apply(core.codec.decode_row(row))
    else:
        assert found == wanted


@given(ITEMS, st.data())
@example(KEPT, None)
def test_removed_attributes_leave_no_comma(core: SimpleNamespace, item: Any, data: Any) -> None:
    (item,) = canonical(core, item)
    chosen = (
        list(item)
        if data is None
        else data.draw(st.lists(st.sampled_from(sorted({*item, "?"})), unique=True))
    )
    added = [] if data is None or not data.draw(st.booleans()) else ["new"]
    actions = [core.updates.remove_path(core.paths.Path(name)) for name in chosen]
    for name in added:
        operand = core.conditions.ConstantOperand({"S": "ü"})
        actions.append(core.updates.set_path(core.paths.Path(name), operand))
    update = core.updates.Update(actions)
    row, _ = update.splice(fields_of(core, item, update.touched), {})
    assert row == core.codec.encode_row(update.apply(item, {}))


@given(ITEMS)
@example(KEPT)
@example(
    {"a": {"N": "-0.00100"}, "b": {"B": "YQ=="}, "c": {"BS": ["", "YWI="]}, "d": {"NS": ["100", "-0.5"]}}
)
def test_sizes_are_told_by_the_bytes(core: SimpleNamespace, item: Any) -> None:
    (item,) = canonical(core, item)
    update = core.updates.Update(
        [
            core.updates.set_path(core.paths.Path(name), core.conditions.ConstantOperand({"NULL": True}))
            for name in item
        ]
    )
    row, _ = update.splice(fields_of(core, item, update.touched), {})
    names = sum(len(name.encode()) for name in item)
    assert core.codec.row_size(row) == names + len(item)
    assert loads(core.codec.row_body(row)) == {name: {"NULL": True} for name in item}


@given(INTEGERS | CANONICAL_NUMBERS, INTEGERS | CANONICAL_NUMBERS, st.booleans())
def test_sums_of_attributes_are_those_of_numbers(
    core: SimpleNamespace, a: str, b: str, subtracts: bool
) -> None:
    a, b = core.numbers.canonical(a), core.numbers.canonical(b)
    path = core.paths.Path("n")
    total = core.updates.Arithmetic(
        subtracts, core.conditions.PathOperand(path), core.conditions.ConstantOperand({"N": b})
    )
    update = core.updates.Update([core.updates.set_path(path, total)])
    item = {"k": {"S": "k"}, "n": {"N": a}}
    found = outcome(lambda: update.splice(fields_of(core, item, ["n"]), {})[0])
    sum_of = core.numbers.subtract if subtracts else core.numbers.add
    wanted = outcome(lambda: core.codec.encode_row({**item, "n": {"N": sum_of(a, b)}}))
    assert found == wanted


def test_rows_of_many_bytes(core: SimpleNamespace) -> None:
    for text in ("x" * 300_000, "\\" * 150_000, "ü" * 150_000, '"{}[]' * 30_000):
        item = {
            "k": {"S": "k"},
            "n": {"N": "1"},
            "t": {"S": text},
            "z": {"L": [{"S": text}]},
            "last": {"N": "2"},
        }
        update = core.updates.Update(
            [
                core.updates.remove_path(core.paths.Path("z")),
                core.updates.add_to_path(
                    core.paths.Path("last"), core.conditions.ConstantOperand({"N": "1"})
                ),
            ]
        )
        row, _ = update.splice(fields_of(core, item, update.touched), {})
        new = {"k": {"S": "k"}, "n": {"N": "1"}, "t": {"S": text}, "last": {"N": "3"}}
        assert row == core.codec.encode_row(new)
        assert dumps(new) == core.codec.row_body(row)
