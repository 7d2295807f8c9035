"""A server of the test's own, in memory and on disk, and who asks it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.wire.admin_client import AdminClient


@pytest.fixture(params=["memory", "disk"])
def url(request: pytest.FixtureRequest, start_server: Callable[..., str], tmp_path: Path) -> str:
    options = ("--db-path", str(tmp_path / "data")) if request.param == "disk" else ()
    return start_server(*options)


@pytest.fixture
def admin(url: str) -> AdminClient:
    return AdminClient(url)


@pytest.fixture
def client(url: str, make_client: Callable[[str], Any]) -> Any:
    """A boto3 client of this test's own server, in place of the shared one."""
    return make_client(url)
