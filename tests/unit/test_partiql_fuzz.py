"""Whatever the text, parsing ends soon with a tree or a ParseError.

``partiql_corpus`` keeps texts that were, or could be, hard on a parser; a text that ever broke it goes there.
"""

import random
from pathlib import Path
from time import process_time

import pytest

from partiql import ParseError, ast, parse, render

CORPUS = Path(__file__).parent / "partiql_corpus"
NAMES = sorted(path.stem for path in CORPUS.glob("*.txt"))
LONGEST = 8192
"""Characters of a statement that DynamoDB accepts."""
SECONDS = 2.0
"""A hundred times what a statement of that length takes, so that a busy machine fails no test."""
ROUNDS = 3000
PIECES = (
    "SELECT INSERT INTO UPDATE DELETE FROM WHERE SET REMOVE VALUE AND OR NOT IN BETWEEN IS NULL MISSING "
    "EXISTS ORDER BY RETURNING ALL NEW * ( ) [ ] { } << >> < > = <> != <= >= + - . , : ; ? ' '' \" \"\" -- "
    "/* */ a b 1 1e5 .5 0 'x' \"y\" size( begins_with( \u00e9 \x00 \n"
).split(" ")
REPEATED = {
    "parentheses": ("SELECT * FROM t WHERE ", "(", "a", ")"),
    "lists": ("INSERT INTO t VALUE ", "[", "1", "]"),
    "bags": ("INSERT INTO t VALUE ", "<<", "1", ">>"),
    "maps": ("INSERT INTO t VALUE ", "{'a':", "1", "}"),
    "not": ("SELECT * FROM t WHERE ", "NOT ", "a", ""),
    "minus": ("INSERT INTO t VALUE ", "- ", "1", ""),
    "sums": ("SELECT * FROM t WHERE a", "+1", "", ""),
    "calls": ("SELECT * FROM t WHERE ", "f(", "", ")"),
    "and": ("SELECT * FROM t WHERE a", " AND a", "", ""),
    "steps": ("SELECT a", ".b[0]", " FROM t", ""),
    "quotes": ("SELECT * FROM t WHERE a = '", "''", "", ""),
    "comments": ("SELECT ", "/**/", "", ""),
    "unclosed comments": ("SELECT ", "/*", "", ""),
    "stars": ("SELECT /*", "*", "", ""),
    "digits": ("SELECT a FROM t WHERE b = ", "9", "e9", ""),
    "names": ("SELECT a FROM t WHERE b = ", "n", "%", ""),
}


def check(text: str) -> None:
    """Parse *text*, and print and parse it again when it is a statement, within bounds of time."""
    start = process_time()
    try:
        tree = parse(text)
    except ParseError as error:
        assert 0 <= error.position <= len(text)
        assert error.expected
    else:
        assert isinstance(tree, ast.Node)
        assert parse(render(tree)) == tree
    assert process_time() - start < SECONDS


def repeated(name: str) -> str:
    head, opened, middle, closed = REPEATED[name]
    count = (LONGEST - len(head) - len(middle)) // len(opened + closed)
    return head + opened * count + middle + closed * count


@pytest.mark.parametrize("name", REPEATED)
def test_much_of_the_same(name: str) -> None:
    check(repeated(name))
    check(repeated(name)[:-1])


def read(name: str) -> str:
    return (CORPUS / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n")


@pytest.mark.parametrize("name", NAMES)
def test_the_corpus(name: str) -> None:
    check(read(name))


def test_random_pieces() -> None:
    chance = random.Random(20)
    for _ in range(ROUNDS):
        check(chance.choice(("", " ")).join(chance.choices(PIECES, k=chance.randint(1, 40))))


def test_statements_with_a_mistake() -> None:
    chance = random.Random(21)
    texts = [read(name) for name in NAMES]
    for _ in range(ROUNDS):
        text = chance.choice(texts)[:400]
        place = chance.randrange(len(text) + 1)
        check(text[:place] + chance.choice(PIECES) + text[place + chance.randint(0, 3) :])
