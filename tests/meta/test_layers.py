"""A request flows one way, and so do imports."""

import ast
import sys
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it

ROWS = (
    ("dynemu.pytest_plugin", "dynemu.async_fixtures"),
    ("dynemu.testing",),
    ("dynemu.mocking",),
    (
        "dynemu",
        "dynemu.__main__",
        "dynemu.cli",
        "dynemu.database",
        "dynemu.turns",
        "dynemu.async_database",
        "dynemu.client",
        "dynemu.commands",
    ),
    ("dynemu.capabilities",),
    ("dynemu.http",),
    ("dynemu.operations", "dynemu.faults"),
    ("dynemu.engine",),
    ("dynemu.expressions", "dynemu.storage", "dynemu.hooks", "dynemu.hookspecs", "partiql"),
    ("dynemu._core",),
    ("dynemu.errors", "dynemu.limits", "dynemu.model", "dynemu.config"),
)
"""A module may import from its own row and from those below it."""

OWNERS = {
    "amazon": ("dynemu.engine.transfer.ion",),
    "aiobotocore": ("dynemu.mocking", "dynemu.async_fixtures"),
    "asyncio": ("dynemu.http", "dynemu.async_database", "dynemu.mocking.async_patching"),
    "boto3": ("dynemu.mocking", "dynemu.testing"),
    "botocore": ("dynemu.mocking", "dynemu.testing.recorder"),
    "click": ("dynemu.cli", "dynemu.commands"),
    "httptools": ("dynemu.http",),
    "pytest": ("dynemu.pytest_plugin", "dynemu.async_fixtures"),
    "rocksdict": ("dynemu.storage",),
    "sly": ("partiql",),
    "uvloop": ("dynemu.http",),
    "zstandard": ("dynemu.engine.transfer.streams",),
}
"""The only packages that may know of these."""

EXTRAS = {"amazon": "amazon.ion", "zstandard": "zstandard"}
"""Libraries that only some users install, and what they are called there: imported where they are needed."""


OPTIONAL = {"aiobotocore", "boto3", "botocore", "pytest"}
"""What only some users have, imported by the modules for them."""


def row_of(module: str) -> int:
    """Return the place of *module* in ROWS; the longest name that fits counts."""
    places = {name: place for place, row in enumerate(ROWS) for name in row}
    name = module
    while name not in places or (name == "dynemu" and module != "dynemu"):
        assert "." in name, f"{module} has no place in the layers"
        name = name.rpartition(".")[0]
    return places[name]


def is_ours(module: str) -> bool:
    return module.partition(".")[0] in ("dynemu", "partiql")


def belongs(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(name + ".") for name in packages)


def test_every_module_has_a_place(tree: Any) -> None:
    for path in tree.sources():
        row_of(tree.module(path))


def test_imports_go_down(tree: Any) -> None:
    ours = [each for each in tree.imports if is_ours(each.imported)]
    assert len(ours) > 100
    # The package itself holds the version and the public names; whoever wants the version may import it.
    upward = [
        str(each)
        for each in ours
        if each.imported != "dynemu" and row_of(each.importer) > row_of(each.imported)
    ]
    assert upward == []


def test_partiql_is_a_leaf(tree: Any) -> None:
    foreign = [
        str(each)
        for each in tree.imports
        if each.importer.startswith("partiql")
        and not belongs(each.imported, ("partiql", "sly"))
        and each.imported.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert foreign == []


def test_storage_and_partiql_know_no_aws_error(tree: Any) -> None:
    assert [
        str(each)
        for each in tree.imports
        if belongs(each.importer, ("dynemu.storage", "partiql")) and each.imported == "dynemu.errors"
    ] == []


def test_in_storage_only_the_catalogue_knows_the_model(tree: Any) -> None:
    assert {
        each.importer
        for each in tree.imports
        if each.importer.startswith("dynemu.storage") and each.imported == "dynemu.model"
    } <= {"dynemu.storage.catalogue"}


@pytest.mark.parametrize("package", OWNERS)
def test_a_library_stays_with_its_owner(tree: Any, package: str) -> None:
    users = [each for each in tree.imports if belongs(each.imported, (package,))]
    assert [str(each) for each in users if not belongs(each.importer, OWNERS[package])] == []


def test_what_is_imported_is_a_dependency(tree: Any) -> None:
    project = tomllib.loads((tree.root / "pyproject.toml").read_text())["project"]
    known = {line.replace(";", " ").split(">")[0].split()[0].lower() for line in project["dependencies"]}
    foreign = {
        each.imported.partition(".")[0]
        for each in tree.imports
        if not is_ours(each.imported) and each.imported.partition(".")[0] not in sys.stdlib_module_names
    }
    # The declarations beside a compiled module name what comes with Cython, and only the build reads them.
    # What the clients of users bring is imported when they are there.
    assert foreign - {"cpython", "cython", "libc"} - set(EXTRAS) - OPTIONAL <= known


def test_a_library_of_an_extra_is_imported_late(tree: Any) -> None:
    project = tomllib.loads((tree.root / "pyproject.toml").read_text())["project"]
    extra = {line.split(">")[0] for line in project["optional-dependencies"]["import"]}
    assert extra == set(EXTRAS.values())
    for path in tree.sources():
        for node in ast.parse(path.read_text()).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & set(EXTRAS), path


# Besides HTTP, only what hands the synchronous engine to asynchronous callers: a database to await, a mock of
# aiobotocore, its fixture.
ASYNC = ("dynemu.http", "dynemu.async_database", "dynemu.async_fixtures", "dynemu.mocking.async_patching")


def test_async_code_is_at_the_edge(tree: Any) -> None:
    kinds = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
    found = {
        tree.module(path)
        for path in tree.sources()
        if any(isinstance(node, kinds) for node in ast.walk(ast.parse(path.read_text())))
    }
    assert {module for module in found if not belongs(module, ASYNC)} == set()


def test_the_core_does_no_io_and_logs_nothing(tree: Any) -> None:
    for path in tree.sources("dynemu/_core"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not isinstance(node, (ast.Yield, ast.YieldFrom)), (
                f"{path.name}:{node.lineno} is a generator"
            )
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("open", "print"), f"{path.name}:{node.lineno} does I/O"
    assert [
        str(each)
        for each in tree.imports
        if each.importer.startswith("dynemu._core.")
        and each.imported in ("logging", "socket", "threading", "time")
    ] == []
