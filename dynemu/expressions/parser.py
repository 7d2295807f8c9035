"""Tokens -> tree. One function per grammar rule, loops where a text can nest without end.

What is wrong with an expression whatever its names and values is found here, in AWS's order: size, syntax and
redundant parentheses, then (in the order of the text) reserved words, functions and list indexes.
"""

from dynemu.expressions.cursor import Cursor
from dynemu.expressions.lexer import Kind
from dynemu.expressions.messages import expression_error
from dynemu.expressions.remembering import remembered
from dynemu.expressions.tree import (
    Assignment,
    Call,
    Comparison,
    Condition,
    Junction,
    Negation,
    ParsedCondition,
    ParsedUpdate,
    PathTerm,
    Sum,
    Term,
    ValueTerm,
)
from dynemu.expressions.words import WordChecker
from dynemu.limits import EXPRESSION_BYTES

COMPARATORS = frozenset(("=", "<>", "<", "<=", ">", ">="))
SECTIONS = frozenset(("SET", "REMOVE", "ADD", "DELETE"))
_CACHED_TEXTS = 1024


class Group:
    """What was read so far between two parentheses, or outside of all."""

    def __init__(self) -> None:
        self.alternatives: list[list[Condition]] = [[]]
        self.negations = 0
        self.ends_bracketed = False

    @property
    def is_fresh(self) -> bool:
        """Whether nothing was read yet."""
        return not self.negations and len(self.alternatives) == 1 and not self.alternatives[0]

    @property
    def is_redundant(self) -> bool:
        """Whether there is nothing in it but another pair of parentheses."""
        return self.ends_bracketed and len(self.alternatives) == 1 and len(self.alternatives[0]) == 1

    def add(self, condition: Condition, *, is_bracketed: bool) -> None:
        """Add a condition, which may stand in parentheses, with the NOTs before it."""
        self.ends_bracketed = is_bracketed and not self.negations
        if self.negations:
            condition = Negation(condition, self.negations)
            self.negations = 0
        self.alternatives[-1].append(condition)

    def close(self) -> Condition:
        """Return all of it as one condition."""
        factors = [join("AND", conditions) for conditions in self.alternatives]
        return join("OR", factors)


