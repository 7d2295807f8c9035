"""The parser's tables out of ``tables.json``: reading them takes 1 ms, building them takes sly 25.

``python -m tools.write_tables`` writes the file. The tables of a grammar that is not the one in the file, as
while it is edited, are built.
"""

import json
import os
from collections.abc import Iterable
from typing import Any

from sly import Parser, yacc

FILE = os.path.join(os.path.dirname(__file__), "tables.json")

_build_table = yacc.LRTable


class KeptParser(Parser):  # type: ignore[misc]
    """The base of a parser whose tables are kept in the file."""

    @classmethod
    def _build(cls, definitions: Iterable[Any]) -> None:
        """Take over the grammar in the body of a class, which sly calls as soon as that is there."""
        if "_build" in vars(cls):
            return  # this class, which has no grammar
        yacc.LRTable = _KeptTable.of  # the one way in: sly knows nothing of kept tables
        try:
            super()._build(definitions)
        finally:
            yacc.LRTable = _build_table


class _KeptTable:
    """What the parser of sly reads of its ``LRTable``."""

    sr_conflicts = rr_conflicts = ()

    def __init__(self, actions: list[dict[str, int]], gotos: list[dict[str, int]]) -> None:
        self.lr_action = actions
        self.lr_goto = gotos
        self.defaulted_states = {
            state: action
            for state, row in enumerate(actions)
            if len(row) == 1
            for action in row.values()
            if action < 0
        }

    @classmethod
    def of(cls, grammar: Any) -> Any:
        """Return the tables of *grammar*."""
        with open(FILE, "rb") as file:
            kept = json.load(file)
        if kept["productions"] != productions_of(grammar):
            return _build_table(grammar)
        return cls(kept["actions"], kept["gotos"])


def productions_of(grammar: Any) -> list[str]:
    """Return the productions of *grammar* as text, in the order of the numbers that the tables use."""
    return list(map(str, grammar.Productions))


def tables_of(parser: type[Parser]) -> dict[str, list[Any]]:
    """Return what the file has to hold for *parser*; to be called once, as sly builds tables once."""
    grammar, table = parser._grammar, parser._lrtable
    if isinstance(table, _KeptTable):
        table = _build_table(grammar)
    rows = {"actions": table.lr_action, "gotos": table.lr_goto}
    kept: dict[str, list[Any]] = {"productions": productions_of(grammar)}
    for name, states in rows.items():
        kept[name] = [dict(sorted(states[state].items())) for state in range(len(states))]
    return kept
