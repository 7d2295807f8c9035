"""The compiled hot paths. DYNEMU_PURE=1 imports the sources even where built modules lie beside them."""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_file_location
from types import ModuleType


class SourceFinder:
    """Finds a module of this project as its ``.py`` file, before Python prefers an extension module."""

    packages = ("dynemu", "partiql")

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of the source of *fullname*, or None for packages and foreign modules."""
        package, _, name = fullname.rpartition(".")
        if package.partition(".")[0] not in cls.packages:
            return None
        for folder in path or ():
            source = os.path.join(folder, name + ".py")
            if os.path.isfile(source):
                return spec_from_file_location(fullname, source)
        return None


if os.environ.get("DYNEMU_PURE", "") not in ("", "0") and SourceFinder not in sys.meta_path:
    sys.meta_path.insert(0, SourceFinder)

# PERF: looked for and not imported, as pytest loads this package for tests that may not use it.
_numbers = find_spec("dynemu._core.numbers")
COMPILED = _numbers is not None and not (_numbers.origin or "").endswith(".py")
"""Whether the hot paths run as compiled code."""
