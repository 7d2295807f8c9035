"""What setup.py compiles is what the tree holds, and what was compiled is not older than its source."""

import os
import re
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

import dynemu
from dynemu._core import COMPILED
from tests.core_builds import ROOT, cython_modules

PACKAGES = ("dynemu", "partiql")
CIMPORT = re.compile(r"^from ([\w.]+) cimport ([\w, ]+)", re.MULTILINE)


def path_of(module: str, suffix: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(suffix)


def module_of(path: Path) -> str:
    """Return the dotted name of the module that *path*, with any suffix, belongs to."""
    return ".".join((*path.relative_to(ROOT).parent.parts, path.name.partition(".")[0]))


def found(suffix: str) -> list[Path]:
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*" + suffix)]


def built() -> list[Path]:
    """Return the extension modules in the tree, of any Python version."""
    return sorted({path for suffix in (".so", ".pyd") for path in found(suffix)})


def sources_of(module: str, seen: set[str]) -> list[Path]:
    """Return what *module* is built from: its source, its declarations and all that these cimport."""
    seen.add(module)
    declarations = path_of(module, ".pxd")
    paths = [path_of(module, ".py"), declarations] if declarations.exists() else []
    for package, names in CIMPORT.findall(declarations.read_text()) if paths else ():
        for imported in (package, *(f"{package}.{name.strip()}" for name in names.split(","))):
            if imported.partition(".")[0] in PACKAGES and imported not in seen:
                paths += sources_of(imported, seen)[1:]
    return paths


def is_lent(declarations: Path) -> bool:
    """Tell whether a ``.pxd`` only lends inline functions, so its module need not be compiled."""
    functions = re.findall(r"^(?:cdef|cpdef) (?!extern)(\w+)", declarations.read_text(), re.MULTILINE)
    return bool(functions) and set(functions) == {"inline"}


@pytest.mark.parametrize("module", cython_modules())
def test_a_compiled_module_has_source_and_declarations(module: str) -> None:
    assert path_of(module, ".py").exists()
    assert path_of(module, ".pxd").exists()


def test_declarations_stand_beside_compiled_modules() -> None:
    declared = {module_of(path) for path in found(".pxd") if not is_lent(path)}
    assert declared == set(cython_modules())
    assert all(path.with_suffix(".py").exists() for path in found(".pxd"))


def test_no_module_is_written_in_cython_alone() -> None:
    assert found(".pyx") == []


def test_only_listed_modules_are_built() -> None:
    assert {module_of(path) for path in built()} <= set(cython_modules())


def test_no_built_module_is_older_than_its_source() -> None:
    stale = [
        path.name
        for path in built()
        if path.stat().st_mtime < max(source.stat().st_mtime for source in sources_of(module_of(path), set()))
    ]
    assert stale == [], "run: python setup.py build_ext --inplace"


def loaded_modules(**environment: str) -> dict[str, str]:
    """Return the files that a new interpreter loads the compiled modules from, by module, and COMPILED."""
    names = [module for module in cython_modules() if path_of(module, ".py").exists()]
    program = (
        "import sys, importlib, dynemu._core; print(dynemu._core.COMPILED)\n"
        "for name in sys.argv[1:]: print(importlib.import_module(name).__file__)"
    )
    clean = {name: value for name, value in os.environ.items() if name != "DYNEMU_PURE"}
    done = subprocess.run(
        [sys.executable, "-c", program, *names],
        env={**clean, "PYTHONPATH": str(ROOT), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    compiled, *files = done.stdout.splitlines()
    return {"COMPILED": compiled, **dict(zip(names, files, strict=True))}


def test_pure_mode_loads_the_sources() -> None:
    loaded = loaded_modules(DYNEMU_PURE="1")
    assert loaded.pop("COMPILED") == "False"
    assert loaded == {name: str(path_of(name, ".py")) for name in loaded}


@pytest.mark.parametrize("value", ["", "0"])
def test_otherwise_built_modules_are_loaded(value: str) -> None:
    loaded = loaded_modules(DYNEMU_PURE=value)
    suffix = EXTENSION_SUFFIXES[0]
    expected = {
        name: str(extension) if (extension := path_of(name, suffix)).exists() else str(path_of(name, ".py"))
        for name in cython_modules()
    }
    assert loaded.pop("COMPILED") == str(path_of("dynemu._core.numbers", suffix).exists())
    assert loaded == expected


def test_compiled_is_true_for_extension_modules_only() -> None:
    assert (sys.modules["dynemu._core.numbers"].__file__ or "").endswith(".py") is not COMPILED


def test_the_version_stands_in_one_place() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", dynemu.__version__)
    pyproject = (ROOT / "pyproject.toml").read_text()
    assert 'version = { attr = "dynemu.__version__" }' in pyproject
    assert dynemu.__version__ not in (ROOT / "setup.py").read_text()
