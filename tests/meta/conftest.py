"""What the checks of the tree share: where it is and what its modules import."""

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "benchmarks" / "peers"
"""Where the benchmarks put what they compare with; not part of the project."""
CIMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+)?cimport\s+([\w., ]+)", re.MULTILINE)


class Import(NamedTuple):
    """A module that imports another, both dotted."""

    importer: str
    imported: str

    def __str__(self) -> str:
        return f"{self.importer} imports {self.imported}"


class Tree:
    """The files of the project."""

    root = ROOT

    def sources(self, *packages: str) -> list[Path]:
        """Return the Python files of *packages*, ``dynemu`` and ``partiql`` by default."""
        found = (path for name in packages or ("dynemu", "partiql") for path in (ROOT / name).rglob("*.py"))
        return sorted(path for path in found if not path.is_relative_to(PEERS))

    def documents(self) -> list[Path]:
        """Return all Markdown files."""
        folders = ("docs", "CHANGES", "benchmarks", "tests", "wheels")
        found = sorted(path for name in folders for path in (ROOT / name).rglob("*.md"))
        return sorted(ROOT.glob("*.md")) + [path for path in found if not path.is_relative_to(PEERS)]

    def module(self, path: Path) -> str:
        """Return the dotted name of the module at *path*."""
        return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    @cached_property
    def imports(self) -> list[Import]:
        """What every module imports when it runs, at its top or inside, in Python or through its ``.pxd``.

        What only type checkers read is left out.
        """
        return list(self._imports())

    def _imports(self) -> Iterator[Import]:
        for path in self.sources():
            importer = self.module(path)
            for node in running(ast.parse(path.read_text())):
                yield from (Import(importer, name) for name in self._imported(node, path))
            declarations = path.with_suffix(".pxd")
            if declarations.exists():
                for source, names in CIMPORT.findall(declarations.read_text()):
                    for name in names.split(","):
                        yield Import(importer, f"{source}.{name.strip()}" if source else name.strip())

    def _imported(self, node: ast.AST, path: Path) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            for alias in node.names:
                # "from dynemu import config" names a module, "from dynemu.config import Settings" does not.
                inner = ROOT.joinpath(*(node.module or "").split("."), alias.name)
                is_module = inner.with_suffix(".py").exists() or inner.is_dir()
                yield f"{node.module}.{alias.name}" if is_module else str(node.module)


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield *node* and all nodes under it, but for the bodies of ``if TYPE_CHECKING``."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from running(child)


@pytest.fixture(scope="session")
def tree() -> Tree:
    return Tree()
