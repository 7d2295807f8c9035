"""Builds the compiled modules; everything else about the package is in pyproject.toml.

DYNEMU_DISABLE_EXT=1 builds none of them. DYNEMU_REQUIRE_EXT=1 makes a failed build fatal; without it the
plain sources serve.
"""

import os
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
    "dynemu._core.shapes",
    "dynemu._core.rows",
)
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
    modules = [module for module in CYTHON_MODULES if (ROOT / source(module)).exists()]
    return [Extension(module, [source(module)], optional=optional) for module in modules]


def remove_built():
    """Delete what earlier builds left beside the sources: it would shadow what was edited since."""
    for module in CYTHON_MODULES:
        path = ROOT / source(module)
        for pattern in (".*.so", ".so", ".*.pyd", ".pyd", ".c"):
            for built in path.parent.glob(path.stem + pattern):
                built.unlink()


class BuildExtensions(build_ext):
    """Translates with Cython first, and builds at -O3 where the compiler takes that."""

    def run(self):
        if self.inplace:
            remove_built()
        self.extensions = [extension for extension in self.extensions if translate(extension)]
        super().run()

    def build_extensions(self):
        if self.compiler.compiler_type != "msvc":
            for extension in self.extensions:
                extension.extra_compile_args += ["-O3", "-Wno-unreachable-code"]
        super().build_extensions()


def translate(extension):
    """Give the extension its C sources; return whether it can be built."""
    try:
        from Cython.Build import cythonize

        translated = cythonize([extension], compiler_directives=DIRECTIVES, build_dir="build/c", force=True)
        extension.sources = translated[0].sources
    except Exception as error:
        if not extension.optional:
            raise
        print(f"{extension.name} is left uncompiled: {error}", file=sys.stderr)
        return False
    return True


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildExtensions})
