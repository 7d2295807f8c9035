"""Write ``partiql/tables.json``: the parser's tables for the grammar of PartiQL.

    python -m tools.write_tables [--check]

The file holds one production and one state a line, so that a difference shows what has changed. With
``--check`` nothing is written, and the exit code is 1 when the file is not up to date.
"""

import json
import sys
from pathlib import Path

from partiql import grammar, tables


def rendered() -> str:
    """Return the text of the file."""
    kept = tables.tables_of(grammar.StatementParser)
    parts = (f'"{name}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]" for name, rows in kept.items())
    return "{" + ",\n".join(parts) + "}\n"


def main(arguments: list[str]) -> int:
    path, text = Path(tables.FILE), rendered()
    if arguments == ["--check"]:
        return int(path.read_text(encoding="ascii") != text)
    path.write_text(text, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
