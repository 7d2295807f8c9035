"""Builds the compiled modules; everything else about the package is in pyproject.toml.

DYNEMU_DISABLE_EXT=1 builds none of them. DYNEMU_REQUIRE_EXT=1 makes a failed build fatal; without it the
plain sources serve. pip brings what this needs; to run it directly, `pip install -U setuptools Cython` first.
"""

import os
import re
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

CYTHON_MODULES = (
    "dynemu._core.numbers",
    "dynemu._core.values",
    "dynemu._core.keys",
    "dynemu._core.codec",
    "dynemu._core.paths",
    "dynemu._core.conditions",
    "dynemu._core.updates",
    "dynemu._core.fanout",
    "dynemu._core.scalars",
    "dynemu._core.shapes",
    "dynemu._core.blocks",
    "dynemu._core.rows",
    "dynemu._core.fields",
    "dynemu._core.pages",
    "dynemu._core.vectors",
    "dynemu._core.client_shapes",
    "dynemu.storage.base",
    "dynemu.engine.planner",
    "dynemu.engine.reads",
    "dynemu.engine.writes",
    "dynemu.engine.changes",
    "dynemu.http.auth",
    "dynemu.http.protocol",
    "dynemu.http.reader",
    "dynemu.http.request",
    "dynemu.http.response",
    "dynemu.http.wire",
    "dynemu.http.workers.connection",
    "dynemu.operations.plain_get",
    "dynemu.operations.plain_pages",
)
CIMPORT = re.compile(r"^from ([\w.]+) cimport ([\w, ]+)", re.MULTILINE)
DIRECTIVES = {"language_level": 3, "annotation_typing": False}
ROOT = Path(__file__).parent


def is_set(name):
    return os.environ.get(name, "") not in ("", "0")


def source(module):
    return module.replace(".", "/") + ".py"


def extensions():
    """Return the extensions to build, their sources still in Python."""
    if is_set("DYNEMU_DISABLE_EXT"):
        return []
    optional = not is_set("DYNEMU_REQUIRE_EXT")
    return [Extension(module, [source(module)], optional=optional) for module in CYTHON_MODULES]


def remove_built():
    """Delete what earlier builds left beside the sources: it would shadow what was edited since."""
    for module in CYTHON_MODULES:
        path = ROOT / source(module)
        for pattern in (".*.so", ".so", ".*.pyd", ".pyd", ".c"):
            for built in path.parent.glob(path.stem + pattern):
                built.unlink()


class BuildExtensions(build_ext):
    """Translates with Cython first, and builds at -O3 where the compiler takes that."""

    def finalize_options(self):
        super().finalize_options()
        if self.parallel is None:
            self.parallel = os.cpu_count()

    def run(self):
        if self.inplace:
            remove_built()
        self.extensions = [extension for extension in self.extensions if translate(extension)]
        super().run()

    def build_extensions(self):
        if self.compiler.compiler_type != "msvc":
            for extension in self.extensions:
                # Sums that are fused differ in their last bit from those of the plain sources.
                extension.extra_compile_args += ["-O3", "-g0", "-ffp-contract=off", "-Wno-unreachable-code"]
        super().build_extensions()

    def build_extension(self, extension):
        try:
            super().build_extension(extension)
        except Exception:
            # What an earlier build left would pass for this one.
            Path(self.get_ext_fullpath(extension.name)).unlink(missing_ok=True)
            raise


def changed(path):
    """Return when the file was changed, in seconds since the epoch; zero if there is none."""
    return path.stat().st_mtime if path.exists() else 0


def inputs(module):
    """Return the files that the module's C source is made from.

    Cython's own search for them passes over the .pxd beside a .py file.
    """
    found = {Path(__file__), ROOT / source(module)}
    names = [module]
    for name in names:
        declarations = (ROOT / source(name)).with_suffix(".pxd")
        if declarations.exists() and declarations not in found:
            found.add(declarations)
            for package, members in CIMPORT.findall(declarations.read_text(encoding="utf-8")):
                names += [package, *(f"{package}.{member.strip()}" for member in members.split(","))]
    return found


def translate(extension):
    """Give the extension its C sources, kept for the next build; return whether it can be built."""
    try:
        import Cython
        from Cython.Build import cythonize

        folder = f"build/cython-{Cython.__version__}"
        made = ROOT / folder / source(extension.name)
        is_old = changed(made.with_suffix(".c")) < max(changed(path) for path in inputs(extension.name))
        translated = cythonize([extension], compiler_directives=DIRECTIVES, build_dir=folder, force=is_old)
        extension.sources = translated[0].sources
    except Exception as error:
        if not extension.optional:
            raise
        print(f"{extension.name} is left uncompiled: {error}", file=sys.stderr)
        return False
    return True


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildExtensions})
