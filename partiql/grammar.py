"""The grammar: productions that only build nodes.

In the class body ``_`` and capital names come from ``sly``. Conditions are laid out from the loosest operator
(OR) to the tightest, so there is nothing to decide by precedence. After a change here: ``make tables``.
"""

from dataclasses import replace

from partiql import ast
from partiql.errors import ParseError, in_words
from partiql.lexer import StatementLexer
from partiql.tables import KeptParser

_INDEX_DIGITS = 10


class StatementParser(KeptParser):
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

    @_("WORD")
    def command(self, p):
        name = ast.Step(p.WORD, False, position=p.index)
        return ast.Bare(ast.Path((name,), position=p.index), position=p.index)

    # Statements

    @_("SELECT columns FROM aliased { join } where order")
    def select(self, p):
        return ast.Select(p.columns, p.aliased, p.where, p.order, tuple(p.join), position=p.index)

    @_('"*"')
    def columns(self, p):
        return ()

    @_("expressions")
    def columns(self, p):
        return tuple(p.expressions)

    @_("INSERT INTO source VALUE expression returning")
    def insert(self, p):
        return ast.Insert(p.source, p.expression, p.returning, position=p.index)

    @_("UPDATE aliased change { change } where returning")
    def update(self, p):
        changes = [each for change in (p.change0, *p.change1) for each in change]
        return ast.Update(p.aliased, tuple(changes), p.where, p.returning, position=p.index)

    @_("DELETE FROM aliased where returning")
    def delete(self, p):
        return ast.Delete(p.aliased, p.where, p.returning, position=p.index)

    # Their parts

    @_("name")
    def source(self, p):
        return ast.Source(p.name[0], position=p.name[2])

    @_('name "." name { "." name }')
    def source(self, p):
        further = tuple(name[0] for name in p.name2)
        return ast.Source(p.name0[0], p.name1[0], further=further, position=p.name0[2])

    @_("source")
    def aliased(self, p):
        return p.source

    @_("source NAME", "source QUOTED", "source AS NAME", "source AS QUOTED")
    def aliased(self, p):
        return replace(p.source, alias=p[-1])

    @_("JOIN aliased ON expression")
    def join(self, p):
        return ast.Join(p.aliased, p.expression, position=p.index)

    @_("[ WHERE expression ]")
    def where(self, p):
        return p.expression

    @_('ORDER BY ordering { "," ordering }')
    def order(self, p):
        return (p.ordering0, *p.ordering1)

    @_("")
    def order(self, p):
        return ()

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

    @_('SET assignment { "," assignment }')
    def change(self, p):
        return [p.assignment0, *p.assignment1]

    @_("REMOVE path")
    def change(self, p):
        return [ast.Removal(p.path, position=p.index)]

    @_('path "=" expression')
    def assignment(self, p):
        return ast.Assignment(p.path, p.expression, position=p.path.position)

    # Conditions

    @_("conjunction { OR conjunction }")
    def expression(self, p):
        first, more = p.conjunction0, p.conjunction1
        return ast.Or((first, *more), position=first.position) if more else first

    @_("condition { AND condition }")
    def conjunction(self, p):
        first, more = p.condition0, p.condition1
        return ast.And((first, *more), position=first.position) if more else first

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

    @_("MISSING", "NULL", "NAME", "WORD")
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

    @_('"+" NUMBER')
    def operand(self, p):
        return ast.Number(p.NUMBER, position=p.index)

    @_("primary")
    def operand(self, p):
        return p.primary

    @_('"(" expression ")"')
    def primary(self, p):
        return p.expression

    @_("path")
    def primary(self, p):
        return p.path

    @_('NAME "(" arguments ")"', 'WORD "(" arguments ")"')
    def primary(self, p):
        return ast.Call(p[0], tuple(p.arguments), position=p.index)

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

    @_('"{" pair { "," pair } "}"')
    def primary(self, p):
        return ast.Map((p.pair0, *p.pair1), position=p.index)

    @_('"{" "}"')
    def primary(self, p):
        return ast.Map((), position=p.index)

    @_('STRING ":" expression')
    def pair(self, p):
        return ast.String(p.STRING, position=p.index), p.expression

    @_("expressions")
    def members(self, p):
        return p.expressions

    @_("")
    def members(self, p):
        return []

    @_('expression { "," expression }')
    def expressions(self, p):
        return [p.expression0, *p.expression1]

    # Paths

    @_("step { further }")
    def path(self, p):
        return ast.Path((p.step, *p.further), position=p.step.position)

    @_("name")
    def step(self, p):
        return ast.Step(p.name[0], p.name[1], position=p.name[2])

    @_('"." step')
    def further(self, p):
        return p.step

    @_('"[" NUMBER "]"')
    def further(self, p):
        return ast.Step(self.index(p.NUMBER, p._slice[1].index), position=p._slice[1].index)

    @_('"[" STRING "]"', '"[" QUOTED "]"')
    def further(self, p):
        return ast.Step(p[1], True, position=p._slice[1].index)

    @_("NAME")
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
        states = list(self.statestack)
        if token is not None and token.type == "WORD":
            self.reduce(states)
        raise ParseError(self.text, position, found, in_words(self._lrtable.lr_action[states[-1]]))

    def reduce(self, states):
        """Close what a name that is not reserved would have closed before it was found to be wrong."""
        actions = self._lrtable.lr_action
        while (action := actions[states[-1]].get("NAME", 0)) < 0:
            production = self._grammar.Productions[-action]
            del states[len(states) - production.len :]
            states.append(self._lrtable.lr_goto[states[-1]][production.name])


def parse(text: str) -> ast.Statement:
    """Return the statement in *text*. Raises ParseError."""
    return StatementParser(text).parse(StatementLexer().tokenize(text))
