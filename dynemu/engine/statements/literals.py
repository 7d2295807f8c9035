"""From literals of a statement to attribute values."""

from typing import Any

from dynemu.engine.statements.wording import WRONG_BAG, malformed, place
from dynemu.errors import validation
from partiql import ast, render, walk

Values = dict[str, Any]

_SET_TYPES = {"S": "SS", "N": "NS"}
_LITERALS = (ast.String, ast.Number, ast.Boolean, ast.Null, ast.List, ast.Bag, ast.Map)


def is_literal(node: ast.Node) -> bool:
    """Tell whether *node* is written as a value; parameters may be inside of it."""
    return isinstance(node, _LITERALS)


def has_parameters(node: ast.Node) -> bool:
    """Tell whether the value of *node* depends on the request."""
    return any(isinstance(each, ast.Parameter) for each in walk(node))


def parameter_name(index: int) -> str:
    """Return the name under which parameter number *index* stands among the values."""
    return f"?{index}"


def build_value(node: ast.Node, values: Values) -> Values:
    """Return the attribute value that *node* stands for, not canonical yet; *values* hold the parameters.

    Raises: ValidationException for what is no value, and for a set that cannot be one.
    """
    if isinstance(node, ast.Parameter):
        found: Values = values[parameter_name(node.index)]
        return found
    if isinstance(node, ast.String):
        return {"S": node.text}
    if isinstance(node, ast.Number):
        return {"N": node.text}
    if isinstance(node, ast.Boolean):
        return {"BOOL": node.value}
    if isinstance(node, ast.Null):
        return {"NULL": True}
    if isinstance(node, ast.List):
        return {"L": [build_value(member, values) for member in node.members]}
    if isinstance(node, ast.Map):
        return {"M": build_members(node, values)}
    if isinstance(node, ast.Bag):
        return _build_set(node, values)
    raise malformed(f"{render(node)} is not a value")


def build_members(node: ast.Map, values: Values) -> Values:
    """Return the members of a map, or the attributes of an item."""
    return {key.text: build_value(value, values) for key, value in node.members}


def _build_set(node: ast.Bag, values: Values) -> Values:
    members = [build_value(member, values) for member in node.members]
    (kind,) = members[0]
    return {_SET_TYPES[kind]: [member[kind] for member in members]}


def check_literal(text: str, node: ast.Node, key: str = "root") -> None:
    """Raise ValidationException for what cannot be in a value; *key* says where in it *node* stands."""
    if isinstance(node, ast.Call):
        raise validation(f"Unsupported data type: {node.name} under key {key}{place(text, node)}")
    if isinstance(node, ast.Bag):
        _check_bag(text, node)
    elif isinstance(node, ast.List):
        for index, member in enumerate(node.members):
            check_literal(text, member, f"{key}.{index}")
    elif isinstance(node, ast.Map):
        for name, value in node.members:
            check_literal(text, value, f"{key}.{name.text}")


def _check_bag(text: str, node: ast.Bag) -> None:
    if not node.members:
        raise validation(f"Empty bags are not supported{place(text, node)}")
    first = type(node.members[0])
    for member in node.members:
        if not isinstance(member, ast.String | ast.Number) or type(member) is not first:
            raise validation(WRONG_BAG + place(text, member))
