"""From the nodes of a statement to the terms of expressions, so that both are resolved alike."""

import re
from dataclasses import replace
from typing import Any

from dynemu._core.values import normalise_value
from dynemu.engine.statements.literals import (
    build_value,
    check_literal,
    has_parameters,
    is_literal,
    parameter_name,
)
from dynemu.engine.statements.wording import (
    MISSING_COMPARED,
    NOT_BOOLEAN,
    NOT_EXPRESSIONS,
    malformed,
    place,
    place_of,
    unknown_function,
)
from dynemu.errors import ValidationException, validation
from dynemu.expressions import tree
from dynemu.expressions.messages import MISUSED
from partiql import ast, render

PREDICATES = frozenset(
    ("attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains")
)
SET_FUNCTIONS = frozenset(("set_add", "set_delete"))
UPDATE_FUNCTIONS = frozenset(("if_not_exists", "list_append", *SET_FUNCTIONS))
Leaf = tree.Comparison | tree.Call
_CONDITIONS = (ast.And, ast.Or, ast.Not, ast.Comparison, ast.Between, ast.In, ast.Is, ast.Call)
_TYPES = {
    "NULL": "NULL",
    "BOOLEAN": "BOOL",
    "BLOB": "B",
    "STRING": "S",
    "NUMERIC": "N",
    "STRUCT": "M",
    "TUPLE": "M",
    "LIST": "L",
}
"""Type codes of what IS can ask for, beside MISSING."""
_OTHER_TYPES = {
    **{
        name: name
        for name in ("BAG", "CHAR", "CLOB", "DATE", "DECIMAL", "FLOAT", "INTEGER", "SEXP", "SMALLINT")
    },
    **{name: name for name in ("SYMBOL", "TIME", "TIMESTAMP", "VARCHAR")},
    "BOOL": "BOOLEAN",
    "INT": "INTEGER",
}
_WRONG_TYPE = "Unsupported data type for IS operator: {}. Supported data types are [MISSING, {}]"
_IS = re.compile(r"\bIS\b", re.IGNORECASE)


