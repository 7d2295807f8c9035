"""The grammar: productions that only build nodes.

In the class body ``_`` and capital names come from ``sly``. Conditions are laid out from the loosest operator
(OR) to the tightest, so there is nothing to decide by precedence.
"""

from sly import Parser

from partiql import ast
from partiql.errors import ParseError
from partiql.lexer import StatementLexer

_INDEX_DIGITS = 10
_FRIENDLY = {
    "$end": "the end of the statement",
    "CLOSE_BAG": "'>>'",
    "COMPARE": "a comparison",
    "NAME": "a name",
    "NUMBER": "a number",
    "OPEN_BAG": "'<<'",
    "PARAMETER": "'?'",
    "QUOTED": "a name",
    "STRING": "a string",
}
_SHOWN = 4
_VALUES = {"NAME", "NUMBER", "STRING", "PARAMETER"}
"""Where all of these may stand, so may an expression."""


class StatementParser(Parser):
    tokens = StatementLexer.tokens

    def __init__(self, text):
        self.text = text

    @_('command ";"', "command")
    def statement(self, p):
        return p.command

    @_("select", "insert", "update", "delete")
    def command(self, p):
        return p[0]

    @_('EXISTS "(" select ")"')
    def command(self, p):
        return ast.Exists(p.select, position=p.index)

    @_("expression")
    def command(self, p):
        return ast.Bare(p.expression, position=p.expression.position)

    # Statements

    @_("SELECT columns FROM aliased joins where order")
    def select(self, p):
        return ast.Select(p.columns, p.aliased, p.where, p.order, tuple(p.joins), position=p.index)

    @_('"*"')
    def columns(self, p):
        return ()

    @_("expressions")
    def columns(self, p):
        return tuple(p.expressions)

    @_("INSERT INTO source VALUE expression")
    def insert(self, p):
        return ast.Insert(p.source, p.expression, position=p.index)

    @_("UPDATE source changes where returning")
    def update(self, p):
        return ast.Update(p.source, tuple(p.changes), p.where, p.returning, position=p.index)

    @_("DELETE FROM source where returning")
    def delete(self, p):
        return ast.Delete(p.source, p.where, p.returning, position=p.index)

    # Their parts

    @_("name")
    def source(self, p):
        return ast.Source(p.name[0], position=p.name[2])

    @_('name "." name')
    def source(self, p):
        return ast.Source(p.name0[0], p.name1[0], position=p.name0[2])

    @_("source")
    def aliased(self, p):
        return p.source

    @_("source NAME", "source QUOTED", "source AS NAME", "source AS QUOTED")
    def aliased(self, p):
        return ast.Source(p.source.table, p.source.index, p[-1], position=p.source.position)

    @_("joins JOIN aliased ON expression")
    def joins(self, p):
        return [*p.joins, ast.Join(p.aliased, p.expression, position=p.index)]

    @_("")
    def joins(self, p):
        return []

    @_("WHERE expression")
    def where(self, p):
        return p.expression

    @_("")
    def where(self, p):
        return None

    @_("ORDER BY orderings")
    def order(self, p):
        return tuple(p.orderings)

    @_("")
    def order(self, p):
        return ()

    @_('orderings "," ordering')
    def orderings(self, p):
        p.orderings.append(p.ordering)
        return p.orderings

    @_("ordering")
    def orderings(self, p):
        return [p.ordering]

    @_("expression", "expression ASC", "expression DESC")
    def ordering(self, p):
        descending = len(p) > 1 and p[1].upper() == "DESC"
        return ast.Ordering(p.expression, descending, position=p.expression.position)

    @_("RETURNING scope image '*'")
    def returning(self, p):
        return ast.Returning(p.scope, p.image, position=p.index)

    @_("")
    def returning(self, p):
        return None

    @_("ALL", "MODIFIED")
    def scope(self, p):
        return p[0].upper()

    @_("OLD", "NEW")
    def image(self, p):
        return p[0].upper()

    @_("changes change")
    def changes(self, p):
        p.changes.extend(p.change)
        return p.changes

    @_("change")
    def changes(self, p):
        return p.change

    @_("SET assignments")
    def change(self, p):
        return p.assignments

    @_("REMOVE path")
    def change(self, p):
        return [ast.Removal(p.path, position=p.index)]

    @_('assignments "," assignment')
    def assignments(self, p):
        p.assignments.append(p.assignment)
        return p.assignments

    @_("assignment")
    def assignments(self, p):
        return [p.assignment]

    @_('path "=" expression')
    def assignment(self, p):
        return ast.Assignment(p.path, p.expression, position=p.path.position)

    # Conditions

    @_("alternatives")
    def expression(self, p):
        first, *more = p.alternatives
        return ast.Or((first, *more), position=first.position) if more else first

    @_("alternatives OR conjunction")
    def alternatives(self, p):
        p.alternatives.append(p.conjunction)
        return p.alternatives

    @_("conjunction")
    def alternatives(self, p):
        return [p.conjunction]

    @_("conditions")
    def conjunction(self, p):
        first, *more = p.conditions
        return ast.And((first, *more), position=first.position) if more else first

    @_("conditions AND condition")
    def conditions(self, p):
        p.conditions.append(p.condition)
        return p.conditions

    @_("condition")
    def conditions(self, p):
        return [p.condition]

    @_("NOT condition")
    def condition(self, p):
        return ast.Not(p.condition, position=p.index)

    @_("sum")
    def condition(self, p):
        return p.sum

    @_('sum "=" sum', "sum COMPARE sum")
    def condition(self, p):
        return ast.Comparison(p[1], p.sum0, p.sum1, position=p.sum0.position)

    @_("sum negated BETWEEN sum AND sum")
    def condition(self, p):
        found = ast.Between(p.sum0, p.sum1, p.sum2, position=p.sum0.position)
        return ast.Not(found, position=found.position) if p.negated else found

    @_('sum negated IN "[" members "]"', 'sum negated IN "(" expressions ")"')
    def condition(self, p):
        found = ast.In(p.sum, tuple(p[4]), p[3], position=p.sum.position)
        return ast.Not(found, position=found.position) if p.negated else found

    @_("sum IS negated kind")
    def condition(self, p):
        return ast.Is(p.sum, p.kind.upper(), p.negated, position=p.sum.position)

    @_("NOT")
    def negated(self, p):
        return True

    @_("")
    def negated(self, p):
        return False

    @_("MISSING", "NULL", "NAME")
    def kind(self, p):
        return p[0]

    # Operands

    @_('sum "+" operand', 'sum "-" operand')
    def sum(self, p):
        return ast.Arithmetic(p[1], p.sum, p.operand, position=p.sum.position)

    @_("operand")
    def sum(self, p):
        return p.operand

    @_('"-" operand')
    def operand(self, p):
        return self.negative(p.operand, p.index)

    @_("primary")
    def operand(self, p):
        return p.primary

    @_('"(" expression ")"')
    def primary(self, p):
        return p.expression

    @_("path")
    def primary(self, p):
        return p.path

    @_('NAME "(" arguments ")"')
    def primary(self, p):
        return ast.Call(p.NAME, tuple(p.arguments), position=p.index)

    @_('"*"')
    def arguments(self, p):
        return [ast.Star(position=p.index)]

    @_("members")
    def arguments(self, p):
        return p.members

    @_("PARAMETER")
    def primary(self, p):
        return ast.Parameter(p.PARAMETER, position=p.index)

    # Literals

    @_("STRING")
    def primary(self, p):
        return ast.String(p.STRING, position=p.index)

    @_("NUMBER")
    def primary(self, p):
        return ast.Number(p.NUMBER, position=p.index)

    @_("TRUE", "FALSE")
    def primary(self, p):
        return ast.Boolean(p[0].upper() == "TRUE", position=p.index)

    @_("NULL")
    def primary(self, p):
        return ast.Null(position=p.index)

    @_("MISSING")
    def primary(self, p):
        return ast.Missing(position=p.index)

    @_('"[" members "]"')
    def primary(self, p):
        return ast.List(tuple(p.members), position=p.index)

    @_("OPEN_BAG members CLOSE_BAG")
    def primary(self, p):
        return ast.Bag(tuple(p.members), position=p.index)

    @_('"{" pairs "}"')
    def primary(self, p):
        return ast.Map(tuple(p.pairs), position=p.index)

    @_('"{" "}"')
    def primary(self, p):
        return ast.Map((), position=p.index)

    @_('pairs "," pair')
    def pairs(self, p):
        p.pairs.append(p.pair)
        return p.pairs

    @_("pair")
    def pairs(self, p):
        return [p.pair]

    @_('STRING ":" expression')
    def pair(self, p):
        return ast.String(p.STRING, position=p.index), p.expression

    @_("expressions")
    def members(self, p):
        return p.expressions

    @_("")
    def members(self, p):
        return []

    @_('expressions "," expression')
    def expressions(self, p):
        p.expressions.append(p.expression)
        return p.expressions

    @_("expression")
    def expressions(self, p):
        return [p.expression]

    # Paths

    @_("steps")
    def path(self, p):
        return ast.Path(tuple(p.steps), position=p.steps[0].position)

    @_("name")
    def steps(self, p):
        return [ast.Step(p.name[0], p.name[1], position=p.name[2])]

    @_('steps "." name')
    def steps(self, p):
        p.steps.append(ast.Step(p.name[0], p.name[1], position=p.name[2]))
        return p.steps

    @_('steps "[" NUMBER "]"')
    def steps(self, p):
        p.steps.append(ast.Step(self.index(p.NUMBER, p._slice[2].index), position=p._slice[2].index))
        return p.steps

    @_("NAME", "MODIFIED", "NEW", "OLD")
    def name(self, p):
        return p[0], False, p.index

    @_("QUOTED")
    def name(self, p):
        return p[0], True, p.index

    # What is not built by a production alone

    def negative(self, operand, position):
        """Return the node of a minus sign before *operand*: part of the number where it stands before one."""
        signed = isinstance(operand, ast.Number) and operand.position > position and operand.text[0] != "-"
        if signed and self.text[position + 1 : operand.position].strip() == "":
            return ast.Number("-" + operand.text, position=position)
        return ast.Negation(operand, position=position)

    def index(self, text, position):
        """Return the list index *text*. Raises ParseError unless it is a whole number of sane size."""
        if not text.isdigit() or len(text) > _INDEX_DIGITS:
            raise ParseError(self.text, position, text, "a list index")
        return int(text)

    def error(self, token):
        position = len(self.text) if token is None else token.index
        found = None if token is None else self.text[token.index : token.end]
        raise ParseError(self.text, position, found, self.expected())

    def expected(self):
        """Return in words what could stand where the error is."""
        types = set(self._lrtable.lr_action[self.statestack[-1]])
        if types >= _VALUES:
            return "a statement" if "SELECT" in types else "an expression"
        shown = sorted({_FRIENDLY.get(name, name if name.isalpha() else f"'{name}'") for name in types})
        return " or ".join(shown) if len(shown) <= _SHOWN else "something else"


def parse(text: str) -> ast.Statement:
    """Return the statement in *text*. Raises ParseError."""
    return StatementParser(text).parse(StatementLexer().tokenize(text))
