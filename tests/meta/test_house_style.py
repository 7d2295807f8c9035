"""What the house style asks of every source, as far as a program can see it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FILE_LINES = 500
FUNCTION_LINES = 60
"""Past these a reason in a decision record is needed, and an entry here."""
VAGUE = ("base2", "common", "helper", "helpers", "manager", "misc", "util", "utils")
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9.])/(root|home|work|tmp/w)/[a-z]")
UNFINISHED = re.compile("TO" + "DO|FIX" + "ME|XX" + "X")
SKIPPED = re.compile(r"pytest\.(mark\.)?(skip(?!if\(not POSIX)|xfail|importor" + r"skip)|unittest\.skip")
"""What another operating system does not have may be left out there; nothing is anywhere else."""


def functions(tree: Any) -> Iterator[tuple[str, int]]:
    """Yield (place, lines) of every function."""
    for path in tree.sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno:
                yield f"{path.name}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def texts(tree: Any, *packages: str) -> Iterator[tuple[Path, int, str]]:
    for path in tree.sources(*packages):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            yield path.relative_to(tree.root), number, line


def test_files_are_short(tree: Any) -> None:
    long = {path.name for path in tree.sources() if len(path.read_text().splitlines()) > FILE_LINES}
    assert long == set()


def test_functions_are_short(tree: Any) -> None:
    sizes = dict(functions(tree))
    assert {place for place, size in sizes.items() if size > FUNCTION_LINES} == set()
    assert sorted(sizes.values())[len(sizes) // 2] <= 10


def test_names_say_what_a_module_is_for(tree: Any) -> None:
    assert [
        path for path in tree.sources("dynemu", "partiql", "tests", "benchmarks") if path.stem in VAGUE
    ] == []


def test_every_module_says_what_it_is_for(tree: Any) -> None:
    bare = [
        path.relative_to(tree.root).as_posix()
        for path in tree.sources("dynemu", "partiql", "tests")
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert bare == []


@pytest.mark.parametrize(
    "pattern", [UNFINISHED, SKIPPED, MACHINE_PATH], ids=["unfinished", "skipped", "machine path"]
)
def test_sources_hold_no(tree: Any, pattern: re.Pattern[str]) -> None:
    found = [
        f"{path}:{number}: {line}"
        for path, number, line in texts(tree, "dynemu", "partiql", "tests", "benchmarks", "wheels")
        if pattern.search(line) and path.name != Path(__file__).name
    ]
    assert found == []