class Terms:
    """Translates the parts of one statement and collects its literals."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.constants: dict[str, Any] = {}
        """Canonical values of literals, by the names that the terms give them."""
        self.templates: dict[str, ast.Expression] = {}
        """Literals with parameters inside, likewise."""
        self.leaves: list[Leaf] = []
        self.sources: dict[int, ast.Expression] = {}
        """What the leaves were made from, by their identity."""
        self.set_errors: dict[int, str] = {}
        """What to answer when a set function gets no set, by the identity of the call."""
        self.operators = 0

    # Operands

    def path(self, node: ast.Path) -> tree.PathTerm:
        return tree.PathTerm(tuple(step.key for step in node.steps))

    def value(self, node: ast.Expression) -> tree.ValueTerm:
        """Return the term of a literal. Raises ValidationException for one that cannot be stored."""
        name = f":{len(self.constants) + len(self.templates)}"
        check_literal(self.text, node)
        if has_parameters(node):
            self.templates[name] = node
        else:
            value = build_value(node, {})
            normalise_value(value)
            self.constants[name] = value
        return tree.ValueTerm(name)

    def constant(self, value: dict[str, Any]) -> tree.ValueTerm:
        """Return the term of a canonical value that the text only implies."""
        name = f":{len(self.constants) + len(self.templates)}"
        self.constants[name] = value
        return tree.ValueTerm(name)

    def operand(self, node: ast.Expression, *, in_update: bool = False) -> tree.Term:
        """Return the term of something that has a value. Raises ValidationException."""
        if isinstance(node, ast.Path):
            return self.path(node)
        if isinstance(node, ast.Parameter):
            return tree.ValueTerm(parameter_name(node.index))
        if is_literal(node):
            return self.value(node)
        if isinstance(node, ast.Call):
            return self.function(node, in_update)
        if isinstance(node, ast.Arithmetic) and in_update:
            left, right = self.operand(node.left, in_update=True), self.operand(node.right, in_update=True)
            return tree.Sum(node.operator, left, right)
        raise malformed(f"{render(node)} cannot be an operand")

    def function(self, node: ast.Call, in_update: bool) -> tree.Call:
        name = node.name.lower()
        misplaced = name == "size" if in_update else name in UPDATE_FUNCTIONS
        if name in PREDICATES or misplaced:
            raise validation(MISUSED + name)
        if name != "size" and name not in UPDATE_FUNCTIONS:
            raise unknown_function(self.text, node)
        call = self.call(name, node, in_update)
        if name in SET_FUNCTIONS and node.arguments:
            where = place(self.text, node.arguments[0])
            self.set_errors[id(call)] = (
                f"The second argument to {name.upper()} must be a value with type SET{where}"
            )
        return call

    def call(self, name: str, node: ast.Call, in_update: bool = False) -> tree.Call:
        return tree.Call(name, tuple(self.operand(each, in_update=in_update) for each in node.arguments))

    # Conditions

    def parsed_condition(self, node: ast.Expression) -> tree.ParsedCondition:
        """Return the condition *node*. Raises ValidationException."""
        if not isinstance(node, _CONDITIONS) or (isinstance(node, ast.Call) and node.name.lower() == "size"):
            raise validation(NOT_BOOLEAN)
        root = self.condition(node)
        return tree.ParsedCondition(root, tuple(self.leaves), self.operators)

    def condition(self, node: ast.Expression) -> tree.Condition:
        if isinstance(node, ast.And | ast.Or):
            self.operators += len(node.members) - 1
            if not all(isinstance(member, _CONDITIONS) for member in node.members):
                raise validation(NOT_EXPRESSIONS)
            parts = tuple(self.condition(member) for member in node.members)
            return tree.Junction("AND" if isinstance(node, ast.And) else "OR", parts)
        self.operators += 1
        if isinstance(node, ast.Not):
            return tree.Negation(self.condition(node.member), 1)
        if isinstance(node, ast.Is):
            return self.check_of_kind(node)
        return self.add_leaf(self.leaf(node), node)

    def add_leaf(self, leaf: Leaf, node: ast.Expression) -> Leaf:
        self.leaves.append(leaf)
        self.sources[id(leaf)] = node
        return leaf

    def leaf(self, node: ast.Expression) -> Leaf:
        if isinstance(node, ast.Comparison):
            if isinstance(node.left, ast.Missing) or isinstance(node.right, ast.Missing):
                raise validation(MISSING_COMPARED)
            return tree.Comparison(node.operator, (self.operand(node.left), self.operand(node.right)))
        if isinstance(node, ast.Between):
            return tree.Comparison("BETWEEN", tuple(map(self.operand, (node.value, node.low, node.high))))
        if isinstance(node, ast.In):
            return tree.Comparison("IN", tuple(map(self.operand, (node.value, *node.members))))
        if not isinstance(node, ast.Call):
            raise malformed(f"{render(node)} is not a condition")
        name = node.name.lower()
        if name in PREDICATES:
            return self.call(name, node)
        raise validation(MISUSED + name) if name == "size" else unknown_function(self.text, node)

    def check_of_kind(self, node: ast.Is) -> tree.Condition:
        """Return ``IS [NOT] MISSING`` or IS with a type as the function that does it."""
        operand = self.operand(node.value)
        if node.kind == "MISSING":
            leaf = tree.Call("attribute_exists" if node.negated else "attribute_not_exists", (operand,))
            return self.add_leaf(leaf, node)
        if node.kind not in _TYPES:
            raise self.wrong_type(node)
        leaf = tree.Call("attribute_type", (operand, self.constant({"S": _TYPES[node.kind]})))
        self.add_leaf(leaf, replace(node, negated=False))
        return tree.Negation(leaf, 1) if node.negated else leaf

    def wrong_type(self, node: ast.Is) -> ValidationException:
        """Return the error for IS with something that attributes cannot be."""
        found = _IS.search(self.text, node.value.position)
        if node.kind not in _OTHER_TYPES or found is None:
            return malformed(f"IS {node.kind} is not supported")
        wrong = _WRONG_TYPE.format(_OTHER_TYPES[node.kind], ", ".join(_TYPES))
        return validation(f"{wrong} at {place_of(self.text, found.start(), 2)}")

    # Updates

    def parsed_update(self, changes: tuple[ast.Assignment | ast.Removal, ...]) -> tree.ParsedUpdate:
        """Return the update that *changes* are. Raises ValidationException."""
        return tree.ParsedUpdate(tuple(map(self.change, changes)), 0)

    def change(self, node: ast.Assignment | ast.Removal) -> tree.Assignment:
        if isinstance(node, ast.Removal):
            return tree.Assignment("REMOVE", self.path(node.path), None)
        return tree.Assignment("SET", self.path(node.path), self.operand(node.value, in_update=True))