def join(operator: str, conditions: list[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else Junction(operator, tuple(conditions))


class ConditionParser(Cursor):
    """Parses conditions with a stack of its own, for they may nest a thousand levels deep."""

    def __init__(self, member: str, text: str) -> None:
        super().__init__(member, text)
        self.groups = [Group()]
        self.leaves: list[Comparison | Call] = []

    def condition(self) -> ParsedCondition:
        """Parse a whole condition."""
        while True:
            self.start_factor()
            left, is_bracketed = self.left_operand()
            leaf = self.leaf(left)
            self.check_parentheses()
            self.leaves.append(leaf)
            self.groups[-1].add(leaf, is_bracketed=is_bracketed and leaf is left)
            self.close_groups()
            self.check_parentheses()
            if self.accept("AND"):
                self.operators += 1
            elif self.accept("OR"):
                self.operators += 1
                self.groups[-1].alternatives.append([])
            else:
                break
        if len(self.groups) > 1:
            raise self.syntax_error()
        self.finish()
        WordChecker(self.member).check_condition(self.leaves)
        return ParsedCondition(self.groups[0].close(), tuple(self.leaves), self.operators)

    def start_factor(self) -> None:
        """Step past the NOTs and opening parentheses before a comparison."""
        while True:
            if self.accept("NOT"):
                self.groups[-1].negations += 1
                self.operators += 1
            elif self.accept("("):
                self.groups.append(Group())
            else:
                return

    def left_operand(self) -> tuple[Term, bool]:
        """Parse the first operand; parentheses opened before it may turn out to belong to it alone."""
        term = self.term()
        count = 0
        while self.at_closing() and len(self.groups) > 1 and self.groups[-1].is_fresh:
            self.advance()
            self.groups.pop()
            count += 1
        if count > 1:
            self.redundant = True
        return term, count > 0

    def leaf(self, left: Term) -> Comparison | Call:
        """Parse what follows the first operand of a comparison; a call may stand alone."""
        word = self.token.word
        if self.token.kind is Kind.SYMBOL and word in COMPARATORS:
            self.advance()
            self.check_parentheses()
            operands = [left, self.operand()]
        elif self.accept("BETWEEN"):
            operands = [left, self.operand()]
            self.expect("AND")
            operands.append(self.operand())
        elif self.accept("IN"):
            operands = [left, *self.operands()]
        elif isinstance(left, Call):
            return left
        else:
            raise self.syntax_error()
        self.operators += 1
        return Comparison(word, tuple(operands))

    def close_groups(self) -> None:
        """Step past the closing parentheses after a comparison."""
        while self.at_closing() and len(self.groups) > 1:
            self.advance()
            group = self.groups.pop()
            if group.is_redundant:
                self.redundant = True
            self.groups[-1].add(group.close(), is_bracketed=True)


class UpdateParser(Cursor):
    """Parses update expressions."""

    def update(self) -> ParsedUpdate:
        """Parse all sections."""
        actions: list[Assignment] = []
        sections: list[str] = []
        while True:
            section = self.section()
            sections.append(section)
            actions.append(self.action(section))
            self.check_parentheses()
            while self.accept(","):
                actions.append(self.action(section))
                self.check_parentheses()
            if self.token.kind is Kind.END:
                break
        self.finish()
        WordChecker(self.member).check_update(actions)
        for position, section in enumerate(sections):
            if section in sections[:position]:
                raise self.error(f'The "{section}" section can only be used once in an update expression;')
        return ParsedUpdate(tuple(actions), self.operators)

    def section(self) -> str:
        """Parse the keyword that begins a section."""
        if self.token.kind is not Kind.KEYWORD or self.token.word not in SECTIONS:
            raise self.syntax_error()
        return self.advance().word

    def action(self, section: str) -> Assignment:
        path = self.path()
        if section == "SET":
            self.expect("=")
            return Assignment(section, path, self.sum())
        if section == "REMOVE":
            return Assignment(section, path, None)
        return Assignment(section, path, ValueTerm(self.expect_kind(Kind.VALUE).text))

    def sum(self) -> Term:
        """Parse an operand, or a sum or difference of two; parentheses may stand around either."""
        opened = self.opened()
        term = self.term()
        open_ones = opened - self.closed(opened)
        operator = self.token.text
        if self.token.kind is Kind.SYMBOL and operator in ("+", "-"):
            self.advance()
            self.operators += 1
            right = self.operand()
            term = Sum(operator, term, right)
            open_ones -= self.closed(open_ones)
        if open_ones:
            raise self.syntax_error()
        return term


class ProjectionParser(Cursor):
    """Parses projection expressions."""

    def projection(self) -> tuple[PathTerm, ...]:
        """Parse ``path , …``."""
        paths = [self.path()]
        while self.accept(","):
            paths.append(self.path())
        self.finish()
        checker = WordChecker(self.member)
        for path in paths:
            checker.check_path(path)
        return tuple(paths)


@remembered(_CACHED_TEXTS)
def parse_condition(member: str, text: str) -> ParsedCondition:
    """Parse the condition *text*, the value of *member*. Raises ValidationException."""
    return ConditionParser(member, text).condition()


@remembered(_CACHED_TEXTS)
def parse_update(text: str) -> ParsedUpdate:
    """Parse the update expression *text*. Raises ValidationException."""
    return UpdateParser("UpdateExpression", text).update()


@remembered(_CACHED_TEXTS)
def parse_projection(text: str) -> tuple[PathTerm, ...]:
    """Parse the projection expression *text* into its paths. Raises ValidationException."""
    return ProjectionParser("ProjectionExpression", text).projection()


def check_size(member: str, text: str, *, tells_size: bool) -> None:
    """Raise ValidationException when *text* is empty or too long; *tells_size* puts its size at the end."""
    if text == "":
        raise expression_error(member, "The expression can not be empty;")
    size = len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
    if size > EXPRESSION_BYTES:
        problem = "Expression size has exceeded the maximum allowed size;"
        longer = f"{problem} expression size: {size}"
        older = longer if member == "ConditionExpression" else None
        raise expression_error(member, longer if tells_size else problem, older)
