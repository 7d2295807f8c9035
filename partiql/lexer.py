"""The tokens of a statement.

Keywords may be in any case. A WORD is reserved without being a keyword here: it may only name a function or a
type. In the class body a capital name is a token: see ``sly``.
"""

from sly import Lexer

from partiql.errors import ParseError
from partiql.reserved import RESERVED

_KEYWORDS = frozenset(
    (
        "ALL AND AS ASC BETWEEN BY DELETE DESC EXISTS FALSE FROM IN INSERT INTO IS JOIN MISSING MODIFIED NEW "
        "NOT NULL OLD ON OR ORDER REMOVE RETURNING SELECT SET TRUE UPDATE VALUE WHERE"
    ).split()
)
_CLOSERS = {"'": "the closing quote of a string", '"': "the closing quote of a name", "/": "an operator"}


class StatementLexer(Lexer):
    tokens = {NAME, WORD, QUOTED, STRING, NUMBER, PARAMETER, OPEN_BAG, CLOSE_BAG, COMPARE} | set(_KEYWORDS)
    literals = frozenset("+-*.,()[]{}:;=")
    ignore = " \t\r\n\f\v"
    ignore_line_comment = r"--[^\n]*"
    ignore_comment = r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/"

    STRING = r"'[^']*(?:''[^']*)*'(?!')"
    QUOTED = r'"[^"]*(?:""[^"]*)*"(?!")'
    NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    NAME = r"[A-Za-z_$][A-Za-z0-9_$]*"
    OPEN_BAG = r"<<"
    CLOSE_BAG = r">>"
    COMPARE = r"<>|!=|<=|>=|<|>"
    PARAMETER = r"\?"

    def __init__(self):
        self.parameters = 0

    def STRING(self, token):  # noqa: N802
        token.value = token.value[1:-1].replace("''", "'")
        return token

    def QUOTED(self, token):  # noqa: N802
        token.value = token.value[1:-1].replace('""', '"')
        return token

    def NAME(self, token):  # noqa: N802
        word = token.value.upper()
        token.type = word if word in _KEYWORDS else "WORD" if word in RESERVED else "NAME"
        return token

    def COMPARE(self, token):  # noqa: N802
        token.value = "<>" if token.value == "!=" else token.value
        return token

    def PARAMETER(self, token):  # noqa: N802
        token.value, self.parameters = self.parameters, self.parameters + 1
        return token

    def error(self, token):
        found = token.value[0]
        raise ParseError(self.text, token.index, found, _CLOSERS.get(found, "a word or an operator"))
