"""Expression text -> tokens. Total: a character that starts no token is a token of its own, of kind OTHER."""

import re
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a token is; operators, brackets and keywords are told apart by their text."""

    IDENTIFIER = "identifier"
    NAME = "name"
    VALUE = "value"
    INDEX = "index"
    KEYWORD = "keyword"
    SYMBOL = "symbol"
    OTHER = "other"
    END = "end"


class Token(NamedTuple):
    """A token and its place: ``text`` as typed, ``word`` in upper case for keywords."""

    kind: Kind
    text: str
    word: str
    start: int
    end: int


END_OF_TEXT = "<EOF>"
KEYWORDS = frozenset(("AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"))
_TOKEN = re.compile(
    r"(?P<identifier>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<name>#[A-Za-z0-9_]+)"
    r"|(?P<value>:[A-Za-z0-9_]+)"
    r"|(?P<index>0|[1-9][0-9]*)"
    r"|(?P<symbol><>|<=|>=|[=<>()\[\].,+-])"
    r"|(?P<blank>[ \t\r\n\f]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)


def tokenize(text: str) -> list[Token]:
    """Return the tokens of *text*, blanks left out, with one of kind END after the last."""
    tokens = []
    for match in _TOKEN.finditer(text):
        group, token = match.lastgroup, match.group()
        if group == "blank":
            continue
        kind, word = Kind(group), token
        if kind is Kind.IDENTIFIER and token.upper() in KEYWORDS:
            kind, word = Kind.KEYWORD, token.upper()
        tokens.append(Token(kind, token, word, match.start(), match.end()))
    tokens.append(Token(Kind.END, END_OF_TEXT, END_OF_TEXT, len(text), len(text)))
    return tokens


def window(text: str, tokens: list[Token], position: int) -> str:
    """Return what AWS prints around a token: the text from the token before it to the end of the next."""
    start = tokens[position - 1].start if position else 0
    after = min(position + 1, len(tokens) - 1)
    return text[start : tokens[after].end]
