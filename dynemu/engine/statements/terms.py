"""From the nodes of a statement to the terms of expressions, so that both are resolved alike."""

from dataclasses import replace
from typing import Any

from dynemu._core.values import normalise_value
from dynemu.engine.statements.literals import build_value, has_parameters, is_literal, parameter_name
from dynemu.engine.statements.wording import malformed, unknown_function
from dynemu.errors import validation
from dynemu.expressions import tree
from dynemu.expressions.messages import MISUSED
from partiql import ast, render

PREDICATES = frozenset(("attribute_type", "begins_with", "contains"))
SET_FUNCTIONS = frozenset(("set_add", "set_delete"))
UPDATE_FUNCTIONS = frozenset(("list_append", *SET_FUNCTIONS))
Leaf = tree.Comparison | tree.Call
_NULL = "NULL"


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
        self.operators = 0

    # Operands

    def path(self, node: ast.Path) -> tree.PathTerm:
        return tree.PathTerm(tuple(step.key for step in node.steps))

    def value(self, node: ast.Expression) -> tree.ValueTerm:
        """Return the term of a literal. Raises ValidationException for one that cannot be stored."""
        name = f":{len(self.constants) + len(self.templates)}"
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
        return self.call(name, node, in_update)

    def call(self, name: str, node: ast.Call, in_update: bool = False) -> tree.Call:
        return tree.Call(name, tuple(self.operand(each, in_update=in_update) for each in node.arguments))

    # Conditions

    def parsed_condition(self, node: ast.Expression) -> tree.ParsedCondition:
        """Return the condition *node*. Raises ValidationException."""
        root = self.condition(node)
        return tree.ParsedCondition(root, tuple(self.leaves), self.operators)

    def condition(self, node: ast.Expression) -> tree.Condition:
        if isinstance(node, ast.And | ast.Or):
            self.operators += len(node.members) - 1
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
        """Return ``IS [NOT] MISSING`` or ``IS [NOT] NULL`` as the function that does it."""
        operand = self.operand(node.value)
        if node.kind == "MISSING":
            leaf = tree.Call("attribute_exists" if node.negated else "attribute_not_exists", (operand,))
        elif node.kind == _NULL:
            leaf = tree.Call("attribute_type", (operand, self.constant({"S": _NULL})))
        else:
            raise malformed(f"IS {node.kind} is not supported")
        self.add_leaf(leaf, replace(node, negated=False) if node.kind == _NULL else node)
        return tree.Negation(leaf, 1) if node.negated and node.kind == _NULL else leaf

    # Updates

    def parsed_update(self, changes: tuple[ast.Assignment | ast.Removal, ...]) -> tree.ParsedUpdate:
        """Return the update that *changes* are. Raises ValidationException."""
        return tree.ParsedUpdate(tuple(map(self.change, changes)), len(changes))

    def change(self, node: ast.Assignment | ast.Removal) -> tree.Assignment:
        if isinstance(node, ast.Removal):
            return tree.Assignment("REMOVE", self.path(node.path), None)
        return tree.Assignment("SET", self.path(node.path), self.operand(node.value, in_update=True))
