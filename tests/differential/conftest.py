"""Both builds of the core, and how far the properties are searched.

Every run tries the same examples; ``HYPOTHESIS_PROFILE=deep`` tries many new ones.
"""

import os
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings

from tests.core_builds import BUILDS

settings.register_profile(
    "everyday", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", settings.get_profile("everyday"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))


@pytest.fixture(scope="session", params=BUILDS.values(), ids=BUILDS.keys())
def core(request: pytest.FixtureRequest) -> SimpleNamespace:
    """The modules of ``dynemu._core``, compiled (cy) and plain (py)."""
    build: SimpleNamespace = request.param
    return build
