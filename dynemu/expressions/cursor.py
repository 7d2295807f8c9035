"""Steps through the tokens of an expression; knows paths, operands and calls, and the syntax errors."""

from dynemu.errors import ValidationException
from dynemu.expressions.lexer import Kind, Token, tokenize, window
from dynemu.expressions.messages import MISUSED, expression_error
from dynemu.expressions.tree import Call, PathTerm, Term, ValueTerm

MAX_CALL_DEPTH = 240
"""Calls in calls: no valid expression of 4 KB holds more."""


class Cursor:
    """Steps through the tokens of one expression; raises the syntax errors."""

    def __init__(self, member: str, text: str) -> None:
        self.member = member
        self.text = text
        self.tokens = tokenize(text)
        self.position = 0
        self.token: Token = self.tokens[0]
        self.redundant = False
        self.operators = 0
        self.depth = 0

    def error(self, problem: str) -> ValidationException:
        return expression_error(self.member, problem)

    def syntax_error(self) -> ValidationException:
        near = window(self.text, self.tokens, self.position)
        return self.error(f'Syntax error; token: "{self.token.text}", near: "{near}"')

    def check_parentheses(self) -> None:
        """Raise ValidationException for a second pair of parentheses around one thing.

        NOTE: AWS reports it when the operand, condition or action around them ends, so before a later syntax
        error.
        """
        if self.redundant:
            raise self.error("The expression has redundant parentheses;")

    def advance(self) -> Token:
        """Return the token here and step past it."""
        token = self.token
        if token.kind is not Kind.END:
            self.position += 1
            self.token = self.tokens[self.position]
        return token

    def accept(self, word: str) -> bool:
        """Step past the symbol or keyword *word* if it is here; tell whether it was."""
        if self.token.word == word and self.token.kind in (Kind.SYMBOL, Kind.KEYWORD):
            self.advance()
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise self.syntax_error()

    def expect_kind(self, kind: Kind) -> Token:
        if self.token.kind is not kind:
            raise self.syntax_error()
        return self.advance()

    def finish(self) -> None:
        """Raise the syntax error of anything left over."""
        if self.token.kind is not Kind.END:
            raise self.syntax_error()

    def at_closing(self) -> bool:
        return self.token.kind is Kind.SYMBOL and self.token.text == ")"

    def path(self) -> PathTerm:
        """Parse ``name ( . name | [index] )*``."""
        parts: list[str | int] = [self.name()]
        while True:
            if self.accept("."):
                parts.append(self.inner_name())
            elif self.accept("["):
                parts.append(int(self.expect_kind(Kind.INDEX).text))
                self.expect("]")
            else:
                return PathTerm(tuple(parts))

    def name(self) -> str:
        """Parse an identifier or a ``#name``."""
        if self.token.kind is not Kind.IDENTIFIER and self.token.kind is not Kind.NAME:
            raise self.syntax_error()
        return self.advance().text

    def inner_name(self) -> str:
        """Parse the name after a point.

        NOTE: AWS's grammar takes a ``:value`` there, as a name that is not defined.
        """
        return self.advance().text if self.token.kind is Kind.VALUE else self.name()

    def opened(self) -> int:
        """Step past all opening parentheses here; return their number."""
        count = 0
        while self.accept("("):
            count += 1
        return count

    def closed(self, limit: int) -> int:
        """Step past at most *limit* closing parentheses; return their number, and note redundant ones."""
        count = 0
        while count < limit and self.accept(")"):
            count += 1
        if count > 1:
            self.redundant = True
        return count

    def operand(self) -> Term:
        """Parse a path, a value or a call, in parentheses or not."""
        opened = self.opened()
        term = self.term()
        if self.closed(opened) != opened:
            raise self.syntax_error()
        return term

    def term(self) -> Term:
        """Parse a path, a value or ``function ( operand , … )``."""
        token = self.token
        if token.kind is Kind.VALUE:
            return ValueTerm(self.advance().text)
        following = self.tokens[min(self.position + 1, len(self.tokens) - 1)]
        if token.kind is not Kind.IDENTIFIER or following.kind is not Kind.SYMBOL or following.text != "(":
            return self.path()
        self.operators += 1
        self.depth += 1
        if self.depth > MAX_CALL_DEPTH:
            raise self.error(MISUSED + token.text)
        self.advance()
        operands = self.operands()
        self.depth -= 1
        return Call(token.text, tuple(operands))

    def operands(self) -> list[Term]:
        """Parse ``( operand , … )``."""
        self.expect("(")
        operands = [self.operand()]
        while self.accept(","):
            operands.append(self.operand())
        self.expect(")")
        return operands
