"""The modules of ``dynemu._core`` as they were built and as plain Python, side by side in one process."""

import ast
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import dynemu
from dynemu._core import COMPILED, SourceFinder

ROOT = Path(__file__).parents[1]
PACKAGE = "dynemu._core"


def cython_modules() -> tuple[str, ...]:
    """Return the modules that setup.py compiles, by their dotted names."""
    for node in ast.parse((ROOT / "setup.py").read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CYTHON_MODULES":
            names: tuple[str, ...] = ast.literal_eval(node.value)
            return names
    raise LookupError("setup.py names no modules")


def core_modules() -> tuple[str, ...]:
    """Return the short names of the compiled modules of ``dynemu._core`` that exist."""
    names = [name.removeprefix(PACKAGE + ".") for name in cython_modules() if name.startswith(PACKAGE + ".")]
    return tuple(name for name in names if (ROOT / "dynemu" / "_core" / f"{name}.py").exists())


@contextmanager
def _fresh_package() -> Iterator[None]:
    """Forget the package and its modules inside; afterwards they are the old ones again."""
    kept = {name: module for name, module in sys.modules.items() if f"{name}.".startswith(PACKAGE + ".")}
    for name in kept:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if f"{name}.".startswith(PACKAGE + ".")]:
            del sys.modules[name]
        sys.modules.update(kept)
        dynemu._core = kept[PACKAGE]  # type: ignore[attr-defined]


def load_pure() -> SimpleNamespace:
    """Import all modules from their sources, apart from those that the program uses."""
    sys.meta_path.insert(0, SourceFinder)
    try:
        with _fresh_package():
            return _namespace("py")
    finally:
        sys.meta_path.remove(SourceFinder)


def load_compiled() -> SimpleNamespace:
    """Return the modules as the program imports them."""
    return _namespace("cy")


def _namespace(build: str) -> SimpleNamespace:
    modules = {name: importlib.import_module(f"{PACKAGE}.{name}") for name in core_modules()}
    return SimpleNamespace(build=build, **modules)


BUILDS = {"cy": load_compiled(), "py": load_pure()} if COMPILED else {"py": load_compiled()}
"""By fixture id; without a build, or with DYNEMU_PURE=1, there is only the one."""
