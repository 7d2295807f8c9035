"""From a tree back to text: keywords in capitals, every name in quotes, no more parentheses than needed."""

from collections.abc import Iterable

from partiql import ast
from partiql.visiting import Visitor

_LOOSE = (ast.Or, ast.And, ast.Not, ast.Comparison, ast.Between, ast.In, ast.Is)
"""What needs parentheses to be an operand."""


def render(node: ast.Node) -> str:
    """Return the text of a statement, or of any part of one that has a text of its own.

    For every statement that ``parse`` returns, ``parse(render(statement)) == statement``.
    """
    return _Renderer().visit(node)


class _Renderer(Visitor[str]):
    def visit_other(self, node: ast.Node) -> str:
        raise TypeError(f"{type(node).__name__} has no text of its own")

    def joined(self, nodes: Iterable[ast.Node]) -> str:
        return ", ".join(map(self.visit, nodes))

    def operand(self, node: ast.Node) -> str:
        """Return *node* as an operand of a comparison or sum."""
        text = self.visit(node)
        return f"({text})" if isinstance(node, _LOOSE) else text

    def inner(self, node: ast.Node, *kinds: type) -> str:
        """Return *node*, in parentheses when it is one of *kinds*."""
        text = self.visit(node)
        return f"({text})" if isinstance(node, kinds) else text

    # Values

    def visit_string(self, node: ast.String) -> str:
        return "'" + node.text.replace("'", "''") + "'"

    def visit_number(self, node: ast.Number) -> str:
        return node.text

    def visit_boolean(self, node: ast.Boolean) -> str:
        return "TRUE" if node.value else "FALSE"

    def visit_null(self, node: ast.Null) -> str:
        return "NULL"

    def visit_missing(self, node: ast.Missing) -> str:
        return "MISSING"

    def visit_parameter(self, node: ast.Parameter) -> str:
        return "?"

    def visit_list(self, node: ast.List) -> str:
        return f"[{self.joined(node.members)}]"

    def visit_bag(self, node: ast.Bag) -> str:
        return f"<<{self.joined(node.members)}>>"

    def visit_map(self, node: ast.Map) -> str:
        pairs = (f"{self.visit(key)}: {self.visit(value)}" for key, value in node.members)
        return "{" + ", ".join(pairs) + "}"

    # Names

    def visit_step(self, node: ast.Step) -> str:
        if isinstance(node.key, int):
            return f"[{node.key}]"
        return quoted(node.key) if node.quoted else node.key

    def visit_path(self, node: ast.Path) -> str:
        first, *rest = node.steps
        steps = ("" if isinstance(step.key, int) else "." for step in rest)
        return self.visit(first) + "".join(
            dot + self.visit(step) for dot, step in zip(steps, rest, strict=True)
        )

    def visit_star(self, node: ast.Star) -> str:
        return "*"

    # Operators

    def visit_call(self, node: ast.Call) -> str:
        return f"{node.name}({self.joined(node.arguments)})"

    def visit_comparison(self, node: ast.Comparison) -> str:
        return f"{self.operand(node.left)} {node.operator} {self.operand(node.right)}"

    def visit_between(self, node: ast.Between) -> str:
        return f"{self.operand(node.value)} BETWEEN {self.operand(node.low)} AND {self.operand(node.high)}"

    def visit_in(self, node: ast.In) -> str:
        close = "]" if node.bracket == "[" else ")"
        return f"{self.operand(node.value)} IN {node.bracket}{self.joined(node.members)}{close}"

    def visit_is(self, node: ast.Is) -> str:
        return f"{self.operand(node.value)} IS {'NOT ' * node.negated}{node.kind}"

    def visit_and(self, node: ast.And) -> str:
        return " AND ".join(self.inner(member, ast.And, ast.Or) for member in node.members)

    def visit_or(self, node: ast.Or) -> str:
        return " OR ".join(self.inner(member, ast.Or) for member in node.members)

    def visit_not(self, node: ast.Not) -> str:
        return "NOT " + self.inner(node.member, ast.And, ast.Or)

    def visit_arithmetic(self, node: ast.Arithmetic) -> str:
        right = self.operand(node.right)
        if isinstance(node.right, ast.Arithmetic):
            right = f"({right})"
        return f"{self.operand(node.left)} {node.operator} {right}"

    def visit_negation(self, node: ast.Negation) -> str:
        return f"-({self.visit(node.member)})"

    # Statements

    def visit_source(self, node: ast.Source) -> str:
        names = [name for name in (node.table, node.index, *node.further) if name is not None]
        text = ".".join(map(quoted, names))
        return text if node.alias is None else f"{text} AS {quoted(node.alias)}"

    def visit_join(self, node: ast.Join) -> str:
        return f"JOIN {self.visit(node.source)} ON {self.visit(node.on)}"

    def visit_ordering(self, node: ast.Ordering) -> str:
        return self.visit(node.value) + " DESC" * node.descending

    def visit_returning(self, node: ast.Returning) -> str:
        return f"RETURNING {node.scope} {node.image} *"

    def visit_assignment(self, node: ast.Assignment) -> str:
        return f"SET {self.visit(node.path)} = {self.visit(node.value)}"

    def visit_removal(self, node: ast.Removal) -> str:
        return f"REMOVE {self.visit(node.path)}"

    def visit_select(self, node: ast.Select) -> str:
        parts = ["SELECT", self.joined(node.columns) or "*", "FROM", self.visit(node.source)]
        parts.extend(map(self.visit, node.joins))
        parts.extend(self.where(node.where))
        if node.order:
            parts.append("ORDER BY " + self.joined(node.order))
        return " ".join(parts)

    def visit_insert(self, node: ast.Insert) -> str:
        parts = [f"INSERT INTO {self.visit(node.source)} VALUE {self.visit(node.value)}"]
        return " ".join([*parts, *self.returning(node.returning)])

    def visit_update(self, node: ast.Update) -> str:
        parts = ["UPDATE", self.visit(node.source), *map(self.visit, node.changes), *self.where(node.where)]
        return " ".join([*parts, *self.returning(node.returning)])

    def visit_delete(self, node: ast.Delete) -> str:
        parts = ["DELETE FROM", self.visit(node.source), *self.where(node.where)]
        return " ".join([*parts, *self.returning(node.returning)])

    def visit_exists(self, node: ast.Exists) -> str:
        return f"EXISTS({self.visit(node.select)})"

    def visit_bare(self, node: ast.Bare) -> str:
        return self.visit(node.value)

    def where(self, node: ast.Node | None) -> list[str]:
        return [] if node is None else ["WHERE", self.visit(node)]

    def returning(self, node: ast.Node | None) -> list[str]:
        return [] if node is None else [self.visit(node)]


def quoted(name: str) -> str:
    """Return *name* in double quotes."""
    return '"' + name.replace('"', '""') + '"'
