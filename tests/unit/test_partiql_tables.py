"""The parser's tables are kept in a file, which is what sly builds of the grammar."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sly import Lexer, yacc

from partiql import grammar, tables
from partiql.tables import KeptParser

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("seed", ["0", "1"], ids=["one-seed", "another-seed"])
def test_the_file_is_what_sly_builds(seed: str) -> None:
    command = [sys.executable, "-m", "tools.write_tables", "--check"]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
    assert subprocess.run(command, cwd=ROOT, env=environment).returncode == 0, "make tables writes it anew"


def test_the_parser_reads_its_tables_from_the_file() -> None:
    assert not isinstance(grammar.StatementParser._lrtable, yacc.LRTable)
    assert len(grammar.StatementParser._lrtable.lr_action) > 100


def test_another_grammar_gets_tables_of_its_own() -> None:
    code = (
        "class Numbers(Lexer):\n"
        "    tokens = {NUMBER}\n"
        "    literals = {'+'}\n"
        "    NUMBER = '[0-9]+'\n"
        "class Sums(KeptParser):\n"
        "    tokens = Numbers.tokens\n"
        "    @_('total \"+\" NUMBER')\n"
        "    def total(self, p): return p.total + int(p.NUMBER)\n"
        "    @_('NUMBER')\n"
        "    def total(self, p): return int(p.NUMBER)\n"
    )
    names: dict[str, Any] = {"Lexer": Lexer, "KeptParser": KeptParser, "__name__": __name__}
    exec(code, names)
    assert names["Sums"]().parse(names["Numbers"]().tokenize("1+20+300")) == 321
    assert isinstance(names["Sums"]._lrtable, yacc.LRTable)
    assert yacc.LRTable is tables._build_table
