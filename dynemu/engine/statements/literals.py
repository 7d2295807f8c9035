"""From literals of a statement to attribute values."""

from typing import Any

from dynemu.engine.statements.wording import malformed
from dynemu.errors import parameter_error
from partiql import ast, render, walk

Values = dict[str, Any]

_SET_TYPES = {"S": "SS", "N": "NS", "B": "BS"}
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
    if not members:
        raise parameter_error("An string set  may not be empty")
    kinds = {tag for member in members for tag in member}
    if len(kinds) > 1 or not kinds <= _SET_TYPES.keys():
        raise malformed("the members of a set must be strings, numbers or binaries, all of one type")
    kind = kinds.pop()
    return {_SET_TYPES[kind]: [member[kind] for member in members]}
