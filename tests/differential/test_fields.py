"""Looking into rows in both builds: the same answers as of the parsed items."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from orjson import dumps, loads

from tests.differential.wire_values import ITEMS, NAMES, VALUES

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
TRICKY: dict[str, Any] = {
    'quo"te': {"S": 'a "quoted" \\ text\\'},
    "\\": {"M": {"{": {"S": ""}, 'x"': {"L": [{"S": "]}"}, {"M": {}}, {"L": []}]}}},
    "ünï\u2028\U0001f600": {"S": "ünï\u2028\U0001f600"},
    "\t\x01": {"SS": ['","', ",", "\\", 'a"b']},
    "n": {"N": "-12345678901234567890123456789012345678"},
    "b": {"B": ""},
    "flag": {"BOOL": False},
    "null": {"NULL": True},
    "S": {"S": '{"S":"x"}'},
}
"""Names and values of what JSON escapes, of nothing, and of what looks like JSON."""


def fields_of(core: SimpleNamespace, item: Any, names: Any) -> Any:
    """Return the Fields that look for *names* in the row of *item*."""
    fields = core.fields.Fields(core.fields.Names(names))
    fields.find(core.codec.encode_row(item))
    return fields


@st.composite
def questions(draw: st.DrawFn) -> tuple[Any, str, Any, Any]:
    """Draw an item, the name of an attribute that it may have, and two values that may be like it."""
    item = draw(st.one_of(ITEMS, st.just(TRICKY)))
    name = draw(st.one_of(st.sampled_from(sorted(item)), NAMES) if item else NAMES)
    likely = [item[name]] if name in item else []
    for value in list(likely):
        for payload in value.values():
            if isinstance(payload, list):
                likely += [member if isinstance(member, dict) else {"S": member} for member in payload]
            elif isinstance(payload, str):
                likely += [{"S": payload}, {"S": payload[:2]}, {"S": payload + "x"}]
    values = st.one_of(VALUES, st.sampled_from(likely)) if likely else VALUES
    return item, name, draw(values), draw(values)


def canonical(core: SimpleNamespace, item: Any, *values: Any) -> tuple[Any, ...]:
    """Return copies of an item and values in canonical form."""
    copies = tuple(loads(dumps(each)) for each in (item, *values))
    core.values.normalise_item(copies[0])
    for value in copies[1:]:
        core.values.normalise_value(value)
    return copies


@given(ITEMS, st.lists(NAMES, max_size=4))
@example(TRICKY, ["none"])
@example({}, ["a"])
def test_attributes_are_found_where_they_are(core: SimpleNamespace, item: Any, others: Any) -> None:
    (item,) = canonical(core, item)
    names = dict.fromkeys([*item, *others])
    fields = fields_of(core, item, names)
    assert fields.item(frozenset(names)) == item
    assert [name for name in names if fields.place(name) >= 0] == list(item)


@given(questions())
@example((TRICKY, "\t\x01", {"S": ","}, {"S": '","'}))
@example((TRICKY, 'quo"te', {"S": 'a "quoted" \\ text\\'}, {"S": 'a "'}))
@example(({"a": {"N": "-5"}}, "a", {"N": "-10"}, {"N": "-5"}))
@example(({"a": {"N": "1.5"}}, "a", {"N": "1"}, {"N": "10"}))
def test_conditions_hold_of_a_row_as_of_its_item(core: SimpleNamespace, question: Any) -> None:
    item, name, first, second = question
    item, first, second = canonical(core, item, first, second)
    c = core.conditions
    path = c.PathOperand(core.paths.Path(name))
    one, two = c.ValueOperand(":1"), c.ConstantOperand(second)
    values = {":1": first}
    nodes = [
        *(c.Compare(operator, path, one) for operator in COMPARISONS),
        *(c.Compare(operator, two, path) for operator in COMPARISONS),
        c.Compare("=", c.Size(path), c.ConstantOperand({"N": "1"})),
        c.Compare("=", path, c.Size(one)),
        c.Compare("=", c.PathOperand(core.paths.Path(name, ["a"])), one),
        c.Between(path, one, two),
        c.Between(one, path, two),
        c.In(path, [two, one]),
        c.In(path, [c.Size(two)]),
        c.AttributeExists(path),
        c.AttributeType(path, one),
        c.BeginsWith(path, one),
        c.Contains(path, one),
        c.Contains(path, two),
    ]
    nodes += [c.Not(node) for node in nodes]
    nodes += [c.And(nodes[:3]), c.Or(nodes[3:9]), c.And([])]
    fields = fields_of(core, item, [name])
    for node in nodes:
        assert node.holds(fields, values) == node.test(item, values), node


@st.composite
def paths_into(draw: st.DrawFn, item: Any) -> list[Any]:
    """Draw a path that leads into *item*, or past it."""
    parts: list[Any] = [draw(st.sampled_from(sorted(item)))]
    value = item[parts[0]]
    while draw(st.booleans()):
        inner = next(iter(value.values()))
        if "M" in value and inner:
            parts.append(draw(st.sampled_from([*sorted(inner), "none"])))
        elif "L" in value:
            parts.append(draw(st.integers(0, len(inner))))
        else:
            parts.append(draw(st.sampled_from(["none", 0])))
        value = inner.get(parts[-1]) if "M" in value and inner else {"S": ""}
        if not value:
            break
    return parts


@given(st.data())
def test_a_projection_writes_what_it_picks(core: SimpleNamespace, data: st.DataObject) -> None:
    (item,) = canonical(core, data.draw(st.one_of(ITEMS.filter(bool), st.just(TRICKY))))
    root = core.paths.Branch()
    chosen = []
    for parts in data.draw(st.lists(paths_into(item), min_size=1, max_size=5)):
        path = core.paths.Path(parts[0], parts[1:])
        if root.add(path.parts, 0, path) is None:
            chosen.append(path)
    projection = core.paths.Projection(chosen)
    out = bytearray(len(dumps(item)))
    end = projection.write(fields_of(core, item, projection.attributes), out, 0)
    assert out[:end] == dumps(projection.apply(item))


@given(st.lists(ITEMS.filter(bool), max_size=5), st.booleans(), st.booleans(), st.data())
def test_a_page_is_that_of_the_parsed_items(
    core: SimpleNamespace, items: Any, filters: bool, projects: bool, data: st.DataObject
) -> None:
    items = [canonical(core, item)[0] for item in items]
    names = data.draw(
        st.lists(st.sampled_from(sorted({*sum(map(list, items), ["a"])})), min_size=1, unique=True)
    )
    paths = [core.paths.Path(name) for name in names]
    node = core.conditions.AttributeExists(core.conditions.PathOperand(paths[0])) if filters else None
    projection = core.paths.Projection(paths) if projects else None
    wanted = [item for item in items if not filters or names[0] in item]
    if projection is not None:
        wanted = [projection.apply(item) for item in wanted]
    rows = [core.codec.encode_row(item) for item in items]
    assert core.pages.pick_bodies(rows, node, {}, projection) == (dumps(wanted), len(wanted))
    assert core.pages.join_bodies(rows) == dumps(items)


def test_a_row_that_ends_too_early_is_refused(core: SimpleNamespace) -> None:
    row = core.codec.encode_row(TRICKY)
    fields = core.fields.Fields(core.fields.Names(["none"]))
    for end in range(6, len(row)):
        with pytest.raises(ValueError, match=r"."):
            fields.find(row[:end])
