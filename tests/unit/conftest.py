"""Both builds of the core, for every test of it."""

from types import SimpleNamespace

import pytest

from tests.core_builds import BUILDS


@pytest.fixture(scope="session", params=BUILDS.values(), ids=BUILDS.keys())
def core(request: pytest.FixtureRequest) -> SimpleNamespace:
    """The modules of ``dynemu._core``, compiled (cy) and plain (py)."""
    build: SimpleNamespace = request.param
    return build
